#include "service/mime/charset.hpp"

#include <gtest/gtest.h>

namespace tutela::mime {
namespace {

TEST(Charset, ReadsWhatMailIsWrittenIn) {
  EXPECT_EQ(to_utf8("Gr\xFC\xDF", "iso-8859-1"), "Gr\xC3\xBC\xC3\x9F");
  EXPECT_EQ(to_utf8("\x80 5", "windows-1252"), "\xE2\x82\xAC 5");
  EXPECT_EQ(to_utf8("\xCF\xF0\xE8", "Windows-1251"), "\xD0\x9F\xD1\x80\xD0\xB8");
  EXPECT_EQ(to_utf8("\x1B$B$3\x1B(B", "iso-2022-jp"), "\xE3\x81\x93");
  EXPECT_EQ(to_utf8(std::string_view("a\0\xFC\0", 4), "UTF-16LE"), "a\xC3\xBC");
  EXPECT_EQ(to_utf8("Gr\xC3\xBC", "utf-8"), "Gr\xC3\xBC");
}

TEST(Charset, LooksAtTheTextWhereTheNameIsUnknownOrLies) {
  for (const std::string_view name :
       {"", "no-such-thing", "us-ascii", "iso-2022-cn-ext", "\xFF\n"}) {
    EXPECT_EQ(to_utf8("Gr\xC3\xBC", name), "Gr\xC3\xBC") << name;
    EXPECT_EQ(to_utf8("Gr\xFC", name), "Gr\xC3\xBC") << name;
  }
}

TEST(Charset, ReplacesWhatCannotBeRead) {
  EXPECT_EQ(to_utf8("a\x81\xFFz", "shift_jis").front(), 'a');
  EXPECT_EQ(to_utf8("a\x81\xFFz", "shift_jis").back(), 'z');
  EXPECT_EQ(to_utf8("\xFF", "euc-jp"), "\xEF\xBF\xBD");
  EXPECT_EQ(to_utf8("", "big5"), "");
  EXPECT_EQ(to_utf8(std::string(100'000, 'x'), "gbk").size(), 100'000U);
}

}  // namespace
}  // namespace tutela::mime
