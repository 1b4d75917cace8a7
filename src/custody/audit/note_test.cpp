#include "custody/audit/note.hpp"

#include <gtest/gtest.h>

#include "crypto/base64.hpp"

namespace tutela::audit {
namespace {

crypto::SigningKey key_of(char seed) {
  return crypto::SigningKey(*crypto::Key::from_bytes(Bytes(32, static_cast<std::byte>(seed))));
}

const Checkpoint kCheckpoint{"example.org/audit", {12, leaf_hash({})}};

// The key of Go's golang.org/x/mod/sumdb/note documentation.
TEST(VerifierKeyTest, ReadsAndWritesThatOfGo) {
  const std::string vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  const auto key = parse_verifier_key(vkey + "\n");
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->name, "PeterNeumann");
  EXPECT_EQ(to_text(*key), vkey);
}

TEST(VerifierKeyTest, RefusesWhatIsNoKey) {
  const std::string good = to_text(VerifierKey{"a/b", key_of(1).public_key()});
  ASSERT_TRUE(parse_verifier_key(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(parse_verifier_key(bad)) << bad;
    EXPECT_FALSE(parse_verifier_key(good.substr(0, i)));
  }
  EXPECT_EQ(parse_verifier_key("").error().code, "audit.bad_key");
}

TEST(CheckpointTest, IsReadBackWithItsKeyAndRefusedWithEveryOther) {
  const std::string note = sign_checkpoint(kCheckpoint, key_of(1));
  EXPECT_TRUE(note.starts_with("example.org/audit\n12\n" +
                               crypto::to_base64(kCheckpoint.head.root) +
                               "\n\n\xE2\x80\x94 example.org/audit "));
  const VerifierKey key{"example.org/audit", key_of(1).public_key()};
  const auto opened = open_checkpoint(note, key);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(*opened, kCheckpoint);
  EXPECT_EQ(open_checkpoint(note, {"example.org/audit", key_of(2).public_key()}).error().code,
            "audit.bad_signature");
  EXPECT_EQ(open_checkpoint(note, {"example.org/other", key_of(1).public_key()}).error().code,
            "audit.bad_signature");
}

TEST(CheckpointTest, MayBeSignedByOthersToo) {
  const VerifierKey key{"example.org/audit", key_of(1).public_key()};
  std::string note = sign_checkpoint(kCheckpoint, key_of(1));
  note += "\xE2\x80\x94 witness.example " + crypto::to_base64(Bytes(76, std::byte{9})) + "\n";
  EXPECT_TRUE(open_checkpoint(note, key));
}

TEST(CheckpointTest, IsRefusedWithAnyByteChangedOrCut) {
  const VerifierKey key{"example.org/audit", key_of(1).public_key()};
  const std::string note = sign_checkpoint(kCheckpoint, key_of(1));
  for (std::size_t i = 0; i < note.size(); ++i) {
    EXPECT_FALSE(open_checkpoint(note.substr(0, i), key)) << i;
    for (const unsigned bit : {0U, 3U, 7U}) {
      std::string bad = note;
      bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ (1U << bit));
      EXPECT_FALSE(open_checkpoint(bad, key)) << i;
    }
  }
  EXPECT_FALSE(open_checkpoint(std::string(kNoteBytesMax + 1, 'a'), key));
}

TEST(CheckpointTest, IsRefusedWhenSignedButNoCheckpoint) {
  // Signed by the right key, so that only the text decides.
  const crypto::SigningKey signing = key_of(1);
  const VerifierKey key{"example.org/audit", signing.public_key()};
  const std::string good = sign_checkpoint(kCheckpoint, signing);
  for (const std::string& body :
       {"example.org/audit\n012\n" + crypto::to_base64(kCheckpoint.head.root) + "\n",
        "example.org/audit\n-1\n" + crypto::to_base64(kCheckpoint.head.root) + "\n",
        "example.org/audit\n99999999999999999999\n" + crypto::to_base64(kCheckpoint.head.root) +
            "\n",
        std::string("example.org/audit\n12\nAAAA\n"),
        std::string("example.org/audit\n12\n"),
        "example.org/other\n12\n" + crypto::to_base64(kCheckpoint.head.root) + "\n"}) {
    const auto line = good.substr(good.rfind("\xE2\x80\x94"));
    const auto id = crypto::parse_base64(line.substr(line.rfind(' ') + 1, 92));
    ASSERT_TRUE(id);
    Bytes bytes(id->begin(), id->begin() + 4);
    const crypto::Signature signature = signing.sign(as_bytes(body));
    bytes.insert(bytes.end(), signature.begin(), signature.end());
    const std::string note =
        body + "\n\xE2\x80\x94 example.org/audit " + crypto::to_base64(bytes) + "\n";
    const auto refused = open_checkpoint(note, key);
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().code, "audit.bad_note");
  }
}

class ProofTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<Hash> leaves;
    for (int i = 0; i < 5; ++i) {
      leaves.push_back(leaf_hash(as_bytes("leaf" + std::to_string(i))));
    }
    const auto path = inclusion_proof(3, 5, [&](unsigned level, std::uint64_t index) {
      return Result<Hash>(root_above(std::span(leaves).subspan(index << level, 1U << level)));
    });
    ASSERT_TRUE(path);
    proof_ = {"leaf3", 3, *path, sign_checkpoint({"a/b", {5, root_above(leaves)}}, key_of(1))};
  }

  Proof proof_;
  const VerifierKey key_{"a/b", key_of(1).public_key()};
};

TEST_F(ProofTest, IsReadBackAndHolds) {
  const auto parsed = parse_proof(to_text(proof_));
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto checkpoint = check_proof(*parsed, key_);
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  EXPECT_EQ(checkpoint->head.size, 5U);
  EXPECT_EQ(parsed->leaf, "leaf3");
}

TEST_F(ProofTest, DoesNotHoldWithAnyByteChangedOrCut) {
  const std::string text = to_text(proof_);
  const auto holds = [&](const std::string& changed) {
    const auto parsed = parse_proof(changed);
    return parsed && check_proof(*parsed, key_);
  };
  ASSERT_TRUE(holds(text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(holds(text.substr(0, i))) << i;
    std::string bad = text;
    bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ 1U);
    EXPECT_FALSE(holds(bad)) << i;
  }
}

}  // namespace
}  // namespace tutela::audit
