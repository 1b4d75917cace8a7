#include "service/intake_mail/reply.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "crypto/base64.hpp"
#include "service/intake_mail/texts.hpp"

namespace tutela::intake_mail {
namespace {

mail::Head head_of(std::string in_reply_to) {
  mail::Head head;
  head.from = "report@example.com";
  head.to = "some.one@example.org";
  head.message_id = "2@example.com";
  head.at_ms = 1'800'000'000'000;
  head.in_reply_to = std::move(in_reply_to);
  return head;
}

Reply sample() {
  return {.number = "T-7K4M-29QX-HDAB",
          .pin = "12345678",
          .due_ms = 1'800'000'000'000,
          .language = "en",
          .service = "Gr\xC3\xBCn & Co {pin}",
          .public_url = "https://report.example.com"};
}

std::string body_of(const std::string& message) {
  std::string encoded = message.substr(message.find("\r\n\r\n") + 4);
  std::erase_if(encoded, [](char c) { return c == '\r' || c == '\n'; });
  const Result<Bytes> body = crypto::parse_base64(encoded);
  EXPECT_TRUE(body);
  return body ? std::string(as_text(*body)) : "";
}

TEST(Reply, HasNumberPinPromiseAndWhere) {
  const std::string message = reply_message(head_of("1@example.org"), sample());
  const std::string body = body_of(message);
  EXPECT_NE(message.find("Subject: We have your report T-7K4M-29QX-HDAB\r\n"), std::string::npos);
  EXPECT_NE(body.find("Number: T-7K4M-29QX-HDAB\nPIN:    12345678\n"), std::string::npos);
  EXPECT_NE(body.find("2027-01-15 08:00 UTC"), std::string::npos);
  EXPECT_NE(body.find("https://report.example.com/follow"), std::string::npos);
  EXPECT_NE(body.find("Gr\xC3\xBCn & Co {pin}"), std::string::npos) << "values are filled once";
}

TEST(Reply, SaysThatAProgramWroteItAndToWhat) {
  const std::string message = reply_message(head_of("1@example.org"), sample());
  EXPECT_NE(message.find("\r\nAuto-Submitted: auto-replied\r\n"), std::string::npos);
  EXPECT_NE(message.find("\r\nIn-Reply-To: <1@example.org>\r\n"), std::string::npos);
  for (const char* const bad : {"", "a\r\nBcc: b@c", "a b", "a>b", "\xC3\xBC"}) {
    const std::string other = reply_message(head_of(bad), sample());
    EXPECT_EQ(other.find("In-Reply-To"), std::string::npos) << bad;
    EXPECT_EQ(other.find("Bcc"), std::string::npos);
    EXPECT_NE(other.find("\r\nAuto-Submitted: auto-replied\r\n"), std::string::npos);
  }
}

TEST(Reply, HasTheSameTextsInBothLanguages) {
  for (const char* const language : {"en", "de"}) {
    const Texts* const texts = texts_of(language);
    ASSERT_NE(texts, nullptr);
    for (const char c : texts->subject) {
      EXPECT_TRUE(c >= ' ' && c <= '~');
    }
    for (const char* const each : {"{service}", "{number}", "{pin}", "{due}", "{url}"}) {
      EXPECT_NE(texts->body.find(each), std::string_view::npos) << language << each;
    }
  }
  EXPECT_EQ(texts_of("fr"), nullptr);
  Reply reply = sample();
  reply.language = "de";
  EXPECT_NE(body_of(reply_message(head_of(""), reply)).find("k\xC3\xB6nnen"), std::string::npos);
  reply.language = "fr";
  EXPECT_NE(body_of(reply_message(head_of(""), reply)).find("Thank you"), std::string::npos);
}

}  // namespace
}  // namespace tutela::intake_mail
