#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "crypto/base64.hpp"
#include "custody/audit/note.hpp"
#include "watch/receipts/payload.hpp"
#include "watch/receipts/read_json.hpp"
#include "watch/receipts/receipts.hpp"

namespace tutela::receipts {

namespace json = boost::json;

namespace {

constexpr std::size_t kDepthMax = 1;
constexpr std::array<std::string_view, 3> kParts = {"payload", "protected", "signature"};

Error bad_format(const std::string& what) {
  return Error{ErrorKind::kInvalidInput, "receipt.bad_format", "this is no receipt: " + what};
}

Error bad_signature(const std::string& what) {
  return Error{ErrorKind::kCorrupted, "receipt.bad_signature", what};
}

Error bad_proof(const std::string& what) {
  return Error{ErrorKind::kCorrupted,
               "receipt.bad_proof",
               "the receipt's place in the audit log is not proved: " + what};
}

struct Parts {
  std::string payload;
  std::string header;
  std::string signature;
};

Result<Parts> parse_parts(std::string_view receipt) {
  if (receipt.size() > kReceiptBytesMax) {
    return bad_format("it is larger than any can be");
  }
  const json::value value = read_json(receipt, kDepthMax);
  if (!value.is_object()) {
    return bad_format("a receipt is one JSON object");
  }
  std::array<std::string, kParts.size()> texts;
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const json::value* const part = value.get_object().if_contains(kParts[i]);
    if (part == nullptr || !part->is_string()) {
      return bad_format("a JWS has payload, protected and signature");
    }
    texts[i] = std::string(part->get_string());
  }
  if (value.get_object().size() != kParts.size() || !has_quotes(receipt, 4 * kParts.size())) {
    return bad_format("it has other members, or one twice");
  }
  return Parts{std::move(texts[0]), std::move(texts[1]), std::move(texts[2])};
}

/// Of the keys, the one that the header names. The header is compared, never read: there is no
/// algorithm to choose.
Result<crypto::PublicKey> key_of(const std::string& encoded_header,
                                 const std::vector<crypto::PublicKey>& keys) {
  for (const crypto::PublicKey& key : keys) {
    if (encoded_header == crypto::to_base64url(as_bytes(header_of(key)))) {
      return key;
    }
  }
  const auto header = crypto::parse_base64url(encoded_header);
  const std::string any = header_of({});
  const std::size_t id_at = any.find(key_id({}));
  const std::string_view text = header ? as_text(*header) : std::string_view();
  if (text.size() == any.size() && text.starts_with(any.substr(0, id_at)) &&
      text.ends_with(any.substr(id_at + key_id({}).size()))) {
    return bad_signature("the receipt names a key that is not in the key set");
  }
  return bad_format("its header is not the one of spec/scan-receipt.md (EdDSA and a key's name)");
}

Status check_signature(const Parts& parts, const crypto::PublicKey& key) {
  const auto bytes = crypto::parse_base64url(parts.signature);
  crypto::Signature signature{};
  if (!bytes || bytes->size() != signature.size()) {
    return bad_format("its signature has not the length of one");
  }
  std::ranges::copy(*bytes, signature.begin());
  if (!crypto::verify(key, as_bytes(parts.header + "." + parts.payload), signature)) {
    return bad_signature("the signature does not fit: the receipt was changed, or is a forgery");
  }
  return ok();
}

/// That the leaf is the entry of this verdict of this item.
Status check_leaf(const Statement& statement, const std::string& leaf) {
  const json::value value = read_json(leaf, kDepthMax);
  if (!value.is_object()) {
    return bad_proof("the entry cannot be read");
  }
  const auto is = [&](std::string_view name, const json::value& wanted) {
    const json::value* const found = value.get_object().if_contains(name);
    return found != nullptr && *found == wanted;
  };
  if (!is("index", statement.audit_index) || !is("action", "content.verdict") ||
      !is("object", json::string("content:" + statement.content_id)) ||
      !is("result", json::string(statement.verdict)) ||
      !is("time", json::string(to_rfc3339(statement.decided_ms)))) {
    return bad_proof("the entry is another than that of this verdict");
  }
  return ok();
}

Status check_proof(const Statement& statement, std::string_view log_key) {
  TUTELA_TRY_ASSIGN(const audit::VerifierKey key, audit::parse_verifier_key(log_key));
  if (key.name != statement.issuer) {
    return bad_proof("the key is that of another log than the issuer's");
  }
  const auto proof = audit::parse_proof(*statement.audit_proof);
  if (!proof) {
    return bad_proof(proof.error().message);
  }
  const auto checkpoint = audit::check_proof(*proof, key);
  if (!checkpoint) {
    return bad_proof(checkpoint.error().message);
  }
  if (proof->index != static_cast<std::uint64_t>(statement.audit_index)) {
    return bad_proof("the proof is of another entry than the receipt says");
  }
  return check_leaf(statement, proof->leaf);
}

}  // namespace

std::string sign(const Statement& statement, const crypto::SigningKey& key) {
  const std::string payload = crypto::to_base64url(as_bytes(payload_of(statement)));
  const std::string header = crypto::to_base64url(as_bytes(header_of(key.public_key())));
  const crypto::Signature signature = key.sign(as_bytes(header + "." + payload));
  return json::serialize(json::object{
      {"payload", payload}, {"protected", header}, {"signature", crypto::to_base64url(signature)}});
}

Result<Statement> verify(std::string_view receipt,
                         const std::vector<crypto::PublicKey>& keys,
                         std::string_view log_key) {
  TUTELA_TRY_ASSIGN(const Parts parts, parse_parts(receipt));
  TUTELA_TRY_ASSIGN(const crypto::PublicKey key, key_of(parts.header, keys));
  TUTELA_TRY(check_signature(parts, key));
  const auto payload = crypto::parse_base64url(parts.payload);
  if (!payload) {
    return bad_format("its payload is no base64url");
  }
  TUTELA_TRY_ASSIGN(Statement statement, parse_payload(as_text(*payload)));
  if (statement.audit_proof) {
    TUTELA_TRY(check_proof(statement, log_key));
  }
  return statement;
}

}  // namespace tutela::receipts
