// Media: any bytes, through the sniffer into whichever decoder they name. The libraries below are
// not instrumented; this watches our side of the border.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "engine/media/media.hpp"

namespace {

class CountingSink final : public tutela::media::FrameSink {
 public:
  void begin_frame(const tutela::media::FrameInfo& frame) override {
    TUTELA_CHECK(rows_left_ == 0);
    rows_left_ = frame.height;
  }

  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) override {
    TUTELA_CHECK(count <= rows_left_);
    rows_left_ -= count;
    last_ = rows[stride_bytes * count - 1];  // the sanitizer sees whether the row is there
  }

  void end_frame() override {
    TUTELA_CHECK(rows_left_ == 0);
    ++frames_;
  }

  [[nodiscard]] std::uint32_t frames() const { return frames_; }

 private:
  std::uint32_t rows_left_ = 0;
  std::uint32_t frames_ = 0;
  volatile std::uint8_t last_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tutela::media::Limits limits;
  limits.pixels_max = 500'000;
  limits.frames_max = 8;
  CountingSink sink;
  const auto report = tutela::media::decode(std::as_bytes(std::span(data, size)), limits, sink);
  if (report) {
    TUTELA_CHECK(report->frames_decoded == sink.frames() && sink.frames() > 0);
    TUTELA_CHECK(report->partial || report->frames_decoded == report->frames_total);
  }
  return 0;
}
