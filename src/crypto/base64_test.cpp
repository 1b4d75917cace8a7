#include "crypto/base64.hpp"

#include <random>

#include <gtest/gtest.h>

namespace tutela::crypto {
namespace {

TEST(Base64Test, GivesTheVectorsOfRfc4648) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(to_base64(as_bytes(plain)), text);
    const auto parsed = parse_base64(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(as_text(*parsed), plain);
  }
}

TEST(Base64Test, RefusesWhatItWouldNotWrite) {
  for (const std::string_view bad : {"Zg",
                                     "Zg=",
                                     "Zg===",
                                     "Zh==",
                                     "Zm9=",
                                     "Zm9v ",
                                     "Zm 9v",
                                     "Zm9v\n",
                                     "Zm9-",
                                     "====",
                                     "Zg==Zg=="}) {
    const auto refused = parse_base64(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, "base64.bad");
  }
}

TEST(Base64Test, RefusesEveryByteThatIsNoDigitOfIt) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool good = byte != 0 && digits.find(c) != std::string::npos;
    EXPECT_EQ(parse_base64(std::string("AA") + c + "A").has_value(), good) << byte;
  }
}

TEST(Base64UrlTest, WritesWithoutPaddingAndRefusesWhatItWouldNotWrite) {
  const Bytes bytes{std::byte{0xFB}, std::byte{0xFF}, std::byte{0xFE}, std::byte{1}};
  EXPECT_EQ(to_base64url(bytes), "-__-AQ");
  EXPECT_EQ(*parse_base64url("-__-AQ"), bytes);
  EXPECT_EQ(*parse_base64url(""), Bytes());
  for (const std::string_view bad :
       {"-__-AQ==", "+//+AQ", "-__-AR", "-__-A", "-__-AQ\n", " -__-AQ", "-__-AQ."}) {
    EXPECT_EQ(parse_base64url(bad).has_value(), false) << bad;
  }
}

TEST(Base64Test, ReadsBackWhatItWrote) {
  std::mt19937 random(7);
  for (std::size_t size = 0; size < 200; ++size) {
    Bytes bytes(size);
    for (std::byte& one : bytes) {
      one = static_cast<std::byte>(random());
    }
    EXPECT_EQ(*parse_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(*parse_base64url(to_base64url(bytes)), bytes);
  }
}

}  // namespace
}  // namespace tutela::crypto
