// Blobs: sealed objects by name, in a folder or in S3. What is stored is opaque here: the vault
// seals it before.
//
// A blob is whole and durable or absent, and never changed in place. Thread-safe; a Writer or a
// Reader belongs to one caller and must not outlive its Blobs.
//
// Names are "a-z0-9/.-", at most 128 bytes, parts of a path that is never "." or "..": they tell
// nothing of the content.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela::blobs {

/// What every store answers. Errors: kNotFound "blob.missing"; kCorrupted "blob.corrupt" (its bytes
/// are not those that were written); kLimitExceeded "blob.full"; kUnavailable "blob.unavailable"
/// (try again); kForbidden "blob.refused" (credentials) and "blob.locked" (an object lock);
/// kConflict "blob.exists"; kInvalidInput "blob.bad_name".
class Writer {
 public:
  virtual ~Writer() = default;  // what was not finished leaves nothing behind
  virtual Status append(ByteView bytes) = 0;
  /// Returns when the blob is durable under its name. May be called once.
  virtual Status finish() = 0;
};

class Reader {
 public:
  virtual ~Reader() = default;
  /// Up to `out.size()` bytes; 0 at the end. The checksum of the whole is compared at the end.
  virtual Result<std::size_t> read(std::span<std::byte> out) = 0;
  [[nodiscard]] virtual std::uint64_t size_bytes() const noexcept = 0;
};

/// What one pass over blobs found. Names of bad ones are in the order in which they were met.
struct Scrub {
  std::uint64_t blobs = 0;
  std::uint64_t size_bytes = 0;
  std::vector<std::string> corrupt;
};

class Blobs {
 public:
  virtual ~Blobs() = default;

  /// A new blob. `lock_until_ms`: where the store can lock objects, nobody deletes it before.
  virtual Result<std::unique_ptr<Writer>> create(std::string_view name,
                                                 std::optional<UtcMs> lock_until_ms = {}) = 0;
  virtual Result<std::unique_ptr<Reader>> open(std::string_view name) = 0;
  /// Writes a small blob (at most 64 KiB), in place of an earlier one: the old or the new is there.
  virtual Status replace(std::string_view name, ByteView bytes) = 0;
  /// Reads a blob of at most `size_bytes_max`; kLimitExceeded "blob.too_large".
  virtual Result<Bytes> get(std::string_view name, std::uint64_t size_bytes_max) = 0;
  /// Removing what is not there is success. Returns when it is durably gone.
  virtual Status remove(std::string_view name) = 0;
  /// Names that begin with `prefix`, in ascending order; an error of `on_name` ends it.
  virtual Status list(std::string_view prefix,
                      const std::function<Status(std::string_view name)>& on_name) = 0;
  /// Reads blobs under `prefix` and compares their checksums, until `stop_requested`.
  virtual Result<Scrub> scrub(std::string_view prefix,
                              const std::function<bool()>& stop_requested,
                              const std::function<void(const Scrub&)>& on_progress) = 0;
};

}  // namespace tutela::blobs
