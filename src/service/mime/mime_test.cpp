#include "service/mime/mime.hpp"

#include <random>

#include <gtest/gtest.h>

namespace tutela::mime {
namespace {

using mail_message::MailMessage;

MailMessage read_text(std::string_view message) {
  warm_up();
  return read(as_bytes(message));
}

std::string text_of(const Bytes& bytes) {
  return std::string(as_text(bytes));
}

const std::string kHead =
    "From: Some One <Some.One@Example.org>\r\nTo: report@example.com\r\n"
    "Subject: About a post\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n";

/// A multipart message of these parts, each with its own headers.
std::string parts_of(std::string_view kind, std::initializer_list<std::string> parts) {
  std::string message =
      kHead + "Content-Type: multipart/" + std::string(kind) + "; boundary=\"b\"\r\n\r\n";
  for (const std::string& part : parts) {
    message += "--b\r\n" + part + "\r\n";
  }
  return message + "--b--\r\n";
}

const std::string kPlain = "Content-Type: text/plain; charset=utf-8\r\n\r\nThe words";
const std::string kHtml = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Other <b>words</b></p>";
const std::string kPicture =
    "Content-Type: image/png; name=\"../../etc/passwd\"\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename=\"/etc/../x\"\r\n\r\niVBORw0KGgo=";

TEST(Mime, ReadsAPlainMessage) {
  const MailMessage read =
      read_text(kHead + "Accept-Language: de-DE, en\r\n\r\nHello\r\nthere\r\n");
  EXPECT_EQ(read.address, "Some.One@Example.org");
  EXPECT_EQ(read.name, "Some One");
  EXPECT_EQ(read.subject, "About a post");
  EXPECT_EQ(read.message_id, "1@example.org");
  EXPECT_EQ(read.language, "de");
  EXPECT_EQ(mail_message::clean_text(read.text, 100), "Hello\nthere\n");
  EXPECT_FALSE(read.automatic);
  EXPECT_FALSE(read.incomplete);
  EXPECT_TRUE(read.files.empty());
}

TEST(Mime, TakesTheLanguageOfTheMessageOrOfItsProgram) {
  EXPECT_EQ(read_text(kHead + "Content-Language: DE\r\n\r\nx").language, "de");
  EXPECT_EQ(read_text(kHead + "Accept-Language: en-GB\r\nContent-Language: de\r\n\r\nx").language,
            "de");
  EXPECT_EQ(read_text(kHead + "Content-Language: fr\r\n\r\nx").language, "");
}

TEST(Mime, DecodesHeadersAndBodiesInOldEncodings) {
  const MailMessage read = read_text(
      "From: =?iso-8859-1?Q?J=FCrgen?= <j@example.org>\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?= "
      "=?windows-1251?B?z/Do?=\r\nContent-Type: text/plain; charset=\"ISO-8859-15\"\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n5 =A4 f=FCr=\r\nalle");
  EXPECT_EQ(read.name, "J\xC3\xBCrgen");
  EXPECT_EQ(read.subject,
            "Gr\xC3\xBC\xC3\x9F"
            "e\xD0\x9F\xD1\x80\xD0\xB8");
  EXPECT_EQ(read.text, "5 \xE2\x82\xAC f\xC3\xBCralle");
}

TEST(Mime, TakesThePlainOneOfAlternativesAndFilesBesideIt) {
  const MailMessage read =
      read_text(parts_of("mixed",
                         {"Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n" + kHtml +
                              "\r\n--c\r\n" + kPlain + "\r\n--c--",
                          kPicture}));
  EXPECT_EQ(read.text, "The words");
  ASSERT_EQ(read.files.size(), 1U);
  EXPECT_EQ(text_of(read.files[0]), "\x89PNG\r\n\x1A\n");
  EXPECT_TRUE(read.incomplete) << "the other one says something else";
}

TEST(Mime, SaysWhereTheOtherAlternativeSaysMore) {
  const auto both = [](const std::string& plain, const std::string& html) {
    return read_text(parts_of("alternative",
                              {"Content-Type: text/plain; charset=utf-8\r\n\r\n" + plain,
                               "Content-Type: text/html; charset=utf-8\r\n\r\n" + html}));
  };
  EXPECT_FALSE(both("Please *look* at it <https://example.org/p/7>.\r\n> quoted",
                    "<p>Please&nbsp;<b>look</b> at <a href=\"https://example.org/p/7\">it</a>.</p>"
                    "<blockquote>Quoted</blockquote>")
                   .incomplete);
  EXPECT_TRUE(both("Please look", "<p>Please look there</p>").incomplete);
  EXPECT_TRUE(
      both("See it at example.org", "See it at <a href='https://example.org/p/8'>example.org</a>")
          .incomplete);
  EXPECT_TRUE(both("Please look", "<p>Please look" + std::string(3'000'000, ' ')).incomplete);
}

TEST(Mime, SaysWhereTextCouldNotBeRead) {
  EXPECT_TRUE(
      read_text(kHead + "Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xFC").incomplete);
  EXPECT_FALSE(
      read_text(kHead + "Content-Type: text/plain; charset=latin1\r\n\r\nGr\xFC").incomplete);
}

TEST(Mime, ReadsHtmlWhereThereIsNothingElse) {
  EXPECT_EQ(read_text(parts_of("alternative", {kHtml})).text, "Other words\n");
}

TEST(Mime, ReadsForwardedMessagesToo) {
  const MailMessage read = read_text(parts_of(
      "mixed",
      {kPlain,
       "Content-Type: message/rfc822\r\n\r\nFrom: other@example.net\r\nSubject: Notice 7\r\n\r\n"
       "See https://example.com/post/7"}));
  EXPECT_EQ(mail_message::clean_text(read.text, 1000),
            "The words\n\nFrom: other@example.net\nSubject: Notice 7\n\nSee "
            "https://example.com/post/7");
  EXPECT_FALSE(read.incomplete);
  EXPECT_EQ(read.address, "Some.One@Example.org");
}

TEST(Mime, KeepsTextsThatAreAttachedAndLeavesSignaturesOut) {
  const MailMessage read =
      read_text(parts_of("signed",
                         {kPlain,
                          "Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nchat",
                          "Content-Type: application/pgp-signature\r\n\r\n-----BEGIN"}));
  EXPECT_EQ(read.text, "The words");
  ASSERT_EQ(read.files.size(), 1U);
  EXPECT_EQ(text_of(read.files[0]), "chat");
  EXPECT_TRUE(read.incomplete) << "only the whole message shows that the signature is good";
}

class MimeAutomatic : public ::testing::TestWithParam<const char*> {};

TEST_P(MimeAutomatic, IsNeverToBeAnswered) {
  EXPECT_TRUE(read_text(GetParam() + ("\r\n" + kHead) + "\r\nHello").automatic);
}

INSTANTIATE_TEST_SUITE_P(Headers,
                         MimeAutomatic,
                         ::testing::Values("Auto-Submitted: auto-replied",
                                           "Auto-Submitted: auto-generated; x=y",
                                           "Precedence: bulk",
                                           "precedence: List",
                                           "List-Id: <a.example.org>",
                                           "List-Unsubscribe: <https://example.org>",
                                           "X-Auto-Response-Suppress: All",
                                           "Return-Path: <>",
                                           "X-Loop: a@example.org"));

TEST(Mime, KnowsBouncesAndWhoNeverReads) {
  EXPECT_TRUE(read_text("From: MAILER-DAEMON@example.org\r\n\r\nx").automatic);
  EXPECT_TRUE(read_text("From: No-Reply@example.org\r\n\r\nx").automatic);
  EXPECT_TRUE(read_text("Subject: nobody\r\n\r\nx").automatic);
  const MailMessage bounce =
      read_text(parts_of("report; report-type=delivery-status",
                         {kPlain,
                          "Content-Type: message/delivery-status\r\n\r\nAction: failed",
                          "Content-Type: text/rfc822-headers\r\n\r\nSubject: x"}));
  EXPECT_TRUE(bounce.automatic);
  EXPECT_NE(bounce.text.find("Action: failed"), std::string::npos);
  EXPECT_TRUE(bounce.files.empty());
  EXPECT_FALSE(read_text("Auto-Submitted: no\r\n" + kHead + "\r\nHello").automatic);
}

TEST(Mime, TakesBrokenMessagesAsTheyAre) {
  EXPECT_TRUE(read_text("").text.empty());
  EXPECT_EQ(read_text("\r\n\r\nno head").text.find("no head"), 2U);
  EXPECT_EQ(mail_message::clean_text(
                read_text(kHead + "\r\n" + std::string("a\0b\xFF\x1B[2Jc", 9)).text, 100),
            "ab\xC3\xBF[2Jc");
  const MailMessage base64 = read_text(parts_of(
      "mixed",
      {"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n!!iVBO\xFFRw0K*Ggo"}));
  EXPECT_EQ(base64.files.size(), 1U);
  const MailMessage open =
      read_text(kHead + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + kPlain);
  EXPECT_EQ(open.text, "The words") << "a boundary that never ends";
  const MailMessage charset =
      read_text(kHead + "Content-Type: text/plain; charset=\"../../x\"\r\n\r\nGr\xFC");
  EXPECT_EQ(charset.text, "Gr\xC3\xBC");
}

TEST(Mime, StopsAtFiftyPartsAndTenLevels) {
  std::string many = kHead + "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 80; ++i) {
    many += "--b\r\n" + kPicture + "\r\n";
  }
  const MailMessage wide = read_text(many + "--b--\r\n");
  EXPECT_TRUE(wide.incomplete);
  EXPECT_LT(wide.files.size(), 50U);
  EXPECT_GT(wide.files.size(), 45U);

