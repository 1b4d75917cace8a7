// RandomSubmission: valid submissions at random, made of the same fields() as everything else:
// every element and variant, lengths at their bounds, all kinds of characters.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "exchange/cybertip/model.hpp"
#include "exchange/cybertip/visit.hpp"

namespace tutela::cybertip {

class RandomSubmission {
 public:
  explicit RandomSubmission(std::uint64_t seed) : engine_(seed) {}

  /// All times lie before `now_ms`. Of a hundred optional fields at most `chance_most` are said.
  Submission make(UtcMs now_ms, std::uint64_t chance_most = 55) {
    now_ms_ = now_ms;
    chance_ = number(3, chance_most);
    Submission submission;
    operator()("report", submission.report, "");
    if (one_in(2)) {
      operator()("files", submission.files, "");
    }
    mend(submission);
    return submission;
  }

  template <class Member>
  void operator()(std::string_view /*name*/, Member& member, std::string_view /*help*/) {
    using Value = typename Cardinality<Member>::Value;
    constexpr bool kRequired = Cardinality<Member>::kLeast > 0;
    if (!kRequired && number(0, 99) >= chance_) {
      return;
    }
    if constexpr (Cardinality<Member>::kMany) {
      const std::uint64_t count = one_in(4) ? number(1, 3) : 1;
      for (std::uint64_t i = 0; i < count; ++i) {
        member.push_back(value<Value>());
      }
    } else {
      Value made = value<Value>();
      // A part that says nothing is no valid part.
      if (kRequired || !is_silent(made)) {
        member.emplace(std::move(made));
      }
    }
    drop_silent(member);
  }

  std::uint64_t number(std::uint64_t least, std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(least, most)(engine_);
  }

  bool one_in(std::uint64_t times) { return number(1, times) == 1; }

 private:
  template <class T>
  static bool is_silent(const T& value) {
    if constexpr (Structure<T>) {
      return says_nothing(value);
    } else {
      return false;
    }
  }

  template <class Member>
  static void drop_silent(Member& member) {
    if constexpr (Cardinality<Member>::kMany) {
      std::erase_if(member, [](const auto& each) { return is_silent(each); });
    }
  }

  template <class T>
  T value() {
    if constexpr (std::is_same_v<T, bool>) {
      return one_in(2);
    } else if constexpr (Choice<T>) {
      T chosen;
      choose(chosen, number(0, std::variant_size_v<T> - 1), std::make_index_sequence<8>());
      return chosen;
    } else if constexpr (Structure<T>) {
      T group;
      T::fields(group, *this);
      mend(group);
      return group;
    } else {
      return *leaf(static_cast<const T*>(nullptr));
    }
  }

  template <class T, std::size_t... kIndexes>
  void choose(T& chosen, std::uint64_t index, std::index_sequence<kIndexes...> /*all*/) {
    ((index == kIndexes ? void(chosen = value<std::variant_alternative_t<kIndexes, T>>()) : void()),
     ...);
  }

  // Leaves.

  std::string character() {
    constexpr std::string_view kCharacters[] = {"a",
                                                "Z",
                                                "7",
                                                " ",
                                                "<",
                                                ">",
                                                "&",
                                                "\"",
                                                "'",
                                                "]]>",
                                                "\t",
                                                "\n",
                                                "\r",
                                                "%",
                                                "\x7F",
                                                "\xC2\x85",
                                                "\xC3\xA9",
                                                "\xD7\xA9",
                                                "\xE2\x82\xAC",
                                                "\xE6\xBC\xA2",
                                                "\xED\x9F\xBF",
                                                "\xEE\x80\x80",
                                                "\xEF\xBF\xBD",
                                                "\xF0\x9F\x98\x80",
                                                "\xF4\x8F\xBF\xBF",
                                                "&amp;",
                                                "&#13;",
                                                "<!--",
                                                "<![CDATA["};
    return std::string(kCharacters[number(0, std::size(kCharacters) - 1)]);
  }

  /// At most `most` characters, and exactly as many in one of four.
  std::string text(std::size_t most) {
    const std::size_t wanted = one_in(4) ? most : number(1, std::min<std::size_t>(most, 12));
    std::string result = "x";
    std::size_t length = 1;
    while (length < wanted) {
      const std::string next = character();
      const std::size_t next_length = *length_of(next);
      if (length + next_length > wanted) {
        result += std::string(wanted - length, 'y');
        break;
      }
      result += next;
      length += next_length;
    }
    return result;
  }

