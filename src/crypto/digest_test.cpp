#include "crypto/digest.hpp"

#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace tutela::crypto {
namespace {

// RFC 1321, appendix A.5.
TEST(Digest, AgreesWithTheMd5VectorsOfRfc1321) {
  const std::pair<std::string, std::string> vectors[] = {
      {"", "d41d8cd98f00b204e9800998ecf8427e"},
      {"a", "0cc175b9c0f1b6a831c399e269772661"},
      {"abc", "900150983cd24fb0d6963f7d28e17f72"},
      {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
      {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
      {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
       "d174ab98d277d9f5a5611c2c9f419d9f"},
      {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
       "57edf4a22be3c955ac49da2e2107b67a"}};
  for (const auto& [text, hex] : vectors) {
    EXPECT_EQ(to_hex(digests_of(as_bytes(text)).md5), hex) << text;
  }
}

// FIPS 180-4 examples (NIST, "Examples with intermediate values").
TEST(Digest, AgreesWithTheShaVectorsOfFips180) {
  const std::string two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  const std::string million(1'000'000, 'a');
  const Digests abc = digests_of(as_bytes("abc"));
  EXPECT_EQ(to_hex(abc.sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(abc.sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const Digests long_text = digests_of(as_bytes(two_blocks));
  EXPECT_EQ(to_hex(long_text.sha1), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(to_hex(long_text.sha256),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  const Digests many = digests_of(as_bytes(million));
  EXPECT_EQ(to_hex(many.sha1), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  EXPECT_EQ(to_hex(many.sha256),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(to_hex(sha256_of({})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, DoesNotDependOnHowTheStreamIsCut) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Bytes bytes(200'000);
  for (std::byte& b : bytes) {
    b = static_cast<std::byte>(random());
  }
  const Digests whole = digests_of(bytes);
  for (int round = 0; round < 20; ++round) {
    Digester digester;
    for (ByteView rest = bytes; !rest.empty();) {
      const std::size_t take = std::min<std::size_t>(rest.size(), random() % 40'000);
      digester.update(rest.first(take));
      rest = rest.subspan(take);
    }
    Digester moved = std::move(digester);
    EXPECT_EQ(moved.finish(), whole);
  }
  EXPECT_EQ(sha256_of(bytes), whole.sha256);
}

TEST(DigestDeathTest, MayBeFinishedOnlyOnce) {
  Digester digester;
  static_cast<void>(digester.finish());
  EXPECT_DEATH(static_cast<void>(digester.finish()), "broken invariant");
}

TEST(DigestTest, CanLeaveOutWhatOnlyListsCarry) {
  Digester digester(Digester::Kinds::kSha256);
  digester.update(as_bytes("ab"));
  digester.update(as_bytes("c"));
  const Digests digests = digester.finish();
  EXPECT_EQ(digests.sha256, sha256_of(as_bytes("abc")));
  EXPECT_EQ(digests.md5, Md5{});
  EXPECT_EQ(digests.sha1, Sha1{});
}

// RFC 4231, test cases 1 to 4, 6 and 7.
TEST(Hmac, AgreesWithTheVectorsOfRfc4231) {
  const auto hmac = [](const std::string& key, const std::string& message) {
    return to_hex(hmac_sha256(as_bytes(key), as_bytes(message)));
  };
  std::string counting;
  for (char c = 1; c <= 25; ++c) {
    counting.push_back(c);
  }
  EXPECT_EQ(hmac(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac(std::string(20, '\xaa'), std::string(50, '\xdd')),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(hmac(counting, std::string(50, '\xcd')),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  EXPECT_EQ(
      hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hmac(std::string(131, '\xaa'),
                 "This is a test using a larger than block-size key and a larger than block-size "
                 "data. The key needs to be hashed before being used by the HMAC algorithm."),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

}  // namespace
}  // namespace tutela::crypto
