#include "engine/inspect/inspect.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/file.hpp"

namespace tutela::inspect {

namespace {

Result<Inspection> inspect_file(const std::string& name, const media::Limits& limits = {}) {
  const auto bytes =
      read_file(std::string(TUTELA_SOURCE_DIR) + "/src/engine/media/testdata/" + name, 64U << 20);
  EXPECT_TRUE(bytes) << name;
  return bytes ? inspect(*bytes, limits) : Result<Inspection>(Error(bytes.error()));
}

TEST(Inspect, GivesTheSameFingerprintForTheSamePixelsInAnyFormat) {
  const auto reference = inspect_file("rgb.png");
  ASSERT_TRUE(reference);
  ASSERT_EQ(reference->frames.size(), 1U);
  EXPECT_EQ(reference->frames[0].frame, 0U);
  for (const char* name : {"rgba.png",
                           "interlaced.png",
                           "lossless.webp",
                           "rgba.webp",
                           "rgb.tif",
                           "lzw.tif",
                           "cmyk.tif",
                           "rgb.bmp",
                           "top-down.bmp"}) {
    const auto other = inspect_file(name);
    ASSERT_TRUE(other) << name;
    EXPECT_EQ(other->frames, reference->frames) << name;
  }
}

TEST(Inspect, FingerprintsEveryDistinctFrame) {
  for (const char* name : {"animated.gif", "animated.webp", "pages.tif"}) {
    const auto found = inspect_file(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found->report.frames_decoded, found->report.frames_total) << name;
    EXPECT_EQ(found->frames.size(), found->report.frames_total) << name;
    for (std::size_t i = 0; i < found->frames.size(); ++i) {
      EXPECT_EQ(found->frames[i].frame, i);
    }
  }
}

TEST(Inspect, KeepsAFingerprintOnceHoweverManyFramesShareIt) {
  const auto found = inspect_file("repeating.gif");  // the frames A, B, A, B
  ASSERT_TRUE(found);
  EXPECT_EQ(found->report.frames_decoded, 4U);
  ASSERT_EQ(found->frames.size(), 2U);
  EXPECT_EQ(found->frames[0].frame, 0U);
  EXPECT_EQ(found->frames[1].frame, 1U);
}

TEST(Inspect, PassesTheErrorsOfDecodingOn) {
  media::Limits narrow;
  narrow.side_pixels_max = 10;
  const auto found = inspect_file("rgb.png", narrow);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "media.too_many_pixels");
}

}  // namespace

}  // namespace tutela::inspect
