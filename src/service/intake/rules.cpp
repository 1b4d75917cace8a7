#include "service/intake/intake.hpp"

namespace tutela::intake_service {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

}  // namespace

intake::Rules rules_of(const config::IntakeConfig& config) {
  intake::Rules rules;
  const auto set = [&](intake::Queue queue, std::int64_t ms) {
    rules.promises.ms[static_cast<std::size_t>(queue)] = ms;
  };
  set(intake::Queue::kImminent, config.imminent_minutes * kMinuteMs);
  set(intake::Queue::kVictim, config.victim_hours * kHourMs);
  set(intake::Queue::kFlagger, config.flagger_hours * kHourMs);
  set(intake::Queue::kLaw, config.law_hours * kHourMs);
  set(intake::Queue::kDetection, config.detection_hours * kHourMs);
  set(intake::Queue::kPublic, config.public_hours * kHourMs);
  set(intake::Queue::kFlood, config.flood_hours * kHourMs);
  // The configuration was checked when it was read; what is none counts as no holiday.
  if (auto holidays = intake::parse_holidays(config.holidays)) {
    rules.promises.holidays = *std::move(holidays);
  }
  rules.promises.weekends_pause = config.weekends_pause;
  rules.promises.escalate_percent = config.escalate_percent;
  rules.limits.per_source_hour = config.per_source_hour;
  rules.limits.files_max = config.files_max;
  rules.limits.keep_days = config.keep_days;
  return rules;
}

}  // namespace tutela::intake_service
