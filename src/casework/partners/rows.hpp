// Rows of partners and what may stand in them. Internal.
#pragma once

#include <string_view>
#include <vector>

#include "casework/partners/partners.hpp"

namespace tutela::partners {

inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr std::int64_t kPartnersMax = 1000;

/// The columns that read_row() reads, in its order.
extern const std::string_view kPartnerColumns;
Result<Partner> read_row(const store::Row& row, UtcMs now_ms);

/// Error: kInvalidInput "partner.bad_<field>".
Status check(const Details& details);
/// What a person or a command may change, in the order of kDetailColumns.
[[nodiscard]] std::vector<store::Value> values_of(const Details& details);

/// "person:<id>". Error: kInvalidInput "duty.bad_person".
Status check_person(std::string_view person);
/// Whether somebody is away at that moment.
Result<bool> is_absent(store::Transaction& transaction,
                       const std::string& tenant_id,
                       const std::string& person,
                       UtcMs now_ms);

}  // namespace tutela::partners
