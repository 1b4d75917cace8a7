#include "service/http/reporting.hpp"

#include <utility>

#include "service/http/custody.hpp"
#include "service/log/log.hpp"
#include "service/reporting/setup.hpp"
#include "service/review/rules.hpp"

namespace tutela::http {

namespace {

/// Ids and codes alone; what asks a person is a warning.
void tell_of_report(std::string_view what, const Uuid& report, std::string_view detail) {
  if (what == "step") {  // there are two a file
    log::log_event(log::Level::kDebug,
                   "report step",
                   {{"id", to_string(report)}, {"detail", std::string(detail)}});
    return;
  }
  const bool asks =
      what == "asks_person" || what == "error" || what == "failed" || what == "no_route";
  log::log_event(
      asks ? log::Level::kWarn : log::Level::kInfo,
      "report",
      {{"what", std::string(what)}, {"id", to_string(report)}, {"detail", std::string(detail)}});
}

std::vector<EmergencyPhone> phones_of(const config::Config& config) {
  std::vector<EmergencyPhone> phones;
  for (const config::Phone& phone : config::phones_of(config.reporting)) {
    phones.push_back({phone.name, phone.number, phone.hours});
  }
  return phones;
}

reporting::DraftRules draft_rules_of(const config::Config& config) {
  reporting::DraftRules rules;
  rules.automatic = config.reporting.automatic;
  rules.second_person = config.reporting.second_person;
  return rules;
}

reporting::FilerOptions filer_options(const config::Config& config,
                                      std::vector<reporting::Served> served,
                                      AuthorityHealth& health,
                                      const Clock& clock) {
  reporting::FilerOptions options;
  options.authorities = std::move(served);
  options.rules = reporting::rules_of(config).filing;
  options.heard = [&](const std::string& authority, bool good, std::string_view failure) {
    if (good) {
      health.succeeded(authority, clock.now_ms());
    } else {
      health.failed(authority, clock.now_ms(), failure);
    }
  };
  return options;
}

}  // namespace

Result<std::unique_ptr<Reporting>> Reporting::open(const config::Config& config,
                                                   store::Database& database,
                                                   Custody& custody,
                                                   const Clock& clock) {
  Parts parts;
  TUTELA_TRY_ASSIGN(parts.authorities, reporting::authorities_of(config));
  TUTELA_TRY_ASSIGN(parts.routes, reporting::routes_of(config));
  TUTELA_TRY_ASSIGN(parts.served, reporting::open_authorities(config));
  return std::make_unique<Reporting>(config, std::move(parts), database, custody, clock);
}

Reporting::Reporting(const config::Config& config,
                     Parts parts,
                     store::Database& database_now,
                     Custody& custody_now,
                     const Clock& clock_now)
    : clock(clock_now),
      database(database_now),
      custody(custody_now),
      reports(database, custody.requests, clock, reporting::rules_of(config)),
      desk(database,
           custody.opening,
           reports,
           clock,
           reporting::provider_of(config),
           std::move(parts.authorities),
           std::move(parts.routes)),
      phones(phones_of(config)),
      case_rules(review::cases_rules(config)),
      drafter(database,
              custody.opening,
              reports,
              desk,
              clock,
              reporting::provider_of(config),
              draft_rules_of(config),
              tell_of_report),
      filer(reports,
            clock,
            filer_options(config, std::move(parts.served), health, clock),
            reporting::evidence_of(custody.vault),
            tell_of_report) {}

Result<std::size_t> Reporting::file(const std::function<bool()>& stop_requested,
                                    reports::Which which) {
  return filer.work(stop_requested, which);
}

Result<std::size_t> Reporting::look_after(const std::function<bool()>& stop_requested) {
  // One that fails does not stop the others: alarms have to be heard above all.
  const auto told = reports.escalate();
  const auto followed =
      reporting::follow_up(database, reports, *custody.preservation, case_rules, clock);
  const auto drafted = drafter.work(stop_requested);
  TUTELA_TRY(told);
  TUTELA_TRY(followed);
  TUTELA_TRY(drafted);
  return *told + *followed + static_cast<std::size_t>(drafted->drafts + drafted->corrections);
}

void AuthorityHealth::succeeded(const std::string& authority, UtcMs now_ms) {
  const MutexLock lock(mutex_);
  State& state = states_[authority];
  state.last_success_ms = now_ms;
  state.failure.clear();
}

void AuthorityHealth::failed(const std::string& authority, UtcMs now_ms, std::string_view failure) {
  const MutexLock lock(mutex_);
  State& state = states_[authority];
  state.last_failure_ms = now_ms;
  state.failure = failure;
}

AuthorityHealth::State AuthorityHealth::of(const std::string& authority) const {
  const MutexLock lock(mutex_);
  const auto found = states_.find(authority);
  return found == states_.end() ? State() : found->second;
}

}  // namespace tutela::http
