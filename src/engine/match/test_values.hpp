// Values for the tests of match: random hashes, hashes at a given distance, files of hashes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "engine/fingerprint/pdq.hpp"

namespace tutela::match {

using Random = std::mt19937_64;
using fingerprint::Pdq256;

inline Pdq256 random_pdq(Random& random) {
  Pdq256 value;
  for (auto& word : value.words) {
    word = random();
  }
  return value;
}

/// `value` with `count` different bits flipped, anywhere.
inline Pdq256 flipped(Pdq256 value, std::size_t count, Random& random) {
  std::array<std::size_t, 256> bits{};
  std::iota(bits.begin(), bits.end(), 0U);
  std::ranges::shuffle(bits, random);
  for (std::size_t i = 0; i < count; ++i) {
    value.words[bits[i] / 64] ^= std::uint64_t{1} << (bits[i] % 64);
  }
  return value;
}

/// The hashes of shared/data/pdq/`name`; empty where the data is absent.
inline std::vector<Pdq256> shared_hashes(const std::string& name) {
  std::ifstream file(std::filesystem::path(TUTELA_SHARED_DATA) / "pdq" / name);
  std::vector<Pdq256> hashes;
  std::string line;
  while (std::getline(file, line)) {
    Bytes bytes(32);
    if (!parse_hex(line.substr(0, 64), bytes)) {
      continue;
    }
    Pdq256 hash;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      hash.words[i / 8] = hash.words[i / 8] << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    }
    hashes.push_back(hash);
  }
  return hashes;
}

}  // namespace tutela::match
