// Rules: what the configuration says, as the modules of review take it. Pure functions.
#pragma once

#include "casework/cases/model.hpp"
#include "custody/exposure/exposure.hpp"
#include "service/config/config.hpp"
#include "service/webhooks/webhooks.hpp"

namespace tutela::review {

[[nodiscard]] cases::Rules cases_rules(const config::Config& config);
[[nodiscard]] exposure::Rules exposure_rules(const config::Config& config);
/// To be checked with webhooks::check before use.
[[nodiscard]] webhooks::Options webhook_options(const config::Config& config);

}  // namespace tutela::review
