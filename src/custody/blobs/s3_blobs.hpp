// Blobs in a bucket of an S3 server, with the footer of format.hpp; the key is the blob's name.
//
// Requests are signed (SigV4), bodies too; TLS is verified, and without TLS only loopback is spoken
// to. Answers are hostile: bounded, and parsed as such. Requests have time limits and are tried
// again, a bounded number of times, when the server fails or is busy. Large blobs go up in parts,
// visible only when complete; uploads that were abandoned a day ago are ended at open. In a bucket
// with versions remove() removes every version, and replace() every earlier one.
//
// Memory: one part for a Writer, one range (8 MiB) for a Reader. See docs/object-storage.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "custody/blobs/blobs.hpp"

namespace tutela::blobs {

/// Who may shorten or remove an object lock: nobody, or who has the right to.
enum class LockMode : std::uint8_t { kCompliance, kGovernance };

struct S3Options {
  std::string endpoint;  // "https://s3.example.org[:port]"; the bucket is addressed by path
  std::string region = "us-east-1";
  std::string bucket;
  std::string access_key;
  std::string secret_key;
  bool object_lock = false;  // the bucket must have been made with it
  LockMode lock_mode = LockMode::kCompliance;
  std::filesystem::path ca_file;  // certificates to trust instead of the system's
  std::size_t part_size_bytes = std::size_t{16} << 20;  // 5 MiB to 5 GiB; at most 10,000 parts
  std::uint64_t scrub_bytes_per_second = std::uint64_t{32} << 20;  // 0: as fast as it goes
  std::uint32_t attempts_max = 5;
  std::uint32_t connect_timeout_ms = 10'000;
  std::uint32_t request_timeout_ms = 120'000;
  std::int64_t abandoned_after_ms = 86'400'000;
};

/// Asks the server about the bucket, so that wrong settings show at once. Errors: kInvalidInput
/// "s3.bad_settings", "s3.no_object_lock"; kForbidden "blob.refused"; kUnavailable
/// "blob.unavailable" (also: there is no such bucket).
Result<std::unique_ptr<Blobs>> open_s3(S3Options options);

}  // namespace tutela::blobs