  std::string deep = kHead;
  for (int i = 0; i < 12; ++i) {
    const std::string boundary = "b" + std::to_string(i);
    deep +=
        "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  const MailMessage bomb = read_text(deep + kPlain);
  EXPECT_TRUE(bomb.incomplete);
  EXPECT_EQ(bomb.text, "");
}

TEST(Mime, SaysWhereTextWasTooLong) {
  const MailMessage read = read_text(kHead + "\r\n" + std::string(100'000, 'x'));
  EXPECT_TRUE(read.incomplete);
  EXPECT_EQ(read.text.size(), mail_message::kTextBytesMax);
  EXPECT_TRUE(mail_message::decode(mail_message::encode(read)));
}

TEST(Mime, TakesHugeHeaders) {
  std::string huge = "Subject: " + std::string(1'000'000, 's') + "\r\nFrom: ";
  for (int i = 0; i < 20'000; ++i) {
    huge += "\"x" + std::to_string(i) + "\" <a" + std::to_string(i) + "@example.org>, ";
  }
  const MailMessage read = read_text(huge + "b@example.org\r\n" + kHead + "\r\nHello");
  const Result<MailMessage> back = mail_message::decode(mail_message::encode(read));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->text, "Hello");
  EXPECT_LE(back->subject.size(), mail_message::kLineBytesMax);
}

TEST(Mime, MutatedMessagesAlwaysBecomeSomething) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string good = parts_of("mixed", {kPlain, kHtml, kPicture});
  for (int i = 0; i < 2000; ++i) {
    std::string bad = good;
    for (unsigned n = 0; n <= random() % 6; ++n) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    const Result<MailMessage> back = mail_message::decode(mail_message::encode(read_text(bad)));
    ASSERT_TRUE(back);
  }
}

}  // namespace
}  // namespace tutela::mime