  std::string digits(std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) {
      result += static_cast<char>('0' + number(0, 9));
    }
    return result;
  }

  std::string of(std::string_view characters, std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) {
      result += characters[number(0, characters.size() - 1)];
    }
    return result;
  }

  template <std::size_t kMax>
  auto leaf(const Text<kMax>* /*type*/) {
    return Text<kMax>::make(text(kMax));
  }

  auto leaf(const LongText* /*type*/) { return LongText::make(text(one_in(20) ? 9000 : 40)); }

  auto leaf(const EmailAddress* /*type*/) {
    const std::size_t local = one_in(4) ? 64 : number(1, 12);
    const std::string domain = one_in(8) ? of("abc", 63) + "." + of("abc", 63) + "." + of("abc", 62)
                                         : of("abc09", number(1, 9)) + ".example.org";
    return EmailAddress::make(of("abc!#$%&'*+/=?^_`{|}~-", local) + "@" + domain);
  }

  auto leaf(const Url* /*type*/) {
    std::string url = one_in(2) ? "https://" : "http://";
    url += one_in(4) ? "[2001:db8::1]:8443" : "example.org";
    url += "/" + of("abc/", number(0, 9)) + (one_in(2) ? "?q=1&r='%20'" : "");
    if (one_in(8)) {
      url += of("xyz", 2083 - url.size());
    }
    return Url::make(url);
  }

  auto leaf(const PhoneNumber* /*type*/) {
    return PhoneNumber::make((one_in(4) ? "+" : "5") + digits(one_in(4) ? 49 : number(2, 9)));
  }

  auto leaf(const CallingCode* /*type*/) { return CallingCode::make("+" + digits(number(1, 3))); }

  auto leaf(const Extension* /*type*/) { return Extension::make(digits(number(1, 10))); }

  auto leaf(const IpAddress* /*type*/) {
    const auto octet = [&] {
      return std::to_string(number(0, 255));
    };
    const std::string v4 = octet() + "." + octet() + "." + octet() + "." + octet();
    const std::string v6 = "2001:db8::" + of("0123456789abcdef", number(1, 4));
    return IpAddress::make(one_in(2) ? v4 : one_in(2) ? v6 : "::ffff:" + v4);
  }

  auto leaf(const Timestamp* /*type*/) {
    const UtcMs at =
        one_in(8) ? now_ms_ : static_cast<UtcMs>(number(0, static_cast<std::uint64_t>(now_ms_)));
    const int zone = one_in(2) ? 0 : static_cast<int>(number(0, 28)) * 60 - 14 * 60;
    const UtcMs local = std::max<UtcMs>(at + zone * 60'000, 0);
    std::string text = to_rfc3339(local);
    text.pop_back();
    if (one_in(2)) {
      text.resize(19);
    }
    const int minutes = std::abs(zone);
    const auto two = [](int value) {
      return std::string(value < 10 ? "0" : "") + std::to_string(value);
    };
    text += zone == 0 ? "Z" : (zone < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60);
    const Result<Timestamp> made = Timestamp::make(text);
    return made && made->at_ms() <= now_ms_ ? made : Timestamp::make("2020-02-29T23:59:59Z");
  }

  auto leaf(const Date* /*type*/) {
    const auto two = [](std::uint64_t value) {
      return std::string(value < 10 ? "0" : "") + std::to_string(value);
    };
    return Date::make(std::to_string(number(1850, 2025)) + "-" + two(number(1, 12)) + "-" +
                      two(number(1, 28)));
  }

  template <class Set>
  auto leaf(const Word<Set>* /*type*/) {
    return Word<Set>::make(Set::kWords[number(0, Set::kWords.size() - 1)]);
  }

  template <class Tag, std::int64_t kLeast, std::int64_t kMost>
  auto leaf(const Whole<Tag, kLeast, kMost>* /*type*/) {
    const std::int64_t middle = std::uniform_int_distribution<std::int64_t>(kLeast, kMost)(engine_);
    return Whole<Tag, kLeast, kMost>::make(one_in(4) ? kLeast : one_in(4) ? kMost : middle);
  }

  template <std::int64_t kMost>
  auto leaf(const Degrees<kMost>* /*type*/) {
    const double most = static_cast<double>(kMost);
    return Degrees<kMost>::make(one_in(8)   ? -most
                                : one_in(8) ? 1e-7
                                            : std::uniform_real_distribution(-most, most)(engine_));
  }

  auto leaf(const Mark* /*type*/) { return Mark::make(true); }

  // What the rules ask for across fields.

  template <class T>
  void mend(T& /*anything else*/) {}

  void mend(Email& email) {
    if (email.verification_date) {
      email.verified = true;
    }
  }

  void mend(Phone& phone) {
    if (phone.verification_date) {
      phone.verified = true;
    }
    if (phone.text->text().starts_with('+')) {
      phone.country_calling_code.reset();
    }
  }

  void mend(Person& person) {
    if (person.age && person.date_of_birth) {
      one_in(2) ? person.age.reset() : person.date_of_birth.reset();
    }
  }

  void mend(AssociatedAccount& account) {
    if (account.approximate_age && account.date_of_birth) {
      one_in(2) ? account.approximate_age.reset() : account.date_of_birth.reset();
    }
  }

  void mend(TemporarilyDisabled& disabled) {
    if (disabled.disabled_date) {
      disabled.user_notified_date = disabled.disabled_date;
      if (disabled.reenabled_date &&
          disabled.reenabled_date->at_ms() <= disabled.disabled_date->at_ms()) {
        disabled.reenabled_date.reset();
      }
    }
  }

  void mend(PermanentlyDisabled& disabled) {
    if (disabled.disabled_date) {
      disabled.user_notified_date.reset();
    }
  }

  void mend(EstimatedLocation& location) {
    if (one_in(4)) {
      location.country_code = *CountryCode::make("US");
    }
    if (location.country_code->is("US")) {
      location.region = *Text<255>::make(value<UsState>().text());
    }
  }

  void mend(Reporter& reporter) {
    if (reporter.reporting_person->emails.empty()) {
      reporter.reporting_person->emails.push_back(value<Email>());
    }
  }

  void mend(FileDetails& file) {
    if (file.exif_viewed_by_esp == true) {
      file.file_viewed_by_esp = true;
    }
    if (file.potential_meme && file.annotations) {
      one_in(2) ? file.potential_meme.reset() : file.annotations.reset();
    }
    if (file.potential_meme || file.classification ||
        (file.annotations && file.annotations->potential_meme)) {
      file.relevance.reset();
    }
  }

  void mend(Report& report) {
    if (report.batched_report && !one_in(4)) {
      report.batched_report.reset();
    }
    if (report.batched_report) {
      Report batch;
      batch.batched_report = std::move(report.batched_report);
      batch.incident_summary = std::move(report.incident_summary);
      batch.incident_summary->escalate_to_high_priority.reset();
      batch.reporter = std::move(report.reporter);
      for (std::uint64_t i = number(0, 4); i > 0; --i) {
        batch.reported.emplace_back().esp_identifier = value<Text<255>>();
      }
      report = std::move(batch);
      return;
    }
    if (report.reported.size() > 1) {
      report.reported.resize(1);
    }
    for (InternetDetails& details : report.internet_details) {
      own_addresses(report, std::get_if<EmailIncident>(&details));
      own_addresses(report, std::get_if<NewsgroupIncident>(&details));
    }
  }

  template <class Incident>
  void own_addresses(Report& report, Incident* incident) {
    if (incident == nullptr) {
      return;
    }
    for (const Email& email : incident->email_addresses) {
      Person person;
      person.emails.push_back(email);
      if (one_in(2)) {
        report.victims.emplace_back().person.emplace(std::move(person));
      } else {
        report.recipients.emplace_back().person.emplace(std::move(person));
      }
    }
  }

  void mend(Submission& submission) {
    if (!submission.report->batched_report) {
      return;
    }
    submission.files.resize(std::min<std::size_t>(submission.files.size(), 1));
    for (FileDetails& file : submission.files) {
      FileDetails lean;
      lean.file_name = file.file_name;
      lean.uploaded_to_esp = file.uploaded_to_esp;
      lean.file_viewed_by_esp = file.file_viewed_by_esp;
      lean.publicly_available = file.publicly_available;
      lean.classification = file.classification;
      lean.annotations.emplace();
      lean.annotations->viral = *Mark::make(true);
      file = std::move(lean);
    }
  }

  std::mt19937_64 engine_;
  UtcMs now_ms_ = 0;
  std::uint64_t chance_ = 0;
};

}  // namespace tutela::cybertip
