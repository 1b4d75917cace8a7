#include "crypto/age.hpp"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sodium.h>

#include "crypto/bech32.hpp"
#include "crypto/digest.hpp"
#include "crypto/secret.hpp"
#include "support/folder.hpp"
#include "support/programs.hpp"

namespace tutela::crypto {
namespace {

using tutela::testing::installed;
using tutela::testing::Ran;
using tutela::testing::run_program;
using tutela::testing::TemporaryFolder;

constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::string_view kTestRecipient =
    "age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef";

const unsigned char* raw(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* raw(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

// The randomness of C2SP CCTV's age test kit: a file key, then a known ChaCha20 stream.
class TestKit {
 public:
  void fill(std::span<std::byte> out) {
    Bytes zero(at_ + out.size());
    const std::array<unsigned char, 12> nonce{};
    crypto_stream_chacha20_ietf(raw(zero.data()),
                                zero.size(),
                                nonce.data(),
                                raw(as_bytes("TEST RANDOMNESS TEST RANDOMNESS!")));
    std::copy_n(zero.begin() + static_cast<std::ptrdiff_t>(at_), out.size(), out.begin());
    at_ += out.size();
    last_.assign(out.begin(), out.end());
  }

  FillRandom random() {
    return [this, first = true](std::span<std::byte> out) mutable {
      if (std::exchange(first, false)) {
        std::ranges::copy(kFileKey, out.begin());
      } else {
        fill(out);
      }
    };
  }

  // What the kit calls a chunk: plain bytes whose encryption is zero.
  [[nodiscard]] Bytes chunk(std::size_t number, bool is_last, std::size_t size) const {
    std::array<std::byte, 12> nonce{};
    nonce[9] = static_cast<std::byte>(number >> 8);
    nonce[10] = static_cast<std::byte>(number & 0xff);
    nonce[11] = std::byte{is_last};
    Bytes plain(size);
    crypto_stream_chacha20_ietf_xor_ic(
        raw(plain.data()), raw(plain), size, raw(nonce), 1, raw(stream_key()));
    return plain;
  }

 private:
  // HKDF by hand.
  [[nodiscard]] Bytes stream_key() const {
    Bytes extracted(32);
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, raw(last_), last_.size());
    crypto_auth_hmacsha256_update(&state, raw(kFileKey), kFileKey.size());
    crypto_auth_hmacsha256_final(&state, raw(extracted.data()));
    Bytes key(32);
    const std::string info = "payload\x01";
    crypto_auth_hmacsha256(raw(key.data()), raw(as_bytes(info)), info.size(), raw(extracted));
    return key;
  }

  static inline const ByteView kFileKey = as_bytes("YELLOW SUBMARINE");
  std::size_t at_ = 0;
  Bytes last_;
};

Bytes encrypt(const std::vector<AgeRecipient>& to, ByteView plain, const FillRandom& random = {}) {
  AgeEncryptor encryptor(to, random);
  Bytes out;
  encryptor.update(plain, out);
  encryptor.finish(out);
  return out;
}

std::string hex(std::string_view text) {
  return to_hex(as_bytes(text));
}

// https://github.com/C2SP/CCTV, age/testdata: x25519 and stream_empty_payload.
TEST(Age, GivesTheBytesOfThePublishedVectors) {
  const std::string header =
      "age-encryption.org/v1\n-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n"
      "hjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE\n"
      "--- WyJp9F/9FOZh7gJdheq2WIJcwHgYc8NIVh3ddwhrcNg\n";
  const AgeRecipient recipient = *AgeRecipient::parse(kTestRecipient);
  EXPECT_EQ(to_hex(encrypt({recipient}, as_bytes("age"), TestKit().random())),
            hex(header) + "eecf62c7ce91b433274e68d4f2f9134cb74c5bfef7beaa52c8f0bc0e992c1e8331fb66");
  EXPECT_EQ(to_hex(encrypt({recipient}, {}, TestKit().random())),
            hex(header) + "eecf62c7ce91b433274e68d4f2f9134cad2e4fcf3e528a4130deabef4336e555");
}

// The same, x25519_multiple_recipients.
TEST(Age, GivesTheBytesOfThePublishedVectorOfTwoRecipients) {
  TestKit kit;
  std::array<std::byte, 32> other{};
  kit.fill(other);
  std::array<std::byte, 32> point{};
  ASSERT_EQ(crypto_scalarmult_base(raw(point.data()), raw(other)), 0);
  const std::vector<AgeRecipient> both = {*AgeRecipient::parse(to_bech32("age", point)),
                                          *AgeRecipient::parse(kTestRecipient)};
  EXPECT_EQ(to_hex(encrypt(both, as_bytes("age"), kit.random())),
            hex("age-encryption.org/v1\n"
                "-> X25519 ajtqAvDEkVNr2B7zUOtq2mAQXDSBlNrVAuM/dKb5sT4\n"
                "0evrK/HQXVsQ4YaDe+659l5OQzvAzD2ytLGHQLQiqxg\n"
                "-> X25519 0qC7u6AbLxuwnM8tPFOWVtWZn/ZZe7z7gcsP5kgA0FI\n"
                "Y3OzevLm23Vx7PN9k33F9y+ercWe/bcZJLqhqA3h408\n"
                "--- 855pKblQzZ3oabDowxRDQvSj/xo47ZSh5WTjkmK0I0U\n") +
                "f0b818be0f355442399920ad8084964b6f95c36db35e4f59d8f89e3cf26f2d1fa54213");
}

// The same, stream_last_chunk_full, stream_three_chunks and stream_257_chunks, by their digests.
TEST(Age, GivesTheBytesOfThePublishedLongVectors) {
  struct Vector {
    std::size_t chunks;
    std::size_t last_size;
    std::string_view sha256;
  };

  for (const Vector& vector :
       {Vector{1, kChunk, "506c0deadb7a57383ae096a883bea2464752b73a61525bccefb40bc6de468e09"},
        Vector{3, kChunk, "6aa4208daef65083050368dd3ee5600138477aa8cc2476fafce592e6b2885dc8"},
        Vector{257, 1, "d6e6b005a518098c860a1353c040040ab640171f3924fc958b9db9ebd0eb226d"}}) {
    TestKit kit;
    const std::vector<AgeRecipient> to = {*AgeRecipient::parse(kTestRecipient)};
    AgeEncryptor encryptor(to, kit.random());
    Bytes out;
    for (std::size_t i = 0; i < vector.chunks; ++i) {
      const bool last = i + 1 == vector.chunks;
      encryptor.update(kit.chunk(i, last, last ? vector.last_size : kChunk), out);
    }
    encryptor.finish(out);
    EXPECT_EQ(to_hex(sha256_of(out)), vector.sha256) << vector.chunks;
  }
}

class AgeProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!installed("age") || !installed("age-keygen")) {
      GTEST_SKIP() << "age is not installed: it was NOT checked that age decrypts what we encrypt";
    }
    for (const char* name : {"one", "two"}) {
      const Ran made = run_program({"age-keygen", "-o", path(name)});
      ASSERT_EQ(made.status, 0) << made.output;
    }
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  AgeRecipient recipient(const std::string& name) const {
    std::string text = run_program({"age-keygen", "-y", path(name)}).output;
    text.pop_back();
    const Result<AgeRecipient> parsed = AgeRecipient::parse(text);
    EXPECT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->text(), text);
    return *parsed;
  }

