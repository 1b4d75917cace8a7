#include "report_desk.hpp"

#include <utility>

#include "service/reporting/setup.hpp"
#include "service/review/rules.hpp"
#include "service/vault_process/places.hpp"

namespace tutela::cli {

ReportDesk::ReportDesk(config::Config config_now,
                       std::unique_ptr<pipeline::Pipeline> pipeline_now,
                       const Clock& clock_now,
                       std::vector<reports::Authority> authorities,
                       std::vector<reports::Route> routes)
    : config(std::move(config_now)),
      pipeline(std::move(pipeline_now)),
      clock(clock_now),
      requests(pipeline->database(), clock, vault_process::request_rules_of(config)),
      budgets(pipeline->database(), clock, review::exposure_rules(config)),
      opening(pipeline->database(),
              requests,
              budgets,
              clock,
              opening::Rules{config.vault.viewers_max, config.vault.views_per_hour}),
      reports(pipeline->database(), requests, clock, reporting::rules_of(config)),
      desk(pipeline->database(),
           opening,
           reports,
           clock,
           reporting::provider_of(config),
           std::move(authorities),
           std::move(routes)) {}

Result<std::unique_ptr<ReportDesk>> ReportDesk::open(const Session& session) {
  TUTELA_TRY_ASSIGN(config::Config config, load_config(session));
  TUTELA_TRY_ASSIGN(auto authorities, reporting::authorities_of(config));
  TUTELA_TRY_ASSIGN(auto routes, reporting::routes_of(config));
  TUTELA_TRY_ASSIGN(auto pipeline, pipeline::Pipeline::open(config, session.clock));
  return std::make_unique<ReportDesk>(std::move(config),
                                      std::move(pipeline),
                                      session.clock,
                                      std::move(authorities),
                                      std::move(routes));
}

}  // namespace tutela::cli
