#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/inspect/inspect.hpp"
#include "support/mutations.hpp"

namespace tutela::inspect {

namespace {

using testing::mutated;
using testing::mutations;

TEST(Mutation, EveryBrokenFileGetsAVerdictThatSurvivesTheWire) {
  const std::vector<Bytes> files = testing::media_testdata();
  ASSERT_GT(files.size(), 50U);
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  media::Limits limits;
  limits.pixels_max = 4'000'000;
  int decoded = 0;
  int damaged = 0;
  int refused = 0;
  for (int i = 0; i < mutations(2'000); ++i) {
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
              mutations(2'000),
              seed,
              decoded,
              damaged,
              refused);
  EXPECT_GT(decoded, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace

}  // namespace tutela::inspect
