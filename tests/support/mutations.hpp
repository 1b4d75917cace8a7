// Broken files: mutations of the small fixtures of every format.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/file.hpp"

namespace tutela::testing {

/// How many a test makes; TUTELA_MUTATIONS=20000 in the long run.
inline int mutations(int by_default) {
  const char* text = std::getenv("TUTELA_MUTATIONS");
  const int count = text == nullptr ? 0 : std::atoi(text);
  return count > 0 ? count : by_default;
}

inline std::vector<Bytes> media_testdata() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(TUTELA_SOURCE_DIR) +
                                                               "/src/engine/media/testdata")) {
    if (entry.path().extension() != ".tsv") {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Bytes> files;
  for (const auto& path : paths) {
    auto bytes = read_file(path, 1U << 20);
    EXPECT_TRUE(bytes);
    if (bytes) {
      files.push_back(*std::move(bytes));
    }
  }
  return files;
}

/// A cut, flipped bits, or one file's head on another's body.
inline Bytes mutated(const std::vector<Bytes>& files, std::mt19937& random) {
  Bytes bytes = files[random() % files.size()];
  switch (random() % 4) {
    case 0:
      bytes.resize(random() % bytes.size());
      break;
    case 1:
      for (std::uint32_t i = 0, flips = 1 + random() % 8; i < flips; ++i) {
        bytes[random() % bytes.size()] ^= static_cast<std::byte>(1U << (random() % 8));
      }
      break;
    case 2:  // headers are where decoders decide
      for (int i = 0; i < 3; ++i) {
        bytes[random() % std::min<std::size_t>(bytes.size(), 200)] =
            static_cast<std::byte>(random());
      }
      break;
    default: {
      const Bytes& head = files[random() % files.size()];
      const std::size_t length =
          random() % std::min<std::size_t>({head.size(), bytes.size(), std::size_t{300}});
      std::copy_n(head.begin(), length, bytes.begin());
    }
  }
  return bytes;
}

}  // namespace tutela::testing
