// Report desk: what `tutela report` works with, on an opened data folder. Main thread.
#pragma once

#include <memory>
#include <string>

#include "casework/reports/reports.hpp"
#include "commands.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "custody/exposure/exposure.hpp"
#include "custody/opening/opening.hpp"
#include "service/config/config.hpp"
#include "service/pipeline/pipeline.hpp"
#include "service/reporting/desk.hpp"

namespace tutela::cli {

struct ReportDesk {
  static Result<std::unique_ptr<ReportDesk>> open(const Session& session);

  ReportDesk(config::Config config_now,
             std::unique_ptr<pipeline::Pipeline> pipeline_now,
             const Clock& clock_now,
             std::vector<reports::Authority> authorities,
             std::vector<reports::Route> routes);

  const config::Config config;
  const std::unique_ptr<pipeline::Pipeline> pipeline;
  const Clock& clock;
  dual_control::DualControl requests;
  exposure::Budgets budgets;
  opening::Opening opening;
  reports::Reports reports;
  reporting::Desk desk;
};

}  // namespace tutela::cli
