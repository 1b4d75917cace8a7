// A key-encryption key in a PKCS#11 token: an AES key that never leaves it. Internal to the vault.
//
// Wraps with CKM_AES_GCM (12 random bytes, the sealed key, 16 bytes of tag; the purpose is
// additional data). The token's module stays loaded until the process ends. Source: OASIS PKCS #11
// 2.40; tested with SoftHSM 2.6.1.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "custody/vault/keys.hpp"

namespace tutela::vault {

struct Pkcs11Source {
  std::filesystem::path module;
  std::string token;   // its label
  std::string object;  // the key's label
  std::filesystem::path pin_file;
};

/// "/module.so?token=LABEL&object=LABEL&pin-file=/path"; "%26" stands for "&" and so on.
/// Error: kInvalidInput "vault.bad_key_source".
Result<Pkcs11Source> parse_pkcs11_source(std::string_view text);

/// Logs in and finds the key. Errors: kUnavailable "vault.token" (module, token, PIN, key);
/// kInvalidInput "key.bad_file" (others may read the PIN).
Result<std::unique_ptr<KeyEncryptionKey>> open_pkcs11_key(const Pkcs11Source& source);

}  // namespace tutela::vault
