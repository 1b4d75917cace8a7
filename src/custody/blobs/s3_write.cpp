// The Writer of S3: one request for what fits in a part, an upload of parts for more.
#include <string>
#include <utility>
#include <vector>

#include "base/fault.hpp"
#include "custody/blobs/format.hpp"
#include "custody/blobs/s3_objects.hpp"

namespace tutela::blobs {
namespace {

constexpr std::size_t kPartsMax = 10'000;

class S3Writer final : public Writer {
 public:
  S3Writer(S3Objects& objects, std::string name, std::optional<UtcMs> lock_until_ms)
      : objects_(objects), name_(std::move(name)), lock_until_ms_(lock_until_ms) {}

  S3Writer(const S3Writer&) = delete;
  S3Writer& operator=(const S3Writer&) = delete;

  ~S3Writer() override { abort(); }

  Status append(ByteView bytes) override {
    if (ended_) {
      return ended();
    }
    checksum_.update(bytes);
    return ended_by(add(bytes));
  }

  Status finish() override {
    if (ended_) {
      return ended();
    }
    Status status = ended_by(store());
    ended_ = true;
    return status;
  }

 private:
  // An upload that cannot be ended now is ended by a later open().
  void abort() {
    if (!upload_.empty()) {
      static_cast<void>(objects_.abort_upload(name_, std::exchange(upload_, {})).has_value());
    }
  }

  Status ended_by(Status status) {
    if (!status) {
      ended_ = true;
      part_ = {};
      abort();
    }
    return status;
  }

  Status add(ByteView bytes) {
    const std::size_t part_size = objects_.options().part_size_bytes;
    while (!bytes.empty()) {
      if (part_.size() == part_size) {
        TUTELA_TRY(send_part());
      }
      const ByteView some = bytes.first(std::min(bytes.size(), part_size - part_.size()));
      part_.insert(part_.end(), some.begin(), some.end());
      bytes = bytes.subspan(some.size());
    }
    return ok();
  }

  Status send_part() {
    if (upload_.empty()) {
      TUTELA_TRY_ASSIGN(upload_, objects_.begin_upload(name_, lock_until_ms_));
      TUTELA_FAULT_POINT("blobs.after_upload_begun");
    }
    if (etags_.size() == kPartsMax) {
      return too_large();
    }
    TUTELA_TRY_ASSIGN(std::string etag,
                      objects_.put_part(name_, upload_, etags_.size() + 1, part_));
    etags_.push_back(std::move(etag));
    part_.clear();
    TUTELA_FAULT_POINT("blobs.after_part");
    return ok();
  }

  Status store() {
    const Footer footer = checksum_.footer();
    TUTELA_TRY(add(footer));
    if (upload_.empty()) {
      TUTELA_TRY(objects_.put(name_, part_, S3Objects::Put::kNewOnly, lock_until_ms_));
      TUTELA_FAULT_POINT("blobs.after_put");
      return ok();
    }
    TUTELA_TRY(send_part());
    // Not every server takes the condition on a completion, so it is asked before.
    TUTELA_TRY_ASSIGN(const bool there, objects_.exists(name_));
    if (there) {
      return exists();
    }
    TUTELA_TRY(objects_.complete_upload(name_, upload_, etags_, footer));
    upload_.clear();
    TUTELA_FAULT_POINT("blobs.after_complete");
    return lock_until_ms_ ? objects_.lock_stored(name_, *lock_until_ms_) : ok();
  }

  S3Objects& objects_;
  const std::string name_;
  const std::optional<UtcMs> lock_until_ms_;
  Checksum checksum_;
  Bytes part_;
  std::string upload_;  // empty until the first part is full
  std::vector<std::string> etags_;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Writer>> make_s3_writer(S3Objects& objects,
                                               std::string name,
                                               std::optional<UtcMs> lock_until_ms) {
  TUTELA_TRY_ASSIGN(const bool there, objects.exists(name));
  if (there) {
    return exists();
  }
  return std::unique_ptr<Writer>(
      std::make_unique<S3Writer>(objects, std::move(name), lock_until_ms));
}

}  // namespace tutela::blobs
