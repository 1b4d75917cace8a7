// What the public pages show of numbers to call, of a notice, and of promises.
#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "service/intake_page/language.hpp"
#include "service/intake_page/site.hpp"

namespace tutela::intake_page {

namespace {

/// What a telephone dials.
std::string dial_of(std::string_view phone) {
  std::string digits;
  for (const char c : phone) {
    if ((c >= '0' && c <= '9') || (c == '+' && digits.empty())) {
      digits += c;
    }
  }
  return digits;
}

/// "www.example.org" of an address.
std::string_view site_of(std::string_view address) {
  constexpr std::string_view kScheme = "https://";
  address.remove_prefix(address.starts_with(kScheme) ? kScheme.size() : 0);
  address = address.substr(0, address.find('/'));
  constexpr std::string_view kWww = "www.";
  address.remove_prefix(address.starts_with(kWww) ? kWww.size() : 0);
  return address;
}

/// Our own names of languages: they stand in helplines' own words.
std::string language_names(const std::vector<std::string>& languages) {
  constexpr auto kNames = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"cs",
        "\xC4\x8D"
        "e\xC5\xA1tina"},
       {"da", "dansk"},
       {"de", "Deutsch"},
       {"en", "English"},
       {"es", "espa\xC3\xB1ol"},
       {"fi", "suomi"},
       {"fr",
        "fran\xC3\xA7"
        "ais"},
       {"hi", "\xE0\xA4\xB9\xE0\xA4\xBF\xE0\xA4\xA8\xE0\xA5\x8D\xE0\xA4\xA6\xE0\xA5\x80"},
       {"it", "italiano"},
       {"ja", "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"},
       {"lb", "L\xC3\xABtzebuergesch"},
       {"nl", "Nederlands"},
       {"no", "norsk"},
       {"pl", "polski"},
       {"pt", "portugu\xC3\xAAs"},
       {"sv", "svenska"}});
  std::string names;
  for (const std::string& language : languages) {
    std::string_view name = language;
    for (const auto& [code, own] : kNames) {
      name = code == language ? own : name;
    }
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names;
}

std::string_view key_of(const intake::Followed& followed) {
  switch (followed.state) {
    case intake::State::kOpen:
      return followed.looked_at ? "state.looked" : "state.open";
    case intake::State::kQuestion:
      return "state.question";
    case intake::State::kAnswered:
      return "state.answered";
    case intake::State::kWithdrawn:
      return "state.withdrawn";
    case intake::State::kClosed:
      return "state.closed";
  }
  return "state.open";
}

/// Letters that stand with another one in a list: "\xC3\x96" with "O".
std::string sort_key(std::string_view name) {
  constexpr auto kLetters = std::to_array<std::pair<std::string_view, char>>(
      {{"\xC3\x84", 'A'}, {"\xC3\x96", 'O'}, {"\xC3\x9C", 'U'}});
  for (const auto& [letter, plain] : kLetters) {
    if (name.starts_with(letter)) {
      return plain + std::string(name.substr(letter.size()));
    }
  }
  return std::string(name);
}

/// In the order in which somebody looks for their own; what holds everywhere comes last.
std::vector<const Country*> by_name(const Help& help, std::string_view language) {
  std::vector<const Country*> countries;
  for (const Country& country : help.countries) {
    countries.push_back(&country);
  }
  const auto key = [&](const Country* of) {
    return std::pair(of->code.empty(), sort_key(in_language(of->name, language)));
  };
  std::ranges::stable_sort(countries, std::less(), key);
  return countries;
}

bool is_over(intake::State state) {
  return state == intake::State::kWithdrawn || state == intake::State::kClosed;
}

std::string size_words(std::uint64_t bytes) {
  constexpr std::uint64_t kMega = 1U << 20;
  return bytes >= kMega ? std::to_string(bytes / kMega) + " MB"
                        : std::to_string((bytes + 1023) / 1024) + " kB";
}

}  // namespace

