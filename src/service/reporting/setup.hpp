// Setup: what the configuration says of reporting, as its modules take it.
//
// The authority "ncmec" is always there: by the CyberTipline's API where cybertip.url is set, by
// hand without. A configuration that config::parse() returned can still have routes or an address
// that nothing here takes: the errors say which key is meant.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "casework/reports/reports.hpp"
#include "casework/reports/routing.hpp"
#include "service/authorities/channel.hpp"
#include "service/config/config.hpp"
#include "service/reporting/filer.hpp"
#include "service/reporting/gather.hpp"

namespace tutela::reporting {

/// What only this machine receives cannot be an authority.
[[nodiscard]] bool is_of_this_machine(std::string_view url) noexcept;

[[nodiscard]] Provider provider_of(const config::Config& config);
[[nodiscard]] reports::Rules rules_of(const config::Config& config);
[[nodiscard]] authorities::CybertipOptions cybertip_options(const config::Config& config);

/// Errors: those of authorities::environment_of(); kInvalidInput "config.bad_authority".
Result<std::vector<reports::Authority>> authorities_of(const config::Config& config);
/// Without routes everything goes to "ncmec". Errors: kInvalidInput "config.bad_route", also where
/// a route leads to an authority that is none of the configuration.
Result<std::vector<reports::Route>> routes_of(const config::Config& config);
/// With what reaches them; reads their files of secrets and keys. Errors: those of authorities_of()
/// and of opening a channel.
Result<std::vector<Served>> open_authorities(const config::Config& config);

}  // namespace tutela::reporting
