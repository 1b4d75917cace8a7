// Age: a stream encrypted to public keys, as https://age-encryption.org/v1 (C2SP age) says. What
// it writes, any age program decrypts; nothing here decrypts.
//
// X25519 recipients only. 64 KiB chunks of ChaCha20-Poly1305: truncated, changed and appended bytes
// are detected by the reader. Memory is one chunk. An encryptor is not thread-safe; one per file.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::crypto {

/// A public key, "age1...": lower case, with its checksum.
class AgeRecipient {
 public:
  /// Errors: kInvalidInput "age.bad_recipient" (mistyped, or another kind of key) and
  /// "age.weak_recipient" (a point that gives everybody the same secret).
  static Result<AgeRecipient> parse(std::string_view text);

  [[nodiscard]] const std::array<std::byte, 32>& point() const noexcept { return point_; }

  [[nodiscard]] std::string text() const;

 private:
  explicit AgeRecipient(const std::array<std::byte, 32>& point) : point_(point) {}

  std::array<std::byte, 32> point_;
};

/// Fills with random bytes; tests give known ones.
using FillRandom = std::function<void(std::span<std::byte>)>;

/// Encrypts. Output is appended to the caller's buffer: the header first.
class AgeEncryptor {
 public:
  /// 1 to 20 recipients, each of whom can decrypt alone. `random`, where given, is asked for the
  /// file key, then for one secret a recipient, then for the nonce.
  explicit AgeEncryptor(std::span<const AgeRecipient> recipients, const FillRandom& random = {});
  AgeEncryptor(AgeEncryptor&&) noexcept;
  AgeEncryptor& operator=(AgeEncryptor&&) noexcept;
  ~AgeEncryptor();

  /// Takes plain bytes of any size; appends whole encrypted chunks to `out` as they fill.
  void update(ByteView plain, Bytes& out);
  /// Ends the file; without it nobody's age takes it for whole.
  void finish(Bytes& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tutela::crypto
