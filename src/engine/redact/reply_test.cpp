#include "engine/redact/redact.hpp"
#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

void expect_bad(const Bytes& bytes, Grade grade) {
  const auto reply = decode_reply(bytes, grade);
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().kind, ErrorKind::kCorrupted);
  EXPECT_EQ(reply.error().code, "worker.bad_reply");
}

View view_of(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  return {.picture = make_picture(width, height, channels)};
}

TEST(ViewReply, ComesBackAsItWasSent) {
  std::mt19937_64 random(11);
  for (const Grade grade : kGrades) {
    const Bounds bounds = bounds_of(grade);
    for (const std::uint32_t side : {1U, bounds.side_max / 2, bounds.side_max}) {
      for (const std::uint32_t channels : {1U, bounds.channels_max}) {
        const View sent{.picture = noise(random, bounds.side_max, side, channels),
                        .frames_total = static_cast<std::uint32_t>(1 + random() % 99),
                        .damaged = random() % 2 == 0};
        const Bytes bytes = encode_reply(sent);
        EXPECT_LE(bytes.size(), kReplyBytesMax);
        const auto got = decode_reply(bytes, grade);
        ASSERT_TRUE(got.has_value() && got->has_value());
        EXPECT_EQ((*got)->picture, sent.picture);
        EXPECT_EQ((*got)->frames_total, sent.frames_total);
        EXPECT_EQ((*got)->damaged, sent.damaged);
      }
    }
  }
}

TEST(ViewReply, CarriesEveryErrorOfRenderingInOurWords) {
  for (const std::string_view code : {"media.empty",
                                      "media.unsupported_type",
                                      "media.corrupt",
                                      "media.too_large",
                                      "media.too_many_pixels",
                                      "media.no_decoder",
                                      "redact.no_frame"}) {
    const auto got = decode_reply(
        encode_reply(Error{ErrorKind::kInternal, code, "said by a worker"}), Grade::kMosaic);
    ASSERT_TRUE(got.has_value()) << code;
    ASSERT_FALSE(got->has_value());
    EXPECT_EQ(got->error().code, code);
    EXPECT_EQ(got->error().message.find("said"), std::string::npos);
  }
  const auto unknown =
      decode_reply(encode_reply(Error{ErrorKind::kInternal, "made.up", ""}), Grade::kFull);
  ASSERT_TRUE(unknown.has_value());
  EXPECT_EQ(unknown->error().code, "media.corrupt");
}

TEST(ViewReply, WithMoreThanTheGradeShowsIsRefused) {
  for (const Grade grade : kGrades) {
    const Bounds bounds = bounds_of(grade);
    expect_bad(encode_reply(view_of(bounds.side_max + 1, 1, 1)), grade);
    expect_bad(encode_reply(view_of(1, bounds.side_max + 1, 1)), grade);
    if (bounds.channels_max == 1) {
      expect_bad(encode_reply(view_of(4, 4, 3)), grade);
    }
  }
}

TEST(ViewReply, CutOrWithOneByteMoreIsRefused) {
  const Bytes whole = encode_reply(view_of(5, 4, 3));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_bad(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)),
               Grade::kMosaic);
  }
  Bytes longer = whole;
  longer.push_back(std::byte{0});
  expect_bad(longer, Grade::kMosaic);
  expect_bad(Bytes(kReplyBytesMax + 1), Grade::kFull);
  Bytes error = encode_reply(Error{ErrorKind::kInvalidInput, "media.empty", ""});
  error.push_back(std::byte{0});
  expect_bad(error, Grade::kMosaic);
}

TEST(ViewReply, WithAnyHeaderByteWrongIsRefusedOrSaysTheSame) {
  const Bytes whole = encode_reply(view_of(5, 4, 3));
  for (std::size_t at = 0; at < kReplyHeaderBytes; ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      Bytes bytes = whole;
      bytes[at] = static_cast<std::byte>(value);
      const auto got = decode_reply(bytes, Grade::kMosaic);
      if (got && *got) {
        EXPECT_EQ(encode_reply(*got), bytes);
        EXPECT_EQ((*got)->picture.width, 5U);
        EXPECT_EQ((*got)->picture.height, 4U);
      }
    }
  }
}

TEST(ViewReply, WithSidesThatOverflowIsRefused) {
  Bytes bytes = encode_reply(view_of(5, 4, 3));
  for (const std::size_t at : {kReplyHeaderBytes - 8, kReplyHeaderBytes - 4}) {
    for (const unsigned value : {0x00U, 0xFFU}) {
      Bytes changed = bytes;
      std::fill_n(
          changed.begin() + static_cast<std::ptrdiff_t>(at), 4, static_cast<std::byte>(value));
      expect_bad(changed, Grade::kFull);
    }
  }
}

}  // namespace
}  // namespace tutela::redact
