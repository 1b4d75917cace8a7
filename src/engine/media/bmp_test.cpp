#include "engine/media/bmp.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/media/test_sink.hpp"

namespace tutela::media {

namespace {

void put32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

/// RLE data for a picture of the given size, all of whose colours are their index.
std::vector<std::uint8_t> expand(std::uint32_t width,
                                 std::uint32_t height,
                                 BmpCoding coding,
                                 const std::vector<std::uint8_t>& data,
                                 bool& ended) {
  BmpHeader header;
  header.width = width;
  header.height = height;
  header.bits = coding == BmpCoding::kRle4 ? 4 : 8;
  header.coding = coding;
  return expand_bmp_rle(header, std::as_bytes(std::span(data)), ended);
}

using Indices = std::vector<std::uint8_t>;

TEST(Bmp, ExpandsTheExampleOfTheFormatsDescription) {
  // "Bitmap Compression" in Microsoft's documentation, with its delta left out.
  bool ended = false;
  const Indices pixels =
      expand(12,
             2,
             BmpCoding::kRle8,
             {3, 4, 5, 6, 0, 3, 0x45, 0x56, 0x67, 0, 2, 0x78, 0, 0, 9, 0x1E, 0, 1},
             ended);
  EXPECT_TRUE(ended);
  EXPECT_EQ(pixels, (Indices{4,    4,    4,    6,    6,    6,    6,    6,    0x45, 0x56, 0x67, 0x78,
                             0x1E, 0x1E, 0x1E, 0x1E, 0x1E, 0x1E, 0x1E, 0x1E, 0x1E, 0,    0,    0}));
}

TEST(Bmp, ExpandsFourBitRunsAndAbsoluteStretches) {
  bool ended = false;
  const Indices pixels =
      expand(10, 1, BmpCoding::kRle4, {5, 0x12, 0, 5, 0x34, 0x56, 0x70, 0, 0, 1}, ended);
  EXPECT_TRUE(ended);
  EXPECT_EQ(pixels, (Indices{1, 2, 1, 2, 1, 3, 4, 5, 6, 7}));
}

TEST(Bmp, ADeltaMovesAndNothingIsWrittenOutside) {
  bool ended = false;
  EXPECT_EQ(expand(3, 2, BmpCoding::kRle8, {0, 2, 1, 1, 1, 9, 0, 1}, ended),
            (Indices{0, 0, 0, 0, 9, 0}));
  EXPECT_TRUE(ended);
  EXPECT_EQ(expand(3, 1, BmpCoding::kRle8, {0, 2, 255, 255, 200, 9}, ended), (Indices{0, 0, 0}));
  EXPECT_EQ(expand(3, 1, BmpCoding::kRle8, {255, 9}, ended), (Indices{9, 9, 9}));
  EXPECT_TRUE(ended);
}

TEST(Bmp, RleDataThatEndsTooEarlyIsNotWhole) {
  bool ended = true;
  EXPECT_EQ(expand(4, 1, BmpCoding::kRle8, {2, 7}, ended), (Indices{7, 7, 0, 0}));
  EXPECT_FALSE(ended);
  EXPECT_EQ(expand(4, 1, BmpCoding::kRle8, {0, 4, 1, 2}, ended), (Indices{0, 0, 0, 0}));
  EXPECT_FALSE(ended);
}

TEST(Bmp, EveryCutInThePixelsIsDamagedOrAnError) {
  for (const char* name : {"rgb.bmp",
                           "one-bit.bmp",
                           "palette.bmp",
                           "rle8.bmp",
                           "rle4.bmp",
                           "rgb-565.bmp",
                           "core-header.bmp",
                           "top-down.bmp"}) {
    const Bytes whole = read_testdata(name);
    // The end mark of RLE and the padding of the last row hold no pixel.
    for (std::size_t length = 0; length + 5 < whole.size(); length += 7) {
      TestSink sink;
      const auto report = decode_bmp(ByteView(whole).first(length), Limits{}, sink);
      EXPECT_FALSE(sink.open());
      EXPECT_TRUE(!report || report->damaged) << name << " cut at " << length;
    }
  }
}

TEST(Bmp, ChecksTheSizeBeforeReserving) {
  for (const char* name : {"rgb.bmp", "rle8.bmp"}) {
    Bytes bytes = read_testdata(name);
    put32(bytes, 18, 65'535);
    put32(bytes, 22, 65'535);
    TestSink sink;
    const auto report = decode_bmp(bytes, Limits{}, sink);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, "media.too_many_pixels");
    put32(bytes, 22, 0);
    const auto flat = decode_bmp(bytes, Limits{}, sink);
    ASSERT_FALSE(flat);
    EXPECT_EQ(flat.error().code, "media.corrupt");
    EXPECT_TRUE(sink.frames().empty());
  }
}

TEST(Bmp, RefusesWhatItDoesNotKnow) {
  const Bytes whole = read_testdata("rgb.bmp");
  for (const std::uint32_t compression : {1U, 2U, 4U, 5U, 99U}) {  // RLE of 24 bits, JPEG, PNG
    Bytes bytes = whole;
    put32(bytes, 30, compression);
    EXPECT_FALSE(read_bmp_header(bytes)) << compression;
  }
  for (const std::uint32_t bits : {0U, 2U, 3U, 48U, 64U}) {
    Bytes bytes = whole;
    bytes[28] = static_cast<std::byte>(bits);
    EXPECT_FALSE(read_bmp_header(bytes)) << bits;
  }
}

TEST(Bmp, ACoreHeaderMayHaveAnyDepth) {
  for (const unsigned bits : {16U, 24U, 32U}) {
    Bytes bytes = read_testdata("core-header.bmp");
    bytes[24] = static_cast<std::byte>(bits);
    TestSink sink;
    const auto report = decode_bmp(bytes, Limits{}, sink);
    ASSERT_TRUE(report) << bits;
    EXPECT_TRUE(report->damaged) << "the data is that of four bits";
  }
}

TEST(Bmp, SurvivesRandomBytesInEveryPlace) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (const char* name : {"rle8.bmp", "rle4.bmp", "rgb-555.bmp", "palette-16.bmp"}) {
    const Bytes whole = read_testdata(name);
    for (int round = 0; round < 300; ++round) {
      Bytes bytes = whole;
      for (int i = 0; i < 4; ++i) {
        bytes[random() % (i < 2 ? std::size_t{60} : bytes.size())] =
            static_cast<std::byte>(random());
      }
      TestSink sink;
      Limits small;
      small.pixels_max = 100'000;
      const auto report = decode_bmp(bytes, small, sink);
      EXPECT_FALSE(sink.open());
      EXPECT_EQ(report.has_value() ? 1U : 0U, report.has_value() ? sink.frames().size() : 0U);
    }
  }
}

}  // namespace

}  // namespace tutela::media