  Ran decrypt(ByteView encrypted, const std::string& identity) const {
    std::filesystem::remove(path("plain"));
    EXPECT_TRUE(write_file_atomic(path("package.age"), encrypted));
    return run_program(
        {"age", "-d", "-i", path(identity), "-o", path("plain"), path("package.age")});
  }

  // Of an empty file age makes none.
  Bytes plain() const {
    const Result<Bytes> bytes = read_file(path("plain"), 1U << 30);
    return bytes ? *bytes : Bytes{};
  }

  TemporaryFolder folder_;
};

TEST_F(AgeProgram, DecryptsEverySizeAroundAChunkHoweverItWasGiven) {
  std::mt19937 random(7);
  const AgeRecipient to = recipient("one");
  for (const std::size_t size : {std::size_t{0},
                                 std::size_t{1},
                                 kChunk - 1,
                                 kChunk,
                                 kChunk + 1,
                                 2 * kChunk,
                                 5 * kChunk + 3}) {
    Bytes bytes(size);
    random_bytes(bytes);
    AgeEncryptor encryptor(std::span(&to, 1));
    Bytes out;
    ByteView rest = bytes;
    while (!rest.empty()) {
      const std::size_t take = std::min<std::size_t>(rest.size(), 1 + random() % (2 * kChunk));
      encryptor.update(rest.first(take), out);
      rest = rest.subspan(take);
    }
    encryptor.finish(out);
    const Ran ran = decrypt(out, "one");
    ASSERT_EQ(ran.status, 0) << size << ran.output;
    EXPECT_EQ(plain(), bytes);
  }
}

