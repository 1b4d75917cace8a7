#include "custody/blobs/s3_blobs.hpp"

#include <string>
#include <utility>

#include "custody/blobs/format.hpp"
#include "custody/blobs/s3_objects.hpp"
#include "custody/blobs/whole.hpp"

namespace tutela::blobs {
namespace {

constexpr int kEmptyPagesMax = 1000;

Error no_list() {
  return Error{ErrorKind::kUnavailable,
               "blob.unavailable",
               "the S3 server's list of objects is out of order or does not end"};
}

class S3Blobs final : public Blobs {
 public:
  explicit S3Blobs(std::unique_ptr<S3Objects> objects) : objects_(std::move(objects)) {}

  Result<std::unique_ptr<Writer>> create(std::string_view name,
                                         std::optional<UtcMs> lock_until_ms) override {
    TUTELA_TRY(check_name(name));
    return make_s3_writer(*objects_, std::string(name), lock_until_ms);
  }

  Result<std::unique_ptr<Reader>> open(std::string_view name) override {
    TUTELA_TRY(check_name(name));
    return open_s3_reader(*objects_, std::string(name));
  }

  Status replace(std::string_view name, ByteView bytes) override {
    TUTELA_TRY(check_name(name));
    if (bytes.size() > kReplaceSizeMax) {
      return too_large();
    }
    return objects_->put(name, with_footer(bytes), S3Objects::Put::kReplace, std::nullopt);
  }

  Result<Bytes> get(std::string_view name, std::uint64_t size_bytes_max) override {
    TUTELA_TRY_ASSIGN(const std::unique_ptr<Reader> reader, open(name));
    return read_whole(*reader, size_bytes_max);
  }

  Status remove(std::string_view name) override {
    TUTELA_TRY(check_name(name));
    return objects_->remove(name);
  }

  Status list(std::string_view prefix,
              const std::function<Status(std::string_view name)>& on_name) override {
    std::string next;
    std::string last;
    int empty_pages = 0;
    do {
      TUTELA_TRY_ASSIGN(S3Listing page, objects_->list(prefix, next));
      for (const std::string& key : page.keys) {
        if (key <= last || !key.starts_with(prefix)) {
          return no_list();
        }
        last = key;
        if (check_name(key)) {  // the bucket may hold what is not ours
          TUTELA_TRY(on_name(key));
        }
      }
      empty_pages = page.keys.empty() ? empty_pages + 1 : 0;
      if (empty_pages > kEmptyPagesMax) {
        return no_list();
      }
      next = std::move(page.next);
    } while (!next.empty());
    return ok();
  }

  Result<Scrub> scrub(std::string_view prefix,
                      const std::function<bool()>& stop_requested,
                      const std::function<void(const Scrub&)>& on_progress) override {
    return scrub_blobs(
        *this, prefix, objects_->options().scrub_bytes_per_second, stop_requested, on_progress);
  }

 private:
  const std::unique_ptr<S3Objects> objects_;
};

}  // namespace

Result<std::unique_ptr<Blobs>> open_s3(S3Options options) {
  const std::int64_t abandoned_after_ms = options.abandoned_after_ms;
  TUTELA_TRY_ASSIGN(auto objects, S3Objects::open(std::move(options)));
  TUTELA_TRY(objects->abort_abandoned(SystemClock().now_ms() - abandoned_after_ms));
  return std::unique_ptr<Blobs>(std::make_unique<S3Blobs>(std::move(objects)));
}

}  // namespace tutela::blobs
