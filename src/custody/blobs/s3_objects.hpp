// The objects of one bucket: what Writer, Reader and Blobs of S3 do with requests.
//
// Internal to the module. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/blobs/s3_answers.hpp"
#include "custody/blobs/s3_blobs.hpp"
#include "custody/blobs/s3_client.hpp"

namespace tutela::blobs {

/// What was stored: enough to know it again.
struct S3Range {
  Bytes bytes;
  std::uint64_t size_bytes = 0;  // of the whole object
  std::string etag;
};

class S3Objects {
 public:
  /// Asks about versions and locks.
  static Result<std::unique_ptr<S3Objects>> open(S3Options options);

  [[nodiscard]] const S3Options& options() const noexcept { return options_; }

  Result<bool> exists(std::string_view key);
  /// A whole object. kNewOnly: error "blob.exists"; kReplace: earlier versions go.
  enum class Put : std::uint8_t { kNewOnly, kReplace };
  Status put(std::string_view key, ByteView body, Put how, std::optional<UtcMs> lock_until_ms);
  /// Locks what is stored: radosgw forgets the lock that an upload of parts was begun with.
  Status lock_stored(std::string_view key, UtcMs until_ms);
  /// Removes what is older than the newest version. Does nothing without versions.
  Status remove_earlier(std::string_view key, std::string_view than_version);
  Status remove(std::string_view key);
  /// At most `size` bytes from `from` on; of the object with this etag, where it is not empty.
  Result<S3Range> get(std::string_view key,
                      std::uint64_t from,
                      std::uint64_t size,
                      const std::string& etag);
  Result<S3Listing> list(std::string_view prefix, const std::string& next);

  Result<std::string> begin_upload(std::string_view key, std::optional<UtcMs> lock_until_ms);
  /// Returns the part's etag.
  Result<std::string> put_part(std::string_view key,
                               const std::string& upload,
                               std::size_t number,
                               ByteView body);
  /// `footer`: what the object ends with, should the server have completed and not told.
  Status complete_upload(std::string_view key,
                         const std::string& upload,
                         const std::vector<std::string>& etags,
                         ByteView footer);
  Status abort_upload(std::string_view key, const std::string& upload);
  /// Ends the uploads that were begun before.
  Status abort_abandoned(UtcMs begun_before_ms);

 private:
  S3Objects(S3Options options, std::unique_ptr<S3Client> client);
  S3Request request(std::string method, std::string_view key) const;
  void lock(S3Request& request, std::optional<UtcMs> lock_until_ms) const;
  Status learn();
  void learn_from(const S3Answer& answer);
  Result<bool> ends_with(std::string_view key, ByteView footer);
  Result<std::vector<S3Version>> versions_of(std::string_view key);
  Status remove_version(const S3Version& version);
  Result<bool> is_locked(const S3Version& version);

  const S3Options options_;
  const std::unique_ptr<S3Client> client_;
  std::atomic<bool> versioned_ = false;
  std::atomic<bool> conditional_ = true;  // until the server says that it has no conditional PUT
};

Result<std::unique_ptr<Writer>> make_s3_writer(S3Objects& objects,
                                               std::string name,
                                               std::optional<UtcMs> lock_until_ms);
Result<std::unique_ptr<Reader>> open_s3_reader(S3Objects& objects, std::string name);

}  // namespace tutela::blobs
