// Any text is read as a receipt, as what was signed, and as a key set: what is taken of a signed
// text writes back the same, and nothing is taken that our key did not sign.
#include <cstdint>
#include <span>
#include <string>

#include "base/check.hpp"
#include "watch/receipts/payload.hpp"
#include "watch/receipts/receipts.hpp"

namespace {

using namespace tutela;
using namespace tutela::receipts;

const crypto::SigningKey& key() {
  static const crypto::SigningKey made(*crypto::Key::from_bytes(Bytes(32, std::byte{7})));
  return made;
}

const std::string& log_key() {
  static const std::string made =
      audit::to_text(audit::VerifierKey{"example.org/audit", key().public_key()});
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(std::as_bytes(std::span(data, size)));
  const std::vector<crypto::PublicKey> keys = {key().public_key()};
  static_cast<void>(verify(text, keys, log_key()));
  if (const auto set = parse_key_set(text)) {
    TUTELA_CHECK(*parse_key_set(key_set(*set)) == *set);
    static_cast<void>(verify(text, *set, log_key()));
  }
  if (const auto statement = parse_payload(text)) {
    TUTELA_CHECK(payload_of(*statement) == text);
    const auto read = verify(sign(*statement, key()), keys, log_key());
    // A proof made up by a fuzzer is of no log that our key signed.
    TUTELA_CHECK(read ? *read == *statement : statement->audit_proof.has_value());
  }
  // The input as the proof of a statement that is good otherwise.
  Statement statement;
  statement.issuer = "example.org/audit";
  statement.audit_proof = "c2sp.org/tlog-proof@v1\n";
  const std::string payload = payload_of(statement);
  statement.audit_proof->append(text);
  if (parse_payload(payload_of(statement))) {
    TUTELA_CHECK(!verify(sign(statement, key()), keys, log_key()));
  }
  return 0;
}
