// What each grade lets through, measured: a pattern as fine as pixels are is planted in a picture,
// and looked for in what is served. In full it stands; below full nothing of it does. The same
// measure in Python (tests/support/planted_pattern.py) judges every image that a browser received.
#include <cmath>
#include <iostream>

#include "engine/redact/finish.hpp"
#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

constexpr std::uint32_t kCells = 32;  // a side of the pattern that repeats
constexpr std::uint32_t kPeriod = 2 * kCells;
constexpr double kFound = 8;  // passed by chance by one picture in a hundred thousand million
constexpr int kStrength = 24;

using Signs = std::vector<int>;

Signs random_signs(std::mt19937_64& random) {
  Signs signs(std::size_t{kCells} * kCells);
  for (int& sign : signs) {
    sign = random() % 2 == 0 ? 1 : -1;
  }
  return signs;
}

/// Squares of 2 x 2 pixels like a chessboard, each of a random sign.
int planted_at(const Signs& signs, std::uint32_t x, std::uint32_t y) {
  const int sign = signs[y / 2 % kCells * kCells + x / 2 % kCells];
  return (x + y) % 2 == 0 ? sign : -sign;
}

Picture scene_with(const Signs& signs, Size size) {
  return paint(size.width, size.height, 3, [&](auto x, auto y, auto c) {
    const double hills = 40 * std::sin(x / 90.0 + c) + 40 * std::cos(y / 70.0);
    return static_cast<std::uint8_t>(128 + hills + kStrength * planted_at(signs, x, y));
  });
}

/// The best normalised correlation over every shift.
double score_of(const Picture& picture, const Signs& signs) {
  std::vector<double> tile(std::size_t{kPeriod} * kPeriod);
  for (std::uint32_t y = 0; y + 1 < picture.height; ++y) {
    for (std::uint32_t x = 0; x + 1 < picture.width; ++x) {
      const auto at = [&](std::uint32_t dx, std::uint32_t dy) {
        return int{
            picture.pixels[picture.stride() * (y + dy) + std::size_t{x + dx} * picture.channels]};
      };
      const int chess = at(0, 0) - at(1, 0) - at(0, 1) + at(1, 1);
      tile[y % kPeriod * kPeriod + x % kPeriod] += std::clamp(chess, -kStrength, kStrength);
    }
  }
  double best = 0;
  for (std::uint32_t shift = 0; shift < kPeriod * kPeriod; ++shift) {
    double sum = 0;
    double squares = 0;
    for (std::uint32_t i = 0; i < signs.size(); ++i) {
      const double value = tile[(2 * (i / kCells) + shift / kPeriod) % kPeriod * kPeriod +
                                (2 * (i % kCells) + shift % kPeriod) % kPeriod];
      sum += value * signs[i];
      squares += value * value;
    }
    best = squares > 0 ? std::max(best, std::abs(sum) / std::sqrt(squares)) : best;
  }
  return best;
}

TEST(PlantedPattern, SurvivesInFullAndInNothingBelow) {
  const std::uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  const Mark mark{.person = "3f9a1c7e", .at_ms = 1'795'341'840'000, .case_ref = "CASE-2026-00417"};
  for (const Size size : {Size{1280, 960}, Size{1500, 1100}, Size{2048, 2000}}) {
    const Signs signs = random_signs(random);
    const Bytes file = png_of(scene_with(signs, size));
    for (const Grade grade : kGrades) {
      for (const std::int32_t frame : {0, kSheet}) {
        const Request request{grade, frame};
        if (!check_request(request)) {
          continue;
        }
        const auto view = render(file, {}, request);
        ASSERT_TRUE(view.has_value());
        const auto finished = finish(*view, request, mark);
        ASSERT_TRUE(finished.has_value());
        const Picture seen = only_picture(must_render(finished->png, Grade::kFull));
        const double score = score_of(seen, signs);
        std::cout << size.width << "x" << size.height << " " << to_string(grade)
                  << (request.is_sheet() ? " sheet " : " ") << score << "\n";
        if (grade == Grade::kFull) {
          EXPECT_GT(score, 2 * kFound);
          EXPECT_LT(score_of(seen, random_signs(random)), kFound) << "another pattern";
        } else {
          EXPECT_LT(score, kFound);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tutela::redact
