#include "crypto/secret.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/uuid.hpp"

namespace tutela::crypto {
namespace {

void start_sodium() {
  // Idempotent and thread-safe, says the manual.
  TUTELA_CHECK(sodium_init() >= 0);
}

Error bad_file(std::string_view what) {
  return Error{ErrorKind::kInvalidInput, "key.bad_file", "the key file " + std::string(what)};
}

Result<Key> parse_key(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  std::array<std::byte, 32> bytes{};
  const bool good = parse_hex(text, bytes).has_value();
  Result<Key> key = good
                        ? Key::from_bytes(bytes)
                        : Result<Key>(bad_file(
                              "does not hold 64 hex digits; restore it from your backup (a new key "
                              "cannot open what the old one sealed)"));
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

// The whole file under another name first; link() then gives it its name only if nobody else was
// quicker, so no reader ever sees a part of a key and no two processes keep different ones.
Status create_key_file(const std::filesystem::path& path) {
  const Key key = Key::random();
  std::string hex = to_hex(key.bytes()) + "\n";
  const std::filesystem::path temporary =
      path.string() + ".new-" + to_string(new_uuid(SystemClock().now_ms()));
  const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  Status status = fd.valid() ? write_all(fd.get(), as_bytes(hex))
                             : system_error("file.write_failed", "create the key file");
  sodium_memzero(hex.data(), hex.size());
  if (!fd.valid()) {
    return status;
  }
  if (status && ::fsync(fd.get()) != 0) {
    status = system_error("file.sync_failed", "fsync the key file");
  }
  if (status && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    status = system_error("file.write_failed", "name the key file");
  }
  ::unlink(temporary.c_str());
  TUTELA_TRY(std::move(status));
  return sync_folder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

}  // namespace

void Key::WipeAndFree::operator()(std::byte* bytes) const noexcept {
  sodium_free(bytes);
}

Key::Key() {
  start_sodium();
  bytes_.reset(static_cast<std::byte*>(sodium_malloc(kSize)));
  TUTELA_CHECK(bytes_ != nullptr);
}

Key Key::random() {
  Key key;
  randombytes_buf(key.bytes_.get(), kSize);
  return key;
}

Result<Key> Key::from_bytes(ByteView bytes) {
  if (bytes.size() != kSize) {
    return Error{ErrorKind::kInvalidInput, "key.bad_length", "a key has exactly 32 bytes"};
  }
  Key key;
  std::copy(bytes.begin(), bytes.end(), key.bytes_.get());
  return key;
}

Result<Key> load_key(const std::filesystem::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    return system_error("file.unreadable", "open the key file");
  }

  struct stat info {};

  if (::fstat(fd.get(), &info) != 0) {
    return system_error("file.unreadable", "stat the key file");
  }
  if (!S_ISREG(info.st_mode)) {
    return bad_file("is not a regular file");
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return bad_file(
        "is open to its group or to others: run chmod 600 on it, and replace the key if "
        "anybody may have read it");
  }
  std::array<char, 80> text{};
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error("file.unreadable", "read the key file");
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
  }
  Result<Key> key = parse_key(std::string_view(text.data(), size));
  sodium_memzero(text.data(), text.size());
  return key;
}

Result<Key> load_or_create_key(const std::filesystem::path& path) {
  Result<Key> key = load_key(path);
  if (key || key.error().kind != ErrorKind::kNotFound) {
    return key;
  }
  TUTELA_TRY(create_key_file(path));
  return load_key(path);
}

void random_bytes(std::span<std::byte> out) {
  start_sodium();
  if (!out.empty()) {
    randombytes_buf(out.data(), out.size());
  }
}

bool equal_constant_time(ByteView left, ByteView right) noexcept {
  return left.size() == right.size() &&
         (left.empty() || sodium_memcmp(left.data(), right.data(), left.size()) == 0);
}

}  // namespace tutela::crypto
