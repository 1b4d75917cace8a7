// What the benchmark of match searches in and for, and how it times searches.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "engine/fingerprint/pdq.hpp"
#include "engine/match/huge_array.hpp"
#include "engine/match/index.hpp"

namespace tutela::bench {

using fingerprint::Pdq256;
using match::HugeArray;
using Random = std::mt19937_64;

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// Hashes to search in, and others of the same kind to search for.
struct Values {
  HugeArray<Pdq256> all;
  std::vector<Pdq256> queries;  // every other one is planted: within 31 bits of one of `all`
};

/// Evenly random hashes.
Values random_values(std::size_t count, std::size_t queries);
/// Each bit has a bias of its own, 0.3 to 0.7, and a fifth of the hashes lie within 20 bits of one
/// of few centres: about ten to a centre.
Values skewed_values(std::size_t count, std::size_t queries);

/// The blocks of an index over values that live longer.
class Blocks {
 public:
  Blocks(std::span<const Pdq256> values, bool huge_pages);
  ~Blocks();
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  /// Seconds.
  double build(std::size_t threads);
  void copy(const Blocks& other);

  [[nodiscard]] match::Index index() const { return {values_, begins_}; }

  [[nodiscard]] const std::array<const std::byte*, match::kBands>& begins() const {
    return begins_;
  }

  [[nodiscard]] std::size_t bytes() const { return match::kBands * bytes_of_band_; }

 private:
  std::span<const Pdq256> values_;
  std::size_t bytes_of_band_;
  std::size_t bytes_mapped_;
  std::array<std::byte*, match::kBands> blocks_{};
  std::array<const std::byte*, match::kBands> begins_{};
};

struct Timing {
  double p50_us = 0;
  double p99_us = 0;
  double rate = 0;  // a second
};

/// Calls search(i) for 0..count - 1, five times; medians of the five.
Timing time_five(std::size_t count, const std::function<void(std::size_t)>& search);
/// Once.
Timing time_once(std::size_t count, const std::function<void(std::size_t)>& search);

/// Runs in so many threads, the numbers 0.. among them.
void in_threads(std::size_t threads, const std::function<void(std::size_t)>& run);

}  // namespace tutela::bench
