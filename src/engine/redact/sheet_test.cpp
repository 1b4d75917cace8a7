#include "engine/redact/finish.hpp"
#include "engine/redact/imprint.hpp"
#include "engine/redact/shrink.hpp"
#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

const Mark kMark{.person = "3f9a1c7e", .at_ms = 1'795'341'840'000, .case_ref = "CASE-2026-00417"};

/// A GIF (GIF89a, no library) whose frame i is all of grey 2 * i: 7-bit pixels, one LZW clear code
/// before each, so that nothing is compressed.
Bytes gif_of(std::uint32_t frames, std::uint32_t side = 64) {
  std::string gif = "GIF89a";
  const auto word = [&](std::uint32_t value) {
    gif += static_cast<char>(value & 255U);
    gif += static_cast<char>(value >> 8U);
  };
  word(side);
  word(side);
  gif += "\xF6";  // a global table of 128 colours
  gif.append(2, '\0');
  for (int i = 0; i < 128; ++i) {
    gif.append(3, static_cast<char>(2 * i));
  }
  for (std::uint32_t frame = 0; frame < frames; ++frame) {
    gif += std::string("\x21\xF9\x04\x00\x0A\x00\x00\x00", 8);
    gif += ',';
    word(0);
    word(0);
    word(side);
    word(side);
    gif += '\0';
    gif += '\x07';
    // Codes of eight bits: never so many after a clear that they grow to nine.
    std::string codes;
    for (std::uint32_t i = 0; i < side * side; ++i) {
      codes += i % 64 == 0 ? "\x80" : "";
      codes += static_cast<char>(frame % 128);
    }
    codes += '\x81';
    for (std::size_t at = 0; at < codes.size(); at += 255) {
      const std::string block = codes.substr(at, 255);
      gif += static_cast<char>(block.size());
      gif += block;
    }
    gif += '\0';
  }
  gif += ';';
  const ByteView bytes = as_bytes(gif);
  return {bytes.begin(), bytes.end()};
}

std::vector<std::uint32_t> frames_of(const View& view) {
  std::vector<std::uint32_t> frames;
  for (const Tile& tile : view.tiles) {
    frames.push_back(tile.frame);
  }
  return frames;
}

TEST(Sheet, OfAFewFramesHasThemAll) {
  for (const std::uint32_t count : {1U, 2U, 5U, 11U, 12U}) {
    const View view = must_render(gif_of(count), Grade::kGreySmall, kSheet);
    ASSERT_EQ(view.tiles.size(), count);
    EXPECT_EQ(view.frames_total, count);
    for (std::uint32_t i = 0; i < count; ++i) {
      EXPECT_EQ(view.tiles[i].frame, i);
      EXPECT_EQ(view.tiles[i].picture.pixels.front(), 2 * i);
    }
  }
}

TEST(Sheet, OfManyFramesSpreadsTwelveEvenlyFromTheFirstToTheLast) {
  for (const std::uint32_t count : {13U, 14U, 23U, 24U, 64U, 96U, 97U, 128U, 191U, 250U, 400U}) {
    SCOPED_TRACE(count);
    const auto view = render(gif_of(count, 32), {.frames_max = 1000}, {Grade::kMosaic, kSheet});
    ASSERT_TRUE(view.has_value());
    const auto frames = frames_of(*view);
    ASSERT_EQ(frames.size(), kSheetTilesMax);
    EXPECT_EQ(frames.front(), 0U);
    EXPECT_EQ(frames.back(), count - 1);
    const double even = (count - 1) / 11.0;
    for (std::size_t i = 1; i < frames.size(); ++i) {
      EXPECT_GT(frames[i], frames[i - 1]);
      EXPECT_NEAR(frames[i], even * static_cast<double>(i), even / 2 + 1);
      EXPECT_EQ(view->tiles[i].picture.pixels.front(), 2 * (frames[i] % 128));
    }
  }
}

