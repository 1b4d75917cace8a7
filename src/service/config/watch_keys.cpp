// Keys of the doors, the ledger and the watch. All of them are taken on SIGHUP.
#include <algorithm>
#include <array>

#include "service/config/keys.hpp"

namespace tutela::config {

namespace {

constexpr std::size_t kTextBytesMax = 2000;

std::string_view wrong_formats(std::string_view text) {
  const auto known = words_of("jpeg png webp gif tiff avif heic bmp");
  const auto words = words_of(text);
  const bool good = !words.empty() && std::ranges::all_of(words, [&](const std::string& word) {
    return std::ranges::find(known, word) != known.end() && std::ranges::count(words, word) == 1;
  });
  return good ? "" : "must be words of: jpeg png webp gif tiff avif heic bmp, each at most once";
}

bool is_plain(std::string_view text) {
  return text.size() <= kTextBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

std::string_view wrong_word(std::string_view text) {
  return is_plain(text) && text.size() <= 128 ? "" : "must be one word of at most 128 characters";
}

std::string_view wrong_url(std::string_view text) {
  const bool scheme = text.starts_with("https://") || text.starts_with("http://");
  return text.empty() || (scheme && is_plain(text)) ? "" : "must be an http or https URL";
}

std::string_view wrong_emails(std::string_view text) {
  const auto words = words_of(text);
  const bool good = words.size() <= 10 && std::ranges::all_of(words, [](const std::string& word) {
                      const std::size_t at = word.find('@');
                      return is_plain(word) && at != std::string::npos && at > 0 &&
                             at + 1 < word.size() &&
                             word.find_first_of("<>\",;", 0) == std::string::npos;
                    });
  return good ? "" : "must be e-mail addresses, at most 10, separated by blanks";
}

constexpr auto kKeys = std::to_array<Key>({
    {.name = "doors.http_on_error",
     .slot = [](Config& c) { return Slot{&c.doors.http.on_error}; },
     .help = "what a caller is told where no verdict can be reached",
     .choices = "hold deny allow",
     .reloadable = true},
    {.name = "doors.http_scan",
     .slot = [](Config& c) { return Slot{&c.doors.http.scan}; },
     .help = "false: what arrives is held and owed its scan until it is true again",
     .reloadable = true},
    {.name = "doors.catch_up_per_second",
     .slot = [](Config& c) { return Slot{&c.doors.catch_up_per_second}; },
     .help = "owed scans made up a second; 0: as many as live ones leave room for",
     .min = 0,
     .max = 100000,
     .reloadable = true},
    {.name = "ledger.keep_days",
     .slot = [](Config& c) { return Slot{&c.ledger.keep_days}; },
     .help = "days that items without a match are kept; counts stay. 0: for ever",
     .min = 0,
     .max = 36500,
     .reloadable = true},
    {.name = "watch.canary_seconds",
     .slot = [](Config& c) { return Slot{&c.watch.canary_seconds}; },
     .help = "between canaries of one door and format; 0: none are sent",
     .min = 0,
     .max = 3600,
     .reloadable = true},
    {.name = "watch.canary_timeout_ms",
     .slot = [](Config& c) { return Slot{&c.watch.canary_timeout_ms}; },
     .help = "a canary has its verdict within so long",
     .min = 1000,
     .max = 120000,
     .reloadable = true},
    {.name = "watch.canary_formats",
     .slot = [](Config& c) { return Slot{&c.watch.canary_formats}; },
     .help = "which formats canaries have",
     .reloadable = true,
     .complaint = wrong_formats},
    {.name = "watch.canary_source",
     .slot = [](Config& c) { return Slot{&c.watch.canary_source}; },
     .help = "what canaries say of where they were posted",
     .reloadable = true,
     .complaint = wrong_word},
    {.name = "watch.samples_per_1000",
     .slot = [](Config& c) { return Slot{&c.watch.samples_per_1000}; },
     .help = "of items without a match: so many in 1000 are matched again, another way",
     .min = 0,
     .max = 1000,
     .reloadable = true},
    {.name = "watch.samples_per_hour_max",
     .slot = [](Config& c) { return Slot{&c.watch.samples_per_hour_max}; },
     .help = "at most so many of them an hour",
     .min = 0,
     .max = 100000,
     .reloadable = true},
    {.name = "watch.list_stale_hours",
     .slot = [](Config& c) { return Slot{&c.watch.list_stale_hours}; },
     .help = "a list that did not change for so long is stale",
     .min = 1,
     .max = 87600,
     .reloadable = true},
    {.name = "watch.list_shrunk_percent",
     .slot = [](Config& c) { return Slot{&c.watch.list_shrunk_percent}; },
     .help = "an alarm when a list loses more within a day",
     .min = 1,
     .max = 100,
     .reloadable = true},
    {.name = "watch.owed_target_seconds",
     .slot = [](Config& c) { return Slot{&c.watch.owed_target_seconds}; },
     .help = "an alarm when an owed scan is older",
     .min = 1,
     .max = 86400,
     .reloadable = true},
    {.name = "watch.outbox_late_seconds",
     .slot = [](Config& c) { return Slot{&c.watch.outbox_late_seconds}; },
     .help = "an alarm when a message waits longer",
     .min = 10,
     .max = 604800,
     .reloadable = true},
    {.name = "watch.unscannable_percent",
     .slot = [](Config& c) { return Slot{&c.watch.unscannable_percent}; },
     .help = "an alarm when a larger share of a type cannot be scanned",
     .min = 1,
     .max = 100,
     .reloadable = true},
    {.name = "watch.zero_hours",
     .slot = [](Config& c) { return Slot{&c.watch.zero_hours}; },
     .help = "an alarm when a list that usually matches does not for so long",
     .min = 1,
     .max = 744,
     .reloadable = true},
    {.name = "watch.disk_low_percent",
     .slot = [](Config& c) { return Slot{&c.watch.disk_low_percent}; },
     .help = "an alarm when less of a disk is free; a fifth of it counts as full",
     .min = 1,
     .max = 90,
     .reloadable = true},
    {.name = "watch.not_ready_at",
     .slot = [](Config& c) { return Slot{&c.watch.not_ready_at}; },
     .help = "from which state on /readyz says no",
     .choices = "never blind degraded",
     .reloadable = true},
    {.name = "watch.heartbeat_url",
     .slot = [](Config& c) { return Slot{&c.watch.heartbeat_url}; },
     .help = "URL of a monitor that notices silence; empty: none. Nothing is sent while blind",
     .reloadable = true,
     .secret_path = true,
     .complaint = wrong_url},
    {.name = "watch.heartbeat_seconds",
     .slot = [](Config& c) { return Slot{&c.watch.heartbeat_seconds}; },
     .help = "between heartbeats",
     .min = 5,
     .max = 3600,
     .reloadable = true},
    {.name = "watch.email_to",
     .slot = [](Config& c) { return Slot{&c.watch.email_to}; },
     .help = "who gets alarms by e-mail, separated by blanks; needs smtp.server",
     .reloadable = true,
     .complaint = wrong_emails},
    {.name = "watch.syslog",
     .slot = [](Config& c) { return Slot{&c.watch.syslog}; },
     .help = "alarms go to syslog, too",
     .reloadable = true},
});

}  // namespace

std::span<const Key> watch_keys() noexcept {
  return kKeys;
}

}  // namespace tutela::config
