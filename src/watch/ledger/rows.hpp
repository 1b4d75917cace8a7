// Rows: how the ledger's values stand in columns, and back. Internal to the ledger.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "watch/ledger/ledger.hpp"

namespace tutela::ledger {

[[nodiscard]] store::Value optional_text(const std::optional<std::string>& text);

/// Words without line breaks, one a line.
[[nodiscard]] std::string join_lines(const std::vector<std::string>& lines);
[[nodiscard]] std::vector<std::string> split_lines(std::string_view text);

/// The eight hashes as 512 hex digits.
[[nodiscard]] std::string hashes_to_text(const fingerprint::PdqResult& pdq);
Result<fingerprint::PdqResult> hashes_from_text(std::string_view text, std::int64_t quality);

Status add_event(store::Transaction& transaction,
                 const store::Actor& actor,
                 const Uuid& id,
                 std::string_view event,
                 std::string_view detail,
                 UtcMs at_ms);

/// Reads contents (table alias `c`) with their frames and matches.
Status read_contents(store::Transaction& transaction,
                     std::string_view where_clause,
                     const std::vector<store::Value>& values,
                     std::vector<Content>& out);

}  // namespace tutela::ledger
