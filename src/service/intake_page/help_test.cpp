#include "service/intake_page/help.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "service/intake_page/files.hpp"

namespace tutela::intake_page {
namespace {

constexpr UtcMs kNow = 1'795'392'000'000;  // 2026-11-23

std::string with_line(const std::string& fields) {
  return R"({"format":"tutela-help-1","as_of":"2026-11","countries":[{"country":"DE","name":"D",)"
         R"("emergency":[],"helplines":[{)" +
         fields + R"(}],"hotlines":[]}]})";
}

constexpr auto kGood =
    R"("name":"A","phone":"116 111","source":"https://a.example","as_of":"2026-11")";

/// The day on which the tests run, as the fields of the file have it; a clock that says less than
/// the day on which this was written is wrong.
std::string today() {
  return std::max(to_rfc3339(SystemClock().now_ms()).substr(0, 10), std::string("2026-11-23"));
}

/// What a telephone needs to dial: three digits or more, or a short code that is one of two.
bool can_be_dialled(const std::string& phone) {
  const auto digits = std::ranges::count_if(phone, [](char c) { return c >= '0' && c <= '9'; });
  return (digits >= 3 && digits <= 15) || phone == "17";
}

TEST(Help, OursHasNumbersOfManyCountriesAndAPlaceForEverywhere) {
  const auto help = parse_help(bytes_of("locales/help.json"));
  ASSERT_TRUE(help) << help.error().message;
  const auto with_numbers = std::ranges::count_if(
      help->countries, [](const Country& country) { return !country.emergency.empty(); });
  EXPECT_GE(with_numbers, 25);
  EXPECT_NE(help->find(""), nullptr);
  ASSERT_NE(help->find("DE"), nullptr);
  EXPECT_EQ(help->find("DE")->emergency.front().phone, "110");
  for (const Country& country : help->countries) {
    EXPECT_TRUE(country.name.contains("en") && country.name.contains("de")) << country.code;
  }
}

TEST(Help, EachOfOursHasASourceADayThatIsPastAndANumberThatCanBeDialled) {
  const auto help = parse_help(bytes_of("locales/help.json"));
  ASSERT_TRUE(help) << help.error().message;
  for (const Country& country : help->countries) {
    for (const auto* lines : {&country.emergency, &country.helplines, &country.hotlines}) {
      for (const Line& line : *lines) {
        const std::string which = country.code + " " + std::string(in_language(line.name, "en"));
        EXPECT_TRUE(line.source.starts_with("https://")) << which;
        EXPECT_FALSE(line.source_name.empty()) << which;
        EXPECT_LE(line.as_of, today().substr(0, 7)) << which;
        ASSERT_TRUE(line.confirmed) << which;
        EXPECT_LE(*line.confirmed, today()) << which;
        EXPECT_NE(line.confirmed_by, Checked::kAsked) << which << ": nobody could ask them";
        EXPECT_TRUE(line.phone.empty() || can_be_dialled(line.phone)) << which;
        for (const std::string_view language : {"en", "de"}) {
          EXPECT_FALSE(in_language(line.name, language).empty()) << which;
          EXPECT_TRUE(line.text.empty() || line.text.contains(language)) << which;
          EXPECT_TRUE(line.hours.empty() || line.hours.contains(language)) << which;
        }
      }
    }
    for (const Line& line : country.emergency) {
      EXPECT_EQ(line.confirmed_by, Checked::kSource) << country.code << " " << line.phone;
      EXPECT_EQ(line.source_name.rfind("libphonenumber ", 0), 0U) << country.code;
    }
  }
}

TEST(Help, ErrorsNameThePlace) {
  ASSERT_TRUE(parse_help(with_line(kGood)));
  const auto why = [](const std::string& json) {
    const auto help = parse_help(json);
    EXPECT_FALSE(help) << json;
    return help ? std::string() : help.error().message;
  };
  const std::string good = kGood;
  EXPECT_EQ(why("nonsense").rfind("intake.help_file is no JSON at line 1, column ", 0), 0U);
  EXPECT_EQ(why("").rfind("intake.help_file is no JSON at line 1, column 1", 0), 0U);
  EXPECT_NE(why("{\n \"format\": \"x\",\n \"a\": }").find("at line 3, column 7"),
            std::string::npos);
  EXPECT_NE(why("{}\n\n [").find("at line 3, column 2"), std::string::npos);
  EXPECT_EQ(parse_help("{").error().code, "help.no_json");
  EXPECT_EQ(parse_help("{}").error().code, "help.bad_file");
  EXPECT_EQ(parse_help(std::string(kHelpBytesMax + 1, ' ')).error().code, "help.too_large");
  EXPECT_NE(
      why(with_line(R"("name":{"de":"A"},"phone":"1","source":"https://a","as_of":"2026-11")"))
          .find(R"(name lacks "en")"),
      std::string::npos);
  EXPECT_EQ(why("[]"), "intake.help_file:  must be an object");
  EXPECT_NE(why(with_line(good + R"(,"sourse":"x")")).find("helplines[0].sourse is no field"),
            std::string::npos);
  EXPECT_NE(why(with_line(R"("name":"A","phone":"1","as_of":"2026-11")"))
                .find("countries[0].helplines[0].source is missing"),
            std::string::npos);
  for (const std::string bad :
       {R"("name":"A","source":"https://a.example","as_of":"2026-11")",
        R"("name":"","phone":"1","source":"https://a","as_of":"2026-11")",
        R"("name":"A","phone":"call","source":"https://a","as_of":"2026-11")",
        R"("name":"A","phone":"1","source":"http://a","as_of":"2026-11")",
        R"("name":"A","phone":"1","source":"https://a","as_of":"2026-13")",
        R"("name":7,"phone":"1","source":"https://a","as_of":"2026-11")",
        R"("name":{"de":"A"},"phone":"1","source":"https://a","as_of":"2026-11")"}) {
    EXPECT_FALSE(why(with_line(bad)).empty()) << bad;
  }
  for (const std::string bad :
       {R"("confirmed":"2026-02-30")",
        R"("url":"javascript:x")",
        R"("email":"nobody")",
        R"("languages":[])",
        R"("languages":["D"])",
        R"("confirmed_by":"copy")",
        R"("confirmed":"2026-11-23","confirmed_by":"me")",
        R"("source_name":7)",
        R"("also":"https://a.example")",
        R"("also":["http://a.example"])",
        R"("also":["https://a","https://a","https://a","https://a","https://a"])",
        R"("hours":"a\u0000b")"}) {
    EXPECT_FALSE(why(with_line(good + "," + bad)).empty()) << bad;
  }
  EXPECT_FALSE(why(std::string(kHelpBytesMax + 1, ' ')).empty());
}

TEST(Help, ACountryStandsThereOnce) {
  const std::string country =
      R"({"country":"DE","name":"D","emergency":[],"helplines":[],"hotlines":[]})";
  const std::string twice = R"({"format":"tutela-help-1","as_of":"2026-11","countries":[)" +
                            country + "," + country + "]}";
  EXPECT_FALSE(parse_help(twice));
}

TEST(Help, IsStaleAfterTheMonthsThatTheOperatorSetUnlessSomebodyChecked) {
  Line line;
  line.as_of = "2026-11";
  EXPECT_FALSE(is_stale(line, kNow, 12));
  line.as_of = "2025-11";
  EXPECT_FALSE(is_stale(line, kNow, 12));
  EXPECT_TRUE(is_stale(line, kNow, 11));
  line.as_of = "2025-10";
  EXPECT_TRUE(is_stale(line, kNow, 12));
  EXPECT_FALSE(is_stale(line, kNow, 13));
  line.confirmed = "2026-01-05";
  EXPECT_FALSE(is_stale(line, kNow, 12));
  EXPECT_TRUE(is_stale(line, kNow, 9));
  line.confirmed = "2025-01-05";
  EXPECT_TRUE(is_stale(line, kNow, 12));
}

TEST(Help, ADayThatIsStillToComeKeepsNothingFresh) {
  Line line;
  line.as_of = "2025-01";
  line.confirmed = "2062-11-23";
  EXPECT_TRUE(is_stale(line, kNow, 12));
  line.as_of = "2027-01";
  EXPECT_TRUE(is_stale(line, kNow, 12));
  line.confirmed = "2026-11-23";
  EXPECT_FALSE(is_stale(line, kNow, 12));
}

TEST(Help, HowItWasCheckedIsReadAndIsThatTheyWereAskedWhereNothingIsSaid) {
  const auto first = [](const std::string& more) {
    const auto help = parse_help(with_line(std::string(kGood) + more));
    EXPECT_TRUE(help) << help.error().message;
    return help ? help->countries.front().helplines.front() : Line();
  };
  EXPECT_FALSE(first("").confirmed);
  EXPECT_EQ(first(R"(,"confirmed":"2026-11-23")").confirmed_by, Checked::kAsked);
  for (const Checked how : {Checked::kAsked, Checked::kSource, Checked::kCopy}) {
    const Line line = first(R"(,"confirmed":"2026-11-23","confirmed_by":")" +
                            std::string(to_string(how)) + R"(","also":["https://b.example"])");
    EXPECT_EQ(line.confirmed_by, how);
    EXPECT_EQ(line.also, std::vector<std::string>{"https://b.example"});
  }
}

TEST(Help, TextsFallBackToEnglishAndToThatOfAllLanguages) {
  EXPECT_EQ(in_language({{"en", "a"}, {"de", "b"}}, "de"), "b");
  EXPECT_EQ(in_language({{"en", "a"}}, "de"), "a");
  EXPECT_EQ(in_language({{"", "c"}}, "de"), "c");
  EXPECT_EQ(in_language({}, "de"), "");
}

}  // namespace
}  // namespace tutela::intake_page
