// TestSink: collects decoded pixels as RGB and checks that the decoder keeps the sink's contract.
// For tests only.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "engine/media/media.hpp"

namespace tutela::media {

struct TestFrame {
  FrameInfo info;
  std::vector<std::uint8_t> rgb;
};

class TestSink final : public FrameSink {
 public:
  void begin_frame(const FrameInfo& frame) override {
    EXPECT_FALSE(open_);
    open_ = true;
    frames_.push_back({.info = frame, .rgb = {}});
  }

  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) override {
    ASSERT_TRUE(open_);
    TestFrame& frame = frames_.back();
    for (std::uint32_t y = 0; y < count; ++y) {
      const std::uint8_t* row = rows + stride_bytes * y;
      for (std::uint32_t x = 0; x < frame.info.width; ++x) {
        for (std::uint32_t i = 0; i < 3; ++i) {
          const bool grey = frame.info.format == fingerprint::PixelFormat::kGrey8;
          frame.rgb.push_back(grey ? row[x] : row[std::size_t{x} * 3 + i]);
        }
      }
    }
  }

  void end_frame() override {
    ASSERT_TRUE(open_);
    open_ = false;
    const TestFrame& frame = frames_.back();
    EXPECT_EQ(frame.rgb.size(), std::size_t{frame.info.width} * frame.info.height * 3);
  }

  [[nodiscard]] const std::vector<TestFrame>& frames() const { return frames_; }

  [[nodiscard]] bool open() const { return open_; }

 private:
  std::vector<TestFrame> frames_;
  bool open_ = false;
};

inline std::string testdata(const std::string& name) {
  return std::string(TUTELA_SOURCE_DIR) + "/src/engine/media/testdata/" + name;
}

inline Bytes read_testdata(const std::string& name) {
  auto bytes = read_file(testdata(name), 64U << 20);
  EXPECT_TRUE(bytes) << name;
  return bytes ? *std::move(bytes) : Bytes();
}

}  // namespace tutela::media
