#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "engine/inspect/inspect.hpp"

namespace tutela::inspect {

namespace {

const std::string kFolder = std::string(TUTELA_SHARED_DATA) + "/pdq/";

/// Every row of pdq/golden.tsv: file, size, quality, eight hashes.
TEST(Golden, EveryPublishedVectorComesOutBitForBit) {
  std::ifstream file(kFolder + "golden.tsv");
  if (!file) {
    GTEST_SKIP() << "shared data is absent: NO published PDQ vector was checked through decoding";
  }
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    ++rows;
    std::istringstream fields(line);
    std::string name;
    std::string size;
    int quality = -1;
    fields >> name >> size >> quality;
    SCOPED_TRACE(name);
    const auto bytes = read_file(kFolder + name, 64U << 20);
    ASSERT_TRUE(bytes);
    const auto found = inspect(*bytes, media::Limits{});
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->report.damaged);
    EXPECT_EQ(std::to_string(found->report.width) + "x" + std::to_string(found->report.height),
              size);
    ASSERT_EQ(found->frames.size(), 1U);
    EXPECT_EQ(int{found->frames[0].pdq.quality}, quality);
    for (const auto& hash : found->frames[0].pdq.hashes) {
      std::string expected;
      fields >> expected;
      EXPECT_EQ(fingerprint::to_hex(hash), expected);
    }
  }
  EXPECT_GE(rows, 25);
}

/// misc/modes is one photograph in every colour mode. No hash of theirs is published but two, and
/// the palette and the lossy files differ a little: all must be within reach of the default list
/// distance of each other.
TEST(Golden, EveryColourModeShowsTheSamePicture) {
  const auto reference_bytes = read_file(kFolder + "misc/modes/RGB.jpg", 64U << 20);
  if (!reference_bytes) {
    GTEST_SKIP() << "shared data is absent: the colour modes were NOT compared";
  }
  const auto reference = inspect(*reference_bytes, media::Limits{});
  ASSERT_TRUE(reference);
  for (const char* name : {"CMYK.jpg",
                           "F.webp",
                           "HSV.webp",
                           "I.webp",
                           "L.png",
                           "LA.png",
                           "LAB.webp",
                           "P.png",
                           "PA.webp",
                           "RGBA.png",
                           "YCbCr.jpg",
                           "original.jpg",
                           "1.png"}) {
    const auto bytes = read_file(kFolder + "misc/modes/" + name, 64U << 20);
    ASSERT_TRUE(bytes) << name;
    const auto found = inspect(*bytes, media::Limits{});
    ASSERT_TRUE(found) << name;
    EXPECT_FALSE(found->report.damaged) << name;
    constexpr int kDistanceMax = 31;
    EXPECT_LE(
        fingerprint::distance(found->frames[0].pdq.hashes[0], reference->frames[0].pdq.hashes[0]),
        kDistanceMax)
        << name;
  }
}

}  // namespace

}  // namespace tutela::inspect
