#include "service/mail_message/mail_message.hpp"

#include <random>

#include <gtest/gtest.h>

namespace tutela::mail_message {
namespace {

MailMessage sample() {
  MailMessage message;
  message.address = "Someone@Example.org";
  message.name = "Some One";
  message.subject = "About a post";
  message.message_id = "1@example.org";
  message.language = "de";
  message.automatic = true;
  message.text = "Gr\xC3\xBC\xC3\x9F\x65\n\tindented";
  message.files = {Bytes(3, std::byte{7}), Bytes(70'000, std::byte{0})};
  return message;
}

void expect_same(const MailMessage& one, const MailMessage& other) {
  EXPECT_EQ(one.address, other.address);
  EXPECT_EQ(one.name, other.name);
  EXPECT_EQ(one.subject, other.subject);
  EXPECT_EQ(one.message_id, other.message_id);
  EXPECT_EQ(one.language, other.language);
  EXPECT_EQ(one.automatic, other.automatic);
  EXPECT_EQ(one.incomplete, other.incomplete);
  EXPECT_EQ(one.text, other.text);
  EXPECT_EQ(one.files, other.files);
}

TEST(MailMessage, ComesBackAsItWas) {
  const Result<MailMessage> back = decode(encode(sample()));
  ASSERT_TRUE(back);
  expect_same(*back, sample());
  const Result<MailMessage> empty = decode(encode({}));
  ASSERT_TRUE(empty);
  expect_same(*empty, {});
}

TEST(MailMessage, RefusesEveryShorterAnswerAndAnythingBehindIt) {
  MailMessage small = sample();
  small.files.pop_back();
  Bytes bytes = encode(small);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Result<MailMessage> cut = decode(ByteView(bytes).first(size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code, "mail.bad_answer");
  }
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode(bytes));
}

TEST(MailMessage, RefusesSizesThatLie) {
  const Bytes good = encode({});
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] = std::byte{0xFF};
    EXPECT_FALSE(decode(bad)) << at;
  }
}

TEST(MailMessage, RefusesMoreFilesThanThereMayBe) {
  MailMessage many;
  many.files.assign(kFilesMax, Bytes(1));
  EXPECT_TRUE(decode(encode(many)));
  many.files.emplace_back(1);
  EXPECT_FALSE(decode(encode(many)));
  many.files.assign(1, Bytes());
  EXPECT_FALSE(decode(encode(many))) << "an empty file";
}

TEST(MailMessage, CleansTextsThatAHostileProcessSent) {
  MailMessage message = sample();
  message.text = "12345678";
  message.subject = "abcd";
  Bytes bytes = encode(message);
  const auto replace = [&](std::string_view what, std::string_view with) {
    const std::size_t at = as_text(bytes).find(what);
    ASSERT_NE(at, std::string_view::npos);
    const ByteView replacement = as_bytes(with);
    std::ranges::copy(replacement, bytes.begin() + static_cast<std::ptrdiff_t>(at));
  };
  replace("12345678", std::string_view("\x1B[2J\xFF\0\r\n", 8));
  replace("abcd", "a\r\nd");
  const Result<MailMessage> back = decode(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->text, "[2J\xEF\xBF\xBD\n");
  EXPECT_EQ(back->subject, "a d");
}

TEST(CleanText, KeepsWhatIsTextAndCutsBetweenCharacters) {
  EXPECT_EQ(clean_text("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", 10),
            "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(clean_text("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", 9), "a\xC3\xA4\xE2\x82\xAC");
  EXPECT_EQ(clean_text("a\xC3\xA4", 2), "a");
  EXPECT_EQ(clean_text("", 5), "");
  EXPECT_EQ(clean_text("one\rtwo\r\nthree\n", 50), "one\ntwo\nthree\n");
  EXPECT_EQ(clean_text("a\xC2\x85z\x7F", 50), "az");
  EXPECT_EQ(clean_line("one\r\ntwo\tthree", 50), "one two three");
}

TEST(CleanText, ReplacesWhatIsNoCharacter) {
  for (const std::string_view bad : {"\xC0\x80",
                                     "\xED\xA0\x80",
                                     "\xF4\x90\x80\x80",
                                     "\xE2\x82",
                                     "\x80",
                                     "\xF8\x88\x80\x80\x80"}) {
    const std::string clean = clean_text(bad, 100);
    EXPECT_EQ(clean.substr(0, 3), "\xEF\xBF\xBD");
    EXPECT_EQ(clean_text(clean, 100), clean);
  }
}

TEST(MailMessage, RandomAnswersNeverBreakIt) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  MailMessage small = sample();
  small.files.pop_back();
  const Bytes good = encode(small);
  std::size_t taken = 0;
  for (int i = 0; i < 20'000; ++i) {
    Bytes bad = good;
    for (unsigned n = 0; n <= random() % 4; ++n) {
      bad[random() % bad.size()] = static_cast<std::byte>(random());
    }
    const Result<MailMessage> back = decode(bad);
    if (back) {
      ++taken;
      EXPECT_EQ(clean_text(back->text, kTextBytesMax), back->text);
      EXPECT_EQ(clean_line(back->subject, kLineBytesMax), back->subject);
    }
  }
  EXPECT_GT(taken, 0U);
}

}  // namespace
}  // namespace tutela::mail_message
