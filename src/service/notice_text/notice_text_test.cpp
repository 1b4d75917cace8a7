#include "service/notice_text/notice_text.hpp"

#include <chrono>
#include <random>

#include <gtest/gtest.h>

#include "base/utf8.hpp"

namespace tutela::notice_text {
namespace {

using Links = std::vector<std::string>;

Links links_of(std::string_view text) {
  return find(text).links;
}

TEST(NoticeTextTest, FindsLinksWhereSentencesHaveThem) {
  EXPECT_EQ(links_of("Look at https://example.org/a and http://example.com."),
            (Links{"https://example.org/a", "http://example.com"}));
  EXPECT_EQ(links_of("https://example.org"), Links{"https://example.org"});
  EXPECT_EQ(
      links_of("<https://example.org/a>,\n\"https://example.org/b\"; (https://example.org/c)"),
      (Links{"https://example.org/a", "https://example.org/b", "https://example.org/c"}));
  EXPECT_EQ(links_of("[here](https://example.org/a) [1]: https://example.org/b"),
            (Links{"https://example.org/a", "https://example.org/b"}));
  EXPECT_EQ(links_of("<a href='https://example.org/a?x=1&y=2#z'>"),
            Links{"https://example.org/a?x=1&y=2#z"});
  EXPECT_EQ(links_of("no links: ftp example.org h http https:// http:/// hello"), Links{});
}

TEST(NoticeTextTest, LeavesTheSentenceItsPunctuation) {
  for (const std::string_view tail : {".",
                                      ",",
                                      ";",
                                      ":",
                                      "!",
                                      "?",
                                      "...",
                                      "?!",
                                      "'",
                                      "\xE2\x80\xA6",
                                      "\xE2\x80\x9D",
                                      "\xE2\x80\x99.",
                                      "\xC2\xBB",
                                      ")",
                                      ").",
                                      "]",
                                      "*",
                                      "\xE3\x80\x82",
                                      "\xC2\xA0",
                                      "\xE2\x80\x8B",
                                      "("}) {
    EXPECT_EQ(links_of("see https://example.org/p/1" + std::string(tail) + " ok"),
              Links{"https://example.org/p/1"})
        << tail;
  }
  // Brackets that belong to it stay.
  EXPECT_EQ(links_of("(https://example.org/wiki/A_(b))"), Links{"https://example.org/wiki/A_(b)"});
  EXPECT_EQ(links_of("https://example.org/a[1]"), Links{"https://example.org/a[1]"});
  EXPECT_EQ(links_of("https://[2001:db8::1]:8443/x"), Links{"https://[2001:db8::1]:8443/x"});
  EXPECT_EQ(links_of("https://example.org/a/"), Links{"https://example.org/a/"});
}

TEST(NoticeTextTest, OneNameIsOneLinkHoweverItIsWritten) {
  const Links ascii = {"https://xn--bcher-kva.example/Pfad"};
  EXPECT_EQ(links_of("https://b\xC3\xBC"
                     "cher.example/Pfad https://B\xC3\x9C"
                     "CHER.Example/Pfad https://xn--bcher-kva.example/Pfad "
                     "HTTPS://XN--BCHER-KVA.EXAMPLE/Pfad https://bu\xCC\x88"
                     "cher.example/Pfad"),
            ascii);
  EXPECT_EQ(links_of("https://stra\xC3\x9F"
                     "e.example"),
            Links{"https://xn--strae-oqa.example"});
  EXPECT_EQ(links_of("https://\xE4\xBE\x8B\xE3\x81\x88.example"),
            Links{"https://xn--r8jz45g.example"});
  // Wide letters and full stops are the plain ones.
  EXPECT_EQ(links_of("https://\xEF\xBD\x85xample.org"), Links{"https://example.org"});
  EXPECT_EQ(links_of("https://User@EXAMPLE.org:8080/Path"),
            Links{"https://User@example.org:8080/Path"});
  // Wide slashes make no path of a name.
  EXPECT_EQ(links_of("https://example.org\xEF\xBC\xBC"
                     "a"),
            Links{"https://example.org\xEF\xBC\xBC"
                  "a"});
  // What can be no name stays what it is.
  const std::string none = "https://" + std::string(300, 'x') + "\xC3\xBC.example";
  EXPECT_EQ(links_of(none), Links{none});
}

TEST(NoticeTextTest, ReadsSpellingsThatNobodyClicks) {
  for (const std::string_view spelt : {"hxxps://example[.]org/a",
                                       "hXXps://example.org/a",
                                       "https[:]//example(.)org/a",
                                       "https[://]example.org/a"}) {
    EXPECT_EQ(links_of(spelt), Links{"https://example.org/a"}) << spelt;
  }
  EXPECT_EQ(links_of("https://example.org/a[.]b"), Links{"https://example.org/a[.]b"});
}

TEST(NoticeTextTest, FindsBareNamesOfTheWebWhereAWordBegins) {
  EXPECT_EQ(links_of("www.Example.org/a, (www.example.com)"),
            (Links{"www.example.org/a", "www.example.com"}));
  EXPECT_EQ(links_of("awww.example.org desk@www.example.org x/www.example.org www. www"), Links{});
}

TEST(NoticeTextTest, CountsWhatIsTooLongOrTooMany) {
  const std::string longest = "https://example.org/" + std::string(1980, 'a');
  ASSERT_EQ(longest.size(), kLinkBytesMax);
  Found found = find(longest + " " + longest + "b " + "https://e.example/" +
                     std::string(9000, 'c') + " https://example.org/d");
  EXPECT_EQ(found.links, (Links{longest, "https://example.org/d"}));
  EXPECT_EQ(found.left_out, 2U);
  std::string many;
  for (int i = 0; i < 60; ++i) {
    many += "https://example.org/" + std::to_string(i) + " https://example.org/0\n";
  }
  found = find(many);
  EXPECT_EQ(found.links.size(), kLinksMax);
  EXPECT_EQ(found.links.back(), "https://example.org/49");
  EXPECT_EQ(found.left_out, 10U);
}

TEST(NoticeTextTest, ReadsTheHeadOfAForwardedMail) {
  const Found found = find(
      "Hello,\nplease look at this: it came today.\n\n"
      "---------- Forwarded message ---------\n"
      "From: Trust Desk <desk@example.org>\r\n"
      "Date: Mon, 23 Nov 2026 09:00:00 +0000\n"
      "Subject: Notice 4711: two links\n"
      "To: <abuse@example.com>\n"
      "Message-ID: <abc@example.org>\n\n"
      "From: not this one\nSubject: nor this\n"
      "https://example.org/a\n");
  EXPECT_EQ(found.from, "Trust Desk <desk@example.org>");
  EXPECT_EQ(found.date, "Mon, 23 Nov 2026 09:00:00 +0000");
  EXPECT_EQ(found.subject, "Notice 4711: two links");
  EXPECT_EQ(found.message_id, "<abc@example.org>");
  EXPECT_EQ(found.links, Links{"https://example.org/a"});
}

TEST(NoticeTextTest, ReadsItQuotedBoldAndInGerman) {
  const Found german = find(
      "> *Von:* Meldestelle <desk@example.org>\n> *Gesendet:* Montag, 23. November 2026 10:00\n"
      "> *An:* abuse@example.com\n> *Betreff:* Hinweis \xC3\xBC"
      "ber zwei Links\n>\n> Guten Tag\n");
  EXPECT_EQ(german.from, "Meldestelle <desk@example.org>");
  EXPECT_EQ(german.date, "Montag, 23. November 2026 10:00");
  EXPECT_EQ(german.subject,
            "Hinweis \xC3\xBC"
            "ber zwei Links");
}

TEST(NoticeTextTest, ASentenceWithAColonIsNoHead) {
  EXPECT_EQ(find("From: what I can tell, this is bad.\n\nThey wrote: hello\n").from, "");
  EXPECT_EQ(find("Subject: help\nDate: today\n").subject, "") << "nobody wrote it";
  const Found later = find("To: you all\n\nFrom: desk@example.org\nSubject: two links\n");
  EXPECT_EQ(later.from, "desk@example.org");
  EXPECT_EQ(later.subject, "two links");
}

TEST(NoticeTextTest, WhatItSaysCanBeKeptAndShown) {
  const Found found =
      find("From: \xFF\x80 a\x1B[2Jb\tc\nSubject: " + std::string(499, 's') + "\xC3\xBC" + "\n");
  EXPECT_EQ(found.from, "a[2Jb c");
  EXPECT_EQ(found.subject, std::string(499, 's')) << "no half of a letter";
  EXPECT_EQ(links_of(std::string("https://example.org/a\0b https://example.org/\xFFz", 45)),
            (Links{"https://example.org/a", "https://example.org/"}));
}

void expect_bounded(std::string_view text) {
  const Found found = find(text);
  ASSERT_LE(found.links.size(), kLinksMax);
  for (const std::string& link : found.links) {
    ASSERT_FALSE(link.empty());
    ASSERT_LE(link.size(), kLinkBytesMax);
    ASSERT_TRUE(is_utf8_text(link, Breaks::kNone));
    // Found again it is the same.
    ASSERT_EQ(links_of(link), Links{link}) << link;
  }
  for (const std::string& head : {found.from, found.date, found.subject, found.message_id}) {
    ASSERT_LE(head.size(), kHeadBytesMax);
    ASSERT_TRUE(is_utf8_text(head, Breaks::kNone));
  }
}

TEST(NoticeTextTest, AnyTextIsReadInLinearTime) {
  const auto repeated = [](std::string_view piece) {
    std::string text;
    while (text.size() < 2 * kTextBytesMax) {
      text += piece;
    }
    return text;
  };
  for (const std::string_view piece : {"https://",
                                       "h",
                                       "https://a.b ",
                                       "((((",
                                       "https://a.b/(",
                                       "www.",
                                       "www.a www.b",
                                       "From: x\n",
                                       "From: x\nTo: y\n\n",
                                       ":",
                                       "> ",
                                       "\n",
                                       "[.]",
                                       "https://[.]",
                                       "\xC3\xBC",
                                       "\xFF",
                                       "https://\xC3\xBC.example/ ",
                                       "https://a.b/)))"}) {
    const std::string text = repeated(piece);
    const auto begin = std::chrono::steady_clock::now();
    static_cast<void>(find(text));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30)) << piece;
  }
}

TEST(NoticeTextTest, RandomPiecesAreFoundTheSameAgain) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  constexpr std::string_view kPieces[] = {"https://",
                                          "hxxp://",
                                          "example",
                                          ".org",
                                          "[.]",
                                          "/",
                                          "?",
                                          "#",
                                          "(",
                                          ")",
                                          "[",
                                          "]",
                                          "@",
                                          ":",
                                          "\xC3\xBC",
                                          "\xE2\x80\xA6",
                                          " ",
                                          "\n",
                                          "From: ",
                                          "Subject: ",
                                          "www.",
                                          ">",
                                          "*",
                                          "\xFF",
                                          "%41",
                                          "\xEF\xBC\x8E",
                                          "xn--",
                                          "..",
                                          ",",
                                          "'",
                                          "\xE3\x80\x82",
                                          "http[:]//",
                                          "9",
                                          "-"};
  std::uniform_int_distribution<std::size_t> pick(0, std::size(kPieces) - 1);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = pick(random); i > 0; --i) {
      text += kPieces[pick(random)];
    }
    expect_bounded(text);
    if (HasFatalFailure()) {
      FAIL() << ::testing::PrintToString(text);
    }
  }
}

}  // namespace
}  // namespace tutela::notice_text
