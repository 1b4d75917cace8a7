#include "engine/inspect/inspect.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tutela::inspect {

namespace {

/// Hashes every frame and keeps each fingerprint once.
class HashingSink final : public media::FrameSink {
 public:
  void begin_frame(const media::FrameInfo& frame) override {
    index_ = frame.index;
    hasher_.emplace(frame.width, frame.height, frame.format);
  }

  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) override {
    hasher_->add_rows(rows, stride_bytes, count);
  }

  void end_frame() override {
    const fingerprint::PdqResult pdq = hasher_->finish();
    hasher_.reset();
    // At most Limits::frames_max frames, so looking at all of them is cheap.
    const bool known =
        std::any_of(frames_.begin(), frames_.end(), [&](const FrameFingerprint& earlier) {
          return earlier.pdq == pdq;
        });
    if (!known) {
      frames_.push_back({.frame = index_, .pdq = pdq});
    }
  }

  [[nodiscard]] std::vector<FrameFingerprint> take() && { return std::move(frames_); }

 private:
  std::uint32_t index_ = 0;
  std::optional<fingerprint::PdqHasher> hasher_;
  std::vector<FrameFingerprint> frames_;
};

}  // namespace

Result<Inspection> inspect(ByteView bytes, const media::Limits& limits) {
  HashingSink sink;
  TUTELA_TRY_ASSIGN(auto report, media::decode(bytes, limits, sink));
  return Inspection{.report = std::move(report), .frames = std::move(sink).take()};
}

}  // namespace tutela::inspect
