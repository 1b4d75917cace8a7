#include "service/http/review.hpp"

#include <chrono>

#include "service/log/log.hpp"
#include "service/review/rules.hpp"

namespace tutela::http {

namespace {

using std::chrono::seconds;

constexpr auth::ThrottleRules kAppellants{
    .free_attempts = 10, .first_delay_ms = 2'000, .delay_ms_max = 600'000};
constexpr auth::ThrottleRules kConcerned{
    .free_attempts = 5, .first_delay_ms = 60'000, .delay_ms_max = 3'600'000};

/// For the log: "sent", "failed", "dead", "error".
void tell(std::string_view what, std::int64_t outbox_id, std::string_view failure) {
  log::log_event(failure.empty() ? log::Level::kInfo : log::Level::kWarn,
                 "message " + std::string(what),
                 {{"message", outbox_id}, {"code", std::string(failure)}});
}

}  // namespace

Review::Review(const config::Config& config, store::Database& database_now, const Clock& clock_now)
    : database(database_now),
      clock(clock_now),
      exposure_rules(review::exposure_rules(config)),
      webhook(review::webhook_options(config)),
      cases(database, clock, review::cases_rules(config)),
      decisions(database, clock, review::cases_rules(config), config.preservation.report_days),
      appeals(database, clock, review::cases_rules(config)),
      outbox(database, clock),
      appellants(kAppellants),
      concerned(kConcerned),
      waits(seconds(1)),
      hours(seconds(60)) {}

Status Review::start_sending() {
  TUTELA_TRY_ASSIGN(sender,
                    webhooks::Sender::start(database, clock, webhook, cases::settle_action, tell));
  return ok();
}

}  // namespace tutela::http
