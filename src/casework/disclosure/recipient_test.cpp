#include "casework/disclosure/recipient.hpp"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "casework/disclosure/test_packages.hpp"

namespace tutela::disclosure {
namespace {

using tutela::testing::TemporaryFolder;

constexpr std::string_view kAge = "age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef";
constexpr UtcMs kYearMs = 365LL * 86'400'000;

std::string refusal(RecipientKind kind, const std::string& key, UtcMs now_ms = kTestNow) {
  const Result<Recipient> parsed = Recipient::parse(kind, key, now_ms);
  return parsed ? "" : std::string(parsed.error().code);
}

Source source_of(ByteView bytes, std::size_t step) {
  return [bytes, step](Bytes& out) mutable -> Result<bool> {
    const ByteView part = bytes.first(std::min(step, bytes.size()));
    out.insert(out.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
    return !bytes.empty();
  };
}

Bytes encrypt(const Recipient& recipient, ByteView plain) {
  Bytes encrypted;
  const Status status = recipient.encrypt(
      source_of(plain, 30'000),
      [&](ByteView bytes) {
        encrypted.insert(encrypted.end(), bytes.begin(), bytes.end());
        return ok();
      },
      kTestNow);
  EXPECT_TRUE(status) << (status ? "" : status.error().message);
  return encrypted;
}

TEST(Recipient, ReadsKeysThatPeopleUse) {
  const Result<Recipient> age =
      Recipient::parse(RecipientKind::kAge, "\n " + std::string(kAge) + "\r\n", kTestNow);
  ASSERT_TRUE(age);
  EXPECT_EQ(age->fingerprint(), kAge);
  const std::string two = std::string(kAge) + "\r\n" + std::string(kAge);
  EXPECT_EQ(Recipient::parse(RecipientKind::kAge, two, kTestNow)->fingerprint(),
            std::string(kAge) + " " + std::string(kAge));
  EXPECT_EQ(
      Recipient::parse(RecipientKind::kOpenPgp, testdata("curve.asc"), kTestNow)->fingerprint(),
      "7D16A7E739B11F3D956F6253D2F6A0D6AD00DC48");
  EXPECT_EQ(Recipient::parse(RecipientKind::kOpenPgp, testdata("rsa.asc") + "\n", kTestNow)
                ->fingerprint(),
            "CF0773729A4972EB17BE4218B7B52E22D485BCD1");
}

TEST(Recipient, RefusesAgeKeysThatAreNone) {
  const std::string one(kAge);
  std::string six;
  for (int i = 0; i < 6; ++i) {
    six += one + "\n";
  }
  for (const std::string& bad : {std::string(),
                                 std::string("  \n"),
                                 one + "," + one,
                                 one + "\n\n" + one,
                                 one.substr(0, 61) + "q",
                                 six,
                                 std::string(20'000, 'a'),
                                 testdata("rsa.asc")}) {
    EXPECT_EQ(refusal(RecipientKind::kAge, bad), "age.bad_recipient");
  }
}

TEST(Recipient, SaysWhyAnOpenPgpKeyCannotBeUsed) {
  const RecipientKind kind = RecipientKind::kOpenPgp;
  EXPECT_EQ(refusal(kind, testdata("sign.asc")), "openpgp.cannot_encrypt");
  EXPECT_EQ(refusal(kind, testdata("short.asc")), "openpgp.expired");
  EXPECT_EQ(refusal(kind, testdata("revoked.asc")), "openpgp.revoked");
  EXPECT_EQ(refusal(kind, testdata("weak.asc")), "openpgp.weak_key");
  EXPECT_EQ(refusal(kind, testdata("elgamal.asc")), "openpgp.weak_key");
  // Its subkey for encryption is good for a year.
  EXPECT_EQ(refusal(kind, testdata("curve.asc")), "");
  EXPECT_EQ(refusal(kind, testdata("curve.asc"), kTestNow + kYearMs), "openpgp.expired");
  EXPECT_EQ(refusal(kind, testdata("rsa.asc"), kTestNow + 9 * kYearMs), "");
}

TEST(Recipient, RefusesWhatIsNotOneWholePublicKey) {
  const RecipientKind kind = RecipientKind::kOpenPgp;
  const std::string key = testdata("curve.asc");
  EXPECT_EQ(refusal(kind, ""), "openpgp.bad_key");
  EXPECT_EQ(refusal(kind, std::string(kAge)), "openpgp.bad_key");
  EXPECT_EQ(refusal(kind, key.substr(0, key.size() / 2)), "openpgp.bad_key");
  EXPECT_EQ(refusal(kind, key + testdata("rsa.asc")), "openpgp.bad_key");
  EXPECT_EQ(refusal(kind, std::string(20'000, '-')), "openpgp.bad_key");
  EXPECT_EQ(refusal(kind, "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"), "openpgp.secret_key");
}

// Each letter of the armour changed: refused, or it was in a part that nothing depends on.
TEST(Recipient, TakesNoChangedKeyForAnother) {
  const std::string key = testdata("curve.asc");
  const std::size_t body = key.find("\n\n") + 2;
  const std::size_t end = key.find("\n-----END");
  int refused = 0;
  for (std::size_t at = body; at < end; ++at) {
    std::string changed = key;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const Result<Recipient> parsed = Recipient::parse(RecipientKind::kOpenPgp, changed, kTestNow);
    refused += parsed ? 0 : 1;
    if (parsed) {
      ASSERT_EQ(parsed->fingerprint(), "7D16A7E739B11F3D956F6253D2F6A0D6AD00DC48") << at;
    }
  }
  EXPECT_GT(refused, static_cast<int>(end - body) / 2);
}

TEST(Recipient, PassesErrorsOfSourceAndSinkOn) {
  for (const auto& [kind, key] : {std::pair{RecipientKind::kAge, std::string(kAge)},
                                  std::pair{RecipientKind::kOpenPgp, testdata("curve.asc")}}) {
    const Recipient recipient = *Recipient::parse(kind, key, kTestNow);
    int calls = 0;
    const Status source_failed = recipient.encrypt(
        [&](Bytes& out) -> Result<bool> {
          out.resize(100'000);
          return ++calls < 5 ? Result<bool>(true)
                             : Result<bool>(Error{ErrorKind::kCorrupted, "test.source", "no"});
        },
        [](ByteView) { return ok(); },
        kTestNow);
    ASSERT_FALSE(source_failed);
    EXPECT_EQ(source_failed.error().code, "test.source");
    const Bytes plain(300'000);
    int writes = 0;
    const Status sink_failed = recipient.encrypt(
        source_of(plain, 60'000),
        [&](ByteView) -> Status {
          ++writes;
          return Error{ErrorKind::kLimitExceeded, "test.sink", "full"};
        },
        kTestNow);
    ASSERT_FALSE(sink_failed);
    EXPECT_EQ(sink_failed.error().code, "test.sink");
    EXPECT_EQ(writes, 1);
  }
}

std::size_t resident_kib_max() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == "VmHWM:") {
      std::size_t kib = 0;
      status >> kib;
      return kib;
    }
  }
  return 0;
}

TEST(Recipient, EncryptsAGibibyteInMemoryThatDoesNotGrow) {
  for (const auto& [kind, key, size] :
       {std::tuple{RecipientKind::kAge, std::string(kAge), std::uint64_t{1} << 30},
        std::tuple{RecipientKind::kOpenPgp, testdata("curve.asc"), std::uint64_t{1} << 28}}) {
    const Recipient recipient = *Recipient::parse(kind, key, kTestNow);
    const std::size_t before = resident_kib_max();
    std::uint64_t left = size;
    std::uint64_t got = 0;
    ASSERT_TRUE(recipient.encrypt(
        [&](Bytes& out) -> Result<bool> {
          out.resize(256U << 10);
          left -= out.size();
          return left > 0;
        },
        [&](ByteView bytes) {
          got += bytes.size();
          return ok();
        },
        kTestNow));
    EXPECT_GT(got, size);
    EXPECT_LT(got, size + size / 1000 + 2000);
    EXPECT_LT(resident_kib_max() - before, 16U << 10) << to_string(kind);
  }
}

// A key ring of rnp, and of gpg, with the same secret key.
class OpenPgpPrograms : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!installed("rnp") || !installed("rnpkeys")) {
      GTEST_SKIP() << "rnp is not installed: it was NOT checked that OpenPGP decrypts our packages";
    }
    key_ = make_key("rnp", "agency@example.org");
  }

  void TearDown() override {
    if (gpg_started_) {
      run_program({"gpgconf", "--homedir", path("gpg"), "--kill", "all"});
    }
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  std::string make_key(const std::string& home, const std::string& user) {
    std::filesystem::create_directory(path(home));
    std::filesystem::permissions(path(home), std::filesystem::perms::owner_all);
    const Ran made = run_program({"rnpkeys",
                                  "--homedir",
                                  path(home),
                                  "--generate-key",
                                  "--userid",
                                  user,
                                  "--password",
                                  "secret",
                                  "--notty"});
    EXPECT_EQ(made.status, 0) << made.output;
    const Ran exported = run_program({"rnpkeys",
                                      "--homedir",
                                      path(home),
                                      "--export-key",
                                      user,
                                      "--output",
                                      path(home + ".asc")});
    EXPECT_EQ(exported.status, 0) << exported.output;
    return text_at(path(home + ".asc"));
  }

  // The key was made now, whatever the other tests take for now.
  Bytes encrypt_now(ByteView plain) {
    const UtcMs now = SystemClock().now_ms();
    const Result<Recipient> recipient = Recipient::parse(RecipientKind::kOpenPgp, key_, now);
    EXPECT_TRUE(recipient) << (recipient ? "" : recipient.error().message);
    Bytes encrypted;
    EXPECT_TRUE(recipient->encrypt(
        source_of(plain, 100'000),
        [&](ByteView bytes) {
          encrypted.insert(encrypted.end(), bytes.begin(), bytes.end());
          return ok();
        },
        now));
    return encrypted;
  }

  Ran decrypt(ByteView encrypted, const std::string& home = "rnp") {
    std::filesystem::remove(path("plain"));
    EXPECT_TRUE(write_file_atomic(path("package.pgp"), encrypted));
    return run_program({"rnp",
                        "--homedir",
                        path(home),
                        "--password",
                        "secret",
                        "--decrypt",
                        path("package.pgp"),
                        "--output",
                        path("plain"),
                        "--notty"});
  }

  Bytes plain() const { return *read_file(path("plain"), 1U << 30); }

  TemporaryFolder folder_;
  std::string key_;
  bool gpg_started_ = false;
};

TEST_F(OpenPgpPrograms, RnpDecryptsEverySize) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{511}, std::size_t{1'000'000}}) {
    const Bytes bytes = random_content(size);
    const Ran ran = decrypt(encrypt_now(bytes));
    ASSERT_EQ(ran.status, 0) << ran.output;
    EXPECT_EQ(plain(), bytes);
  }
}

TEST_F(OpenPgpPrograms, RnpRefusesWhatIsCutShortChangedOrForAnother) {
  const Bytes encrypted = encrypt_now(random_content(500'000));
  ASSERT_EQ(decrypt(encrypted).status, 0);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{22}, std::size_t{100'000}}) {
    EXPECT_NE(decrypt(ByteView(encrypted).first(encrypted.size() - cut)).status, 0) << cut;
  }
  for (const std::size_t at : {encrypted.size() / 2, encrypted.size() - 1}) {
    Bytes changed = encrypted;
    changed[at] ^= std::byte{1};
    EXPECT_NE(decrypt(changed).status, 0) << at;
  }
  make_key("other", "other@example.org");
  EXPECT_NE(decrypt(encrypted, "other").status, 0);
}

TEST_F(OpenPgpPrograms, GpgDecryptsToo) {
  if (!installed("gpg") || !installed("gpgconf")) {
    GTEST_SKIP() << "gpg is not installed: it was NOT checked that it decrypts our packages";
  }
  gpg_started_ = true;
  std::filesystem::create_directory(path("gpg"));
  std::filesystem::permissions(path("gpg"), std::filesystem::perms::owner_all);
  ASSERT_EQ(run_program({"rnpkeys",
                         "--homedir",
                         path("rnp"),
                         "--export-key",
                         "--secret",
                         "agency@example.org",
                         "--output",
                         path("secret.asc")})
                .status,
            0);
  const std::vector<std::string> gpg = {"gpg",
                                        "--homedir",
                                        path("gpg"),
                                        "--batch",
                                        "--pinentry-mode",
                                        "loopback",
                                        "--passphrase",
                                        "secret"};
  std::vector<std::string> import = gpg;
  import.insert(import.end(), {"--import", path("secret.asc")});
  const Ran imported = run_program(import);
  ASSERT_EQ(imported.status, 0) << imported.output;
  const Bytes bytes = random_content(700'000);
  ASSERT_TRUE(write_file_atomic(path("package.pgp"), encrypt_now(bytes)));
  std::vector<std::string> open = gpg;
  open.insert(open.end(), {"--output", path("plain"), "--decrypt", path("package.pgp")});
  const Ran opened = run_program(open);
  ASSERT_EQ(opened.status, 0) << opened.output;
  EXPECT_EQ(opened.output.find("not integrity protected"), std::string::npos) << opened.output;
  EXPECT_EQ(plain(), bytes);
}

TEST(Recipient, EncryptsDifferentlyEachTime) {
  const Recipient recipient = *Recipient::parse(RecipientKind::kAge, kAge, kTestNow);
  const Bytes plain(1000, std::byte{'A'});
  const Bytes one = encrypt(recipient, plain);
  EXPECT_NE(one, encrypt(recipient, plain));
  EXPECT_EQ(as_text(one).find("AAAA"), std::string_view::npos);
}

}  // namespace
}  // namespace tutela::disclosure
