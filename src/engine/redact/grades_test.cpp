#include "engine/redact/grades.hpp"

#include <cmath>
#include <iostream>
#include <numbers>
#include <set>

#include "engine/redact/finish.hpp"
#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

/// Waves along both sides, `count` over the longer one.
Picture waves(std::uint32_t side, double count) {
  return paint(side, side, 1, [&](auto x, auto, auto) {
    const double turn = 2 * std::numbers::pi * count * (x + 0.5) / side;
    return static_cast<std::uint8_t>(std::lround(127.5 + 127 * std::sin(turn)));
  });
}

/// Largest less smallest value, away from the border.
int swing(const Picture& grey) {
  const std::uint32_t edge = grey.width / 8;
  int low = 255;
  int high = 0;
  for (std::uint32_t i = 0; i < grey.pixels.size(); ++i) {
    if (i % grey.width >= edge && i % grey.width < grey.width - edge) {
      low = std::min<int>(low, grey.pixels[i]);
      high = std::max<int>(high, grey.pixels[i]);
    }
  }
  return high - low;
}

double mean_difference(const Picture& left, const Picture& right) {
  EXPECT_EQ(left.pixels.size(), right.pixels.size());
  double sum = 0;
  for (std::size_t i = 0; i < left.pixels.size(); ++i) {
    sum += std::abs(int{left.pixels[i]} - int{right.pixels[i]});
  }
  return sum / static_cast<double>(left.pixels.size());
}

/// Root of the mean squared difference to `reference`, of whatever size `picture` is.
double rms_difference(const Picture& picture, const Picture& reference) {
  double sum = 0;
  for (std::uint64_t i = 0; i < reference.pixels.size(); ++i) {
    const std::uint64_t x = (2 * (i % reference.width) + 1) * picture.width / reference.width / 2;
    const std::uint64_t y = (2 * (i / reference.width) + 1) * picture.height / reference.height / 2;
    const double difference = int{picture.pixels[y * picture.width + x]} - int{reference.pixels[i]};
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(reference.pixels.size()));
}

/// Some large shapes, and detail of two pixels where `detail` says so.
Picture scene(int detail) {
  return paint(960, 640, 3, [&](auto x, auto y, auto c) {
    const bool disc = std::hypot(x - 300.0, y - 300.0) < 180;
    const bool bar = x > 600 && x < 760;
    const int base = disc ? 60 + 40 * static_cast<int>(c) : bar ? 190 : 120;
    return static_cast<std::uint8_t>(base + ((x / 2 + y / 2) % 2 == 0 ? detail : -detail));
  });
}

TEST(Grades, HaveTheNamesThatRequestsUse) {
  for (const Grade grade : kGrades) {
    const auto parsed = parse_grade(to_string(grade));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, grade);
  }
  EXPECT_EQ(to_string(Grade::kGreyBlurred), "grey_blurred");
  for (const char* const bad : {"", "Full", "original", "full "}) {
    const auto parsed = parse_grade(bad);
    ASSERT_FALSE(parsed.has_value()) << bad;
    EXPECT_EQ(parsed.error().code, "redact.bad_grade");
  }
}