std::string Site::confirmed_words(std::string_view language, const Line& line) const {
  if (!line.confirmed) {
    return catalogue_.text(language, "help.unconfirmed");
  }
  return catalogue_.text(language,
                         "help.confirmed." + std::string(to_string(line.confirmed_by)),
                         {{"day", catalogue_.day(language, *line.confirmed)}});
}

void Site::add_line(const Visit& visit, const Line& line, View& view) const {
  const std::string& language = visit.language;
  view.set("NAME", in_language(line.name, language));
  view.set("DIAL", dial_of(line.phone));
  view.set("PHONE", line.phone);
  view.set("EMAIL", line.email);
  view.set("URL", line.url);
  view.set("SITE", site_of(line.url));
  view.set("HOURS", line.hours.empty() ? "" : std::string(in_language(line.hours, language)) + ".");
  view.set("LANGUAGES", language_names(line.languages));
  view.set("SOURCE", line.source);
  view.set("SOURCE_NAME",
           line.source_name.empty() ? site_of(line.source) : std::string_view(line.source_name));
  for (const std::string& address : line.also) {
    View& further = view.add("ALSO");
    further.set("FURTHER", address);
    further.set("FURTHER_SITE", site_of(address));
  }
  view.set(
      "AS_OF",
      catalogue_.text(language, "help.noted", {{"month", catalogue_.month(language, line.as_of)}}));
  view.set("CONFIRMED", confirmed_words(language, line));
  const std::uint32_t months = visit.config->intake.help_stale_months;
  if (is_stale(line, visit.now_ms, months)) {
    view.add("OLD").set(
        "WORDS", catalogue_.text(language, "help.old", {{"months", std::to_string(months)}}));
  }
  if (!line.text.empty()) {
    view.add("ABOUT").set("WORDS", in_language(line.text, language));
  }
  view.show("CALLED", !line.phone.empty());
  view.show("WRITTEN", !line.email.empty());
  view.show("OPENED", !line.url.empty());
  view.show("SPOKEN", !line.languages.empty());
}

void Site::add_emergency(const Visit& visit, View& view) const {
  const auto all = help();
  const auto numbers = [&](const Country& country, View& in) {
    in.set("COUNTRY", in_language(country.name, visit.language));
    for (const Line& line : country.emergency) {
      add_line(visit, line, in.add("NUMBER"));
    }
  };
  const std::string here = country_of(visit);
  for (const std::string_view code : {std::string_view(here), std::string_view(visit.country)}) {
    const Country* const country = all->find(code);
    const bool again = code == here && code.data() != here.data();
    if (country != nullptr && !country->emergency.empty() && !again) {
      numbers(*country, view.add("CALL"));
    }
    if (!visit.chosen.empty()) {
      break;
    }
  }
  view.show(view.sections.contains("CALL") ? "SOMEWHERE" : "NOWHERE");
  for (const Country* const country : by_name(*all, visit.language)) {
    if (!country->emergency.empty()) {
      numbers(*country, view.add("EVERY"));
    }
  }
}

void Site::add_countries(const Visit& visit, std::string_view chosen, View& view) const {
  const auto all = help();
  for (const Country* const country : by_name(*all, visit.language)) {
    if (country->code.empty()) {
      continue;
    }
    View& one = view.add("COUNTRIES");
    one.set("CODE", country->code);
    one.set("COUNTRY", in_language(country->name, visit.language));
    one.show("CHOSEN", country->code == chosen);
  }
}

void Site::add_files(const Visit& visit, std::string_view hint, View& view) const {
  const std::string count = std::to_string(visit.config->intake.files_max);
  const std::uint64_t bytes = visit.config->limits.size_bytes_max;
  view.set("FILES_MAX", count);
  view.set("BYTES_MAX", std::to_string(bytes));
  if (visit.config->intake.files_max > 0) {
    view.add("FILES").set(
        "FILES_HINT",
        catalogue_.text(visit.language, hint, {{"count", count}, {"size", size_words(bytes)}}));
  }
}