TEST_F(AgeProgram, DecryptsForEachOfTwoRecipientsAndForNobodyElse) {
  const Bytes encrypted = encrypt({recipient("one"), recipient("two")}, as_bytes("both"));
  for (const char* name : {"one", "two"}) {
    ASSERT_EQ(decrypt(encrypted, name).status, 0);
    EXPECT_EQ(as_text(plain()), "both");
  }
  ASSERT_NE(decrypt(encrypt({recipient("one")}, as_bytes("one")), "two").status, 0);
}

TEST_F(AgeProgram, RefusesWhatIsCutShortUnfinishedOrChanged) {
  Bytes bytes(3 * kChunk);
  random_bytes(bytes);
  const AgeRecipient to = recipient("one");
  const Bytes encrypted = encrypt({to}, bytes);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{16}, kChunk, kChunk + 16, 2 * kChunk}) {
    EXPECT_NE(decrypt(ByteView(encrypted).first(encrypted.size() - cut), "one").status, 0) << cut;
  }
  for (const std::size_t at : {std::size_t{30}, std::size_t{150}, kChunk, encrypted.size() - 1}) {
    Bytes changed = encrypted;
    changed[at] ^= std::byte{1};
    EXPECT_NE(decrypt(changed, "one").status, 0) << at;
  }
  AgeEncryptor encryptor(std::span(&to, 1));
  Bytes unfinished;
  encryptor.update(bytes, unfinished);
  EXPECT_NE(decrypt(unfinished, "one").status, 0);
}

TEST(AgeRecipient, RefusesWhatIsMistypedOrOfAnotherKind) {
  EXPECT_TRUE(AgeRecipient::parse(kTestRecipient));
  const std::string good(kTestRecipient);
  std::string upper = good;
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  });
  for (const std::string& bad :
       {std::string(),
        good.substr(0, good.size() - 1),
        good + "q",
        " " + good,
        good + "\n",
        upper,
        to_bech32("age", Bytes(31)),
        to_bech32("age", Bytes(33)),
        to_bech32("age1pq", Bytes(32)),
        to_bech32("age-secret-key-", Bytes(32, std::byte{3})),
        std::string("AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"),
        std::string("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+"),
        std::string(100'000, 'a')}) {
    const Result<AgeRecipient> parsed = AgeRecipient::parse(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, "age.bad_recipient");
  }
}

// The points of small order: whoever encrypts to them encrypts to everybody.
TEST(AgeRecipient, RefusesPointsOfLowOrder) {
  for (const std::string_view point :
       {"0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    Bytes bytes(32);
    ASSERT_TRUE(parse_hex(point, bytes));
    const Result<AgeRecipient> parsed = AgeRecipient::parse(to_bech32("age", bytes));
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, "age.weak_recipient");
  }
}

TEST(AgeDeathTest, TakesNothingAfterTheEndAndNeedsARecipient) {
  const AgeRecipient to = *AgeRecipient::parse(kTestRecipient);
  AgeEncryptor encryptor(std::span(&to, 1));
  Bytes out;
  encryptor.finish(out);
  EXPECT_DEATH(encryptor.update({}, out), "broken invariant");
  EXPECT_DEATH(AgeEncryptor({}), "broken invariant");
}

}  // namespace
}  // namespace tutela::crypto
