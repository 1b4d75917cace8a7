// Pictures for tests: harmless patterns made from a seed, as BMP bytes that need no encoder.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>

#include "base/bytes.hpp"

namespace tutela::testing {

/// A 24-bit BMP of soft blobs on a gradient, high in PDQ quality; equal seeds give equal bytes.
inline Bytes picture_bmp(std::uint32_t seed,
                         std::uint32_t width = 160,
                         std::uint32_t height = 120) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> unit(0.0, 1.0);

  struct Blob {
    double x, y, radius, weight[3];
  };

  Blob blobs[24];
  for (Blob& blob : blobs) {
    blob = {unit(random),
            unit(random),
            0.04 + 0.15 * unit(random),
            {unit(random) * 400 - 200, unit(random) * 400 - 200, unit(random) * 400 - 200}};
  }
  const std::uint32_t stride = (width * 3 + 3) / 4 * 4;
  Bytes bytes(54 + std::size_t{stride} * height);
  const auto put32 = [&](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
    }
  };
  bytes[0] = std::byte{'B'};
  bytes[1] = std::byte{'M'};
  put32(2, static_cast<std::uint32_t>(bytes.size()));
  put32(10, 54);
  put32(14, 40);
  put32(18, width);
  put32(22, height);
  put32(26, 1 | 24U << 16);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const double u = (x + 0.5) / width;
      const double v = (y + 0.5) / height;
      double channel[3] = {128 + 60 * (u - 0.5), 128 + 60 * (v - 0.5), 128};
      for (const Blob& blob : blobs) {
        const double square = (u - blob.x) * (u - blob.x) + (v - blob.y) * (v - blob.y);
        const double at = std::exp(-square / (2 * blob.radius * blob.radius));
        for (int c = 0; c < 3; ++c) {
          channel[c] += blob.weight[c] * at;
        }
      }
      for (std::size_t c = 0; c < 3; ++c) {
        bytes[54 + std::size_t{y} * stride + std::size_t{x} * 3 + c] =
            static_cast<std::byte>(static_cast<int>(std::clamp(channel[c], 0.0, 255.0)));
      }
    }
  }
  return bytes;
}

/// The same picture turned by a quarter. Both sides must be multiples of 4.
inline Bytes turned_bmp(ByteView bmp) {
  const auto get32 = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bmp.data() + at, sizeof(value));
    return value;
  };
  const std::uint32_t width = get32(18);
  const std::uint32_t height = get32(22);
  Bytes turned(bmp.begin(), bmp.end());
  std::memcpy(turned.data() + 18, &height, sizeof(height));
  std::memcpy(turned.data() + 22, &width, sizeof(width));
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t from = 54 + (y * width + x) * 3;
      const std::size_t to = 54 + (x * height + (height - 1 - y)) * 3;
      std::copy_n(bmp.begin() + static_cast<std::ptrdiff_t>(from),
                  3,
                  turned.begin() + static_cast<std::ptrdiff_t>(to));
    }
  }
  return turned;
}

}  // namespace tutela::testing
