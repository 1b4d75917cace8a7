#include "engine/redact/mark.hpp"

#include <iostream>
#include <set>

#include "engine/redact/finish.hpp"
#include "engine/redact/font.hpp"
#include "engine/redact/shrink.hpp"
#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

const Mark kMark{.person = "p-3f9a1c7e", .at_ms = 1'795'341'840'000, .case_ref = "CASE-2026-00417"};
const Mark kLongest{
    .person = std::string(40, 'W'), .at_ms = 253'402'300'799'000, .case_ref = std::string(64, 'M')};

std::vector<Size> marked_sizes() {
  return {{1280, 640},
          {640, 1280},
          {1280, 1280},
          {1600, 1004},
          {1999, 1301},
          {2048, 640},
          {640, 2048},
          {2048, 1024},
          {2048, 2048},
          {1365, 2048}};
}

Picture even(Size size, std::uint8_t shade) {
  return paint(size.width, size.height, 1, [&](auto...) { return shade; });
}

bool quarter_holds_a_stamp(const std::vector<Place>& places,
                           const Stamp& stamp,
                           const Place& corner,
                           Size quarter) {
  return std::any_of(places.begin(), places.end(), [&](const Place& place) {
    return place.x >= corner.x && place.y >= corner.y &&
           place.x + stamp.width <= corner.x + quarter.width &&
           place.y + stamp.height <= corner.y + quarter.height;
  });
}

TEST(Font, TellsEveryLetterOfACaseFromTheOthers) {
  std::set<Glyph> seen;
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  for (const char letter : letters) {
    EXPECT_TRUE(seen.insert(glyph_of(letter)).second) << letter;
    EXPECT_NE(glyph_of(letter), glyph_of('?')) << letter;
  }
  EXPECT_EQ(glyph_of('\n'), glyph_of('?'));
  EXPECT_EQ(glyph_of('\xC3'), glyph_of('?'));
}

TEST(Stamp, ShowsTheLettersOfThePersonTheMinuteAndTheCase) {
  const Stamp stamp = make_stamp(kMark, layout_of(640, 320));
  // Read back column by column; a letter of the first line has climbed one dot less than the next.
  const std::vector<std::string> lines = {"p-3f9a1c7e", "2026-11-22 10:04Z", "CASE-2026-00417"};
  const std::size_t letters = 17;
  for (std::size_t line = 0; line < lines.size(); ++line) {
    for (std::size_t i = 0; i < lines[line].size(); ++i) {
      const std::size_t top = 1 + line * 9 + letters - i;
      for (std::size_t column = 0; column < kGlyphWidth; ++column) {
        for (std::size_t y = 0; y < kGlyphHeight; ++y) {
          const bool dot =
              stamp.dots[(top + y) * stamp.width + 1 + i * 6 + column] == Stamp::Dot::kLetter;
          EXPECT_EQ(dot, (glyph_of(lines[line][i])[column] >> y & 1) != 0)
              << lines[line][i] << " in line " << line;
        }
      }
    }
  }
}

TEST(Stamp, IsAsLargeAsPlannedForTheLongestNames) {
  const Stamp wide = make_stamp(kLongest, layout_of(640, 320));
  EXPECT_EQ(wide.width, 146U);
  EXPECT_EQ(wide.height, 71U);
  const Stamp high = make_stamp(kLongest, layout_of(320, 640));
  EXPECT_EQ(high.width, 74U);
  EXPECT_EQ(high.height, 104U);
  const Stamp nothing = make_stamp({}, layout_of(640, 320));
  EXPECT_GT(nothing.width, 100U) << "the time is always there";
}

TEST(Mark, IsWholeInEveryQuarterCutOutAnywhere) {
  for (const Size size : marked_sizes()) {
    const Stamp stamp = make_stamp(kLongest, layout_of(size.width, size.height));
    const auto places = stamp_places(size.width, size.height);
    const Size quarter{size.width / 2, size.height / 2};
    for (std::int64_t y = 0; y + quarter.height <= size.height; y += 3) {
      for (std::int64_t x = 0; x + quarter.width <= size.width; x += 3) {
        ASSERT_TRUE(quarter_holds_a_stamp(places, stamp, {x, y}, quarter))
            << size.width << "x" << size.height << " at " << x << "," << y;
      }
    }
  }
}

TEST(Mark, StandsOutOnBlackOnWhiteAndOnAllBetween) {
  for (int shade = 0; shade < 256; shade += 5) {
    Picture picture = even({1280, 640}, static_cast<std::uint8_t>(shade));
    draw_mark(picture, kMark);
    const auto [low, high] = std::minmax_element(picture.pixels.begin(), picture.pixels.end());
    EXPECT_GE(*high - *low, 60) << shade;
  }
}

