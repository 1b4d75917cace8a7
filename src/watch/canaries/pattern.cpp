#include "watch/canaries/pattern.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

#include "crypto/digest.hpp"

namespace tutela::canaries {
namespace {

/// PDQ looks at the signs of these waves of the plane, against their median. Half of them are
/// positive and half negative here, all equally strong: none is near the median, so no encoder and
/// no size turns one over.
constexpr std::size_t kWaves = 16;
constexpr double kLumaOfWave = 4.6;  // 256 of them: a standard deviation of 37
/// Colours are broad, and lumas know nothing of them.
constexpr std::size_t kColourWaves = 4;
constexpr double kChromaOfWave = 6;

/// Numbers from a seed.
class Numbers {
 public:
  Numbers(const Seed& seed, std::byte purpose) {
    std::ranges::copy(seed, state_.begin());
    state_[32] = purpose;
  }

  /// 0 to below `end`; a bias of `end` in 2^32 does not matter here.
  std::size_t below(std::size_t end) {
    if (at_ + sizeof(std::uint32_t) > block_.size()) {
      block_ = crypto::sha256_of(state_);
      for (std::size_t i = 33; i < state_.size(); ++i) {
        state_[i] = static_cast<std::byte>(std::to_integer<int>(state_[i]) + 1);
        if (state_[i] != std::byte{0}) {
          break;
        }
      }
      at_ = 0;
    }
    std::uint32_t number = 0;
    std::memcpy(&number, block_.data() + at_, sizeof(number));
    at_ += sizeof(number);
    return number % end;
  }

 private:
  std::array<std::byte, 37> state_{};  // seed, purpose, counter
  crypto::Sha256 block_{};
  std::size_t at_ = sizeof(block_);
};

/// A sum of waves cos(u x) cos(v y), u and v from `first` on.
template <std::size_t N>
struct Field {
  std::array<std::array<double, N>, N> strength{};  // [v][u]
  std::size_t first = 1;
};

Field<kWaves> luma_of(const Seed& seed) {
  Numbers numbers(seed, std::byte{1});
  std::array<double, kWaves * kWaves> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = i % 2 == 0 ? kLumaOfWave : -kLumaOfWave;
  }
  for (std::size_t i = all.size() - 1; i > 0; --i) {
    std::swap(all[i], all[numbers.below(i + 1)]);
  }
  Field<kWaves> field;
  for (std::size_t i = 0; i < all.size(); ++i) {
    field.strength[i / kWaves][i % kWaves] = all[i];
  }
  return field;
}

Field<kColourWaves> chroma_of(const Seed& seed, std::byte purpose) {
  Numbers numbers(seed, purpose);
  Field<kColourWaves> field;
  field.first = 0;
  for (auto& row : field.strength) {
    for (double& strength : row) {
      strength = kChromaOfWave * (static_cast<double>(numbers.below(2001)) / 1000 - 1);
    }
  }
  return field;
}

/// cos(pi k (i + 0.5) / size) for every place i of an axis and every k of a field.
template <std::size_t N>
std::vector<std::array<double, N>> cosines(std::uint32_t size, std::size_t first) {
  std::vector<std::array<double, N>> table(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < N; ++k) {
      table[i][k] = std::cos(std::numbers::pi * static_cast<double>(first + k) * (i + 0.5) / size);
    }
  }
  return table;
}

/// A field at every pixel of a row, one row after the other.
template <std::size_t N>
class Rows {
 public:
  Rows(const Field<N>& field, std::uint32_t width, std::uint32_t height)
      : field_(field),
        across_(cosines<N>(width, field.first)),
        down_(cosines<N>(height, field.first)) {}

  void begin(std::uint32_t y) {
    for (std::size_t u = 0; u < N; ++u) {
      row_[u] = 0;
      for (std::size_t v = 0; v < N; ++v) {
        row_[u] += field_.strength[v][u] * down_[y][v];
      }
    }
  }

  [[nodiscard]] double at(std::uint32_t x) const {
    double sum = 0;
    for (std::size_t u = 0; u < N; ++u) {
      sum += row_[u] * across_[x][u];
    }
    return sum;
  }

 private:
  const Field<N> field_;
  const std::vector<std::array<double, N>> across_;
  const std::vector<std::array<double, N>> down_;
  std::array<double, N> row_{};
};

std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

}  // namespace

std::vector<std::uint8_t> draw(const Seed& seed, std::uint32_t width, std::uint32_t height) {
  Rows<kWaves> luma(luma_of(seed), width, height);
  Rows<kColourWaves> blue(chroma_of(seed, std::byte{2}), width, height);
  Rows<kColourWaves> red(chroma_of(seed, std::byte{3}), width, height);
  std::vector<std::uint8_t> pixels;
  pixels.reserve(std::size_t{3} * width * height);
  for (std::uint32_t y = 0; y < height; ++y) {
    luma.begin(y);
    blue.begin(y);
    red.begin(y);
    for (std::uint32_t x = 0; x < width; ++x) {
      // Rec. ITU-R BT.601, whose luma PDQ takes.
      const double grey = 128 + luma.at(x);
      const double cb = blue.at(x);
      const double cr = red.at(x);
      pixels.push_back(to_byte(grey + 1.402 * cr));
      pixels.push_back(to_byte(grey - 0.344136 * cb - 0.714136 * cr));
      pixels.push_back(to_byte(grey + 1.772 * cb));
    }
  }
  return pixels;
}

}  // namespace tutela::canaries
