#include "service/review/rules.hpp"

namespace tutela::review {

namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

/// The configuration takes these three words and no other; what is unknown asks for more, not less.
cases::DoubleReview double_review_of(std::string_view word) {
  if (word == "none") {
    return cases::DoubleReview::kNone;
  }
  return word == "near" ? cases::DoubleReview::kNear : cases::DoubleReview::kAll;
}

}  // namespace

cases::Rules cases_rules(const config::Config& config) {
  const config::CasesConfig& given = config.cases;
  cases::Rules rules;
  rules.solo = config.people.solo;
  rules.double_review = double_review_of(given.double_review);
  rules.automatic = given.automatic;
  rules.sample_percent = static_cast<int>(given.sample_percent);
  rules.lock_ms = given.lock_minutes * kMinute;
  rules.undo_ms = given.undo_seconds * kSecond;
  rules.first_look_ms = given.first_look_hours * kHour;
  rules.first_look_urgent_ms = given.first_look_urgent_minutes * kMinute;
  rules.decision_ms = given.decision_hours * kHour;
  rules.report_ms = given.report_hours * kHour;
  rules.appeal_open_ms = given.appeal_days * kDay;
  rules.appeal_ms = given.appeal_decide_days * kDay;
  rules.on_confirmed = config::words_of(given.on_confirmed);
  rules.on_cleared = config::words_of(given.on_cleared);
  rules.on_reported = config::words_of(given.on_reported);
  return rules;
}

exposure::Rules exposure_rules(const config::Config& config) {
  const config::ExposureConfig& given = config.exposure;
  exposure::Rules rules;
  rules.points_per_shift = given.points_per_shift;
  rules.contractor_points_per_shift = given.contractor_points_per_shift;
  rules.soft_percent = given.soft_percent;
  rules.break_after_points = given.break_after_points;
  rules.break_after_ms = given.break_after_minutes * kMinute;
  rules.break_ms = given.break_minutes * kMinute;
  rules.cool_down_ms = given.cool_down_seconds * kSecond;
  rules.days_on = given.days_on;
  rules.days_off = given.days_off;
  return rules;
}

webhooks::Options webhook_options(const config::Config& config) {
  const config::WebhookConfig& given = config.webhook;
  webhooks::Options options;
  options.url = given.url;
  options.secrets = config::words_of(given.secrets);
  options.allow_private = given.allow_private;
  options.timeout_ms = given.timeout_ms;
  options.attempts_max = given.attempts_max;
  return options;
}

}  // namespace tutela::review
