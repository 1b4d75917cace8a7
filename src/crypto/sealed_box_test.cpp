// Sealed boxes: whoever has the public key seals, and the secret key alone opens.
#include "crypto/sealed_box.hpp"

#include <array>
#include <set>

#include <gtest/gtest.h>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"

namespace tutela::crypto {
namespace {

std::array<std::byte, 32> bytes_of(std::string_view hex) {
  std::array<std::byte, 32> bytes{};
  EXPECT_TRUE(parse_hex(hex, bytes));
  return bytes;
}

std::string opened(const Key& key, std::string_view sealed) {
  const Result<Bytes> plain = open_box(key, sealed);
  return plain ? std::string(as_text(*plain)) : std::string(plain.error().code);
}

std::string sealed_for(const Key& key, std::string_view plain) {
  const Result<std::string> sealed = seal_box(box_public_key(key), as_bytes(plain));
  EXPECT_TRUE(sealed);
  return sealed ? *sealed : std::string();
}

// RFC 7748, section 6.1: Bob's keys.
TEST(SealedBox, ThePublicKeyIsThatOfTheStandard) {
  const Key bob = *Key::from_bytes(
      bytes_of("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  const auto expected =
      bytes_of("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  EXPECT_EQ(box_public_key(bob), to_base64(expected));
  EXPECT_EQ(box_key_id(box_public_key(bob)),
            to_hex(sha256_of(as_bytes(to_base64(expected)))).substr(0, 16));
}

TEST(SealedBox, OpensWithTheSecretKeyAlone) {
  const Key key = Key::random();
  for (const std::string& plain : {std::string(), std::string("a"), std::string(4096, '\0')}) {
    const std::string sealed = sealed_for(key, plain);
    EXPECT_EQ(opened(key, sealed), plain);
    EXPECT_EQ(opened(Key::random(), sealed), "box.corrupt");
  }
}

TEST(SealedBox, TheSameBytesNeverGiveTheSameBox) {
  const Key key = Key::random();
  std::set<std::string> boxes;
  for (int i = 0; i < 100; ++i) {
    boxes.insert(sealed_for(key, "the same"));
  }
  EXPECT_EQ(boxes.size(), 100U);
}

TEST(SealedBox, EveryChangedByteIsFound) {
  const Key key = Key::random();
  const Bytes box = *parse_base64(sealed_for(key, "a name"));
  for (std::size_t i = 0; i < box.size(); ++i) {
    Bytes changed = box;
    changed[i] ^= std::byte{0x10};
    EXPECT_EQ(opened(key, to_base64(changed)), "box.corrupt") << i;
    EXPECT_EQ(opened(key, to_base64(ByteView(box).first(i))), "box.corrupt") << i;
  }
  EXPECT_EQ(opened(key, "not base64"), "box.corrupt");
}

TEST(SealedBox, SealsForGoodKeysOnly) {
  const std::array<std::byte, 32> zero{};
  for (const std::string& bad : {std::string(),
                                 std::string("?"),
                                 to_base64(as_bytes("short")),
                                 to_base64(Bytes(33)),
                                 to_base64(zero)}) {  // of small order
    const Result<std::string> sealed = seal_box(bad, as_bytes("x"));
    ASSERT_FALSE(sealed) << bad;
    EXPECT_EQ(sealed.error().code, "box.bad_key");
  }
}

}  // namespace
}  // namespace tutela::crypto
