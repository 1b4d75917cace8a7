// Account: what the service says of an account, in the words of the CyberTipline's
// personOrUserReported. Internal.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "exchange/cybertip/cybertip.hpp"
#include "service/reporting/paper.hpp"

namespace tutela::reporting {

/// Where the person reported stands in a document.
inline constexpr std::string_view kReported = "report/personOrUserReported/0";

/// Puts what fits into the paper. The account's id and service are Tutela's own and stay. What
/// does not check at `now_ms` is left out, the least part of it, and returned.
std::vector<cybertip::Problem> put_account(Paper& paper,
                                           const std::optional<std::string>& said,
                                           UtcMs now_ms);

/// The country that the service names; absent: none.
std::optional<std::string> country_of(const Paper& paper);

}  // namespace tutela::reporting
