// The Reader of S3: ranges of one object, the footer at its end.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "custody/blobs/format.hpp"
#include "custody/blobs/s3_objects.hpp"

namespace tutela::blobs {
namespace {

constexpr std::uint64_t kRange = std::uint64_t{8} << 20;

class S3Reader final : public Reader {
 public:
  S3Reader(S3Objects& objects, std::string name, S3Range first)
      : objects_(objects),
        name_(std::move(name)),
        size_(first.size_bytes - kFooterSize),
        range_(std::move(first)) {}

  Result<std::size_t> read(std::span<std::byte> out) override {
    if (failed_) {
      return *failed_;
    }
    Result<std::size_t> got = read_more(out);
    if (!got) {
      failed_ = got.error();
      range_.bytes = {};
    }
    return got;
  }

  [[nodiscard]] std::uint64_t size_bytes() const noexcept override { return size_; }

 private:
  Result<std::size_t> read_more(std::span<std::byte> out) {
    if (out.empty()) {
      return 0;
    }
    if (at_ == size_) {
      TUTELA_TRY(compare());
      return 0;
    }
    if (at_ == range_from_ + range_.bytes.size()) {
      TUTELA_TRY(fetch());
    }
    const ByteView here =
        ByteView(range_.bytes).subspan(static_cast<std::size_t>(at_ - range_from_));
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>({out.size(), here.size(), size_ - at_}));
    std::copy_n(here.begin(), count, out.begin());
    checksum_.update(here.first(count));
    at_ += count;
    return count;
  }

  // The next range begins where this one ends, or where the footer does.
  Status fetch() {
    TUTELA_TRY_ASSIGN(S3Range next, objects_.get(name_, at_, kRange, range_.etag));
    if (next.size_bytes != size_ + kFooterSize || next.bytes.empty()) {
      return corrupt();
    }
    range_ = std::move(next);
    range_from_ = at_;
    return ok();
  }

  Status compare() {
    if (range_from_ + range_.bytes.size() != size_ + kFooterSize) {
      TUTELA_TRY(fetch());
    }
    const Footer footer = checksum_.footer();
    const ByteView there =
        ByteView(range_.bytes).subspan(static_cast<std::size_t>(size_ - range_from_));
    if (!std::equal(there.begin(), there.end(), footer.begin(), footer.end())) {
      return corrupt();
    }
    return ok();
  }

  S3Objects& objects_;
  const std::string name_;
  const std::uint64_t size_;
  S3Range range_;
  std::uint64_t range_from_ = 0;
  std::uint64_t at_ = 0;
  Checksum checksum_;
  std::optional<Error> failed_;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_s3_reader(S3Objects& objects, std::string name) {
  TUTELA_TRY_ASSIGN(S3Range first, objects.get(name, 0, kRange, ""));
  if (first.size_bytes < kFooterSize || first.bytes.empty()) {
    return corrupt();
  }
  return std::unique_ptr<Reader>(
      std::make_unique<S3Reader>(objects, std::move(name), std::move(first)));
}

}  // namespace tutela::blobs
