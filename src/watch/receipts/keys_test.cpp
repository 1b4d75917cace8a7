#include <gtest/gtest.h>

#include "watch/receipts/test_receipts.hpp"

namespace tutela::receipts {
namespace {

TEST_F(ReceiptsTest, AKeyIsNamedByTheThumbprintOfRfc8037) {
  // RFC 8037, appendices A.1 to A.3.
  Bytes seed(32);
  ASSERT_TRUE(parse_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", seed));
  const crypto::SigningKey key(*crypto::Key::from_bytes(seed));
  EXPECT_EQ(key_id(key.public_key()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  EXPECT_NE(key_set({key.public_key()}).find("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            std::string::npos);
}

TEST_F(ReceiptsTest, AKeySetReadsBackInItsOrder) {
  std::vector<crypto::PublicKey> keys;
  for (std::uint8_t i = 1; i <= kKeysMax; ++i) {
    keys.push_back(key_of(i).public_key());
    EXPECT_EQ(*parse_key_set(key_set(keys)), keys);
  }
  keys.push_back(key_of(200).public_key());
  EXPECT_EQ(code(parse_key_set(key_set(keys))), "receipt.bad_keys");
}

TEST_F(ReceiptsTest, AKeySetMayBeWrittenWithBlanksAndInAnotherOrder) {
  const std::string x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
  const std::string kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
  EXPECT_TRUE(parse_key_set("{ \"keys\" : [\n { \"alg\":\"EdDSA\", \"x\": \"" + x +
                            "\",\"kid\":\"" + kid +
                            "\", \"use\":\"sig\",\"crv\":\"Ed25519\",\t\"kty\":\"OKP\"} ] }\n"));
}

TEST_F(ReceiptsTest, RefusesKeySetsThatAreNotExactlyThat) {
  const std::string good = key_set({key_of(1).public_key()});
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = good;
    const std::size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return changed.replace(at, from.size(), to);
  };
  ASSERT_TRUE(parse_key_set(good));
  const std::string one = good.substr(9, good.size() - 11);  // the key itself
  for (const std::string& bad : {
           std::string(),
           std::string("{}"),
           std::string("[]"),
           std::string("null"),
           std::string(R"({"keys":[]})"),
           std::string(R"({"keys":{}})"),
           std::string(R"({"keys":[1]})"),
           std::string(R"({"keys":[{}]})"),
           with(R"("kty":"OKP")", R"("kty":"oct")"),
           with(R"("kty":"OKP")", R"("kty":"RSA")"),
           with(R"("crv":"Ed25519")", R"("crv":"X25519")"),
           with(R"("alg":"EdDSA")", R"("alg":"HS256")"),
           with(R"("alg":"EdDSA")", R"("alg":"none")"),
           with(R"("use":"sig")", R"("use":"enc")"),
           with(R"("use":"sig")", R"("use":"sig","d":"x")"),
           with(R"("use":"sig")", R"("use":"sig","use":"sig")"),
           with(R"("use":"sig")", R"("use":"enc","use":"sig")"),
           with(R"("use":"sig")", R"("us\u0065":"sig")"),
           with(R"("use":"sig")", R"("use":["sig"])"),
           with(R"(,"use":"sig")", ""),
           with(R"("kid":")", R"("kid":"A)"),
           with(R"("x":")", R"("x":"A)"),
           with(R"({"keys":)", R"({"more":"x","keys":)"),
           with(R"({"keys":)", R"({"keys":[],"keys":)"),
           R"({"keys":[)" + one + "," + one + "]}",
           good + good,
           good + "x",
           good.substr(0, good.size() - 1),
           good + std::string(kKeySetBytesMax, ' '),
           std::string(5000, '['),
       }) {
    EXPECT_EQ(code(parse_key_set(bad)), "receipt.bad_keys") << bad.substr(0, 300);
  }
}

TEST_F(ReceiptsTest, NoChangedByteOfAKeySetGivesAnotherKey) {
  const std::vector<crypto::PublicKey> keys = {key_of(1).public_key(), key_of(2).public_key()};
  const std::string good = key_set(keys);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int bit : {1, 2, 4, 32}) {
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ bit);
      const auto parsed = parse_key_set(changed);
      EXPECT_TRUE(!parsed || *parsed == keys) << "byte " << at;
    }
  }
}

}  // namespace
}  // namespace tutela::receipts
