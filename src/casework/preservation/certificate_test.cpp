#include "casework/preservation/certificate.hpp"

#include <random>

#include <gtest/gtest.h>

#include "base/file.hpp"

namespace tutela::preservation {
namespace {

crypto::SigningKey key_of(std::uint8_t seed) {
  return crypto::SigningKey(*crypto::Key::from_bytes(Bytes(32, std::byte{seed})));
}

constexpr std::string_view kName = "test.example/destruction";

Certificate example() {
  Certificate certificate;
  certificate.object = *parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057");
  certificate.tenant_id = "default";
  certificate.case_ref = "2027-0042";
  certificate.ground = Ground::kExpired;
  certificate.reference = "4564654";
  certificate.asked_by = "person:01890a5d-ac96-774b-bcce-000000000001";
  certificate.approved_by = "person:01890a5d-ac96-774b-bcce-000000000002";
  certificate.entry = 1234;
  certificate.destroyed_ms = *parse_time("2028-11-24T03:00:00.120Z");
  certificate.final_ms = *parse_time("2028-12-24T00:00:00Z");
  return certificate;
}

audit::VerifierKey verifier() {
  return {std::string(kName), key_of(7).public_key()};
}

std::string vector_file(const std::string& name) {
  const Result<Bytes> bytes = read_file(
      std::string(TUTELA_SOURCE_DIR) + "/spec/vectors/destruction-certificate/" + name, 64 << 10);
  EXPECT_TRUE(bytes) << name;
  return bytes ? std::string(as_text(*bytes)) : "";
}

/// The vectors are ASCII: the em dash of the signature line is written "\u2014".
std::string unescaped(std::string text) {
  constexpr std::string_view kEscape = "\\u2014";
  for (std::size_t at = text.find(kEscape); at != std::string::npos; at = text.find(kEscape)) {
    text.replace(at, kEscape.size(), "\xE2\x80\x94");
  }
  return text;
}

TEST(CertificateTest, IsWhatTheVectorsOfTheSpecificationSay) {
  EXPECT_EQ(*certificate_text(example()), vector_file("text.txt"));
  EXPECT_EQ(*sign_certificate(example(), kName, key_of(7)), unescaped(vector_file("note.txt")));
  EXPECT_EQ(audit::to_text(verifier()) + "\n", vector_file("key.txt"));
}

TEST(CertificateTest, VerifiesAndReadsBack) {
  const auto note = sign_certificate(example(), kName, key_of(7));
  ASSERT_TRUE(note);
  const auto back = verify_certificate(*note, verifier());
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, example());
}

TEST(CertificateTest, AnyChangedByteIsFound) {
  const std::string note = *sign_certificate(example(), kName, key_of(7));
  for (std::size_t at = 0; at < note.size(); ++at) {
    for (const int bit : {1, 32}) {
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ bit);
      EXPECT_FALSE(verify_certificate(changed, verifier())) << "byte " << at;
    }
    EXPECT_FALSE(verify_certificate(note.substr(0, at), verifier())) << "cut at " << at;
  }
}

TEST(CertificateTest, AnotherKeyOrNameIsRefused) {
  const std::string note = *sign_certificate(example(), kName, key_of(7));
  const auto code = [&](const std::string& text, const audit::VerifierKey& key) {
    const auto verified = verify_certificate(text, key);
    return verified ? std::string_view() : verified.error().code;
  };
  EXPECT_EQ(code(note, verifier()), "");
  EXPECT_EQ(code(note, {std::string(kName), key_of(8).public_key()}), "certificate.not_signed");
  EXPECT_EQ(code(note, {"other.example", key_of(7).public_key()}), "certificate.not_signed");
  EXPECT_EQ(code("", verifier()), "certificate.bad");
  EXPECT_EQ(code("\n\n", verifier()), "certificate.bad");
  // A second signature, of somebody else, does no harm, whichever comes first.
  const std::string other = *sign_certificate(example(), "other.example", key_of(8));
  const std::string line = other.substr(other.find("\n\n") + 2);
  EXPECT_EQ(code(note + line, verifier()), "");
  EXPECT_EQ(code(other + note.substr(note.find("\n\n") + 2), verifier()), "");
  std::string many = note;
  for (int i = 0; i < 16; ++i) {
    many += line;
  }
  EXPECT_EQ(code(many, verifier()), "certificate.bad");
}

TEST(CertificateTest, ASignedTextThatIsNoCertificateIsRefused) {
  const std::string good = *certificate_text(example());
  for (const std::string& bad : {std::string("hello\n"),
                                 good + "more: 1\n",
                                 good.substr(0, good.size() - 1),
                                 "x" + good,
                                 good + good}) {
    EXPECT_FALSE(parse_certificate_text(bad));
  }
  std::string leading = good;
  leading.replace(leading.find("1234"), 4, "01234");
  EXPECT_FALSE(parse_certificate_text(leading));
  std::string zone = good;
  zone.replace(zone.find("00:00:00.000Z"), 13, "01:00:00+01:00");
  EXPECT_FALSE(parse_certificate_text(zone));
  EXPECT_TRUE(parse_certificate_text(good));
}

TEST(CertificateTest, WhatIsNotOnePrintableLineCannotBeCertified) {
  for (const std::string& bad : {std::string(),
                                 std::string(129, 'a'),
                                 std::string("a\nb"),
                                 std::string("a\tb"),
                                 std::string(" a"),
                                 std::string("a "),
                                 std::string("\xC3\xA4"),
                                 std::string("a\0b", 3)}) {
    EXPECT_FALSE(is_line(bad));
    Certificate certificate = example();
    certificate.reference = bad;
    EXPECT_FALSE(certificate_text(certificate));
    certificate = example();
    certificate.asked_by = bad;
    EXPECT_FALSE(sign_certificate(certificate, kName, key_of(7)));
  }
  Certificate certificate = example();
  certificate.entry = -1;
  EXPECT_FALSE(certificate_text(certificate));
  certificate = example();
  certificate.final_ms = INT64_MAX / 2;
  EXPECT_FALSE(certificate_text(certificate));
  EXPECT_FALSE(sign_certificate(example(), "a b", key_of(7)));
  EXPECT_FALSE(sign_certificate(example(), "", key_of(7)));
}

TEST(CertificateTest, ReadsBackWhateverItSays) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto line = [&] {
    std::string text(1 + random() % 128, ' ');
    for (char& c : text) {
      c = static_cast<char>('!' + random() % 94);
    }
    if (text.size() > 2) {
      text[text.size() / 2] = ' ';
    }
    return text;
  };
  for (int i = 0; i < 300; ++i) {
    Certificate certificate;
    for (std::byte& byte : certificate.object.bytes) {
      byte = static_cast<std::byte>(random());
    }
    certificate.tenant_id = line();
    certificate.case_ref = line();
    certificate.ground = random() % 2 == 0 ? Ground::kExpired : Ground::kLawEnforcementRequest;
    certificate.reference = line();
    certificate.asked_by = line();
    certificate.approved_by = line();
    certificate.entry = static_cast<std::int64_t>(random() >> 1);
    certificate.destroyed_ms = static_cast<UtcMs>(random() % 253'402'300'799'000);
    certificate.final_ms = static_cast<UtcMs>(random() % 253'402'300'799'000);
    const auto note = sign_certificate(certificate, kName, key_of(7));
    ASSERT_TRUE(note);
    const auto back = verify_certificate(*note, verifier());
    ASSERT_TRUE(back) << *note;
    EXPECT_EQ(*back, certificate);
  }
}

}  // namespace
}  // namespace tutela::preservation
