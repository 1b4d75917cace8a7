#include "service/intake_page/catalogue.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include <boost/json/parse.hpp>

#include "service/intake_page/files.hpp"
#include "service/intake_page/language.hpp"

namespace tutela::intake_page {

namespace json = boost::json;

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

Error bad(std::string_view language, std::string_view what) {
  return {ErrorKind::kInternal,
          "page.bad_catalogue",
          "the catalogue " + std::string(language) + " of the public pages " + std::string(what)};
}

Result<Catalogue::Texts> read(std::string_view language) {
  boost::system::error_code failed;
  const json::value parsed =
      json::parse(bytes_of("locales/" + std::string(language) + ".json"), failed);
  if (failed || !parsed.is_object()) {
    return bad(language, "is no JSON object");
  }
  Catalogue::Texts texts;
  for (const auto& [key, value] : parsed.as_object()) {
    if (!value.is_string()) {
      return bad(language, "has a value that is no text");
    }
    texts.emplace(key, value.as_string());
  }
  return texts;
}

void replace_all(std::string& text, const std::string& from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// The word of a list such as "January February".
std::string_view word_at(std::string_view words, int index) {
  for (; index > 0; --index) {
    words.remove_prefix(std::min(words.find(' ') + 1, words.size()));
  }
  return words.substr(0, words.find(' '));
}

}  // namespace

Result<Catalogue> Catalogue::load() {
  Catalogue all;
  for (const std::string_view language : kLanguages) {
    TUTELA_TRY_ASSIGN(Texts texts, read(language));
    const Texts& first = all.languages_.empty() ? texts : all.texts(kLanguages.front());
    if (!std::ranges::equal(texts, first, [](const auto& left, const auto& right) {
          return left.first == right.first;
        })) {
      return bad(language, "has other keys than the first one");
    }
    all.languages_.emplace(language, std::move(texts));
  }
  return all;
}

const Catalogue::Texts& Catalogue::texts(std::string_view language) const {
  const auto found = languages_.find(language);
  return found == languages_.end() ? languages_.begin()->second : found->second;
}

std::string Catalogue::text(std::string_view language, std::string_view key, Given given) const {
  const Texts& all = texts(language);
  const auto found = all.find(key);
  std::string text = found == all.end() ? std::string() : found->second;
  for (const auto& [name, value] : given) {
    replace_all(text, "{" + std::string(name) + "}", value);
  }
  return text;
}

std::string Catalogue::duration(std::string_view language, std::int64_t ms) const {
  const auto say = [&](std::int64_t unit_ms, std::string_view unit) {
    const std::int64_t count = (ms + unit_ms - 1) / unit_ms;
    const std::string key = "time." + std::string(unit) + (count == 1 ? "" : "s");
    return text(language, key, {{"n", std::to_string(count)}});
  };
  if (ms >= 3 * kDayMs && ms % kDayMs == 0) {
    return say(kDayMs, "day");
  }
  return ms >= 3 * kHourMs || (ms > 0 && ms % kHourMs == 0) ? say(kHourMs, "hour")
                                                            : say(kMinuteMs, "minute");
}

std::string Catalogue::moment(std::string_view language, UtcMs at_ms) const {
  const std::time_t seconds = static_cast<std::time_t>(at_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  const std::string months = text(language, "months");
  std::array<char, 24> time{};
  std::snprintf(time.data(), time.size(), ", %02d:%02d UTC", parts.tm_hour, parts.tm_min);
  return std::to_string(parts.tm_mday) + (language == "de" ? ". " : " ") +
         std::string(word_at(months, parts.tm_mon)) + " " + std::to_string(1900 + parts.tm_year) +
         time.data();
}

std::string Catalogue::day(std::string_view language, std::string_view year_month_day) const {
  if (year_month_day.size() != 10) {
    return std::string(year_month_day);
  }
  const std::string_view digits = year_month_day.substr(year_month_day[8] == '0' ? 9 : 8);
  return std::string(digits) + (language == "de" ? ". " : " ") + month(language, year_month_day);
}

std::string Catalogue::month(std::string_view language, std::string_view year_month) const {
  if (year_month.size() < 7) {
    return std::string(year_month);
  }
  const int month = (year_month[5] - '0') * 10 + (year_month[6] - '0');
  const std::string months = text(language, "months");
  return std::string(word_at(months, month - 1)) + " " + std::string(year_month.substr(0, 4));
}

}  // namespace tutela::intake_page
