// Receipts: signed statements that an item was scanned: spec/scan-receipt.md.
//
// A receipt is a JWS (RFC 7515, flattened JSON, EdDSA with Ed25519 of RFC 8037) over a small JSON
// object: the item's id and SHA-256, when it arrived and got its verdict, the verdict's class, the
// lists that were searched (id, version, and the digest that names a list's state; never contents),
// the policy's version, and the entry of the audit log with its proof and checkpoint. It says
// nothing of which list or signal matched. The vault process makes it from the store by itself and
// signs it; whoever asks only names the item. Pure but for statement_of(). Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/signature.hpp"
#include "custody/audit/log.hpp"
#include "custody/store/store.hpp"

namespace tutela::receipts {

inline constexpr std::size_t kReceiptBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kKeySetBytesMax = std::size_t{64} << 10;
inline constexpr std::size_t kListsMax = 2000;
inline constexpr std::size_t kKeysMax = 100;

/// A list as it was when the item was searched for in it.
struct ListSeen {
  std::string id;
  std::int64_t version = 0;  // 0: not known; the step is from before states were kept
  std::string digest;        // of its state, 64 hex digits; empty: not known

  friend bool operator==(const ListSeen&, const ListSeen&) = default;
};

struct Statement {
  std::string issuer;  // the origin of the audit log
  std::string content_id;
  std::string sha256;
  std::string door;
  UtcMs received_ms = 0;
  UtcMs decided_ms = 0;
  std::string verdict;  // match no_match unscannable
  std::string policy_version;
  std::int64_t lists_position = 0;
  std::vector<ListSeen> lists;
  std::int64_t audit_index = 0;
  std::optional<std::string> audit_proof;  // the proof file of the audit log, when it was signed
  UtcMs issued_ms = 0;

  friend bool operator==(const Statement&, const Statement&) = default;
};

/// Of one item. Errors: "content.not_found"; kConflict "receipt.owed" (it has no verdict yet),
/// "receipt.canary"; kCorrupted "receipt.no_entry" (its verdict has no entry in the audit log);
/// kLimitExceeded "receipt.too_many_lists"; those of the audit log, but for "audit.not_sequenced":
/// it has no proof then.
Result<Statement> statement_of(store::Database& database,
                               const audit::LogOptions& log,
                               const std::string& tenant_id,
                               const Uuid& content_id,
                               UtcMs now_ms);

[[nodiscard]] std::string sign(const Statement& statement, const crypto::SigningKey& key);

/// The name of a key: its thumbprint by RFC 7638.
[[nodiscard]] std::string key_id(const crypto::PublicKey& key);
/// The keys as a JWK set (RFC 7517), served at /.well-known/tutela-receipt-keys.json.
[[nodiscard]] std::string key_set(const std::vector<crypto::PublicKey>& keys);
/// Takes what key_set() gives, in any order and with any blanks: every member once and no other.
/// Error: kInvalidInput "receipt.bad_keys".
Result<std::vector<crypto::PublicKey>> parse_key_set(std::string_view json);

/// A receipt whose signature is one of these keys', read as hostile input. When it has a proof:
/// that its entry is this verdict of this item, in the log of the checkpoint that `log_key` signed.
/// Errors: kInvalidInput "receipt.bad_format", "audit.bad_key"; kCorrupted "receipt.bad_signature",
/// "receipt.bad_proof".
Result<Statement> verify(std::string_view receipt,
                         const std::vector<crypto::PublicKey>& keys,
                         std::string_view log_key);

}  // namespace tutela::receipts
