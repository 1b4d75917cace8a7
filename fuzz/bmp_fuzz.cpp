// BMP: any bytes give whole frames or an error.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "engine/media/bmp.hpp"

namespace {

class CountingSink final : public tutela::media::FrameSink {
 public:
  void begin_frame(const tutela::media::FrameInfo& frame) override { rows_left_ = frame.height; }

  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) override {
    TUTELA_CHECK(count <= rows_left_);
    rows_left_ -= count;
    last_ = rows[stride_bytes * count - 1];  // the sanitizer sees whether the row is there
  }

  void end_frame() override { TUTELA_CHECK(rows_left_ == 0); }

 private:
  std::uint32_t rows_left_ = 0;
  volatile std::uint8_t last_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tutela::media::Limits limits;
  limits.pixels_max = 1'000'000;
  CountingSink sink;
  const auto report = tutela::media::decode_bmp(std::as_bytes(std::span(data, size)), limits, sink);
  TUTELA_CHECK(!report || report->frames_decoded == 1);
  return 0;
}
