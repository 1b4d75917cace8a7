#include "engine/redact/imprint.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "engine/redact/grades.hpp"

namespace tutela::redact {

namespace {

constexpr std::uint32_t kCell = 4;  // pixels a side of a square of one sign
constexpr std::uint32_t kCells = kImprintSide / kCell;
constexpr std::int64_t kMinuteMs = 60'000;

// Where the picture is restless more is needed and less is seen.
constexpr int kStrengthMin = 2;
constexpr int kStrengthMax = 8;
constexpr int kRangePerStrength = 24;

constexpr std::int64_t kNearby = 5;    // pixels to each side that a pixel is compared with
constexpr float kLoudest = 2.0F;       // deviations; a border of a letter counts no more
constexpr float kCalmest = 0.5F;       // so that even ground is not made loud
constexpr float kIntegerScale = 4000;  // of the loudest cell

using Signs = std::array<std::int16_t, std::size_t{kCells} * kCells>;

/// FNV-1a over the words of the mark.
std::uint64_t seed_of(const Mark& mark) {
  const std::string text =
      mark.person + "\n" + std::to_string(mark.at_ms / kMinuteMs) + "\n" + mark.case_ref;
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;
  for (const char letter : text) {
    hash = (hash ^ static_cast<std::uint8_t>(letter)) * 1'099'511'628'211ULL;
  }
  return hash;
}

Signs signs_of(const Mark& mark) {
  std::mt19937_64 random(seed_of(mark));
  Signs signs{};
  for (std::size_t i = 0; i < signs.size(); i += 64) {
    const std::uint64_t bits = random();
    for (std::size_t j = 0; j < 64; ++j) {
      signs[i + j] = (bits >> j & 1U) != 0 ? std::int16_t{1} : std::int16_t{-1};
    }
  }
  return signs;
}

/// How much a square bears: more where its values lie far apart.
int strength_at(const Picture& picture, Size size, std::size_t left, std::size_t top) {
  std::uint8_t low = 255;
  std::uint8_t high = 0;
  for (std::size_t y = 0; y < size.height; ++y) {
    const std::uint8_t* const row =
        picture.pixels.data() + picture.stride() * (top + y) + left * picture.channels;
    // The middle one of three channels is green, which is most of what is bright.
    for (std::size_t i = picture.channels / 2; i < size.width * picture.channels;
         i += picture.channels) {
      low = std::min(low, row[i]);
      high = std::max(high, row[i]);
    }
  }
  return std::min(kStrengthMin + (high - low) / kRangePerStrength, kStrengthMax);
}

struct Field {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<float> values;
};

/// Means over the squares around every pixel, cut at the borders.
void average_line(const float* in, float* out, std::int64_t count, std::int64_t step) {
  double sum = 0;
  for (std::int64_t i = -kNearby; i < count; ++i) {
    sum += i + kNearby < count ? in[(i + kNearby) * step] : 0;
    if (i < 0) {
      continue;
    }
    const std::int64_t first = std::max<std::int64_t>(i - kNearby, 0);
    const std::int64_t last = std::min(i + kNearby, count - 1);
    out[i * step] = static_cast<float>(sum / static_cast<double>(last - first + 1));
    sum -= i >= kNearby ? in[(i - kNearby) * step] : 0;
  }
}

Field averaged(const Field& field) {
  Field across = field;
  for (std::int64_t y = 0; y < field.height; ++y) {
    average_line(&field.values[static_cast<std::size_t>(y * field.width)],
                 &across.values[static_cast<std::size_t>(y * field.width)],
                 field.width,
                 1);
  }
  Field down = across;
  for (std::int64_t x = 0; x < field.width; ++x) {
    average_line(&across.values[static_cast<std::size_t>(x)],
                 &down.values[static_cast<std::size_t>(x)],
                 field.height,
                 field.width);
  }
  return down;
}

/// What stands out from its surroundings, in deviations of these.
Field residue_of(const Picture& picture) {
  const Picture grey = to_grey(picture);
  Field field{grey.width, grey.height, {grey.pixels.begin(), grey.pixels.end()}};
  const Field means = averaged(field);
  Field sizes = field;
  for (std::size_t i = 0; i < field.values.size(); ++i) {
    field.values[i] -= means.values[i];
    sizes.values[i] = std::abs(field.values[i]);
  }
  sizes = averaged(sizes);
  for (std::size_t i = 0; i < field.values.size(); ++i) {
    field.values[i] =
        std::clamp(field.values[i] / std::max(sizes.values[i], kCalmest), -kLoudest, kLoudest);
  }
  return field;
}

/// The cells that begin `dx` and `dy` pixels into the tile that all repetitions were added to.
struct Cells {
  Signs values{};  // whole numbers, for speed
  double length = 0;
};

Cells cells_at(const std::vector<float>& tile, std::uint32_t dx, std::uint32_t dy) {
  std::array<float, std::tuple_size_v<Signs>> sums{};
  float mean = 0;
  for (std::uint32_t y = 0; y < kImprintSide; ++y) {
    for (std::uint32_t x = 0; x < kImprintSide; ++x) {
      const std::uint32_t from = (y + dy) % kImprintSide * kImprintSide + (x + dx) % kImprintSide;
      sums[y / kCell * kCells + x / kCell] += tile[from];
      mean += tile[from] / static_cast<float>(sums.size());
    }
  }
  float loudest = 1e-6F;
  for (float& sum : sums) {
    sum -= mean;
    loudest = std::max(loudest, std::abs(sum));
  }
  Cells cells;
  double squares = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    cells.values[i] = static_cast<std::int16_t>(std::lround(sums[i] / loudest * kIntegerScale));
    const double value = cells.values[i];
    squares += value * value;
  }
  cells.length = std::sqrt(squares);
  return cells;
}

std::vector<Cells> cells_of(const Picture& picture) {
  const Field residue = residue_of(picture);
  std::vector<float> tile(kImprintPlaces);
  for (std::int64_t y = 0; y < residue.height; ++y) {
    for (std::int64_t x = 0; x < residue.width; ++x) {
      tile[static_cast<std::size_t>(y % kImprintSide * kImprintSide + x % kImprintSide)] +=
          residue.values[static_cast<std::size_t>(y * residue.width + x)];
    }
  }
  std::vector<Cells> all;
  for (std::uint32_t i = 0; i < kCell * kCell; ++i) {
    all.push_back(cells_at(tile, i % kCell, i / kCell));
  }
  return all;
}

std::int32_t best_sum(const Signs& values, const Signs& signs) {
  // Rows are written twice, so that a shifted one is in one piece.
  std::array<std::int16_t, std::size_t{2} * kCells * kCells> twice{};
  for (std::size_t i = 0; i < twice.size(); ++i) {
    twice[i] = signs[i / (2 * kCells) * kCells + i % kCells];
  }
  std::int32_t best = 0;
  for (std::size_t shift = 0; shift < signs.size(); ++shift) {
    std::int32_t sum = 0;
    for (std::size_t y = 0; y < kCells; ++y) {
      const std::int16_t* const left = &values[y * kCells];
      const std::int16_t* const right =
          &twice[(y + shift / kCells) % kCells * 2 * kCells + shift % kCells];
      for (std::size_t x = 0; x < kCells; ++x) {
        sum += left[x] * right[x];
      }
    }
    best = std::max(best, sum);
  }
  return best;
}

}  // namespace

