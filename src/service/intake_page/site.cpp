#include "service/intake_page/site.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/file.hpp"
#include "service/intake_page/files.hpp"
#include "service/intake_page/language.hpp"

namespace tutela::intake_page {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

/// Codes of errors that are somebody's own to mend, and the texts that say how.
constexpr auto kReasons = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"contact.bad_email", "error.bad_text"},
    {"contact.bad_name", "error.bad_text"},
    {"contact.bad_phone", "error.bad_text"},
    {"multipart.field_too_long", "error.too_long"},
    {"notice.bad_text", "error.bad_text"},
    {"notice.empty", "error.empty"},
    {"notice.long_reference", "error.reference_long"},
    {"notice.over", "state.over"},
    {"notice.too_long", "error.too_long"},
    {"notice.too_many_additions", "error.too_large"},
    {"notice.too_many_files", "error.too_large"},
    {"notice.unknown", "follow.unknown"},
    {"request.too_large", "error.too_large"},
});

Error unreadable_help(const Error& why) {
  if (why.code == "file.too_large") {
    return help_too_large();
  }
  return {
      ErrorKind::kInvalidInput,
      "help.unreadable",
      "intake.help_file cannot be read (" + why.message +
          "): give the path of a file that the user of this service may read, or leave it empty "
          "for the directory of this release"};
}

}  // namespace

Result<std::shared_ptr<const Site::Edited>> Site::read(const config::IntakeConfig& config) {
  auto edited = std::make_shared<Edited>();
  if (config.help_file.empty()) {
    TUTELA_TRY_ASSIGN(edited->help, parse_help(bytes_of("locales/help.json")));
  } else {
    const auto bytes = read_file(config.help_file, kHelpBytesMax);
    if (!bytes) {
      return unreadable_help(bytes.error());
    }
    TUTELA_TRY_ASSIGN(edited->help, parse_help(as_text(*bytes)));
  }
  TUTELA_TRY_ASSIGN(edited->guides, load_guidance(config.guidance_folder));
  return std::shared_ptr<const Edited>(std::move(edited));
}

Result<std::unique_ptr<Site>> Site::open(const config::IntakeConfig& config) {
  TUTELA_TRY_ASSIGN(Catalogue catalogue, Catalogue::load());
  TUTELA_TRY_ASSIGN(Pages pages, Pages::open(catalogue));
  std::unique_ptr<Site> site(new Site(std::move(catalogue), std::move(pages)));
  TUTELA_TRY(site->reload(config));
  return site;
}

Status Site::reload(const config::IntakeConfig& config) {
  TUTELA_TRY_ASSIGN(auto edited, read(config));
  const MutexLock lock(mutex_);
  edited_ = std::move(edited);
  return ok();
}

std::shared_ptr<const Site::Edited> Site::edited() const {
  const MutexLock lock(mutex_);
  return edited_;
}

std::shared_ptr<const Help> Site::help() const {
  auto all = edited();
  const Help* const help = &all->help;
  return {std::move(all), help};
}

std::string Site::service_of(const Visit& visit) const {
  const std::string& name = visit.config->intake.service_name;
  return name.empty() ? catalogue_.text(visit.language, "service.unnamed") : name;
}

Result<std::string> Site::render(const Visit& visit,
                                 std::string_view page,
                                 std::string_view title,
                                 View view) const {
  const config::IntakeConfig& intake = visit.config->intake;
  const std::string& language = visit.language;
  view.set("LANG", language);
  view.set("TITLE", title);
  view.set("SERVICE", service_of(visit));
  view.set("EXIT", intake.exit_url);
  for (const auto& [name, most] : std::to_array<std::pair<std::string_view, std::size_t>>({
           {"TEXT_MAX", intake::kTextMax},
           {"MESSAGE_MAX", intake::kMessageMax},
           {"REFERENCE_MAX", intake::kReferenceMax},
           {"NAME_MAX", contact::kNameMax},
           {"EMAIL_MAX", contact::kEmailMax},
           {"PHONE_MAX", contact::kPhoneMax},
       })) {
    view.set(name, std::to_string(most));
  }
  view.set("PATH_EN", visit.path + "lang=en");
  view.set("PATH_DE", visit.path + "lang=de");
  view.set("ASOF", catalogue_.month(language, edited()->help.as_of));
  view.set("IMMINENT", catalogue_.duration(language, intake.imminent_minutes * kMinuteMs));
  view.set("VICTIM", catalogue_.duration(language, intake.victim_hours * kHourMs));
  view.set("LAW", catalogue_.duration(language, intake.law_hours * kHourMs));
  view.set("DETECTION", catalogue_.duration(language, intake.detection_hours * kHourMs));
  view.set("PUBLIC", catalogue_.duration(language, intake.public_hours * kHourMs));
  std::string at = "AT_" + std::string(page);
  std::ranges::transform(at, at.begin(), [](char c) { return c >= 'a' ? char(c - 'a' + 'A') : c; });
  view.show(at);
  // Where the PIN is shown, one click must not be enough to lose it.
  view.show("LANGUAGES", page != "sent");
  return pages_.render(language, page, view);
}

