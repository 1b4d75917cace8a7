// Bodies: bounds, hostile texts and JSON, and every body as it was after writing and reading it.
#include <random>

#include <gtest/gtest.h>

#include "casework/intake/text.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::intake {
namespace {

using testing::code_of;

std::string repeated(std::size_t count, char c = 'x') {
  return std::string(count, c);
}

std::string checked(const Body& body, bool has_files = false) {
  return code_of(check(body, has_files));
}

TEST(IntakeBody, EveryFieldHasABoundAndTheBoundItselfIsGood) {
  Body body;
  body.text = repeated(8000);
  EXPECT_EQ(checked(body), "ok");
  body.text += 'x';
  EXPECT_EQ(checked(body), "notice.too_long");
  body = {};
  body.links.assign(50, "a");
  EXPECT_EQ(checked(body), "ok");
  body.links[0] = repeated(2000);
  EXPECT_EQ(checked(body), "ok");
  body.links[0] += 'x';
  EXPECT_EQ(checked(body), "notice.too_long");
  body.links.assign(51, "a");
  EXPECT_EQ(checked(body), "notice.too_long");
  body = {};
  body.accounts.assign(50, repeated(256));
  EXPECT_EQ(checked(body), "ok");
  body.accounts[49] += 'x';
  EXPECT_EQ(checked(body), "notice.too_long");
  body.accounts.assign(51, "a");
  EXPECT_EQ(checked(body), "notice.too_long");
}

TEST(IntakeBody, MessagesHaveBoundsAndAllOfItHasOne) {
  Body body;
  body.messages.assign(200, {"w", "t", "x"});
  EXPECT_EQ(checked(body), "ok");
  body.messages.assign(201, {"w", "t", "x"});
  EXPECT_EQ(checked(body), "notice.too_long");
  for (const Said& said :
       {Said{repeated(257), "", "x"}, Said{"", repeated(65), "x"}, Said{"", "", repeated(4001)}}) {
    body.messages = {said};
    EXPECT_EQ(checked(body), "notice.too_long");
  }
  body.messages = {{repeated(256), repeated(64), repeated(4000)}};
  EXPECT_EQ(checked(body), "ok");
  body.messages.assign(16, {"", "", repeated(4000)});
  body.text = repeated(1536);  // 65536 together
  EXPECT_EQ(checked(body), "ok");
  body.text += 'x';
  EXPECT_EQ(checked(body), "notice.too_long");
}

TEST(IntakeBody, BoundsAreOfCharactersInEveryScript) {
  for (const std::string& one : {std::string("\xC3\xA4"),             // German
                                 std::string("\xD8\xB4"),             // Arabic
                                 std::string("\xE6\x97\xA5"),         // Japanese
                                 std::string("\xF0\x9F\x98\x80")}) {  // beyond the basic plane
    const auto many = [&](std::size_t count) {
      std::string text;
      for (std::size_t i = 0; i < count; ++i) {
        text += one;
      }
      return text;
    };
    Body body;
    body.text = many(kTextMax);
    body.links = {many(kLinkMax)};
    body.accounts = {many(kAccountMax)};
    body.messages = {{many(kWhoMax), many(kWhenMax), many(kMessageMax)}};
    EXPECT_EQ(checked(body), "ok") << one;
    const Result<Body> read = body_from_json(to_json(body));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text, body.text);
    Body longer = body;
    longer.text += one;
    EXPECT_EQ(checked(longer), "notice.too_long") << one;
    longer = body;
    longer.messages[0].who += one;
    EXPECT_EQ(checked(longer), "notice.too_long") << one;
    body = {};
    body.messages.assign(16, {"", "", many(kMessageMax)});
    body.text = many(kWholeMax - 16 * kMessageMax);
    EXPECT_EQ(checked(body), "ok") << one;
    ASSERT_TRUE(body_from_json(to_json(body)));
    body.text += one;
    EXPECT_EQ(checked(body), "notice.too_long") << one;
  }
}

TEST(IntakeBody, WhatIsNoUtf8IsSaidToBeThatHoweverLongItIs) {
  Body body;
  body.text = std::string(kTextMax + 1, '\xFF');
  EXPECT_EQ(checked(body), "notice.bad_text");
}