TEST(Mark, LeavesMostOfThePictureAsItIs) {
  for (const Mark& mark : {kMark, kLongest}) {
    Picture picture = even({1280, 960}, 128);
    draw_mark(picture, mark);
    const auto changed = std::count_if(
        picture.pixels.begin(), picture.pixels.end(), [](std::uint8_t v) { return v != 128; });
    EXPECT_LT(changed, static_cast<std::ptrdiff_t>(picture.pixels.size() / 2));
    EXPECT_GT(changed, static_cast<std::ptrdiff_t>(picture.pixels.size() / 20));
  }
}

TEST(Mark, DiffersForAnotherPersonMinuteOrCase) {
  const Picture blank = even({1280, 640}, 128);
  const auto marked = [&](const Mark& mark) {
    Picture picture = blank;
    draw_mark(picture, mark);
    return picture;
  };
  Mark person = kMark;
  person.person.back() = 'f';
  Mark minute = kMark;
  minute.at_ms += 60'000;
  Mark reference = kMark;
  reference.case_ref.back() = '8';
  Mark same = kMark;
  same.at_ms += 59'999;
  EXPECT_NE(marked(person), marked(kMark));
  EXPECT_NE(marked(minute), marked(kMark));
  EXPECT_NE(marked(reference), marked(kMark));
  EXPECT_EQ(marked(same), marked(kMark)) << "seconds are not shown";
}

/// Pairs of neighbours, a dot of a letter and one of its border: on any even ground the first is
/// brighter.
std::vector<std::pair<std::size_t, std::size_t>> pairs_of(const Stamp& stamp, std::size_t stride) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t y = 0; y < stamp.height; ++y) {
    for (std::size_t x = 0; x + 1 < stamp.width; ++x) {
      const Stamp::Dot left = stamp.dots[y * stamp.width + x];
      const Stamp::Dot right = stamp.dots[y * stamp.width + x + 1];
      if (left == Stamp::Dot::kLetter && right == Stamp::Dot::kBorder) {
        pairs.emplace_back(y * stride + x, y * stride + x + 1);
      } else if (left == Stamp::Dot::kBorder && right == Stamp::Dot::kLetter) {
        pairs.emplace_back(y * stride + x + 1, y * stride + x);
      }
    }
  }
  return pairs;
}

struct Found {
  double score = -1e9;
  Place place;
};

/// Looks for a stamp in a part of a picture, knowing neither the original nor where it was cut.
Found look_for(const Picture& part, const Mark& mark, const Layout& layout) {
  const Stamp stamp = make_stamp(mark, layout);
  const auto pairs = pairs_of(stamp, part.width);
  Found best;
  for (std::uint32_t y = 0; y + stamp.height <= part.height; ++y) {
    for (std::uint32_t x = 0; x + stamp.width <= part.width; ++x) {
      const std::uint8_t* const at = &part.pixels[std::size_t{y} * part.width + x];
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < pairs.size(); i += 3) {
        sum += at[pairs[i].first] - at[pairs[i].second];
      }
      const double score = static_cast<double>(3 * sum) / static_cast<double>(pairs.size());
      if (score > best.score) {
        best = {score, {x, y}};
      }
    }
  }
  return best;
}

TEST(Mark, IsFoundInAQuarterOfEveryGradeWithoutTheOriginal) {
  const std::uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  const Picture original = noise(random, 400, 300, 3);
  for (const Grade grade : kGrades) {
    const auto finished = finish(must_render(original, grade), {grade}, kMark);
    ASSERT_TRUE(finished.has_value());
    const Picture whole = only_picture(must_render(finished->png, Grade::kFull));
    ASSERT_EQ(whole.width, finished->width);
    const Size quarter{whole.width / 2, whole.height / 2};
    const Place corner{static_cast<std::int64_t>(random() % (quarter.width + 1)),
                       static_cast<std::int64_t>(random() % (quarter.height + 1))};
    const Picture part = paint(quarter.width, quarter.height, 1, [&](auto x, auto y, auto) {
      const auto row = static_cast<std::size_t>(corner.y) + y;
      const auto column = static_cast<std::size_t>(corner.x) + x;
      return whole.pixels[(row * whole.width + column) * whole.channels];
    });
    const Found found = look_for(part, kMark, layout_of(whole.width, whole.height));
    const auto places = stamp_places(whole.width, whole.height);
    EXPECT_TRUE(std::any_of(places.begin(), places.end(), [&](const Place& place) {
      return place.x == corner.x + found.place.x && place.y == corner.y + found.place.y;
    })) << to_string(grade);
    Mark other = kMark;
    other.person = "p-00000000";
    other.case_ref = "ANOTHER-2026-1";
    const Found wrong = look_for(part, other, layout_of(whole.width, whole.height));
    EXPECT_GT(found.score, wrong.score * 1.2) << to_string(grade);
  }
}

TEST(MarkDeathTest, RefusesAPictureThatIsTooSmallForIt) {
  Picture small = make_picture(640, 480, 1);
  EXPECT_DEATH(draw_mark(small, kMark), "kMarkedLongerMin");
}

}  // namespace
}  // namespace tutela::redact
