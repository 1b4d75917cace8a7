// Keys: the key-encryption key, which wraps the keys of epochs and never leaves where it is kept.
//
// From a file with mode 0600, from systemd's credentials, or in a PKCS#11 token. Implementations
// are thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace tutela::vault {

class KeyEncryptionKey {
 public:
  virtual ~KeyEncryptionKey() = default;
  /// Tells keys apart without telling anything of them; written beside what they wrapped.
  [[nodiscard]] virtual std::string id() const = 0;
  /// Authenticated: what was wrapped for one `purpose` ("epoch:7") unwraps for no other.
  virtual Result<Bytes> wrap(const crypto::Key& key, std::string_view purpose) = 0;
  /// Error: kCorrupted "vault.bad_key".
  virtual Result<crypto::Key> unwrap(ByteView wrapped, std::string_view purpose) = 0;
};

/// `where` is "file:/path" (made where absent only when `create`), "systemd:name" (a credential of
/// the unit) or "pkcs11:/path/to/module.so?token=LABEL&object=LABEL&pin-file=/path".
/// Errors: kInvalidInput "vault.bad_key_source", "key.bad_file"; kUnavailable "vault.token".
Result<std::unique_ptr<KeyEncryptionKey>> open_key(std::string_view where, bool create);

/// Of 32 bytes that the caller has: out of a backup, say.
[[nodiscard]] std::unique_ptr<KeyEncryptionKey> make_file_key(crypto::Key key);

}  // namespace tutela::vault