TEST(Grades, StayWithinTheirBoundsWhateverTheSize) {
  for (const Size size : {Size{1, 1},
                          Size{2, 3},
                          Size{16, 16},
                          Size{17, 63},
                          Size{64, 48},
                          Size{1, 65'535},
                          Size{65'535, 1},
                          Size{4000, 3000}}) {
    Size before{0, 0};
    for (const Grade grade : kGrades) {
      const Size small = size_of(size, grade);
      EXPECT_LE(std::max(small.width, small.height), bounds_of(grade).side_max);
      EXPECT_LE(small.width, size.width);
      EXPECT_LE(small.height, size.height);
      EXPECT_GT(small.width, 0U);
      EXPECT_GT(small.height, 0U);
      if (grade > Grade::kMosaic) {
        EXPECT_GE(small.width, before.width);
        EXPECT_GE(small.height, before.height);
      }
      before = small;
      const Picture done = apply(make_picture(small.width, small.height, 3), grade);
      EXPECT_EQ(done.width, small.width);
      EXPECT_EQ(done.height, small.height);
      EXPECT_LE(done.channels, bounds_of(grade).channels_max);
      EXPECT_EQ(done.pixels.size(), done.stride() * done.height);
    }
  }
}

TEST(Grades, OfGreyKindHaveNoColour) {
  std::mt19937_64 random(3);
  const Picture colourful = noise(random, 300, 200, 3);
  for (const Grade grade : {Grade::kOutline, Grade::kGreyBlurred, Grade::kGreySmall}) {
    EXPECT_EQ(only_picture(must_render(colourful, grade)).channels, 1U);
  }
  EXPECT_EQ(only_picture(must_render(colourful, Grade::kMosaic)).channels, 3U);
}

TEST(Mosaic, HasAtMost16By16CellsOfOneColourEach) {
  std::mt19937_64 random(4);
  for (const Size size : {Size{640, 480}, Size{333, 1000}, Size{40, 40}, Size{10, 10}}) {
    const View view = must_render(noise(random, size.width, size.height, 3), Grade::kMosaic);
    EXPECT_LE(only_picture(view).width, 16U);
    EXPECT_LE(only_picture(view).height, 16U);
    EXPECT_LE(only_picture(view).width, std::max(1U, size.width / 4))
        << "a cell of a small picture";
    const Picture large = enlarge(only_picture(view), Grade::kMosaic);
    std::set<std::uint32_t> colours;
    for (std::size_t i = 0; i < large.pixels.size(); i += 3) {
      colours.insert(unsigned{large.pixels[i]} << 16U | unsigned{large.pixels[i + 1]} << 8U |
                     large.pixels[i + 2]);
    }
    EXPECT_LE(colours.size(), only_picture(view).pixels.size() / 3 + 1) << "the cells and the bars";
  }
}

TEST(OutlineAndMosaic, DoNotShowFineDetail) {
  for (const Grade grade : {Grade::kOutline, Grade::kMosaic, Grade::kGreyBlurred}) {
    const Picture plain = only_picture(must_render(scene(0), grade));
    const Picture detailed = only_picture(must_render(scene(55), grade));
    EXPECT_LT(mean_difference(plain, detailed), 1.0) << to_string(grade);
    EXPECT_GT(swing(to_grey(plain)), 50) << "the shapes are there: " << to_string(grade);
  }
}

TEST(Outline, SaysWhereShapesAreButNotHowBright) {
  const Picture picture = only_picture(must_render(scene(20), Grade::kOutline));
  const std::set<std::uint8_t> shades(picture.pixels.begin(), picture.pixels.end());
  EXPECT_LE(shades.size(), 5U);
  Picture negative = scene(20);
  for (std::uint8_t& value : negative.pixels) {
    value = static_cast<std::uint8_t>(255 - value);
  }
  // Where two neighbours are equally steep, the line may be in either.
  EXPECT_LT(mean_difference(only_picture(must_render(negative, Grade::kOutline)), picture), 10.0);
  EXPECT_GT(mean_difference(only_picture(must_render(negative, Grade::kMosaic)),
                            only_picture(must_render(scene(20), Grade::kMosaic))),
            30.0);
}

TEST(Outline, OfAnEvenPictureIsBlank) {
  std::mt19937_64 random(5);
  const Picture nearly =
      paint(400, 300, 3, [&](auto...) { return static_cast<std::uint8_t>(120 + random() % 9); });
  const Picture picture = only_picture(must_render(nearly, Grade::kOutline));
  EXPECT_TRUE(std::all_of(
      picture.pixels.begin(), picture.pixels.end(), [](std::uint8_t v) { return v == 255; }));
}

TEST(GreyBlurred, KeepsLargeWavesAndLosesThoseOfATwentyFourth) {
  EXPECT_GT(swing(only_picture(must_render(waves(960, 4), Grade::kGreyBlurred))), 150);
  EXPECT_LT(swing(only_picture(must_render(waves(960, 24), Grade::kGreyBlurred))), 6);
  EXPECT_LT(swing(only_picture(must_render(waves(960, 40), Grade::kGreyBlurred))), 3);
  EXPECT_GT(swing(only_picture(must_render(waves(960, 40), Grade::kGreySmall))), 60);
}

TEST(GreyBlurred, HasNoSharpEdgeWhateverComesIn) {
  std::mt19937_64 random(6);
  const Picture board =
      paint(640, 640, 1, [](auto x, auto y, auto) { return (x / 80 + y / 80) % 2 == 0 ? 255 : 0; });
  for (const Picture& in : {noise(random, 640, 480, 3), noise(random, 64, 64, 1), board}) {
    const Picture out = only_picture(must_render(in, Grade::kGreyBlurred));
    int largest = 0;
    for (std::uint32_t y = 1; y + 1 < out.height; ++y) {
      for (std::uint32_t x = 1; x + 1 < out.width; ++x) {
        const std::uint8_t* const at = &out.pixels[std::size_t{y} * out.width + x];
        const int laplacian = 4 * at[0] - at[-1] - at[1] - *(at - out.width) - at[out.width];
        largest = std::max(largest, std::abs(laplacian));
      }
    }
    // A step from black to white under this Gaussian: 255 / (sigma^2 sqrt(2 pi e)) a direction.
    EXPECT_LE(largest, 70);
  }
}

TEST(Grades, EachShowsMoreThanTheOneBefore) {
  const auto pictures = shared_pictures();
  if (pictures.empty()) {
    GTEST_SKIP() << "the shared pictures are absent";
  }
  for (const auto& path : pictures) {
    const Bytes file = must_read(path);
    SCOPED_TRACE(path.filename());
    const Picture reference = only_picture(must_render(file, Grade::kGreySmall));
    double before = 1e9;
    for (const Grade grade : {Grade::kOutline, Grade::kMosaic, Grade::kGreyBlurred}) {
      const Picture small = only_picture(must_render(file, grade));
      const double error = rms_difference(to_grey(enlarge(small, grade)), reference);
      EXPECT_LT(error, before) << to_string(grade);
      EXPECT_GT(error, 0.0) << to_string(grade);
      before = error;
    }
    const Picture full = only_picture(must_render(file, Grade::kFull));
    EXPECT_GE(full.pixels.size(), reference.pixels.size());
  }
}

}  // namespace
}  // namespace tutela::redact