void imprint(Picture& picture, const Mark& mark) {
  const Signs signs = signs_of(mark);
  for (std::size_t top = 0; top < picture.height; top += kCell) {
    for (std::size_t left = 0; left < picture.width; left += kCell) {
      const Size size{
          static_cast<std::uint32_t>(std::min<std::size_t>(kCell, picture.width - left)),
          static_cast<std::uint32_t>(std::min<std::size_t>(kCell, picture.height - top))};
      const int strength = strength_at(picture, size, left, top);
      const int change = strength * signs[top / kCell % kCells * kCells + left / kCell % kCells];
      for (std::size_t y = 0; y < size.height; ++y) {
        std::uint8_t* const row =
            picture.pixels.data() + picture.stride() * (top + y) + left * picture.channels;
        for (std::size_t i = 0; i < size.width * picture.channels; ++i) {
          row[i] = static_cast<std::uint8_t>(std::clamp(row[i] + change, 0, 255));
        }
      }
    }
  }
}

Reading best_candidate(const Picture& picture, std::span<const Mark> candidates) {
  Reading best;
  if (picture.width < kImprintSide || picture.height < kImprintSide) {
    return best;
  }
  const std::vector<Cells> all = cells_of(picture);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Signs signs = signs_of(candidates[i]);
    for (const Cells& cells : all) {
      const double score = cells.length > 0 ? best_sum(cells.values, signs) / cells.length : 0.0;
      if (score > best.score) {
        best = {i, score};
      }
    }
  }
  return best;
}

std::optional<Reading> read_mark(const Picture& picture, std::span<const Mark> candidates) {
  const Reading best = best_candidate(picture, candidates);
  return best.score >= kImprintScoreMin ? std::optional(best) : std::nullopt;
}

}  // namespace tutela::redact