std::vector<std::string> Site::lost_files(const Visit& visit,
                                          const std::vector<LostFile>& lost) const {
  using Why = LostFile::Why;
  std::vector<std::string> sentences;
  for (const auto& [why, key] : std::to_array<std::pair<Why, std::string_view>>({
           {Why::kTooLarge, "files.too_large"},
           {Why::kTooMany, "files.too_many"},
           {Why::kFailed, "files.failed"},
       })) {
    std::string places;
    for (const LostFile& file : lost) {
      if (file.why == why) {
        places += (places.empty() ? "" : ", ") + std::to_string(file.place);
      }
    }
    if (!places.empty()) {
      sentences.push_back(
          catalogue_.text(visit.language,
                          key,
                          {{"places", places},
                           {"size", size_words(visit.config->limits.size_bytes_max)},
                           {"count", std::to_string(visit.config->intake.files_max)}}));
    }
  }
  return sentences;
}

/// Nobody who chose a file is told that they sent nothing.
void Site::add_error(const Visit& visit,
                     std::string_view code,
                     const std::vector<LostFile>& lost,
                     View& view) const {
  std::vector<std::string> sentences = lost_files(visit, lost);
  if (!code.empty() && (code != "notice.empty" || sentences.empty())) {
    sentences.insert(sentences.begin(), why(visit.language, code));
  }
  if (sentences.empty()) {
    return;
  }
  View& error = view.add("ERROR");
  for (const std::string& sentence : sentences) {
    error.add("REASON").set("MESSAGE", sentence);
  }
}

void Site::set_moment(const Visit& visit, std::string_view name, UtcMs at_ms, View& view) const {
  view.set(name, catalogue_.moment(visit.language, at_ms));
  view.set(std::string(name) + "_AT", to_rfc3339(at_ms));
}

void Site::add_outcome(const Visit& visit, const intake::Followed& followed, View& view) const {
  if (!followed.outcome) {
    return;
  }
  View& outcome = view.add("OUTCOME");
  const std::string key = "outcome." + std::string(intake::to_string(*followed.outcome));
  outcome.set("OUTCOME_TEXT", catalogue_.text(visit.language, key));
  set_moment(visit, "ANSWERED", followed.answered_ms.value_or(followed.received_ms), outcome);
  if (!followed.answer.empty()) {
    outcome.add("WORDS").set("ANSWER", followed.answer);
  }
}

void Site::add_messages(const Visit& visit, const intake::Followed& followed, View& view) const {
  if (followed.messages.empty()) {
    return;
  }
  View& all = view.add("MESSAGES");
  for (const intake::Message& message : followed.messages) {
    View& one = all.add("MESSAGE");
    one.set("WHO", catalogue_.text(visit.language, message.from_sender ? "state.you" : "state.us"));
    one.set("WHEN", catalogue_.moment(visit.language, message.at_ms));
    one.set("AT", to_rfc3339(message.at_ms));
    one.set("WORDS", message.text);
  }
}

void Site::add_earlier(const Visit& visit, const intake::Followed& followed, View& view) const {
  if (!followed.earlier) {
    return;
  }
  View& earlier = view.add("EARLIER");
  const std::string key = "outcome." + std::string(intake::to_string(*followed.earlier));
  earlier.set("EARLIER_TEXT", catalogue_.text(visit.language, key));
  set_moment(visit, "TOLD", followed.earlier_ms.value_or(followed.received_ms), earlier);
}

