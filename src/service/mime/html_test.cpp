#include "service/mime/html.hpp"

#include <gtest/gtest.h>

namespace tutela::mime {
namespace {

std::string text_of(std::string_view html) {
  return html_to_text(html, 10'000);
}

TEST(Html, IsWhatAPersonWouldRead) {
  EXPECT_EQ(text_of("<html><head><title>T</title><style>p{}</style></head><body><p>One <b>two</b>\n"
                    "three</p><p>four<br>five</p><script>alert(1)</script><!-- six --></body>"),
            "One two three\n\nfour\nfive\n");
}

TEST(Html, KeepsWhereALinkLeads) {
  EXPECT_EQ(text_of("<a href='https://example.org/a?b=1&amp;c=2'>here</a>!"),
            "here <https://example.org/a?b=1&c=2>!");
  EXPECT_EQ(text_of("<a href='https://example.org/a'>https://example.org/a</a>"),
            "https://example.org/a");
  EXPECT_EQ(text_of("<a href='javascript:x()'>here</a><a href>there</a>"), "herethere");
}

TEST(Html, DecodesCharactersAndTakesBrokenOnes) {
  EXPECT_EQ(text_of("Gr&uuml;&#223; &lt;b&gt; &nosuch; &#x110000;").substr(0, 10),
            "Gr\xC3\xBC\xC3\x9F <b>");
  EXPECT_EQ(text_of("just text"), "just text\n");
  EXPECT_EQ(text_of(""), "");
  EXPECT_EQ(text_of("<"), "");
}

TEST(Html, LoadsNothing) {
  EXPECT_EQ(text_of("<!DOCTYPE html SYSTEM 'file:///etc/passwd' [<!ENTITY x SYSTEM "
                    "'file:///etc/passwd'>]><p>&x;<iframe src='file:///etc/passwd'></iframe></p>")
                .find("root"),
            std::string::npos);
}

TEST(Html, EndsHoweverDeepItIs) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) {
    deep += "<div><b>";
  }
  EXPECT_LE(html_to_text(deep + "end", 1000).size(), 1010U);
  EXPECT_LE(html_to_text(std::string(1'000'000, 'x'), 1000).size(), 1'000'010U);
}

}  // namespace
}  // namespace tutela::mime