TEST(Sheet, GoesOverTheFramesWithinTheLimitAndSaysHowManyThereAre) {
  const auto view = render(gif_of(100, 32), {.frames_max = 30}, {Grade::kMosaic, kSheet});
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->tiles.back().frame, 29U);
  EXPECT_EQ(view->frames_total, 100U);
}

TEST(Sheet, OfEveryFormatIsWithinItsBoundsAndHasWhatSingleFramesShow) {
  int sheets = 0;
  for (const auto& entry : std::filesystem::directory_iterator(media::testdata(""))) {
    SCOPED_TRACE(entry.path().filename());
    const Bytes file = must_read(entry.path());
    for (const Grade grade : kGrades) {
      const Request request{grade, kSheet};
      const auto view = render(file, {}, request);
      if (grade == Grade::kFull) {
        ASSERT_FALSE(view.has_value());
        EXPECT_EQ(view.error().code, "redact.sheet_full");
        continue;
      }
      ASSERT_EQ(view.has_value(), render(file, {}, {grade}).has_value());
      if (!view) {
        continue;
      }
      ++sheets;
      ASSERT_TRUE(decode_reply(encode_reply(view), request).has_value());
      for (const Tile& tile : view->tiles) {
        EXPECT_EQ(tile.picture,
                  only_picture(must_render(file, grade, static_cast<std::int32_t>(tile.frame))));
      }
    }
  }
  EXPECT_GE(sheets, 80);
}

TEST(Arrange, PutsEveryTileInAPlaceOfItsOwnWithinABoundedPicture) {
  for (std::uint32_t count = 1; count <= kSheetTilesMax; ++count) {
    for (const Size shape : {Size{16, 16}, Size{16, 1}, Size{1, 16}, Size{16, 9}}) {
      View view{.frames_total = 1'000'000};
      for (std::uint32_t i = 0; i < count; ++i) {
        Picture tile = make_picture(shape.width, shape.height, i % 2 == 0 ? 1 : 3);
        std::fill(tile.pixels.begin(), tile.pixels.end(), static_cast<std::uint8_t>(100 + 10 * i));
        view.tiles.push_back({i * 83'333, tile});
      }
      const Picture sheet = arrange(view, Grade::kMosaic);
      EXPECT_GE(std::max(sheet.width, sheet.height), kMarkedLongerMin);
      EXPECT_GE(std::min(sheet.width, sheet.height), kMarkedShorterMin);
      EXPECT_LE(std::max(sheet.width, sheet.height), 2048U);
      ASSERT_EQ(sheet.pixels.size(), sheet.stride() * sheet.height);
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto shade = static_cast<std::uint8_t>(100 + 10 * i);
        const auto seen = std::count(sheet.pixels.begin(), sheet.pixels.end(), shade);
        EXPECT_GE(seen, 20 * 20) << i << " of " << count;
      }
    }
  }
}

TEST(Arrange, WritesTheNumberOfEachFrameUnderIt) {
  const auto letters = [](std::uint32_t frame) {
    View view{.tiles = {{frame, make_picture(16, 16, 1)}}, .frames_total = 48};
    return arrange(view, Grade::kMosaic);
  };
  EXPECT_NE(letters(0), letters(1));
  const Picture sheet = letters(0);
  EXPECT_GT(std::count(sheet.pixels.begin(), sheet.pixels.end(), 240), 40);
}

TEST(Finish, OfASheetIsMarkedLikeAnyOther) {
  const View view = must_render(gif_of(30), Grade::kGreySmall, kSheet);
  const Request request{Grade::kGreySmall, kSheet};
  const auto finished = finish(view, request, kMark);
  ASSERT_TRUE(finished.has_value());
  const Picture seen = only_picture(must_render(finished->png, Grade::kFull));
  Picture expected = arrange(view, request.grade);
  draw_mark(expected, kMark);
  imprint(expected, kMark);
  EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace tutela::redact
