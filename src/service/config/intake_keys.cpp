// Keys of the intake: what people outside tell us, and what they are promised.
#include <algorithm>
#include <array>

#include "service/config/keys.hpp"

namespace tutela::config {

namespace {

constexpr std::size_t kNameBytesMax = 100;

bool is_plain(std::string_view text) {
  return text.size() <= 2000 &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

std::string_view wrong_exit(std::string_view text) {
  return text.starts_with("https://") && is_plain(text) ? "" : "must be an https URL";
}

std::string_view wrong_url(std::string_view text) {
  return text.empty() || (wrong_exit(text).empty() && !text.ends_with('/'))
             ? ""
             : "must be an https URL without a slash at its end";
}

std::string_view wrong_name(std::string_view text) {
  const bool good = text.size() <= kNameBytesMax && std::ranges::all_of(text, [](char c) {
                      return static_cast<unsigned char>(c) >= ' ' && c != 0x7F;
                    });
  return good ? "" : "must be one line of at most 100 bytes";
}

std::string_view wrong_country(std::string_view text) {
  const bool good =
      text.empty() ||
      (text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; }));
  return good ? "" : "must be two capital letters, ISO 3166-1";
}

bool is_day(std::string_view word) {
  return word.size() == 10 && std::ranges::all_of(word, [&](const char& c) {
           const auto at = &c - word.data();
           return at == 4 || at == 7 ? c == '-' : c >= '0' && c <= '9';
         });
}

std::string_view wrong_days(std::string_view text) {
  const auto days = words_of(text);
  return days.size() <= 400 && std::ranges::all_of(days, is_day)
             ? ""
             : "must be days such as 2026-12-25, separated by blanks, at most 400";
}

constexpr auto kKeys = std::to_array<Key>({
    {.name = "intake.listen",
     .slot = [](Config& c) { return Slot{&c.intake.listen}; },
     .help = "where the public pages listen, an address of their own: host:port, [v6]:port or "
             "unix:/path; empty turns them off"},
    {.name = "intake.public_url",
     .slot = [](Config& c) { return Slot{&c.intake.public_url}; },
     .help = "https URL of the public pages, for links in mails",
     .reloadable = true,
     .complaint = wrong_url},
    {.name = "intake.service_name",
     .slot = [](Config& c) { return Slot{&c.intake.service_name}; },
     .help = "how the public pages name the service",
     .reloadable = true,
     .complaint = wrong_name},
    {.name = "intake.exit_url",
     .slot = [](Config& c) { return Slot{&c.intake.exit_url}; },
     .help = "where the quick exit leads",
     .reloadable = true,
     .complaint = wrong_exit},
    {.name = "intake.country",
     .slot = [](Config& c) { return Slot{&c.intake.country}; },
     .help = "whose helplines come first where nobody chose: ISO 3166-1 alpha-2",
     .reloadable = true,
     .complaint = wrong_country},
    {.name = "intake.imminent_minutes",
     .slot = [](Config& c) { return Slot{&c.intake.imminent_minutes}; },
     .help = "an answer where somebody is in danger",
     .min = 1,
     .max = 1440,
     .reloadable = true},
    {.name = "intake.victim_hours",
     .slot = [](Config& c) { return Slot{&c.intake.victim_hours}; },
     .help = "an answer to a victim, or a parent",
     .min = 1,
     .max = 720,
     .reloadable = true},
    {.name = "intake.flagger_hours",
     .slot = [](Config& c) { return Slot{&c.intake.flagger_hours}; },
     .help = "an answer to trusted flaggers and hotlines",
     .min = 1,
     .max = 720,
     .reloadable = true},
    {.name = "intake.law_hours",
     .slot = [](Config& c) { return Slot{&c.intake.law_hours}; },
     .help = "an answer to law enforcement",
     .min = 1,
     .max = 720,
     .reloadable = true},
    {.name = "intake.detection_hours",
     .slot = [](Config& c) { return Slot{&c.intake.detection_hours}; },
     .help = "an answer to who says that detection looks off",
     .min = 1,
     .max = 720,
     .reloadable = true},
    {.name = "intake.public_hours",
     .slot = [](Config& c) { return Slot{&c.intake.public_hours}; },
     .help = "an answer to everybody else",
     .min = 1,
     .max = 720,
     .reloadable = true},
    {.name = "intake.flood_hours",
     .slot = [](Config& c) { return Slot{&c.intake.flood_hours}; },
     .help = "an answer to what one source sent in masses",
     .min = 1,
     .max = 2160,
     .reloadable = true},
    {.name = "intake.escalate_percent",
     .slot = [](Config& c) { return Slot{&c.intake.escalate_percent}; },
     .help = "of the promised time: then the deputy is told, else the person on duty",
     .min = 10,
     .max = 90,
     .reloadable = true},
    {.name = "intake.holidays",
     .slot = [](Config& c) { return Slot{&c.intake.holidays}; },
     .help = "days such as 2026-12-25 that count for no promise but urgent ones",
     .reloadable = true,
     .complaint = wrong_days},
    {.name = "intake.weekends_pause",
     .slot = [](Config& c) { return Slot{&c.intake.weekends_pause}; },
     .help = "Saturdays and Sundays count as holidays",
     .reloadable = true},
    {.name = "intake.per_source_hour",
     .slot = [](Config& c) { return Slot{&c.intake.per_source_hour}; },
     .help = "notices of one source in an hour; further ones are grouped",
     .min = 1,
     .max = 10000,
     .reloadable = true},
    {.name = "intake.files_max",
     .slot = [](Config& c) { return Slot{&c.intake.files_max}; },
     .help = "files of one notice",
     .min = 0,
     .max = 20,
     .reloadable = true},
    {.name = "intake.uploads_max",
     .slot = [](Config& c) { return Slot{&c.intake.uploads_max}; },
     .help = "uploads to the public pages at the same time, a share of their own beside "
             "server.scans_waiting_max; beyond it the answer is 503",
     .min = 1,
     .max = 10'000,
     .reloadable = true},
    {.name = "intake.connections_max",
     .slot = [](Config& c) { return Slot{&c.intake.connections_max}; },
     .help = "connections to the public pages at the same time, beside server.connections_max",
     .min = 1,
     .max = 65'536,
     .reloadable = true},
    {.name = "intake.work_bits",
     .slot = [](Config& c) { return Slot{&c.intake.work_bits}; },
     .help = "of the proof of work that the page asks for; 0: none",
     .min = 0,
     .max = 28,
     .reloadable = true},
    {.name = "intake.keep_days",
     .slot = [](Config& c) { return Slot{&c.intake.keep_days}; },
     .help = "days that a closed notice is kept; 0: for ever",
     .min = 0,
     .max = 36500,
     .reloadable = true},
    {.name = "intake.maildir",
     .slot = [](Config& c) { return Slot{&c.intake.maildir}; },
     .help = "a Maildir that a mail server delivers reports to; empty: no mail"},
    {.name = "intake.maildir_keep",
     .slot = [](Config& c) { return Slot{&c.intake.maildir_keep}; },
     .help = "what becomes of a message once its notice is kept and its sender answered: it is "
             "removed, or lies in the Maildir's cur in clear",
     .choices = "remove cur",
     .reloadable = true},
    {.name = "intake.mail_reply",
     .slot = [](Config& c) { return Slot{&c.intake.mail_reply}; },
     .help = "whoever wrote gets number and PIN by mail; needs smtp.server",
     .reloadable = true},
    {.name = "intake.help_file",
     .slot = [](Config& c) { return Slot{&c.intake.help_file}; },
     .help = "JSON file of helplines and hotlines; empty: those of this release",
     .reloadable = true},
    {.name = "intake.help_stale_months",
     .slot = [](Config& c) { return Slot{&c.intake.help_stale_months}; },
     .help = "after them a helpline that nobody checked again is shown as old",
     .min = 1,
     .max = 60,
     .reloadable = true},
    {.name = "intake.guidance_folder",
     .slot = [](Config& c) { return Slot{&c.intake.guidance_folder}; },
     .help = "folder with guidance of your own; empty: that of this release",
     .reloadable = true},
});

}  // namespace

std::span<const Key> intake_keys() noexcept {
  return kKeys;
}

}  // namespace tutela::config
