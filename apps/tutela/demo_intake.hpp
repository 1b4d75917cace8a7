// DemoIntake: what people outside told the demo's service, who answers them and who is worked with.
// Words, accounts, links and partners are made up, and harmless. What is there already stays.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "demo_world.hpp"
#include "service/config/config.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::cli {

/// Where the public pages of a new demo listen: beside its API.
[[nodiscard]] std::string demo_intake_listen(const config::Config& config);

/// Partners, duty and shifts, and notices of every kind; the people of the demo are there already.
/// Returns how many notices wait.
Result<std::int64_t> make_demo_intake(const DemoWorld& world,
                                      pipeline::Pipeline& pipeline,
                                      const config::Config& config);

}  // namespace tutela::cli
