#include "custody/blobs/s3_sign.hpp"

#include <gtest/gtest.h>

#include "crypto/digest.hpp"

namespace tutela::blobs {
namespace {

// The keys and requests of "Examples: Signature Calculations" in AWS's S3 API reference
// (sig-v4-header-based-auth.html).
const S3Credentials kExample{
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"};
constexpr UtcMs kExampleTime = 1'369'353'600'000;  // 2013-05-24T00:00:00Z
constexpr const char* kHost = "examplebucket.s3.amazonaws.com";

std::string signature_of(S3Request request) {
  request.headers["host"] = kHost;
  sign(request, kExample, kExampleTime);
  const std::string& all = request.headers["authorization"];
  const std::size_t at = all.find("Signature=");
  return at == std::string::npos ? all : all.substr(at + 10);
}

TEST(S3SignTest, SignsTheGetOfAmazonsExamples) {
  S3Request request{"GET", "/test.txt", {}, {{"range", "bytes=0-9"}}, {}};
  EXPECT_EQ(signature_of(request),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(S3SignTest, SignsThePutOfAmazonsExamples) {
  S3Request request{
      "PUT",
      "/test$file.text",
      {},
      {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
      as_bytes("Welcome to Amazon S3.")};
  EXPECT_EQ(signature_of(request),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(S3SignTest, SignsAQueryKeyWithoutAValueAsAmazonDoes) {
  EXPECT_EQ(signature_of({"GET", "/", {{"lifecycle", ""}}, {}, {}}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(S3SignTest, SignsTheListOfAmazonsExamplesInAnyOrderOfKeys) {
  const char* const expected = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
  EXPECT_EQ(signature_of({"GET", "/", {{"max-keys", "2"}, {"prefix", "J"}}, {}, {}}), expected);
  EXPECT_EQ(signature_of({"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, {}}), expected);
}

TEST(S3SignTest, EncodesAllThatIsNotPlain) {
  EXPECT_EQ(encode_uri("a/b c+~\xc3\xa9", Slash::kKept), "a/b%20c%2B~%C3%A9");
  EXPECT_EQ(encode_uri("a/b=&", Slash::kEncoded), "a%2Fb%3D%26");
}

// RFC 4231, test cases 1, 2 and 6.
TEST(S3SignTest, ComputesTheHmacOfRfc4231) {
  EXPECT_EQ(to_hex(crypto::hmac_sha256(Bytes(20, std::byte{0x0b}), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(crypto::hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(crypto::hmac_sha256(
                Bytes(131, std::byte{0xaa}),
                as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace tutela::blobs
