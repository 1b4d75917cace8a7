#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "engine/inspect/inspect.hpp"

namespace tutela::inspect {

namespace {

/// TUTELA_MUTATIONS=20000 for the long run.
int mutations() {
  const char* text = std::getenv("TUTELA_MUTATIONS");
  const int count = text == nullptr ? 0 : std::atoi(text);
  return count > 0 ? count : 2'000;
}

std::vector<Bytes> all_testdata() {
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
Bytes mutated(const std::vector<Bytes>& files, std::mt19937& random) {
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

TEST(Mutation, EveryBrokenFileGetsAVerdictThatSurvivesTheWire) {
  const std::vector<Bytes> files = all_testdata();
  ASSERT_GT(files.size(), 50U);
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  media::Limits limits;
  limits.pixels_max = 4'000'000;
  int decoded = 0;
  int damaged = 0;
  int refused = 0;
  for (int i = 0; i < mutations(); ++i) {
    const Bytes bytes = mutated(files, random);
    const auto found = inspect(bytes, limits);
    (found ? decoded : refused) += 1;
    damaged += found && found->report.damaged ? 1 : 0;
    const auto reply = decode_reply(encode_reply(found));
    ASSERT_TRUE(reply) << "mutation " << i;
    ASSERT_EQ(reply->has_value(), found.has_value()) << "mutation " << i;
    if (found) {
      ASSERT_EQ((*reply)->frames, found->frames) << "mutation " << i;
    } else {
      ASSERT_EQ(reply->error().code, found.error().code) << "mutation " << i;
    }
  }
  std::printf("%d mutations, seed %u: %d decoded (%d damaged), %d refused\n",
              mutations(),
              seed,
              decoded,
              damaged,
              refused);
  EXPECT_GT(decoded, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace

}  // namespace tutela::inspect
