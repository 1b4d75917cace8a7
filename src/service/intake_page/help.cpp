#include "service/intake_page/help.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <utility>

#include <boost/json/stream_parser.hpp>

#include "base/utf8.hpp"
#include "service/intake_page/language.hpp"

namespace tutela::intake_page {

namespace json = boost::json;

namespace {

constexpr std::size_t kCountriesMax = 300;
constexpr std::size_t kLinesMax = 50;
constexpr std::size_t kTextBytesMax = 500;
constexpr std::size_t kPhoneBytesMax = 40;
constexpr std::string_view kFormat = "tutela-help-1";
constexpr std::size_t kSourcesMax = 4;

bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= kTextBytesMax && is_utf8_text(text, Breaks::kNone);
}

bool is_address(std::string_view text) {
  return text.starts_with("https://") && text.size() > 8 && text.size() <= kTextBytesMax &&
         std::ranges::all_of(
             text, [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '<' && c != '>'; });
}

bool is_phone(std::string_view text) {
  constexpr std::string_view kMarks = "+-() ./*#";
  return !text.empty() && text.size() <= kPhoneBytesMax && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

bool is_mail(std::string_view text) {
  return is_plain(text) && text.find('@') != std::string_view::npos &&
         text.find(' ') == std::string_view::npos;
}

bool is_code(std::string_view text) {
  return text.empty() || (text.size() == 2 &&
                          std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; }));
}

bool is_language(std::string_view text) {
  return text.size() >= 2 && text.size() <= 3 &&
         std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

constexpr std::array kAllChecked = {Checked::kAsked, Checked::kSource, Checked::kCopy};

bool is_checked(std::string_view text) {
  return std::ranges::any_of(kAllChecked, [&](Checked how) { return to_string(how) == text; });
}

int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    number = text[i] >= '0' && text[i] <= '9' ? number * 10 + (text[i] - '0') : -100'000;
  }
  return number;
}

bool is_month(std::string_view text) {
  return text.size() == 7 && text[4] == '-' && number_at(text, 0, 4) >= 2000 &&
         number_at(text, 5, 2) >= 1 && number_at(text, 5, 2) <= 12;
}

bool is_day(std::string_view text) {
  if (text.size() != 10 || text[7] != '-' || !is_month(text.substr(0, 7))) {
    return false;
  }
  const std::chrono::year_month_day day{
      std::chrono::year(number_at(text, 0, 4)),
      std::chrono::month(static_cast<unsigned>(number_at(text, 5, 2))),
      std::chrono::day(static_cast<unsigned>(std::max(0, number_at(text, 8, 2))))};
  return day.ok();
}

/// "line 12, column 3" of the byte at `at`: where an editor shows it.
std::string place_of_byte(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, std::min(at, text.size()));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return "line " + std::to_string(1 + std::ranges::count(before, '\n')) + ", column " +
         std::to_string(1 + before.size() - line_start);
}

Result<json::value> parse_json(std::string_view text) {
  json::stream_parser parser;
  boost::system::error_code failed;
  const std::size_t read = parser.write(text.data(), text.size(), failed);
  if (!failed) {
    parser.finish(failed);
  }
  if (failed) {
    return Error{
        ErrorKind::kInvalidInput,
        "help.no_json",
        "intake.help_file is no JSON at " + place_of_byte(text, read) + ": " + failed.message() +
            ". Mend it there: a comma or a quotation mark too many or too few, or no UTF-8"};
  }
  return parser.release();
}

/// Reads one object of the file; keeps the first complaint, with its place.
class Reader {
 public:
  Reader(const json::value& from, std::string place, std::optional<Error>& complaint)
      : place_(std::move(place)), complaint_(complaint) {
    object_ = from.if_object();
    if (object_ == nullptr) {
      complain("", "must be an object");
    }
  }

  void complain(std::string_view name, std::string_view what) {
    if (!complaint_) {
      const std::string at = place_ + (name.empty() || place_.empty() ? "" : ".");
      complaint_ = Error{ErrorKind::kInvalidInput,
                         "help.bad_file",
                         "intake.help_file: " + at + std::string(name) + " " + std::string(what)};
    }
  }

  /// nullptr where it is absent or null.
  const json::value* take(std::string_view name) {
    known_.insert(name);
    const json::value* const found = object_ == nullptr ? nullptr : object_->if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
  }

