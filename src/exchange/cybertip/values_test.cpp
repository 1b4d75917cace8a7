#include "exchange/cybertip/values.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace tutela::cybertip {
namespace {

template <class T>
std::string code_of(typename T::Input input) {
  const Result<T> made = T::make(input);
  return made ? "ok" : std::string(made.error().code);
}

struct Row {
  std::string text;
  std::string code;
};

template <class T>
void expect_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(code_of<T>(row.text), row.code) << row.text;
    if (row.code == "ok") {
      EXPECT_EQ(T::make(row.text)->text(), row.text);
    }
  }
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) {
    all += text;
  }
  return all;
}

TEST(CybertipText, HoldsWhatXmlCanCarryAndNothingElse) {
  expect_rows<Text<10>>({{"plain", "ok"},
                         {"a\tb\nc\r", "ok"},
                         {"<&>\"']]>", "ok"},
                         {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "ok"},
                         {"\xEF\xBF\xBD", "ok"},
                         {std::string("a\0b", 3), "bad_character"},
                         {"a\x01", "bad_character"},
                         {"a\x1B[0m", "bad_character"},
                         {"a\xEF\xBF\xBE", "bad_character"},
                         {"a\xEF\xBF\xBF", "bad_character"},
                         {"\xED\xA0\x80", "not_utf8"},
                         {"\xC0\xAF", "not_utf8"},
                         {"\xE0\x80\xAF", "not_utf8"},
                         {"\xF4\x90\x80\x80", "not_utf8"},
                         {"\xE2\x82", "not_utf8"},
                         {"\x80", "not_utf8"},
                         {"\xFF", "not_utf8"},
                         {"", "blank"},
                         {" \t\r\n", "blank"}});
}

