#include "service/vault_process/places.hpp"

namespace tutela::vault_process {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

}  // namespace

std::filesystem::path socket_of(const config::Config& config) {
  return config.vault.socket.empty() ? config.store.folder / "vault" / "socket"
                                     : config.vault.socket;
}

Places places_of(const config::Config& config) {
  const auto or_else = [](const std::filesystem::path& path, std::filesystem::path fallback) {
    return path.empty() ? std::move(fallback) : path;
  };
  Places places;
  places.folder = config.store.folder / "vault";
  places.database = config.store.folder / "tutela.db";
  places.key_is_ours = config.vault.key.empty();
  places.key = places.key_is_ours ? "file:" + (places.folder / "key").string() : config.vault.key;
  places.epochs = {or_else(config.vault.epochs_folder, places.folder / "epochs")};
  if (!config.vault.epochs_copy.empty()) {
    places.epochs.push_back(config.vault.epochs_copy);
  }
  places.objects = or_else(config.vault.objects_folder, places.folder / "objects");
  places.socket = socket_of(config);
  return places;
}

audit::LogOptions log_options_of(const config::Config& config) {
  audit::LogOptions options = audit::LogOptions::in(config.store.folder);
  options.origin = config.audit.origin;
  options.checkpoint_copy = config.audit.checkpoint_copy;
  return options;
}

dual_control::Rules request_rules_of(const config::Config& config) {
  dual_control::Rules rules;
  rules.solo = config.people.solo;
  rules.solo_wait_ms = std::int64_t{config.people.solo_wait_hours} * kHourMs;
  rules.trustee = config.people.trustee;
  return rules;
}

auth::SessionRules session_rules_of(const config::Config& config) {
  auth::SessionRules rules;
  rules.idle_ms = config.people.session_idle_minutes * kMinuteMs;
  rules.open_ms = config.people.session_hours * kHourMs;
  rules.solo = config.people.solo;
  return rules;
}

preservation::Rules preservation_rules_of(const config::Config& config) {
  preservation::Rules rules;
  rules.report_days = config.preservation.report_days;
  rules.pending_days = config.preservation.pending_days;
  rules.automatic_disposal = config.preservation.automatic_disposal;
  return rules;
}

}  // namespace tutela::vault_process
