#include "engine/redact/redact.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/redact/grades.hpp"
#include "engine/redact/shrink.hpp"

namespace tutela::redact {

namespace {

// While it is not known how many frames there are, so many are kept, spread evenly.
constexpr std::size_t kKeptMax = 8 * kSheetTilesMax;

/// Shrinks the one frame that is wanted, or all of them; keeps few.
class ShrinkingSink final : public media::FrameSink {
 public:
  explicit ShrinkingSink(const Request& request) : request_(request) {}

  void begin_frame(const media::FrameInfo& frame) override {
    const bool wanted = request_.is_sheet() ||
                        (frame.index == static_cast<std::uint32_t>(request_.frame) && !last_);
    if (wanted) {
      const Size from{frame.width, frame.height};
      const std::uint32_t channels = frame.format == fingerprint::PixelFormat::kGrey8 ? 1 : 3;
      index_ = frame.index;
      shrinker_.emplace(from, size_of(from, request_.grade), channels);
    }
  }

  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) override {
    if (shrinker_) {
      shrinker_->add_rows(rows, stride_bytes, count);
    }
  }

  void end_frame() override {
    if (shrinker_) {
      keep({index_, shrinker_->take()});
      shrinker_.reset();
    }
  }

  /// Up to kSheetTilesMax, the first and the last among them; empty where there was no such frame.
  [[nodiscard]] std::vector<Tile> take() && {
    if (last_) {
      kept_.push_back(*std::move(last_));
    }
    if (kept_.size() <= kSheetTilesMax) {
      return std::move(kept_);
    }
    std::vector<Tile> spread;
    for (std::size_t i = 0; i < kSheetTilesMax; ++i) {
      const std::size_t gaps = kSheetTilesMax - 1;
      spread.push_back(std::move(kept_[(i * (kept_.size() - 1) + gaps / 2) / gaps]));
    }
    return spread;
  }

 private:
  /// The newest waits in last_ until one comes after it.
  void keep(Tile tile) {
    if (last_ && seen_++ % step_ == 0) {
      kept_.push_back(*std::move(last_));
    }
    last_ = std::move(tile);
    if (kept_.size() == kKeptMax) {
      for (std::size_t i = 0; i < kKeptMax / 2; ++i) {
        kept_[i] = std::move(kept_[2 * i]);
      }
      kept_.resize(kKeptMax / 2);
      step_ *= 2;
    }
  }

  Request request_;
  std::uint32_t index_ = 0;
  std::optional<Shrinker> shrinker_;
  std::vector<Tile> kept_;  // every step_-th
  std::optional<Tile> last_;
  std::size_t seen_ = 0;
  std::size_t step_ = 1;
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

Status check_request(const Request& request) {
  if (request.is_sheet() && request.grade == Grade::kFull) {
    return Error{ErrorKind::kInvalidInput,
                 "redact.sheet_full",
                 "full is one frame at a time: ask for a frame, or for a sheet of a lesser grade"};
  }
  return ok();
}

Result<View> render(ByteView bytes, const media::Limits& limits, const Request& request) {
  TUTELA_TRY(check_request(request));
  media::Limits enough = limits;
  if (!request.is_sheet()) {
    const std::int64_t frames_max = std::max(limits.frames_max, 1U);
    if (request.frame < 0 || request.frame >= frames_max) {
      return Error{
          ErrorKind::kNotFound, "redact.no_frame", "the frame is over the limit frames_max"};
    }
    enough.frames_max = static_cast<std::uint32_t>(request.frame) + 1;
  }
  ShrinkingSink sink(request);
  TUTELA_TRY_ASSIGN(const media::DecodeReport report, media::decode(bytes, enough, sink));
  View view{.tiles = std::move(sink).take(),
            .frames_total = report.frames_total,
            .damaged = report.damaged};
  if (view.tiles.empty()) {
    return Error{
        ErrorKind::kNotFound, "redact.no_frame", "the item has no such frame that can be decoded"};
  }
  for (Tile& tile : view.tiles) {
    tile.picture = apply(std::move(tile.picture), request.grade);
  }
  return view;
}

}  // namespace tutela::redact