TEST(CybertipText, CountsCharactersNotBytesAndThoseBeyondTheBasicPlaneTwice) {
  expect_rows<Text<4>>({{"abcd", "ok"},
                        {"abcde", "too_long"},
                        {repeated("\xC3\xA9", 4), "ok"},
                        {repeated("\xC3\xA9", 5), "too_long"},
                        {repeated("\xF0\x9F\x98\x80", 2), "ok"},
                        {repeated("\xF0\x9F\x98\x80", 2) + "a", "too_long"}});
  EXPECT_EQ(code_of<LongText>(std::string(100'000, 'x')), "ok");
}

TEST(CybertipText, SaysHowMuchTooLongItIs) {
  EXPECT_EQ(Text<4>::make("abcdef").error().message,
            "Shorten this: it has 6 characters, and the authority takes at most 4.");
}

TEST(CybertipEmail, IsWholeAndBounded) {
  const std::string local64(64, 'a');
  const std::string long_domain = repeated("a23456789.", 18) + "example.org";  // 191
  expect_rows<EmailAddress>({{"a@example.org", "ok"},
                             {"first.last+tag@mail.example.co.uk", "ok"},
                             {"o'neil@example.org", "ok"},
                             {"j\xC3\xB6rg@ex\xC3\xA4mple.org", "ok"},
                             {local64 + "@example.org", "ok"},
                             {local64 + "a@example.org", "too_long"},
                             {std::string(63, 'a') + "@" + long_domain, "ok"},
                             {local64 + "@" + long_domain, "too_long"},
                             {"example.org", "not_an_email"},
                             {"@example.org", "not_an_email"},
                             {"a@", "not_an_email"},
                             {"a@localhost", "not_an_email"},
                             {"a@@example.org", "not_an_email"},
                             {"a b@example.org", "not_an_email"},
                             {".a@example.org", "not_an_email"},
                             {"a..b@example.org", "not_an_email"},
                             {"a@-x.org", "not_an_email"},
                             {"a@x..org", "not_an_email"},
                             {"a@x.org.", "not_an_email"},
                             {"A <a@example.org>", "not_an_email"}});
}

TEST(CybertipUrl, IsAbsoluteAndOfTheWeb) {
  const std::string stem = "https://example.org/";
  expect_rows<Url>({{"http://example.org", "ok"},
                    {"https://user@example.org:8443/a/b?c=d%20e&f#g", "ok"},
                    {"https://[2001:db8::1]/x", "ok"},
                    {stem + std::string(2083 - stem.size(), 'a'), "ok"},
                    {stem + std::string(2084 - stem.size(), 'a'), "too_long"},
                    {"example.org", "not_a_url"},
                    {"/path", "not_a_url"},
                    {"https://", "not_a_url"},
                    {"https:///path", "not_a_url"},
                    {"https://example.org:99999/", "not_a_url"},
                    {"https://example.org/a b", "not_a_url"},
                    {"https://example.org/\xC3\xA9", "not_a_url"},
                    {"https://example.org/%zz", "not_a_url"},
                    {"ftp://example.org/x", "not_a_url"},
                    {"data:text/plain,x", "not_a_url"}});
}

TEST(CybertipPhone, HoldsDigitsAndWhatStandsBetweenThem) {
  expect_rows<PhoneNumber>({{"5550100", "ok"},
                            {"+1 (555) 010-0100", "ok"},
                            {std::string(50, '5'), "ok"},
                            {std::string(51, '5'), "too_long"},
                            {"none", "not_a_phone"},
                            {"()-", "not_a_phone"},
                            {"555\n0100", "not_a_phone"}});
  expect_rows<CallingCode>({{"+1", "ok"},
                            {"+999", "ok"},
                            {"+", "not_a_calling_code"},
                            {"+9999", "too_long"},
                            {"44", "not_a_calling_code"},
                            {"+4a", "not_a_calling_code"}});
  expect_rows<Extension>(
      {{"0", "ok"}, {"0123456789", "ok"}, {"01234567890", "too_long"}, {"12a", "not_digits"}});
}

TEST(CybertipIpAddress, IsV4OrV6OrV4InV6) {
  expect_rows<IpAddress>({{"192.0.2.1", "ok"},
                          {"2001:db8::1", "ok"},
                          {"::ffff:192.0.2.1", "ok"},
                          {"2001:0db8:0000:0000:0000:ffff:192.100.200.255", "ok"},
                          {"192.0.2", "not_an_ip_address"},
                          {"192.0.2.256", "not_an_ip_address"},
                          {"192.0.2.1/24", "not_an_ip_address"},
                          {"fe80::1%eth0", "not_an_ip_address"},
                          {"[2001:db8::1]", "not_an_ip_address"},
                          {"example.org", "not_an_ip_address"}});
}

TEST(CybertipTimestamp, HasAZoneAndKeepsIt) {
  expect_rows<Timestamp>({{"2026-11-22T05:52:33Z", "ok"},
                          {"2026-11-22T05:52:33.120+02:00", "ok"},
                          {"2026-11-22T05:52:33.123456789-14:00", "ok"},
                          {"2024-02-29T23:59:59+00:00", "ok"},
                          {"2026-11-22T05:52:33", "no_zone"},
                          {"2026-11-22", "not_a_time"},
                          {"2023-02-29T05:52:33Z", "not_a_time"},
                          {"2026-11-22 05:52:33Z", "not_a_time"},
                          {"2026-11-22t05:52:33z", "not_a_time"},
                          {"2026-11-22T24:00:00Z", "not_a_time"},
                          {"2026-11-22T05:60:00Z", "not_a_time"},
                          {"2026-11-22T05:52:60Z", "not_a_time"},
                          {"2026-11-22T05:52:33.Z", "not_a_time"},
                          {"2026-11-22T05:52:33.1234567890Z", "not_a_time"},
                          {"2026-11-22T05:52:33+14:01", "not_a_time"},
                          {"2026-11-22T05:52:33+2:00", "not_a_time"},
                          {"2026-11-22T05:52:33Zz", "not_a_time"},
                          {"1969-12-31T23:59:59Z", "not_a_time"}});
  EXPECT_EQ(Timestamp::make("2026-11-22T05:52:33.120+02:00")->at_ms(),
            *parse_time("2026-11-22T03:52:33.120Z"));
}

TEST(CybertipDate, IsADayOfTheCalendar) {
  expect_rows<Date>({{"2009-04-30", "ok"},
                     {"1931-01-01", "ok"},
                     {"2009-04-31", "not_a_date"},
                     {"2009-00-01", "not_a_date"},
                     {"0009-04-30", "not_a_date"},
                     {"30.04.2009", "not_a_date"},
                     {"2009-04-30Z", "not_a_date"}});
  EXPECT_EQ(Date::make("2009-04-30")->end_ms(), *parse_time("2009-05-01"));
}

TEST(CybertipWords, AreExactlyThoseOfTheSchema) {
  expect_rows<IncidentType>(
      {{"Child Pornography (possession, manufacture, and distribution)", "ok"},
       {"Online Enticement of Children for Sexual Acts", "ok"},
       {"Online Enticement of Children for Sexual Act", "not_a_word_of_the_list"},
       {"child sex trafficking", "not_a_word_of_the_list"}});
  expect_rows<CountryCode>({{"DE", "ok"},
                            {"XK", "ok"},
                            {"EU", "not_a_word_of_the_list"},
                            {"A1", "not_a_word_of_the_list"},
                            {"USA", "not_a_word_of_the_list"}});
  expect_rows<AccountKind>({{"Parent/Guardian", "ok"}, {"Parent", "not_a_word_of_the_list"}});
  EXPECT_EQ(CountryCode::info().words.size(), 250U);
  EXPECT_EQ(UsState::info().words.size(), 54U);
}

TEST(CybertipNumbers, KeepTheirRange) {
  EXPECT_EQ(code_of<Age>(0), "ok");
  EXPECT_EQ(code_of<Age>(150), "ok");
  EXPECT_EQ(code_of<Age>(-1), "out_of_range");
  EXPECT_EQ(code_of<Age>(151), "out_of_range");
  EXPECT_EQ(code_of<Port>(0), "out_of_range");
  EXPECT_EQ(code_of<Port>(65535), "ok");
  EXPECT_EQ(code_of<Port>(65536), "out_of_range");
  EXPECT_EQ(code_of<ReportId>(0), "out_of_range");
  EXPECT_EQ(code_of<ReportId>(std::numeric_limits<std::int64_t>::max()), "ok");
  EXPECT_EQ(code_of<Latitude>(-90.0), "ok");
  EXPECT_EQ(code_of<Latitude>(90.5), "out_of_range");
  EXPECT_EQ(code_of<Longitude>(180.0), "ok");
  EXPECT_EQ(code_of<Longitude>(std::numeric_limits<double>::quiet_NaN()), "out_of_range");
  EXPECT_EQ(Longitude::make(-0.12574)->text(), "-0.12574");
  EXPECT_EQ(Age::make(-1).error().message, "Give a whole number from 0 to 150.");
}

TEST(CybertipMark, IsSetOrAbsentAndNeverFalse) {
  EXPECT_EQ(code_of<Mark>(true), "ok");
  EXPECT_EQ(code_of<Mark>(false), "not_true");
}

}  // namespace
}  // namespace tutela::cybertip
