// Rows of appeals. Internal.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/cases/appeals.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

struct AppealRow {
  Appeal appeal;  // an offer whose time is over is expired
  std::string tenant_id;
  Uuid decision_id;
};

/// `where` ends the statement; its parameters are `values`.
Result<std::vector<AppealRow>> read_appeals(store::Transaction& transaction,
                                            const Rules& rules,
                                            UtcMs now_ms,
                                            std::string_view where,
                                            const std::vector<store::Value>& values);
/// Error: kNotFound "appeal.not_found".
Result<AppealRow> read_appeal(store::Transaction& transaction,
                              const Rules& rules,
                              UtcMs now_ms,
                              std::string_view where,
                              const std::vector<store::Value>& values);
[[nodiscard]] std::size_t characters_of(std::string_view text) noexcept;
Error appeal_not_found();
Error appeal_closed();

}  // namespace tutela::cases
