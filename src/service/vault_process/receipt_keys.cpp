#include "service/vault_process/receipt_keys.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/fault.hpp"
#include "base/file.hpp"
#include "crypto/secret.hpp"
#include "watch/receipts/receipts.hpp"

namespace tutela::vault_process {

namespace {

/// The public keys that were there before; none where there is no file yet.
Result<std::vector<crypto::PublicKey>> read_set(const std::filesystem::path& path) {
  const auto bytes = read_file(path, receipts::kKeySetBytesMax);
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound) {
    return std::vector<crypto::PublicKey>();
  }
  TUTELA_TRY(bytes);
  auto keys = receipts::parse_key_set(as_text(*bytes));
  if (!keys) {
    return Error{ErrorKind::kCorrupted,
                 "receipt.bad_key_file",
                 "receipt-keys.json in the vault's folder is damaged; put it back from a backup, "
                 "or move it away: then only the present key is published, and receipts of older "
                 "ones cannot be checked by it"};
  }
  return keys;
}

}  // namespace

Result<ReceiptKeys> ReceiptKeys::open(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "receipt-keys.json";
  TUTELA_TRY_ASSIGN(std::vector<crypto::PublicKey> keys, read_set(path));
  TUTELA_TRY_ASSIGN(crypto::Key seed, crypto::load_or_create_key(folder / "receipt.key"));
  TUTELA_FAULT_POINT("vault_process.after_receipt_key");
  crypto::SigningKey key(std::move(seed));
  if (keys.empty() || keys.front() != key.public_key()) {
    std::erase(keys, key.public_key());
    keys.insert(keys.begin(), key.public_key());
    if (keys.size() > receipts::kKeysMax) {
      return Error{ErrorKind::kLimitExceeded,
                   "receipt.too_many_keys",
                   "receipt-keys.json in the vault's folder is full; keep a copy of it for those "
                   "who check old receipts, and move it away"};
    }
    TUTELA_TRY(write_file_atomic(path, as_bytes(receipts::key_set(keys))));
    TUTELA_FAULT_POINT("vault_process.after_receipt_keys");
  }
  return ReceiptKeys(std::move(key), receipts::key_set(keys));
}

}  // namespace tutela::vault_process
