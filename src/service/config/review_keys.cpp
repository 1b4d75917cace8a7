#include <algorithm>
#include <array>

#include "service/config/keys.hpp"

namespace tutela::config {

namespace {

constexpr std::size_t kLineBytesMax = 1000;
constexpr std::size_t kUrlBytesMax = 2000;

bool each_of(std::string_view text, std::string_view allowed) {
  const auto known = words_of(allowed);
  const auto words = words_of(text);
  return std::ranges::all_of(words, [&](const std::string& word) {
    return std::ranges::find(known, word) != known.end() && std::ranges::count(words, word) == 1;
  });
}

std::string_view wrong_on_confirmed(std::string_view text) {
  return each_of(text, "content.remove account.suspend")
             ? ""
             : "must be words of: content.remove account.suspend, each at most once";
}

std::string_view wrong_on_cleared(std::string_view text) {
  return each_of(text, "content.release") ? "" : "must be empty or content.release";
}

std::string_view wrong_on_reported(std::string_view text) {
  return each_of(text, "account.suspend") ? "" : "must be empty or account.suspend";
}

std::string_view wrong_url(std::string_view text) {
  const bool scheme = text.starts_with("https://") || text.starts_with("http://");
  const bool plain = text.size() <= kUrlBytesMax &&
                     std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
  return text.empty() || (scheme && plain) ? "" : "must be an https URL";
}

std::string_view wrong_secrets(std::string_view text) {
  const auto words = words_of(text);
  const bool good = std::ranges::all_of(
      words, [](const std::string& word) { return word.starts_with("whsec_") && word.size() > 6; });
  return good ? "" : "must be whsec_ and base64, several separated by blanks";
}

std::string_view wrong_line(std::string_view text) {
  const bool good = text.size() <= kLineBytesMax && std::ranges::all_of(text, [](char c) {
                      return static_cast<unsigned char>(c) >= 0x20U && c != 0x7F;
                    });
  return good ? "" : "must be one line of at most 1000 bytes";
}

std::string_view wrong_contact(std::string_view text) {
  return text.empty() || parse_contact(text)
             ? ""
             : "must be one line: name | phone | https://url | hours; only the name is needed";
}

constexpr auto kKeys = std::to_array<Key>({
    {.name = "cases.double_review",
     .slot = [](Config& c) { return Slot{&c.cases.double_review}; },
     .help = "which confirmed cases a second person decides too: none, near (not exact) or all",
     .choices = "none near all"},
    {"cases.automatic",
     [](Config& c) { return Slot{&c.cases.automatic}; },
     "exact matches on lists with automation are decided without a person"},
    {"cases.sample_percent",
     [](Config& c) { return Slot{&c.cases.sample_percent}; },
     "of decisions without a view, how many a person looks at later",
     0,
     100},
    {"cases.lock_minutes",
     [](Config& c) { return Slot{&c.cases.lock_minutes}; },
     "how long a case stays with whoever took it",
     1,
     240},
    {"cases.undo_seconds",
     [](Config& c) { return Slot{&c.cases.undo_seconds}; },
     "how long a decision can be undone before anything is done",
     0,
     3600},
    {"cases.first_look_hours",
     [](Config& c) { return Slot{&c.cases.first_look_hours}; },
     "a case is looked at within so long",
     1,
     24 * 30},
    {"cases.first_look_urgent_minutes",
     [](Config& c) { return Slot{&c.cases.first_look_urgent_minutes}; },
     "an urgent one within so long",
     1,
     24 * 60},
    {"cases.decision_hours",
     [](Config& c) { return Slot{&c.cases.decision_hours}; },
     "a case is decided within so long",
     1,
     24 * 90},
    {"cases.report_hours",
     [](Config& c) { return Slot{&c.cases.report_hours}; },
     "what was confirmed is reported within so long",
     1,
     24 * 90},
    {"cases.appeal_days",
     [](Config& c) { return Slot{&c.cases.appeal_days}; },
     "how long a decision can be appealed",
     1,
     3650},
    {"cases.appeal_decide_days",
     [](Config& c) { return Slot{&c.cases.appeal_decide_days}; },
     "an appeal is decided within so long",
     1,
     365},
    {.name = "cases.on_confirmed",
     .slot = [](Config& c) { return Slot{&c.cases.on_confirmed}; },
     .help = "what others are asked to do once confirmed, in this order: content.remove "
             "account.suspend",
     .complaint = wrong_on_confirmed},
    {.name = "cases.on_cleared",
     .slot = [](Config& c) { return Slot{&c.cases.on_cleared}; },
     .help = "what others are asked to do once cleared: content.release",
     .complaint = wrong_on_cleared},
    {.name = "cases.on_reported",
     .slot = [](Config& c) { return Slot{&c.cases.on_reported}; },
     .help = "what others are asked to do once an authority has the report: account.suspend",
     .complaint = wrong_on_reported},
    {"exposure.points_per_shift",
     [](Config& c) { return Slot{&c.exposure.points_per_shift}; },
     "points of views that a person may have in one shift",
     1,
     100000},
    {"exposure.contractor_points_per_shift",
     [](Config& c) { return Slot{&c.exposure.contractor_points_per_shift}; },
     "points of a contractor; the owner can lower them further",
     1,
     100000},
    {"exposure.soft_percent",
     [](Config& c) { return Slot{&c.exposure.soft_percent}; },
     "part of these points from which other work is offered",
     1,
     100},
    {"exposure.break_after_points",
     [](Config& c) { return Slot{&c.exposure.break_after_points}; },
     "points after which a break is due",
     1,
     100000},
    {"exposure.break_after_minutes",
     [](Config& c) { return Slot{&c.exposure.break_after_minutes}; },
     "minutes of looking after which a break is due",
     1,
     600},
    {"exposure.break_minutes",
     [](Config& c) { return Slot{&c.exposure.break_minutes}; },
     "how long a break is",
     1,
     240},
    {"exposure.cool_down_seconds",
     [](Config& c) { return Slot{&c.exposure.cool_down_seconds}; },
     "pause after a view in full",
     0,
     3600},
    {"exposure.days_on",
     [](Config& c) { return Slot{&c.exposure.days_on}; },
     "days with views, then days without; 0 asks for none",
     0,
     31},
    {"exposure.days_off",
     [](Config& c) { return Slot{&c.exposure.days_off}; },
     "days without views after them",
     1,
     31},
    {.name = "webhook.url",
     .slot = [](Config& c) { return Slot{&c.webhook.url}; },
     .help = "receiver of what decisions ask for; empty: everything waits",
     .secret_path = true,
     .complaint = wrong_url},
    {.name = "webhook.secrets",
     .slot = [](Config& c) { return Slot{&c.webhook.secrets}; },
     .help = "whsec_... to sign with, several while one is replaced; better "
             "TUTELA_WEBHOOK__SECRETS_FILE",
     .secret = true,
     .complaint = wrong_secrets},
    {"webhook.allow_private",
     [](Config& c) { return Slot{&c.webhook.allow_private}; },
     "the receiver may be on this machine or a private network"},
    {"webhook.timeout_ms",
     [](Config& c) { return Slot{&c.webhook.timeout_ms}; },
     "the receiver answers within so long",
     100,
     120'000},
    {"webhook.attempts_max",
     [](Config& c) { return Slot{&c.webhook.attempts_max}; },
     "attempts at one message before a person must replay it",
     1,
     20},
    {.name = "support.text",
     .slot = [](Config& c) { return Slot{&c.support.text}; },
     .help = "a line of your own on the page with support for your people",
     .complaint = wrong_line},
    {.name = "support.contact_1",
     .slot = [](Config& c) { return Slot{&c.support.contacts[0]}; },
     .help = "who helps your people: name | phone | https://url | hours",
     .complaint = wrong_contact},
    {.name = "support.contact_2",
     .slot = [](Config& c) { return Slot{&c.support.contacts[1]}; },
     .help = "who helps your people: name | phone | https://url | hours",
     .complaint = wrong_contact},
    {.name = "support.contact_3",
     .slot = [](Config& c) { return Slot{&c.support.contacts[2]}; },
     .help = "who helps your people: name | phone | https://url | hours",
     .complaint = wrong_contact},
    {.name = "support.contact_4",
     .slot = [](Config& c) { return Slot{&c.support.contacts[3]}; },
     .help = "who helps your people: name | phone | https://url | hours",
     .complaint = wrong_contact},
    {.name = "support.contact_5",
     .slot = [](Config& c) { return Slot{&c.support.contacts[4]}; },
     .help = "who helps your people: name | phone | https://url | hours",
     .complaint = wrong_contact},
    {.name = "support.concern_contact",
     .slot = [](Config& c) { return Slot{&c.support.concern_contact}; },
     .help = "the person outside the line whom concerns go to",
     .complaint = wrong_line},
});

}  // namespace

std::span<const Key> review_keys() noexcept {
  return kKeys;
}

}  // namespace tutela::config
