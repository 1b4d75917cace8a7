// DemoReports: an authority for the demo, which is Tutela's own simulator in this process, and a
// case on its way to it: what comes out of the queue becomes a report that a lead releases, and a
// receipt that says that it counts nowhere. All people and addresses are made up.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "service/config/config.hpp"
#include "service/cybertip_simulator/simulator.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::cli {

/// Of a new demo: with a password made for it. Of one that goes on: where its configuration says,
/// or beside it where that address is taken; nothing where the configuration names another
/// authority.
Result<std::unique_ptr<cybertip_simulator::Simulator>> start_demo_authority(
    const config::Config& config, bool again, const Clock& clock, std::string& password);

/// What the service of the demo knows of some of its accounts, and one case that a reviewer has
/// confirmed already. What was there before stays.
Status make_demo_report(pipeline::Pipeline& pipeline, const config::Config& config);

}  // namespace tutela::cli
