#include "service/intake_page/help.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

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

TEST(Help, OursHasNumbersOfManyCountriesEachWithItsSource) {
  const auto help = parse_help(bytes_of("locales/help.json"));
  ASSERT_TRUE(help) << help.error().message;
  const auto with_numbers = std::ranges::count_if(
      help->countries, [](const Country& country) { return !country.emergency.empty(); });
  EXPECT_GE(with_numbers, 12);
  EXPECT_NE(help->find(""), nullptr);
  ASSERT_NE(help->find("DE"), nullptr);
  EXPECT_EQ(help->find("DE")->emergency.front().phone, "110");
  for (const Country& country : help->countries) {
    EXPECT_TRUE(country.name.contains("en") && country.name.contains("de")) << country.code;
    for (const auto* lines : {&country.emergency, &country.helplines, &country.hotlines}) {
      for (const Line& line : *lines) {
        EXPECT_EQ(line.as_of, "2026-11") << country.code;
        EXPECT_FALSE(line.confirmed) << "nobody could ask them: " << country.code;
      }
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
  EXPECT_EQ(why("nonsense").rfind("intake.help_file is no JSON", 0), 0U);
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
  for (const std::string bad : {R"("confirmed":"2026-02-30")",
                                R"("url":"javascript:x")",
                                R"("email":"nobody")",
                                R"("languages":[])",
                                R"("languages":["D"])",
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

TEST(Help, IsStaleAfterAYearUnlessSomebodyAsked) {
  Line line;
  line.as_of = "2026-11";
  EXPECT_FALSE(is_stale(line, kNow));
  line.as_of = "2025-11";
  EXPECT_FALSE(is_stale(line, kNow));
  line.as_of = "2025-10";
  EXPECT_TRUE(is_stale(line, kNow));
  line.confirmed = "2026-01-05";
  EXPECT_FALSE(is_stale(line, kNow));
  line.confirmed = "2025-01-05";
  EXPECT_TRUE(is_stale(line, kNow));
}

TEST(Help, TextsFallBackToEnglishAndToThatOfAllLanguages) {
  EXPECT_EQ(in_language({{"en", "a"}, {"de", "b"}}, "de"), "b");
  EXPECT_EQ(in_language({{"en", "a"}}, "de"), "a");
  EXPECT_EQ(in_language({{"", "c"}}, "de"), "c");
  EXPECT_EQ(in_language({}, "de"), "");
}

}  // namespace
}  // namespace tutela::intake_page
