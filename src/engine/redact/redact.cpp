#include "engine/redact/redact.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/redact/grades.hpp"
#include "engine/redact/shrink.hpp"

namespace tutela::redact {

namespace {

/// Shrinks the one frame that is wanted; the others pass.
class ShrinkingSink final : public media::FrameSink {
 public:
  ShrinkingSink(Grade grade, std::uint32_t wanted) : grade_(grade), wanted_(wanted) {}

  void begin_frame(const media::FrameInfo& frame) override {
    if (frame.index == wanted_ && !shrunk_) {
      const Size from{frame.width, frame.height};
      const std::uint32_t channels = frame.format == fingerprint::PixelFormat::kGrey8 ? 1 : 3;
      shrinker_.emplace(from, size_of(from, grade_), channels);
    }
  }

  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) override {
    if (shrinker_) {
      shrinker_->add_rows(rows, stride_bytes, count);
    }
  }

  void end_frame() override {
    if (shrinker_) {
      shrunk_ = shrinker_->take();
      shrinker_.reset();
    }
  }

  [[nodiscard]] std::optional<Picture> take() && { return std::move(shrunk_); }

 private:
  Grade grade_;
  std::uint32_t wanted_;
  std::optional<Shrinker> shrinker_;
  std::optional<Picture> shrunk_;
};

}  // namespace

std::string_view to_string(Grade grade) noexcept {
  switch (grade) {
    case Grade::kOutline:
      return "outline";
    case Grade::kMosaic:
      return "mosaic";
    case Grade::kGreyBlurred:
      return "grey_blurred";
    case Grade::kGreySmall:
      return "grey_small";
    case Grade::kFull:
      return "full";
  }
  return "";
}

Result<Grade> parse_grade(std::string_view text) {
  const auto* const found = std::find_if(
      kGrades.begin(), kGrades.end(), [&](Grade grade) { return to_string(grade) == text; });
  if (found == kGrades.end()) {
    return Error{ErrorKind::kInvalidInput,
                 "redact.bad_grade",
                 "a grade is one of outline, mosaic, grey_blurred, grey_small, full"};
  }
  return *found;
}

Bounds bounds_of(Grade grade) noexcept {
  switch (grade) {
    case Grade::kOutline:
      return {.side_max = 48, .channels_max = 1};
    case Grade::kMosaic:
      return {.side_max = 16, .channels_max = 3};
    case Grade::kGreyBlurred:
      return {.side_max = 64, .channels_max = 1};
    case Grade::kGreySmall:
      return {.side_max = 160, .channels_max = 1};
    case Grade::kFull:
      return {.side_max = 2048, .channels_max = 3};
  }
  return {};
}

Result<View> render(ByteView bytes, const media::Limits& limits, Grade grade, std::uint32_t frame) {
  if (frame >= std::max(limits.frames_max, 1U)) {
    return Error{ErrorKind::kNotFound, "redact.no_frame", "the frame is over the limit frames_max"};
  }
  media::Limits enough = limits;
  enough.frames_max = frame + 1;
  ShrinkingSink sink(grade, frame);
  TUTELA_TRY_ASSIGN(const media::DecodeReport report, media::decode(bytes, enough, sink));
  std::optional<Picture> shrunk = std::move(sink).take();
  if (!shrunk) {
    return Error{
        ErrorKind::kNotFound, "redact.no_frame", "the item has no such frame that can be decoded"};
  }
  return View{.picture = apply(*std::move(shrunk), grade),
              .frames_total = report.frames_total,
              .damaged = report.damaged};
}

}  // namespace tutela::redact
