// DrillPictures: harmless generated pictures that a drill sends: variants of some that its list
// knows from the start, of some that it learns during the drill, and of some that it never knows.
// Plain values and pure functions, but for the signals, which the sandboxed workers compute.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "service/workers/workers.hpp"

namespace tutela::cli {

enum class DrillKind : std::uint8_t { kKnown, kLate, kUnknown };

struct DrillPictures {
  std::vector<Bytes> known;
  std::vector<Bytes> late;
  std::vector<Bytes> unknown;

  [[nodiscard]] const std::vector<Bytes>& of(DrillKind kind) const noexcept;
};

/// Takes about a second.
[[nodiscard]] DrillPictures make_drill_pictures();

/// PDQs of the originals, in hex; `folder` is written to.
Result<std::vector<std::string>> drill_signals(workers::Workers& workers,
                                               DrillKind kind,
                                               const std::filesystem::path& folder);

/// The same picture in bytes that were never seen: a JPEG with a comment.
[[nodiscard]] Bytes with_comment(ByteView jpeg, std::string_view comment);

}  // namespace tutela::cli
