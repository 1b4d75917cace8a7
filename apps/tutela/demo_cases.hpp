// DemoCases: what the demo's people find to work on: uploads of made-up accounts that match lists
// of harmless scenes, in every queue. Everything that is there already is left alone.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "demo_world.hpp"
#include "service/config/config.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::cli {

/// Writes the pictures that are absent.
Status make_demo_uploads(const DemoWorld& world);
/// Lists of purpose test, and one of self-reported signals, with the consent that each needs; the
/// people of the demo are there already.
Status make_demo_lists(const DemoWorld& world, pipeline::Pipeline& pipeline);
/// Scans the uploads, marks some cases as urgent, and assigns some to the contractor. Returns how
/// many cases wait.
Result<std::int64_t> make_demo_cases(const DemoWorld& world,
                                     pipeline::Pipeline& pipeline,
                                     const config::Config& config);

}  // namespace tutela::cli