TEST(IntakeBody, NothingAtAllIsEmptyUnlessThereIsAFile) {
  Body body;
  EXPECT_EQ(checked(body), "notice.empty");
  EXPECT_EQ(checked(body, true), "ok");
  body.text = " \n\t ";
  EXPECT_EQ(checked(body), "notice.empty");
  body.links = {"example"};
  EXPECT_EQ(checked(body), "ok");
  body.links = {" "};
  EXPECT_EQ(checked(body), "notice.bad_text");
}

TEST(IntakeBody, ErrorsNameTheFieldAndNotWhatStandsThere) {
  Body body;
  body.messages = {{"someone", "", std::string("sec\x01ret")}};
  const Status status = check(body, false);
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("messages.text"), std::string::npos);
  EXPECT_EQ(status.error().message.find("ret"), std::string::npos);
}

TEST(IntakeText, TakesUtf8AndNoControlCharacters) {
  using namespace std::string_literals;
  for (const std::string& good : {""s,
                                  "a\r\n\tb"s,
                                  "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"s,
                                  "\xC2\xA0"s,
                                  "\xED\x9F\xBF\xEE\x80\x80"s,
                                  "\xF4\x8F\xBF\xBF"s}) {
    EXPECT_TRUE(is_text(good)) << good;
  }
  for (const std::string& bad : {"\0"s,
                                 "a\x1B[31m"s,
                                 "\x7F"s,
                                 "\x80"s,
                                 "\xC0\x80"s,          // overlong
                                 "\xC1\xBF"s,          // overlong
                                 "\xE0\x9F\xBF"s,      // overlong
                                 "\xF0\x8F\xBF\xBF"s,  // overlong
                                 "\xC2\x9F"s,          // C1
                                 "\xED\xA0\x80"s,      // a surrogate
                                 "\xF4\x90\x80\x80"s,  // behind U+10FFFF
                                 "\xF5\x80\x80\x80"s,
                                 "\xE2\x82"s,
                                 "\xE2\x82y"s,
                                 "\xC3"s}) {
    EXPECT_FALSE(is_text(bad)) << to_hex(as_bytes(bad));
  }
}

Body random_body(std::mt19937_64& random) {
  const auto word = [&] {
    static const std::vector<std::string> kParts = {
        "a", "\"", "\\", "\n", "</script>", "\xC3\xA4", "{", "\xF0\x9F\x98\x80", "\xE2\x80\xA8"};
    std::string text = "w";
    for (std::size_t i = random() % 8; i > 0; --i) {
      text += kParts[random() % kParts.size()];
    }
    return text;
  };
  Body body;
  body.text = word();
  for (std::size_t i = random() % 4; i > 0; --i) {
    body.links.push_back(word());
    body.accounts.push_back(word());
    body.messages.push_back({word(), word(), word()});
  }
  return body;
}

TEST(IntakeBody, IsTheSameAfterWritingAndReadingIt) {
  std::mt19937_64 random{11};
  for (int i = 0; i < 300; ++i) {
    const Body body = random_body(random);
    const std::string json = to_json(body);
    const Result<Body> read = body_from_json(json);
    ASSERT_TRUE(read) << json;
    EXPECT_EQ(to_json(*read), json);
    EXPECT_EQ(read->text, body.text);
    EXPECT_EQ(read->links, body.links);
    EXPECT_EQ(read->accounts, body.accounts);
    ASSERT_EQ(read->messages.size(), body.messages.size());
  }
}

TEST(IntakeBody, TakesNoOtherJson) {
  for (const char* const bad : {"",
                                "[]",
                                "null",
                                "{",
                                "{\"text\":1}",
                                "{\"text\":\"a\"} x",
                                "{\"links\":\"a\"}",
                                "{\"links\":[1]}",
                                "{\"links\":[[\"a\"]]}",
                                "{\"messages\":[\"a\"]}",
                                "{\"messages\":[{\"who\":{}}]}",
                                "{\"messages\":[{\"from\":\"a\"}]}",
                                "{\"messages\":{}}",
                                "{\"other\":\"a\"}",
                                "{\"text\":\"\xFF\"}",
                                "{\"text\":[[[[[[[]]]]]]]}"}) {
    EXPECT_EQ(code_of(body_from_json(bad)), "notice.bad_json") << bad;
  }
  EXPECT_EQ(code_of(body_from_json("{\"text\":\"" + repeated(600'000) + "\"}")), "notice.bad_json");
  EXPECT_TRUE(body_from_json("{}"));
}

}  // namespace
}  // namespace tutela::intake
