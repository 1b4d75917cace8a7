// Keys in a token, with SoftHSM2 as the token: the key is made in it and never leaves it.
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "custody/vault/vault_fixture.hpp"

namespace tutela::vault {
namespace {

constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";

int run(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = -1;
  if (error == 0) {
    ::waitpid(pid, &status, 0);
  }
  return error == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// One token for all tests here: a module reads its configuration once in a process.
class Pkcs11Test : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(kModule)) {
      return;
    }
    token_ = std::make_unique<testing::TemporaryFolder>();
    const std::filesystem::path& folder = token_->path();
    std::filesystem::create_directory(folder / "tokens");
    std::ofstream(folder / "softhsm2.conf")
        << "directories.tokendir = " << (folder / "tokens").string()
        << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    ::setenv("SOFTHSM2_CONF", (folder / "softhsm2.conf").c_str(), 1);
    std::ofstream(folder / "pin") << "1234\n";
    std::ofstream(folder / "wrong-pin") << "4321\n";
    ::chmod((folder / "pin").c_str(), 0600);
    ::chmod((folder / "wrong-pin").c_str(), 0600);
    ready_ = run({"softhsm2-util",
                  "--init-token",
                  "--free",
                  "--label",
                  "tutela vault",
                  "--pin",
                  "1234",
                  "--so-pin",
                  "12345678"}) == 0;
    for (const char* const label : {"kek", "next"}) {
      ready_ = ready_ && run({"pkcs11-tool",
                              "--module",
                              kModule,
                              "--token-label",
                              "tutela vault",
                              "--login",
                              "--pin",
                              "1234",
                              "--keygen",
                              "--key-type",
                              "AES:32",
                              "--label",
                              label,
                              "--sensitive"}) == 0;
    }
  }

  static void TearDownTestSuite() { token_.reset(); }

  void SetUp() override {
    if (!std::filesystem::exists(kModule) || !std::filesystem::exists("/usr/bin/pkcs11-tool")) {
      GTEST_SKIP() << "softhsm2 or opensc is not installed: keys in tokens were NOT tested";
    }
    ASSERT_TRUE(ready_) << "the token could not be made";
  }

  static std::string source(const std::string& object,
                            const std::string& token = "tutela%20vault",
                            const std::string& pin = "pin") {
    return std::string("pkcs11:") + kModule + "?token=" + token + "&object=" + object +
           "&pin-file=" + (token_->path() / pin).string();
  }

  static std::unique_ptr<KeyEncryptionKey> open(const std::string& object) {
    auto key = open_key(source(object), false);
    EXPECT_TRUE(key) << (key ? "" : key.error().message);
    return *std::move(key);
  }

  static std::unique_ptr<testing::TemporaryFolder> token_;
  static bool ready_;
};

std::unique_ptr<testing::TemporaryFolder> Pkcs11Test::token_;
bool Pkcs11Test::ready_ = false;

TEST_F(Pkcs11Test, WrapsForOnePurposeWithOneKey) {
  const auto kek = open("kek");
  const auto next = open("next");
  EXPECT_NE(kek->id(), next->id());
  const Result<Bytes> wrapped = kek->wrap(key_of(7), "epoch:1");
  ASSERT_TRUE(wrapped) << wrapped.error().message;
  EXPECT_EQ(wrapped->size(), 60U);
  const Result<crypto::Key> key = kek->unwrap(*wrapped, "epoch:1");
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_TRUE(crypto::equal_constant_time(key->bytes(), key_of(7).bytes()));
  EXPECT_EQ(kek->unwrap(*wrapped, "epoch:2").error().code, "vault.bad_key");
  EXPECT_EQ(next->unwrap(*wrapped, "epoch:1").error().code, "vault.bad_key");
  for (std::size_t i = 0; i < wrapped->size(); i += 7) {
    Bytes changed = *wrapped;
    changed[i] ^= std::byte{1};
    EXPECT_EQ(kek->unwrap(changed, "epoch:1").error().code, "vault.bad_key") << i;
  }
  EXPECT_TRUE(kek->unwrap(*wrapped, "epoch:1")) << "an error leaves the session usable";
}

TEST_F(Pkcs11Test, WhatIsWrongIsToldClearly) {
  const auto missing = open_key(source("kek", "other"), false);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "vault.token");
  EXPECT_NE(missing.error().message.find("label"), std::string::npos);
  const auto wrong = open_key(source("kek", "tutela%20vault", "wrong-pin"), false);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "vault.token");
  EXPECT_NE(wrong.error().message.find("PIN"), std::string::npos);
  EXPECT_EQ(wrong.error().message.find("4321"), std::string::npos);
  EXPECT_EQ(open_key(source("none"), false).error().code, "vault.token");
  EXPECT_EQ(open_key(source("kek", "tutela%20vault", "no-pin"), false).error().code, "vault.token");
  EXPECT_EQ(
      open_key("pkcs11:/none.so?token=a&object=b&pin-file=" + (token_->path() / "pin").string(),
               false)
          .error()
          .code,
      "vault.token");
  ::chmod((token_->path() / "wrong-pin").c_str(), 0644);
  EXPECT_EQ(open_key(source("kek", "tutela%20vault", "wrong-pin"), false).error().code,
            "key.bad_file");
  ::chmod((token_->path() / "wrong-pin").c_str(), 0600);
}

TEST_F(Pkcs11Test, AVaultLivesOnATokenAndMovesBetweenKeys) {
  testing::TemporaryFolder folder;
  World world(folder.path());
  const auto open_with = [&](std::unique_ptr<KeyEncryptionKey> key) {
    return Vault::open({{folder.path() / "epochs"}, 30},
                       std::move(key),
                       *world.database,
                       *world.blobs,
                       world.clock);
  };
  world.vault = *open_with(make_file_key(key_of(1)));
  const Bytes content = random_bytes_of(100'000, 3);
  const Uuid id = world.seal(content)->id;
  ASSERT_TRUE(world.vault->change_key(world.actor, open("kek"))) << "from a file into the token";
  world.vault.reset();
  EXPECT_EQ(open_with(make_file_key(key_of(1))).error().code, "vault.bad_key");
  EXPECT_EQ(open_with(open("next")).error().code, "vault.bad_key");
  world.vault = *open_with(open("kek"));
  EXPECT_EQ(*world.read(id), content);
  ASSERT_TRUE(world.vault->change_key(world.actor, open("next")));
  world.clock.advance(40 * std::int64_t{24} * 3600 * 1000);
  ASSERT_TRUE(world.turn());
  world.vault.reset();
  world.vault = *open_with(open("next"));
  EXPECT_EQ(*world.read(id), content);
}

}  // namespace
}  // namespace tutela::vault