std::string Site::country_of(const Visit& visit) const {
  const auto all = help();
  // A browser in English is no sign of a country: who runs the service knows better whom it is for.
  for (const std::string_view code : {std::string_view(visit.chosen),
                                      std::string_view(visit.config->intake.country),
                                      std::string_view(visit.country)}) {
    if (!code.empty() && all->find(code) != nullptr) {
      return std::string(code);
    }
  }
  return {};
}

std::string Site::why(std::string_view language, std::string_view code) const {
  const auto* const found =
      std::ranges::find(kReasons, code, &std::pair<std::string_view, std::string_view>::first);
  return catalogue_.text(language,
                         found == kReasons.end() ? "error.ours" : found->second,
                         {{"reference", std::to_string(intake::kReferenceMax)}});
}

Result<std::string> Site::form(const Visit& visit,
                               FormKind kind,
                               const Fields& fields,
                               std::string_view error,
                               const std::vector<LostFile>& lost) const {
  View view;
  constexpr auto kTexts = std::to_array<std::string_view>({"text",
                                                           "links",
                                                           "accounts",
                                                           "chat",
                                                           "name",
                                                           "email",
                                                           "phone",
                                                           "reference",
                                                           "basis",
                                                           "agency",
                                                           "role"});
  const auto capitals = [](std::string_view text) {
    std::string in(text);
    std::ranges::transform(
        in, in.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
    return in;
  };
  for (const std::string_view name : kTexts) {
    view.set(capitals(name), fields.get(name));
  }
  for (const std::string_view name : {"imminent", "kind", "about", "asks", "who"}) {
    const std::string_view value = fields.get(name);
    if (!value.empty() && value.size() <= 20) {
      view.show(capitals(name) + "_" + capitals(value));
    }
  }
  add_error(visit, error, lost, view);
  add_emergency(visit, view);
  view.show("SOON");
  view.show("UNFOLDED", view.sections.contains("NOWHERE"));  // elsewhere a PIN stands below
  add_countries(visit, fields.get("country"), view);
  const bool law = kind == FormKind::kLaw;
  add_files(visit, law ? "files.hint_law" : "files.hint", view);
  view.show(law ? "TO_LAW" : kind == FormKind::kReport ? "TO_PEOPLE" : "TO_RESEARCH");
  const std::string_view page = kind == FormKind::kReport ? "report"
                                : kind == FormKind::kLaw  ? "law"
                                                          : "research";
  const std::string title = catalogue_.text(visit.language, std::string(page) + ".title");
  return render(visit, page, title, std::move(view));
}

Result<std::string> Site::sent(const Visit& visit, const Receipt& receipt) const {
  View view;
  view.set("NUMBER", receipt.number);
  if (receipt.pin.empty()) {
    view.show("WITHOUT_PIN");
  } else {
    view.add("WITH_PIN").set("PIN", receipt.pin);
  }
  set_moment(visit, "DUE", receipt.due_ms, view);
  view.set("COUNTRY_CODE", country_of(visit));
  if (receipt.imminent) {
    add_emergency(visit, view.add("IMMINENT"));
  }
  view.show("CARE", receipt.cares);
  const std::string& language = visit.language;
  for (const std::string& sentence : lost_files(visit, receipt.lost)) {
    view.add("PROBLEM").set("MESSAGE", sentence);
  }
  if (!receipt.lost.empty()) {
    view.add("PROBLEM").set("MESSAGE", catalogue_.text(language, "sent.problem_files"));
  }
  if (receipt.contact_lost) {
    view.add("PROBLEM").set("MESSAGE", catalogue_.text(language, "sent.problem_contact"));
  }
  return render(visit, "sent", catalogue_.text(language, "sent.title"), std::move(view));
}

Result<std::string> Site::follow(const Visit& visit,
                                 std::string_view number,
                                 std::string_view error) const {
  View view;
  view.set("NUMBER", number);
  add_error(visit, error, {}, view);
  return render(visit, "follow", catalogue_.text(visit.language, "follow.title"), std::move(view));
}

Result<std::string> Site::guidance(const Visit& visit) const {
  return render(visit, "guidance", catalogue_.text(visit.language, "guidance.title"), View());
}

Result<std::string> Site::guide(const Visit& visit, std::string_view name) const {
  const auto all = edited();
  const auto found = all->guides.find(visit.language + "/" + std::string(name));
  if (found == all->guides.end()) {
    return Error{ErrorKind::kNotFound, "request.no_such_path", "there is nothing at this path"};
  }
  View view;
  view.set("ARTICLE", found->second.html);
  return render(visit, "text", found->second.title, std::move(view));
}

Result<std::string> Site::failure(const Visit& visit, int status, std::string_view code) const {
  View view;
  const std::string title = catalogue_.text(visit.language, "error.after");
  const bool large = status == 413;
  const std::string_view key = large                           ? "error.too_large"
                               : status == 404                 ? "error.not_found"
                               : status >= 400 && status < 500 ? "error.bad_request"
                                                               : "error.ours";
  const bool known =
      std::ranges::find(kReasons, code, &std::pair<std::string_view, std::string_view>::first) !=
      kReasons.end();
  view.set("MESSAGE", known ? why(visit.language, code) : catalogue_.text(visit.language, key));
  return render(visit, "message", title, std::move(view));
}

}  // namespace tutela::intake_page
