// Entries for the tests of content_index: random, or the n-th of an endless row.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "watch/content_index/content_index.hpp"

namespace tutela::content_index {

using Random = std::mt19937_64;

inline fingerprint::Pdq256 random_pdq(Random& random) {
  fingerprint::Pdq256 value;
  std::ranges::generate(value.words, [&] { return random(); });
  return value;
}

/// `value` with `count` different bits flipped.
inline fingerprint::Pdq256 flipped(fingerprint::Pdq256 value, std::size_t count, Random& random) {
  const fingerprint::Pdq256 before = value;
  while (static_cast<std::size_t>(fingerprint::distance(before, value)) < count) {
    const std::size_t bit = random() % 256;
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    value.words[bit / 64] = (value.words[bit / 64] & ~mask) | (~before.words[bit / 64] & mask);
  }
  return value;
}

inline Entry random_entry(Random& random, std::size_t frames) {
  Entry entry;
  const auto fill = [&](auto& bytes) {
    std::ranges::generate(bytes, [&] { return static_cast<std::byte>(random()); });
  };
  fill(entry.content_id.bytes);
  fill(entry.digests.md5);
  fill(entry.digests.sha1);
  fill(entry.digests.sha256);
  entry.frames.resize(frames);
  for (Hashes& hashes : entry.frames) {
    std::ranges::generate(hashes, [&] { return random_pdq(random); });
  }
  return entry;
}

/// The same entry for the same number, of 0 to 3 frames.
inline Entry entry_of(std::uint64_t number) {
  Random random(number);
  Entry entry = random_entry(random, number % 4);
  entry.content_id = {};
  std::memcpy(entry.content_id.bytes.data(), &number, sizeof number);
  return entry;
}

inline std::uint64_t number_of(const Uuid& id) {
  std::uint64_t number = 0;
  std::memcpy(&number, id.bytes.data(), sizeof number);
  return number;
}

/// The entries [first, end) of the row.
inline std::vector<Entry> entries_of(std::uint64_t first, std::uint64_t end) {
  std::vector<Entry> entries;
  for (; first < end; ++first) {
    entries.push_back(entry_of(first));
  }
  return entries;
}

}  // namespace tutela::content_index
