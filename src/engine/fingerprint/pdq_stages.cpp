#include "engine/fingerprint/pdq_stages.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace tutela::fingerprint {
namespace {

constexpr std::size_t kFrequencies = 16;
constexpr std::size_t kSide = kGrid;

using DctRows = std::array<std::array<float, kSide>, kFrequencies>;
using Dct = std::array<std::array<float, kFrequencies>, kFrequencies>;

/// Rows 1..16 of the 64-point DCT: the constant row is left out.
DctRows make_dct_rows() {
  const auto scale = static_cast<float>(std::sqrt(2.0 / static_cast<double>(kSide)));
  DctRows rows{};
  for (std::size_t i = 0; i < kFrequencies; ++i) {
    for (std::size_t j = 0; j < kSide; ++j) {
      const double angle = std::numbers::pi / 2.0 / static_cast<double>(kSide) *
                           static_cast<double>(i + 1) * static_cast<double>(2 * j + 1);
      rows[i][j] = static_cast<float>(static_cast<double>(scale) * std::cos(angle));
    }
  }
  return rows;
}

/// D * samples * D^T. Every sum runs over k from 0 upwards; the loops over j may go side by side.
Dct transform(const Samples& samples) {
  static const DctRows kRows = make_dct_rows();
  Dct dct{};
  for (std::size_t i = 0; i < kFrequencies; ++i) {
    std::array<float, kSide> row{};
    for (std::size_t k = 0; k < kSide; ++k) {
      for (std::size_t j = 0; j < kSide; ++j) {
        row[j] += kRows[i][k] * samples[k * kSide + j];
      }
    }
    for (std::size_t j = 0; j < kFrequencies; ++j) {
      float sum = 0.0F;
      for (std::size_t k = 0; k < kSide; ++k) {
        sum += row[k] * kRows[j][k];
      }
      dct[i][j] = sum;
    }
  }
  return dct;
}

int gradient(float left, float right) {
  return std::abs(static_cast<int>((left - right) * 100.0F / 255.0F));
}

/// How much structure the samples have: the sum of the gradients that are worth counting.
std::uint8_t quality_of(const Samples& samples) {
  int sum = 0;
  for (std::size_t i = 0; i < kSide; ++i) {
    for (std::size_t j = 0; j < kSide; ++j) {
      const std::size_t at = i * kSide + j;
      if (i + 1 < kSide) {
        sum += gradient(samples[at], samples[at + kSide]);
      }
      if (j + 1 < kSide) {
        sum += gradient(samples[at], samples[at + 1]);
      }
    }
  }
  return static_cast<std::uint8_t>(std::min(sum / 90, 100));
}

/// A set bit for each coefficient above the lower median (the 128th smallest of 256).
Pdq256 bits_above_median(const Dct& dct) {
  std::array<float, kFrequencies * kFrequencies> sorted;
  for (std::size_t i = 0; i < kFrequencies; ++i) {
    std::copy(dct[i].begin(), dct[i].end(), sorted.begin() + static_cast<std::ptrdiff_t>(i * 16));
  }
  const auto middle = sorted.begin() + 127;
  std::nth_element(sorted.begin(), middle, sorted.end());
  const float median = *middle;
  Pdq256 hash;
  for (std::size_t bit = 0; bit < sorted.size(); ++bit) {
    const bool above = dct[bit / kFrequencies][bit % kFrequencies] > median;
    hash.words[3 - bit / 64] |= static_cast<std::uint64_t>(above) << (bit % 64);
  }
  return hash;
}

/// Whether turning the picture keeps the sign of coefficient (i, j).
constexpr bool keeps_sign(Orientation orientation, std::size_t i, std::size_t j) {
  switch (orientation) {
    case Orientation::kOriginal:
    case Orientation::kFlipPlus1:
      return true;
    case Orientation::kRotate90:
    case Orientation::kFlipY:
      return j % 2 == 1;
    case Orientation::kRotate180:
    case Orientation::kFlipMinus1:
      return (i + j) % 2 == 0;
    case Orientation::kRotate270:
    case Orientation::kFlipX:
      return i % 2 == 1;
  }
  return true;
}

/// Whether turning the picture exchanges coefficients (i, j) and (j, i).
constexpr bool transposes(Orientation orientation) {
  return orientation == Orientation::kRotate90 || orientation == Orientation::kRotate270 ||
         orientation == Orientation::kFlipPlus1 || orientation == Orientation::kFlipMinus1;
}

Dct turn(const Dct& dct, Orientation orientation) {
  const bool transposed = transposes(orientation);
  Dct turned;
  for (std::size_t i = 0; i < kFrequencies; ++i) {
    for (std::size_t j = 0; j < kFrequencies; ++j) {
      const float value = keeps_sign(orientation, i, j) ? dct[i][j] : -dct[i][j];
      (transposed ? turned[j][i] : turned[i][j]) = value;
    }
  }
  return turned;
}

}  // namespace

PdqResult hash_samples(const Samples& samples) {
  PdqResult result;
  result.quality = quality_of(samples);
  const Dct dct = transform(samples);
  for (std::size_t i = 0; i < kOrientations; ++i) {
    result.hashes[i] = bits_above_median(turn(dct, static_cast<Orientation>(i)));
  }
  return result;
}

Pdq256 reoriented(const Pdq256& hash, Orientation orientation) noexcept {
  const bool transposed = transposes(orientation);
  Pdq256 turned;
  for (std::size_t i = 0; i < kFrequencies; ++i) {
    for (std::size_t j = 0; j < kFrequencies; ++j) {
      const std::size_t from = i * kFrequencies + j;
      const std::size_t to = transposed ? j * kFrequencies + i : from;
      const bool above = (hash.words[3 - from / 64] >> (from % 64) & 1U) != 0;
      turned.words[3 - to / 64] |=
          static_cast<std::uint64_t>(above == keeps_sign(orientation, i, j)) << (to % 64);
    }
  }
  return turned;
}

}  // namespace tutela::fingerprint