Result<std::string> Site::state(const Visit& visit,
                                const intake::Followed& followed,
                                const FollowedMore& more) const {
  const std::string& language = visit.language;
  View view;
  view.set("NUMBER", followed.number);
  view.set("PIN", more.pin);
  view.set("TEXT", more.text);
  view.set("STATE", catalogue_.text(language, key_of(followed)));
  set_moment(visit, "RECEIVED", followed.received_ms, view);
  if (intake::is_waiting(followed.state)) {
    View& waiting = view.add("WAITING");
    set_moment(visit, "DUE", followed.due_ms, waiting);
    waiting.show("LATE", visit.now_ms > followed.due_ms);
  }
  if (!more.done.empty()) {
    view.add("DONE").set("MESSAGE", catalogue_.text(language, more.done));
  }
  add_error(visit, more.error, more.lost, view);
  if (followed.imminent && intake::is_waiting(followed.state)) {
    add_emergency(visit, view.add("IMMINENT"));
  }
  add_outcome(visit, followed, view);
  add_earlier(visit, followed, view);
  add_messages(visit, followed, view);
  add_files(visit, "files.hint", view);
  view.show("CAN_ADD", !is_over(followed.state));
  return render(visit, "state", catalogue_.text(language, "state.title"), std::move(view));
}

Result<std::string> Site::help_page(const Visit& visit, std::string_view country) const {
  const std::string& language = visit.language;
  const auto all = help();
  const std::uint32_t months = visit.config->intake.help_stale_months;
  bool stale = false;
  View view;
  add_countries(visit, country, view);
  const auto add = [&](const Country& one) {
    View& place = view.add("PLACE");
    place.set("COUNTRY", in_language(one.name, language));
    const auto lines =
        [&](std::string_view section, std::string_view each, const std::vector<Line>& from) {
          if (from.empty()) {
            return;
          }
          View& shown = place.add(section);
          for (const Line& line : from) {
            add_line(visit, line, shown.add(each));
            stale = stale || is_stale(line, visit.now_ms, months);
          }
        };
    lines("EMERGENCY", "NUMBER", one.emergency);
    lines("HELPLINES", "LINE", one.helplines);
    lines("HOTLINES", "LINE", one.hotlines);
  };
  for (const Country* const one : by_name(*all, language)) {
    if (country.empty() || one->code == country || one->code.empty()) {
      add(*one);
    }
  }
  if (stale) {
    view.add("STALE").set(
        "WORDS", catalogue_.text(language, "help.stale", {{"months", std::to_string(months)}}));
  }
  view.set("AS_OF_ALL",
           catalogue_.text(
               language, "help.as_of_all", {{"asof", catalogue_.month(language, all->as_of)}}));
  return render(visit, "help", catalogue_.text(language, "help.title"), std::move(view));
}

Result<std::string> Site::promises(const Visit& visit,
                                   const std::vector<KeptPromise>& kept,
                                   std::int64_t days) const {
  const std::string& language = visit.language;
  View view;
  for (const KeptPromise& one : kept) {
    View& queue = view.add("QUEUE");
    const std::string key = "queue." + std::string(intake::to_string(one.kept.queue));
    queue.set("NAME", catalogue_.text(language, key));
    queue.set("PROMISE", catalogue_.duration(language, one.promise_ms));
    queue.set("RECEIVED", std::to_string(one.kept.received));
    // Broken are also those that came before the period and still wait.
    const std::int64_t over = one.kept.kept + one.kept.broken + one.kept.withdrawn;
    queue.set("OPEN", std::to_string(std::max<std::int64_t>(0, one.kept.received - over)));
    queue.set("KEPT", std::to_string(one.kept.kept));
    queue.set("BROKEN", std::to_string(one.kept.broken));
    if (one.kept.took_ms_mean > 0) {
      queue.add("TOOK").set("MEAN", catalogue_.duration(language, one.kept.took_ms_mean));
    }
  }
  view.set("PERIOD",
           catalogue_.text(language, "promises.period", {{"days", std::to_string(days)}}));
  return render(visit, "promises", catalogue_.text(language, "promises.title"), std::move(view));
}

}  // namespace tutela::intake_page
