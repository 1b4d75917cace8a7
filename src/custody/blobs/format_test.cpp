#include "custody/blobs/format.hpp"

#include <gtest/gtest.h>

namespace tutela::blobs {
namespace {

// XXH3-128 and XXH3-64 as xxhsum 0.8.1 prints them (xxhsum -H2, -H3).
TEST(FormatTest, EndsABlobWithTheFooterOfItsHeader) {
  EXPECT_EQ(to_hex(with_footer({})),
            "747574656c612d626c6f622d31000000"
            "0000000000000000"
            "99aa06d3014798d86001c324468d497f"
            "5329895856498615");
  EXPECT_EQ(to_hex(ByteView(with_footer(as_bytes("harmless"))).subspan(8)),
            "747574656c612d626c6f622d31000000"
            "0800000000000000"
            "55f021ccaa2949397ea0d47a43f6e1d0"
            "8b6971d890498303");
}

TEST(FormatTest, ReadsOnlyAWholeFooter) {
  const Bytes blob = with_footer(as_bytes("harmless"));
  const ByteView footer = ByteView(blob).subspan(8);
  EXPECT_EQ(*footer_size_bytes(footer), 8U);
  for (std::size_t at = 0; at < footer.size(); ++at) {
    Bytes broken(footer.begin(), footer.end());
    broken[at] ^= std::byte{1};
    EXPECT_FALSE(footer_size_bytes(broken)) << at;
    EXPECT_FALSE(footer_size_bytes(footer.first(at))) << at;
  }
}

TEST(FormatTest, IsTheSameHoweverTheBytesCome) {
  Checksum one;
  Checksum many;
  one.update(as_bytes("in one piece"));
  for (const char c : std::string_view("in one piece")) {
    many.update(as_bytes(std::string_view(&c, 1)));
  }
  EXPECT_EQ(one.footer(), many.footer());
}

}  // namespace
}  // namespace tutela::blobs
