// ReceiptKeys: the key that signs receipts, and the public ones of all that did before it.
//
// <folder>/receipt.key (mode 0600, made at the first start) and <folder>/receipt-keys.json, a JWK
// set with the present key first. Moving receipt.key away turns keys at the next start; the old
// public one stays in the set, so that what it signed stays good. Immutable; thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "crypto/signature.hpp"

namespace tutela::vault_process {

class ReceiptKeys {
 public:
  /// Nothing is signed by a key before the set that names it is durable.
  /// Errors: kCorrupted "receipt.bad_key_file"; "key.*", "file.*".
  static Result<ReceiptKeys> open(const std::filesystem::path& folder);

  [[nodiscard]] const crypto::SigningKey& key() const noexcept { return key_; }

  /// As receipts::key_set() gives it.
  [[nodiscard]] const std::string& set() const noexcept { return set_; }

 private:
  ReceiptKeys(crypto::SigningKey key, std::string set)
      : key_(std::move(key)), set_(std::move(set)) {}

  crypto::SigningKey key_;
  std::string set_;
};

}  // namespace tutela::vault_process
