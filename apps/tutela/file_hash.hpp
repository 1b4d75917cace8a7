// FileHash: everything there is to know of one file's bytes: digests and fingerprints, computed by
// the sandboxed workers. Plain values; hash_file() is thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.hpp"
#include "crypto/digest.hpp"
#include "engine/inspect/inspect.hpp"
#include "service/workers/workers.hpp"

namespace tutela::cli {

struct FileHash {
  std::filesystem::path path;
  std::optional<crypto::Digests> digests;  // absent when it could not be read to its end
  Result<inspect::Inspection> inspection;  // or why there is none
};

/// Reads and fingerprints a file; "-" is standard input. The inspection's errors are those of
/// Workers::inspect, "file.unreadable", "file.not_regular" and "media.too_large" (with digests).
[[nodiscard]] FileHash hash_file(workers::Workers& workers,
                                 const std::filesystem::path& path,
                                 std::uint64_t size_bytes_max);

/// Opens a regular file for reading without following a last symbolic link where `follow` is
/// false, and without waiting on pipes. Errors: "file.unreadable", "file.not_regular".
enum class Links : std::uint8_t { kFollow, kRefuse };
Result<Fd> open_regular(const std::filesystem::path& path, Links links);

}  // namespace tutela::cli