  std::string text(std::string_view name,
                   bool (*good)(std::string_view),
                   std::string_view what,
                   bool needed) {
    const json::value* const value = take(name);
    if (value == nullptr) {
      if (needed) {
        complain(name, "is missing");
      }
      return {};
    }
    if (!value->is_string() || !good(value->as_string())) {
      complain(name, what);
      return {};
    }
    return std::string(value->as_string());
  }

  /// A text for all languages, or an object of texts by language.
  ByLanguage texts(std::string_view name, bool needed) {
    const json::value* const value = take(name);
    ByLanguage texts;
    if (value == nullptr) {
      if (needed) {
        complain(name, "is missing");
      }
      return texts;
    }
    if (const auto* const all = value->if_string(); all != nullptr && is_plain(*all)) {
      texts.emplace("", *all);
      return texts;
    }
    const json::object* const object = value->if_object();
    bool good = object != nullptr && object->contains(kLanguages.front());
    if (good) {
      for (const auto& [language, text] : *object) {
        good = good && is_language(language) && text.is_string() && is_plain(text.as_string());
        if (good) {
          texts.emplace(language, text.as_string());
        }
      }
    }
    if (!good) {
      complain(name,
               object != nullptr && !object->contains(kLanguages.front())
                   ? R"(lacks "en": readers of a language without a text of its own get that one)"
                   : R"(must be one line of text, or {"en": ...} with one for each language)");
    }
    return texts;
  }

  const json::array* members(std::string_view name, std::size_t most) {
    const json::value* const value = take(name);
    const json::array* const array = value == nullptr ? nullptr : value->if_array();
    if (array == nullptr || array->size() > most) {
      complain(name, "must be an array of at most " + std::to_string(most));
      return nullptr;
    }
    return array;
  }

  /// https addresses, at most kSourcesMax.
  std::vector<std::string> addresses(std::string_view name) {
    std::vector<std::string> addresses;
    const json::value* const value = take(name);
    const json::array* const array = value == nullptr ? nullptr : value->if_array();
    bool good = value == nullptr || (array != nullptr && array->size() <= kSourcesMax);
    for (std::size_t i = 0; array != nullptr && good && i < array->size(); ++i) {
      const json::string* const one = (*array)[i].if_string();
      good = one != nullptr && is_address(*one);
      addresses.emplace_back(good ? std::string_view(*one) : std::string_view());
    }
    if (!good) {
      complain(name, "must be an array of at most 4 https addresses");
    }
    return addresses;
  }

  void finish() {
    if (object_ == nullptr) {
      return;
    }
    for (const auto& [name, value] : *object_) {
      if (!known_.contains(std::string_view(name))) {
        complain(name, "is no field of this format");
      }
    }
  }

  [[nodiscard]] std::string place_of(std::string_view name, std::size_t index) const {
    return place_ + (place_.empty() ? "" : ".") + std::string(name) + "[" + std::to_string(index) +
           "]";
  }

 private:
  const json::object* object_ = nullptr;
  std::string place_;
  std::optional<Error>& complaint_;
  std::set<std::string_view> known_;
};

Line read_line(const json::value& from,
               const std::string& place,
               bool needs_phone,
               std::optional<Error>& complaint) {
  constexpr std::string_view kAddress = "must be an https address";
  Reader reader(from, place, complaint);
  Line line;
  line.name = reader.texts("name", true);
  line.text = reader.texts("text", false);
  line.phone = reader.text(
      "phone", is_phone, "must be digits, blanks and + - ( ) . / * #, at most 40", needs_phone);
  line.email = reader.text("email", is_mail, "must be a mail address", false);
  line.url = reader.text("url", is_address, kAddress, false);
  line.hours = reader.texts("hours", false);
  line.source = reader.text("source", is_address, kAddress, true);
  line.source_name = reader.text("source_name", is_plain, "must be one line of text", false);
  line.also = reader.addresses("also");
  line.as_of = reader.text("as_of", is_month, "must be a month such as 2026-11", true);
  const std::string confirmed =
      reader.text("confirmed", is_day, "must be a day such as 2026-11-23, or null", false);
  if (!confirmed.empty()) {
    line.confirmed = confirmed;
  }
  const std::string by =
      reader.text("confirmed_by", is_checked, R"(must be "asked", "source" or "copy")", false);
  for (const Checked how : kAllChecked) {
    line.confirmed_by = to_string(how) == by ? how : line.confirmed_by;
  }
  if (!by.empty() && confirmed.empty()) {
    reader.complain("confirmed_by", "stands there without \"confirmed\", the day of it");
  }
  if (const json::value* const languages = reader.take("languages"); languages != nullptr) {
    const json::array* const array = languages->if_array();
    for (std::size_t i = 0; array != nullptr && i < array->size() && i < kLinesMax; ++i) {
      const json::string* const one = (*array)[i].if_string();
      line.languages.emplace_back(one == nullptr ? std::string_view() : std::string_view(*one));
    }
    if (array == nullptr || array->empty() || !std::ranges::all_of(line.languages, is_language)) {
      reader.complain("languages", R"(must be an array such as ["en", "de"])");
    }
  }
  if (line.phone.empty() && line.email.empty() && line.url.empty()) {
    reader.complain("", "needs one of phone, email and url");
  }
  reader.finish();
  return line;
}

