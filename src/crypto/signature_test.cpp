#include "crypto/signature.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace tutela::crypto {
namespace {

template <std::size_t N>
std::array<std::byte, N> hex(std::string_view text) {
  std::array<std::byte, N> bytes{};
  EXPECT_TRUE(parse_hex(text, bytes));
  return bytes;
}

SigningKey key_of(std::string_view seed) {
  return SigningKey(*Key::from_bytes(hex<32>(seed)));
}

// RFC 8032, 7.1, tests 1 and 2.
TEST(Signature, AgreesWithThePublishedVectors) {
  const SigningKey empty =
      key_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  EXPECT_EQ(empty.public_key(),
            hex<32>("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  EXPECT_EQ(
      empty.sign({}),
      hex<64>("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33ba"
              "cc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"));
  const SigningKey one = key_of("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  EXPECT_EQ(
      one.sign(hex<1>("72")),
      hex<64>("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996"
              "e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
}

TEST(Signature, HoldsForItsMessageAndKeyOnly) {
  const SigningKey key(Key::random());
  const SigningKey other(Key::random());
  const Bytes message = {std::byte{1}, std::byte{2}};
  Signature signature = key.sign(message);
  EXPECT_TRUE(verify(key.public_key(), message, signature));
  EXPECT_FALSE(verify(other.public_key(), message, signature));
  EXPECT_FALSE(verify(key.public_key(), ByteView(message).first(1), signature));
  signature[10] ^= std::byte{1};
  EXPECT_FALSE(verify(key.public_key(), message, signature));
}

}  // namespace
}  // namespace tutela::crypto
