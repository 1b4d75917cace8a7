#include "engine/redact/png.hpp"

#include <libdeflate.h>

#include "engine/redact/finish.hpp"
#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

std::uint32_t read_be32(ByteView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  }
  return value;
}

/// "IHDR IDAT IEND "; "broken" where the file is not a chain of chunks to its very end.
std::string chunks_of(ByteView png) {
  std::string names;
  ByteView rest = png.subspan(8);
  while (rest.size() >= 12) {
    const std::size_t size = read_be32(rest);
    if (size > rest.size() - 12) {
      return "broken";
    }
    names += std::string(as_text(rest.subspan(4, 4))) + " ";
    rest = rest.subspan(12 + size);
  }
  return rest.empty() ? names : "broken";
}

void append_be32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

std::string chunk(const std::string& type_and_data) {
  std::string out;
  append_be32(out, static_cast<std::uint32_t>(type_and_data.size() - 4));
  out += type_and_data;
  append_be32(out, ::libdeflate_crc32(0, type_and_data.data(), type_and_data.size()));
  return out;
}

TEST(Png, IsReadBackPixelForPixelByAnotherDecoder) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 60; ++round) {
    const auto width = static_cast<std::uint32_t>(1 + random() % 90);
    const auto height = static_cast<std::uint32_t>(1 + random() % 90);
    const std::uint32_t channels = round % 2 == 0 ? 1 : 3;
    const Picture picture = round % 4 < 2
                                ? noise(random, width, height, channels)
                                : paint(width, height, channels, [&](auto x, auto y, auto c) {
                                    return static_cast<std::uint8_t>(x * 3 + y / 5 + c * 40);
                                  });
    const View view = must_render(png_of(picture), Grade::kFull);
    EXPECT_EQ(only_picture(view), picture) << width << "x" << height << "x" << channels;
    EXPECT_FALSE(view.damaged);
  }
}

TEST(Png, HoldsTheLargestPictureThatDoesNotCompress) {
  std::mt19937_64 random(7);
  const Picture picture = noise(random, 2048, 2048, 3);
  const Bytes png = png_of(picture);
  EXPECT_EQ(chunks_of(png), "IHDR IDAT IEND ");
  EXPECT_LT(png.size(), std::size_t{16} << 20);
  EXPECT_EQ(only_picture(must_render(png, Grade::kFull)), picture);
}

TEST(Png, HasNothingOfTheOriginalBesideItsPixels) {
  const Picture picture =
      paint(320, 200, 3, [](auto x, auto y, auto) { return static_cast<std::uint8_t>(x ^ y); });
  const Bytes plain = png_of(picture);
  std::string file(as_text(plain));
  const std::string secret = "SECRET-OF-THE-ORIGINAL";
  const std::string extra = chunk("tEXtComment" + std::string(1, '\0') + secret) +
                            chunk("eXIfII*" + std::string(1, '\0') + secret) +
                            chunk("tIME" + std::string("\x07\xEA\x0B\x16\x0A\x04\x00", 7)) +
                            chunk("pHYs" + std::string("\0\0\x0B\x13\0\0\x0B\x13\x01", 9));
  file.insert(33, extra);  // after IHDR
  file += secret;          // and after the end
  const ByteView bytes = as_bytes(file);
  for (const Grade grade : kGrades) {
    const View view = must_render(Bytes(bytes.begin(), bytes.end()), grade);
    const auto finished = finish(view, {grade}, {.person = "p-1", .case_ref = "C-1"});
    ASSERT_TRUE(finished.has_value());
    EXPECT_EQ(chunks_of(finished->png), "IHDR IDAT IEND ");
    EXPECT_EQ(as_text(finished->png).find("SECRET"), std::string_view::npos);
    const auto again =
        finish(must_render(plain, grade), {grade}, {.person = "p-1", .case_ref = "C-1"});
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->png, finished->png) << "the same bytes as without them";
  }
}

}  // namespace
}  // namespace tutela::redact
