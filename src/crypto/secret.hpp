// Secrets: keys that wipe themselves, random bytes, comparison in constant time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::crypto {

/// A 256-bit key in pages of its own: locked where the system allows it, left out of core dumps,
/// wiped when destroyed. Never copied, printed or compared.
class Key {
 public:
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  Key(Key&&) noexcept = default;
  Key& operator=(Key&&) noexcept = default;
  ~Key() = default;

  /// From the kernel's random source.
  [[nodiscard]] static Key random();

  /// Errors: kInvalidInput "key.bad_length" unless exactly 32 bytes.
  static Result<Key> from_bytes(ByteView bytes);

  /// 32 bytes; empty after a move.
  [[nodiscard]] ByteView bytes() const noexcept {
    return bytes_ == nullptr ? ByteView{} : ByteView(bytes_.get(), kSize);
  }

 private:
  static constexpr std::size_t kSize = 32;

  struct WipeAndFree {
    void operator()(std::byte* bytes) const noexcept;
  };

  Key();
  std::unique_ptr<std::byte[], WipeAndFree> bytes_;
};

/// Reads the 64 hex digits of a key file.
/// Errors: kInvalidInput "key.bad_file" (also when group or others may read or write it), "file.*".
Result<Key> load_key(const std::filesystem::path& path);

/// Reads the 64 hex digits of a key file, or, when the file is absent, makes one (mode 0600,
/// durable). Processes that start at once agree on one key.
/// Errors: kInvalidInput "key.bad_file" (also when group or others may read or write it), "file.*".
Result<Key> load_or_create_key(const std::filesystem::path& path);

/// From the kernel's random source.
void random_bytes(std::span<std::byte> out);

/// Without early exit. Different lengths are unequal.
[[nodiscard]] bool equal_constant_time(ByteView left, ByteView right) noexcept;

}  // namespace tutela::crypto