std::vector<Line> read_lines(Reader& reader,
                             std::string_view name,
                             bool needs_phone,
                             std::optional<Error>& complaint) {
  std::vector<Line> lines;
  if (const json::array* const members = reader.members(name, kLinesMax); members != nullptr) {
    for (std::size_t i = 0; i < members->size() && !complaint; ++i) {
      lines.push_back(read_line((*members)[i], reader.place_of(name, i), needs_phone, complaint));
    }
  }
  return lines;
}

Country read_country(const json::value& from,
                     const std::string& place,
                     std::optional<Error>& complaint) {
  Reader reader(from, place, complaint);
  Country country;
  country.code = reader.text(
      "country", is_code, "must be two capital letters (ISO 3166-1), or empty: everywhere", true);
  country.name = reader.texts("name", true);
  country.emergency = read_lines(reader, "emergency", true, complaint);
  country.helplines = read_lines(reader, "helplines", false, complaint);
  country.hotlines = read_lines(reader, "hotlines", false, complaint);
  reader.finish();
  return country;
}

/// Months since year 0.
int months_of(std::string_view year_month) {
  return number_at(year_month, 0, 4) * 12 + number_at(year_month, 5, 2) - 1;
}

}  // namespace

std::string_view in_language(const ByLanguage& texts, std::string_view language) {
  for (const std::string_view one : {language, kLanguages.front(), std::string_view()}) {
    if (const auto found = texts.find(one); found != texts.end()) {
      return found->second;
    }
  }
  return {};
}

const Country* Help::find(std::string_view code) const {
  const auto found = std::ranges::find(countries, code, &Country::code);
  return found == countries.end() ? nullptr : &*found;
}

Error help_too_large() {
  return {ErrorKind::kInvalidInput,
          "help.too_large",
          "intake.help_file is larger than 1 MiB: take out what your people do not need"};
}

Result<Help> parse_help(std::string_view text) {
  if (text.size() > kHelpBytesMax) {
    return help_too_large();
  }
  TUTELA_TRY_ASSIGN(const json::value parsed, parse_json(text));
  std::optional<Error> complaint;
  Reader reader(parsed, "", complaint);
  Help help;
  reader.text(
      "format",
      [](std::string_view format) { return format == kFormat; },
      "must be \"tutela-help-1\"",
      true);
  help.as_of = reader.text("as_of", is_month, "must be a month such as 2026-11", true);
  std::set<std::string> seen;
  const json::array* const members = reader.members("countries", kCountriesMax);
  for (std::size_t i = 0; members != nullptr && i < members->size() && !complaint; ++i) {
    help.countries.push_back(
        read_country((*members)[i], reader.place_of("countries", i), complaint));
    if (!seen.insert(help.countries.back().code).second) {
      reader.complain(reader.place_of("countries", i), "is of a country that was there before");
    }
  }
  reader.finish();
  if (complaint) {
    return *std::move(complaint);
  }
  return help;
}

std::string_view to_string(Checked how) noexcept {
  switch (how) {
    case Checked::kAsked:
      return "asked";
    case Checked::kSource:
      return "source";
    case Checked::kCopy:
      return "copy";
  }
  return "asked";
}

bool is_stale(const Line& line, UtcMs now_ms, std::uint32_t months) {
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(now_ms)))};
  const int now = static_cast<int>(today.year()) * 12 +
                  static_cast<int>(static_cast<unsigned>(today.month())) - 1;
  const auto is_fresh = [&](std::string_view year_month) {
    const int age = now - months_of(year_month);
    return age >= 0 && age <= static_cast<int>(months);
  };
  return !is_fresh(line.as_of) && !(line.confirmed && is_fresh(*line.confirmed));
}

}  // namespace tutela::intake_page
