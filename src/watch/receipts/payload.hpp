// Payload: a statement as the JSON that is signed, and the header that goes with a key. Each
// statement and each key has exactly one text, so that whoever reads one compares instead of
// trusting a parser. Internal to receipts. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "watch/receipts/receipts.hpp"

namespace tutela::receipts {

[[nodiscard]] std::string payload_of(const Statement& statement);
/// Takes only what payload_of() gives. Error: kInvalidInput "receipt.bad_format".
Result<Statement> parse_payload(std::string_view text);

/// The protected header of what this key signs.
[[nodiscard]] std::string header_of(const crypto::PublicKey& key);

/// Whether a JSON text without escapes has so many quotes, four for each member that is a text: a
/// parser drops what comes twice, and this counts it.
[[nodiscard]] bool has_quotes(std::string_view json, std::size_t quotes) noexcept;

}  // namespace tutela::receipts
