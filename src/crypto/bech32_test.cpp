#include "crypto/bech32.hpp"

#include <random>

#include <gtest/gtest.h>

#include "crypto/secret.hpp"

namespace tutela::crypto {
namespace {

// BIP 173, "Test vectors": valid ones in lower case whose data part is whole bytes.
TEST(Bech32, ReadsThePublishedVectors) {
  EXPECT_EQ(parse_bech32("a12uel5l", "a")->size(), 0U);
  EXPECT_EQ(parse_bech32("an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcluded"
                         "charactersbio1tt5tgs",
                         "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcluded"
                         "charactersbio")
                ->size(),
            0U);
  EXPECT_EQ(to_hex(*parse_bech32("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef")),
            "00443214c74254b635cf84653a56d7c675be77df");
}

TEST(Bech32, RefusesThePublishedInvalidVectors) {
  for (const auto& [text, prefix] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"pzry9x0s0muk", ""},   // no separator
           {"1pzry9x0s0muk", ""},  // empty prefix: the checksum is wrong
           {"x1b4n0q5v", "x"},     // a character of no value
           {"li1dgmt3", "li"},     // a checksum too short
           {"A12UEL5L", "a"},      // upper case
           {"a12UEL5L", "a"},      // mixed case
           {"10a06t8", ""},        // empty prefix
           {"1qzzfhee", ""}}) {
    const Result<Bytes> parsed = parse_bech32(text, prefix);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, "bech32.bad");
  }
}

TEST(Bech32, FindsEverySingleAndEveryTranspositionError) {
  const std::string good = "age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef";
  ASSERT_TRUE(parse_bech32(good, "age"));
  for (std::size_t at = 4; at < good.size(); ++at) {
    for (const char c : std::string_view("qpzry9x8gf2tvdw0s3jn54khce6mua7l")) {
      std::string typed = good;
      typed[at] = c;
      ASSERT_EQ(parse_bech32(typed, "age").has_value(), typed == good);
    }
    if (at + 1 < good.size()) {
      std::string typed = good;
      std::swap(typed[at], typed[at + 1]);
      ASSERT_EQ(parse_bech32(typed, "age").has_value(), typed == good);
    }
  }
}

TEST(Bech32, RefusesLeftOverBits) {
  // Two groups hold ten bits: one byte and two bits, which must be zero.
  EXPECT_TRUE(parse_bech32(to_bech32("t", Bytes{std::byte{255}}), "t"));
  for (const std::string_view bits : {"t1q", "t1qq", "t1qqq"}) {
    EXPECT_FALSE(parse_bech32(bits, "t"));
  }
}

TEST(Bech32, ReadsWhatItWrites) {
  std::mt19937 random(173);
  for (int round = 0; round < 300; ++round) {
    Bytes bytes(random() % 70);
    random_bytes(bytes);
    const std::string text = to_bech32("age", bytes);
    const Result<Bytes> read = parse_bech32(text, "age");
    ASSERT_TRUE(read) << text;
    ASSERT_EQ(*read, bytes);
  }
}

}  // namespace
}  // namespace tutela::crypto
