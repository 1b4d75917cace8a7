#include "engine/redact/redact.hpp"
#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

constexpr std::size_t kHeadersBytes = kReplyHeaderBytes + kTileHeaderBytes;

void expect_bad(const Bytes& bytes, const Request& request) {
  const auto reply = decode_reply(bytes, request);
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().kind, ErrorKind::kCorrupted);
  EXPECT_EQ(reply.error().code, "worker.bad_reply");
}

View view_of(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  return {.tiles = {{0, make_picture(width, height, channels)}}};
}

TEST(ViewReply, ComesBackAsItWasSent) {
  std::mt19937_64 random(11);
  for (const Grade grade : kGrades) {
    const Bounds bounds = bounds_of(grade);
    for (const std::uint32_t side : {1U, bounds.side_max / 2, bounds.side_max}) {
      for (const std::uint32_t channels : {1U, bounds.channels_max}) {
        const View sent{.tiles = {{0, noise(random, bounds.side_max, side, channels)}},
                        .frames_total = static_cast<std::uint32_t>(1 + random() % 99),
                        .damaged = random() % 2 == 0};
        const Bytes bytes = encode_reply(sent);
        EXPECT_LE(bytes.size(), reply_bytes_max({grade}));
        const auto got = decode_reply(bytes, {grade});
        ASSERT_TRUE(got.has_value() && got->has_value());
        EXPECT_EQ(only_picture(**got), only_picture(sent));
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
                                      "redact.no_frame",
                                      "redact.sheet_full"}) {
    const auto got = decode_reply(
        encode_reply(Error{ErrorKind::kInternal, code, "said by a worker"}), {Grade::kMosaic});
    ASSERT_TRUE(got.has_value()) << code;
    ASSERT_FALSE(got->has_value());
    EXPECT_EQ(got->error().code, code);
    EXPECT_EQ(got->error().message.find("said"), std::string::npos);
  }
  const auto unknown =
      decode_reply(encode_reply(Error{ErrorKind::kInternal, "made.up", ""}), {Grade::kFull});
  ASSERT_TRUE(unknown.has_value());
  EXPECT_EQ(unknown->error().code, "media.corrupt");
}

TEST(ViewReply, WithMoreThanTheGradeShowsIsRefused) {
  for (const Grade grade : kGrades) {
    const Bounds bounds = bounds_of(grade);
    expect_bad(encode_reply(view_of(bounds.side_max + 1, 1, 1)), {grade});
    expect_bad(encode_reply(view_of(1, bounds.side_max + 1, 1)), {grade});
    if (bounds.channels_max == 1) {
      expect_bad(encode_reply(view_of(4, 4, 3)), {grade});
    }
  }
}

TEST(ViewReply, CutOrWithOneByteMoreIsRefused) {
  const Bytes whole = encode_reply(view_of(5, 4, 3));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_bad(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)),
               {Grade::kMosaic});
  }
  Bytes longer = whole;
  longer.push_back(std::byte{0});
  expect_bad(longer, {Grade::kMosaic});
  expect_bad(Bytes(kReplyBytesMax + 1), {Grade::kFull});
  Bytes error = encode_reply(Error{ErrorKind::kInvalidInput, "media.empty", ""});
  error.push_back(std::byte{0});
  expect_bad(error, {Grade::kMosaic});
}

TEST(ViewReply, WithAnyHeaderByteWrongIsRefusedOrSaysTheSame) {
  const Bytes whole = encode_reply(view_of(5, 4, 3));
  for (std::size_t at = 0; at < kHeadersBytes; ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      Bytes bytes = whole;
      bytes[at] = static_cast<std::byte>(value);
      const auto got = decode_reply(bytes, {Grade::kMosaic});
      if (got && *got) {
        EXPECT_EQ(encode_reply(*got), bytes);
        EXPECT_EQ(only_picture(**got).width, 5U);
        EXPECT_EQ(only_picture(**got).height, 4U);
      }
    }
  }
}

TEST(ViewReply, WithSidesThatOverflowIsRefused) {
  Bytes bytes = encode_reply(view_of(5, 4, 3));
  for (const std::size_t at : {kHeadersBytes - 8, kHeadersBytes - 4}) {
    for (const unsigned value : {0x00U, 0xFFU}) {
      Bytes changed = bytes;
      std::fill_n(
          changed.begin() + static_cast<std::ptrdiff_t>(at), 4, static_cast<std::byte>(value));
      expect_bad(changed, {Grade::kFull});
    }
  }
}

constexpr Request kMosaicSheet{Grade::kMosaic, kSheet};

View sheet_of(std::vector<std::uint32_t> frames, std::uint32_t side = 4) {
  View view{.frames_total = 100};
  for (const std::uint32_t frame : frames) {
    view.tiles.push_back({frame, make_picture(side, side, 1)});
  }
  return view;
}

TEST(SheetReply, ComesBackAsItWasSent) {
  std::mt19937_64 random(17);
  for (const Grade grade : kGrades) {
    const Request request{grade, kSheet};
    const Bounds bounds = bounds_of(grade);
    for (std::uint32_t count = 1; count <= kSheetTilesMax && grade != Grade::kFull; ++count) {
      View sent{.frames_total = 99};
      for (std::uint32_t i = 0; i < count; ++i) {
        sent.tiles.push_back(
            {8 * i, noise(random, bounds.side_max, bounds.side_max - i, bounds.channels_max)});
      }
      const Bytes bytes = encode_reply(sent);
      EXPECT_LE(bytes.size(), reply_bytes_max(request));
      const auto got = decode_reply(bytes, request);
      ASSERT_TRUE(got.has_value() && got->has_value());
      ASSERT_EQ((*got)->tiles.size(), count);
      for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ((*got)->tiles[i].frame, 8 * i);
        EXPECT_EQ((*got)->tiles[i].picture, sent.tiles[i].picture);
      }
    }
  }
}

TEST(SheetReply, NeverHasMoreThanTwelveTimesThePixelsOfTheGrade) {
  expect_bad(encode_reply(sheet_of({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})), kMosaicSheet);
  expect_bad(encode_reply(sheet_of({0, 1, 2}, 17)), kMosaicSheet);
  expect_bad(encode_reply(sheet_of({})), kMosaicSheet);
  expect_bad(Bytes(reply_bytes_max(kMosaicSheet) + 1), kMosaicSheet);
  EXPECT_EQ(reply_bytes_max(kMosaicSheet), 12U + 12 * (13U + 16 * 16 * 3));
  EXPECT_LE(reply_bytes_max({Grade::kGreySmall, kSheet}), kReplyBytesMax);
}

TEST(SheetReply, IsNoAnswerToOneFrameNorTheOtherWayAboutWithMoreThanOne) {
  expect_bad(encode_reply(sheet_of({0, 1})), {Grade::kMosaic});
  expect_bad(encode_reply(sheet_of({1})), {Grade::kMosaic});
  EXPECT_TRUE(decode_reply(encode_reply(sheet_of({7})), {Grade::kMosaic, 7}).has_value());
  expect_bad(encode_reply(sheet_of({0})), {Grade::kFull, kSheet});
}

TEST(SheetReply, HasFramesThatThereAreInTheirOrder) {
  EXPECT_TRUE(decode_reply(encode_reply(sheet_of({0, 99})), kMosaicSheet).has_value());
  expect_bad(encode_reply(sheet_of({0, 100})), kMosaicSheet);
  expect_bad(encode_reply(sheet_of({5, 5})), kMosaicSheet);
  expect_bad(encode_reply(sheet_of({5, 4})), kMosaicSheet);
}

}  // namespace
}  // namespace tutela::redact
