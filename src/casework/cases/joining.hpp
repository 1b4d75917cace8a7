// Joining: which case a finding belongs to, what else it concerns, and where a case stands in the
// queue because of its contents. Inside one unit of work. Internal.
//
// Self-reported findings and all others are two families that never meet in one case, and whose
// links are "related", so that no group decision reaches from one into the other (safeguards.md 3).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "casework/cases/cases.hpp"
#include "casework/cases/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

[[nodiscard]] bool is_self_reported(const Finding& finding) noexcept;

/// The open case that a finding joins by rule, looked for among the newest 50 undecided ones with
/// the same key; absent: it needs one of its own.
Result<std::optional<Uuid>> find_joinable(store::Transaction& transaction,
                                          const store::Actor& actor,
                                          const Rules& rules,
                                          const Finding& finding);

/// The open case that a notice joins by rule.
Result<std::optional<Uuid>> find_joinable(store::Transaction& transaction,
                                          const store::Actor& actor,
                                          const NoticeFinding& notice,
                                          const std::vector<std::string>& sha256s);
/// Linked as related with the newest undecided case of each of these accounts.
Status link_accounts(store::Transaction& transaction,
                     const store::Actor& actor,
                     const Case& of,
                     std::span<const std::string> accounts,
                     UtcMs now_ms);
/// An empty value does nothing.
Status insert_key(store::Transaction& transaction,
                  const store::Actor& actor,
                  const Uuid& case_id,
                  std::string_view kind,
                  const std::string& value);

/// By what a case is found again.
Status insert_keys(store::Transaction& transaction,
                   const store::Actor& actor,
                   const Uuid& case_id,
                   const Finding& finding);

/// Links the case of a finding with the newest 20 undecided ones with the same bytes or signal,
/// with the newest earlier one of the same account, and with the newest decided one with the same
/// bytes. Their versions stay, because a link changes nothing of what is decided of them.
Status link_others(store::Transaction& transaction,
                   const store::Actor& actor,
                   const Case& of,
                   const Finding& finding,
                   UtcMs now_ms);

/// Contents with the same bytes or in the same near-duplicate group, at most 1000 of each. Those
/// that are self-reported count for self-reported ones alone.
Result<std::int64_t> spread_of(store::Transaction& transaction,
                               const std::string& tenant_id,
                               const Uuid& content_id,
                               bool self_reported);

/// Counts items, severity and needs_view anew from the rows of the case, and its rank from them.
Status refresh_standing(store::Transaction& transaction, Case& of);
void refresh_rank(Case& of) noexcept;

}  // namespace tutela::cases
