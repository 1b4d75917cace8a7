#include "custody/blobs/format.hpp"

#include <algorithm>
#include <cstring>

#include <xxhash.h>

#include "base/check.hpp"

namespace tutela::blobs {
namespace {

constexpr std::string_view kMagic("tutela-blob-1\0\0\0", 16);
constexpr std::size_t kSizeAt = 16;
constexpr std::size_t kSumAt = 24;
constexpr std::size_t kCheckAt = 40;

struct FreeState {
  void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
};

XXH64_canonical_t check_of(ByteView footer) {
  XXH64_canonical_t canonical;
  XXH64_canonicalFromHash(&canonical, XXH3_64bits(footer.data(), kCheckAt));
  return canonical;
}

bool good_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

}  // namespace

Status check_name(std::string_view name) {
  bool good = !name.empty() && name.size() <= kNameSizeMax;
  for (std::size_t at = 0; good && at <= name.size();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    const std::string_view part = name.substr(at, end - at);
    good = !part.empty() && part != "." && part != ".." &&
           std::all_of(part.begin(), part.end(), good_character);
    at = end + 1;
  }
  if (!good) {
    return Error{ErrorKind::kInvalidInput,
                 "blob.bad_name",
                 "a blob's name is 1 to 128 of a-z 0-9 / . -, and a path without . and .."};
  }
  return ok();
}

struct Checksum::State {
  std::unique_ptr<XXH3_state_t, FreeState> xxh{XXH3_createState()};
};

Checksum::Checksum() : state_(std::make_unique<State>()) {
  TUTELA_CHECK(state_->xxh != nullptr && XXH3_128bits_reset(state_->xxh.get()) == XXH_OK);
}

Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;
Checksum::~Checksum() = default;

void Checksum::update(ByteView bytes) {
  if (!bytes.empty()) {
    TUTELA_CHECK(XXH3_128bits_update(state_->xxh.get(), bytes.data(), bytes.size()) == XXH_OK);
    size_ += bytes.size();
  }
}

Footer Checksum::footer() const {
  Footer footer{};
  std::memcpy(footer.data(), kMagic.data(), kMagic.size());
  for (std::size_t i = 0; i < 8; ++i) {
    footer[kSizeAt + i] = static_cast<std::byte>(size_ >> (8 * i));
  }
  XXH128_canonical_t sum;
  XXH128_canonicalFromHash(&sum, XXH3_128bits_digest(state_->xxh.get()));
  std::memcpy(footer.data() + kSumAt, &sum, sizeof sum);
  const XXH64_canonical_t check = check_of(footer);
  std::memcpy(footer.data() + kCheckAt, &check, sizeof check);
  return footer;
}

Result<std::uint64_t> footer_size_bytes(ByteView footer) {
  if (footer.size() != kFooterSize ||
      std::memcmp(footer.data(), kMagic.data(), kMagic.size()) != 0) {
    return corrupt();
  }
  const XXH64_canonical_t check = check_of(footer);
  if (std::memcmp(footer.data() + kCheckAt, &check, sizeof check) != 0) {
    return corrupt();
  }
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    size |= std::to_integer<std::uint64_t>(footer[kSizeAt + i]) << (8 * i);
  }
  return size;
}

Bytes with_footer(ByteView bytes) {
  Checksum checksum;
  checksum.update(bytes);
  const Footer footer = checksum.footer();
  Bytes all(bytes.begin(), bytes.end());
  all.insert(all.end(), footer.begin(), footer.end());
  return all;
}

Error missing() {
  return Error{ErrorKind::kNotFound, "blob.missing", "there is no such blob"};
}

Error corrupt() {
  return Error{ErrorKind::kCorrupted,
               "blob.corrupt",
               "a blob's bytes are not those that were written; restore it from a backup"};
}

Error full() {
  return Error{ErrorKind::kLimitExceeded,
               "blob.full",
               "the store of blobs is full; give it a larger disk or quota"};
}

Error exists() {
  return Error{ErrorKind::kConflict, "blob.exists", "there is a blob of this name already"};
}

Error too_large() {
  return Error{ErrorKind::kLimitExceeded, "blob.too_large", "the blob is over the caller's limit"};
}

Error ended() {
  return Error{ErrorKind::kInternal, "blob.ended", "the writer or reader has ended before"};
}

}  // namespace tutela::blobs
