// Secrets: keys that wipe themselves, random bytes, comparison in constant time.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::crypto {

/// A 256-bit key. Wiped when destroyed, moved from, never copied, never printed or compared.
class Key {
 public:
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  Key(Key&& other) noexcept;
  Key& operator=(Key&& other) noexcept;
  ~Key();

  /// From the kernel's random source.
  [[nodiscard]] static Key random();

  /// Errors: kInvalidInput "key.bad_length" unless exactly 32 bytes.
  static Result<Key> from_bytes(ByteView bytes);

  [[nodiscard]] ByteView bytes() const noexcept { return bytes_; }

 private:
  Key() = default;
  std::array<std::byte, 32> bytes_{};
};

/// Reads the 64 hex digits of a key file, or, when the file is absent, makes one (mode 0600,
/// durable). Errors: "key.bad_file" (also when others may read it), "file.*".
Result<Key> load_or_create_key(const std::filesystem::path& path);

void random_bytes(std::span<std::byte> out);

/// Without early exit. Different lengths are unequal.
[[nodiscard]] bool equal_constant_time(ByteView left, ByteView right) noexcept;

}  // namespace tutela::crypto
