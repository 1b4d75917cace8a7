// Key-encryption keys and the folders of epoch keys that they open.
#include "custody/vault/keys.hpp"

#include <cstdlib>
#include <fstream>

#include <sys/stat.h>

#include "custody/evidence_format/epoch_file.hpp"
#include "custody/vault/vault_fixture.hpp"

namespace tutela::vault {
namespace {

class KeysTest : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    std::ofstream(folder_.path() / name) << text;
    ASSERT_EQ(::chmod((folder_.path() / name).c_str(), mode), 0);
  }

  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  testing::TemporaryFolder folder_;
};

TEST_F(KeysTest, AKeyOfAFileWrapsForOnePurpose) {
  EXPECT_EQ(open_key("file:" + file("key"), false).error().kind, ErrorKind::kNotFound);
  const auto made = open_key("file:" + file("key"), true);
  ASSERT_TRUE(made);
  const auto again = open_key("file:" + file("key"), false);
  ASSERT_TRUE(again);
  EXPECT_EQ((*made)->id(), (*again)->id());
  const Result<Bytes> wrapped = (*made)->wrap(key_of(9), "epoch:1");
  ASSERT_TRUE(wrapped);
  EXPECT_TRUE(crypto::equal_constant_time((*again)->unwrap(*wrapped, "epoch:1")->bytes(),
                                          key_of(9).bytes()));
  EXPECT_EQ((*again)->unwrap(*wrapped, "epoch:2").error().code, "vault.bad_key");
  EXPECT_EQ(make_file_key(key_of(3))->unwrap(*wrapped, "epoch:1").error().code, "vault.bad_key");
  EXPECT_EQ((*again)->unwrap({}, "epoch:1").error().code, "vault.bad_key");
}

TEST_F(KeysTest, AKeyFileThatOthersMayReadIsRefused) {
  const std::string hex = to_hex(key_of(5).bytes());
  write("open", hex, 0640);
  EXPECT_EQ(open_key("file:" + file("open"), false).error().code, "key.bad_file");
  write("short", hex.substr(1));
  EXPECT_EQ(open_key("file:" + file("short"), true).error().code, "key.bad_file");
}

TEST_F(KeysTest, ACredentialOfTheUnitIsAKey) {
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(open_key("systemd:kek", false).error().code, "vault.bad_key_source");
  write("kek", to_hex(key_of(5).bytes()) + "\n", 0400);
  ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
  const auto key = open_key("systemd:kek", true);
  ASSERT_TRUE(key);
  EXPECT_EQ((*key)->id(), make_file_key(key_of(5))->id());
  EXPECT_FALSE(open_key("systemd:none", true)) << "credentials are never made";
  EXPECT_EQ(open_key("systemd:../kek", false).error().code, "vault.bad_key_source");
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(KeysTest, StrangeSourcesAreRefused) {
  for (const char* const bad : {"",
                                "key",
                                "file:",
                                "ftp:/x",
                                "systemd:",
                                "pkcs11:",
                                "pkcs11:/m.so",
                                "pkcs11:m.so?token=a&object=b&pin-file=/p",
                                "pkcs11:/m.so?token=a&object=b",
                                "pkcs11:/m.so?token=a&token=b&object=b&pin-file=/p",
                                "pkcs11:/m.so?token=%4&object=b&pin-file=/p",
                                "pkcs11:/m.so?token=a&object=b&pin-file=/p&pin=1234"}) {
    EXPECT_EQ(open_key(bad, false).error().code, "vault.bad_key_source") << bad;
  }
}

class EpochsTest : public VaultTest {
 protected:
  std::string text(int epoch, const char* folder) {
    return std::string(as_text(*read_file(world_.epoch_path(epoch, folder), 1U << 16)));
  }
};

TEST_F(EpochsTest, FilesAreInEveryFolderForTheirOwnerAlone) {
  EXPECT_EQ(text(1, "epochs"), text(1, "copy"));
  for (const auto& folder : {"epochs", "copy"}) {
    struct stat info {};

    ASSERT_EQ(::stat(world_.epoch_path(1, folder).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat((world_.folder / folder).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
  }
}

TEST_F(EpochsTest, AFolderThatLacksOrHasADamagedFileIsHealed) {
  const Evidence sealed = *world_.seal(random_bytes_of(100, 1));
  world_.vault.reset();
  std::filesystem::remove_all(world_.folder / "epochs");
  world_.open();
  EXPECT_TRUE(std::filesystem::exists(world_.epoch_path(1)));
  EXPECT_TRUE(world_.read(sealed.id));
  for (const std::size_t at : {0U, 16U, 40U, 100U, 200U}) {
    world_.vault.reset();
    flip_bit(world_.epoch_path(1, "copy"), at);
    world_.open();
    EXPECT_TRUE(evidence_format::parse_epoch_file(text(1, "copy"))) << at;
    EXPECT_TRUE(world_.read(sealed.id));
  }
}

TEST_F(EpochsTest, AKeyThatNoFolderHasIsNamed) {
  world_.vault.reset();
  flip_bit(world_.epoch_path(1, "copy"), 50);
  std::filesystem::remove(world_.epoch_path(1));
  auto refused = world_.try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "vault.epoch_missing");
  EXPECT_NE(refused.error().message.find("epoch 1"), std::string::npos);
  std::filesystem::remove(world_.epoch_path(1, "copy"));
  EXPECT_EQ(world_.try_open().error().code, "vault.epoch_missing") << "known by the database alone";
}

TEST_F(EpochsTest, TheWrongKeyIsToldAndChangesNothing) {
  world_.vault.reset();
  const std::string before = text(1, "epochs");
  std::filesystem::remove(world_.epoch_path(1, "copy"));
  EXPECT_EQ(world_.try_open(2).error().code, "vault.bad_key");
  EXPECT_EQ(text(1, "epochs"), before);
  EXPECT_FALSE(std::filesystem::exists(world_.epoch_path(1, "copy")));
  world_.open();
}

TEST_F(EpochsTest, AFolderOfAnotherVaultLosesNothing) {
  testing::TemporaryFolder other_folder;
  World other(other_folder.path());
  other.open();
  const Evidence theirs = *other.seal(random_bytes_of(100, 1));
  other.vault.reset();
  // Ours has destroyed its epoch 1; theirs lives under the same key-encryption key.
  world_.clock.advance(40 * std::int64_t{24} * 3600 * 1000);
  ASSERT_TRUE(world_.turn());
  world_.vault.reset();
  const auto mixed = Vault::open({{world_.folder / "epochs", other.folder / "epochs"}, 30},
                                 make_file_key(key_of(1)),
                                 *world_.database,
                                 *world_.blobs,
                                 world_.clock);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, "vault.epochs_differ");
  const auto moved = Vault::open({{other.folder / "copy"}, 30},
                                 make_file_key(key_of(1)),
                                 *world_.database,
                                 *world_.blobs,
                                 world_.clock);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, "vault.epochs_differ");
  other.open();
  EXPECT_TRUE(other.read(theirs.id));
}

TEST_F(EpochsTest, ANewKeyWrapsEpochsAndTouchesNoObject) {
  const Evidence sealed = *world_.seal(random_bytes_of(100, 1));
  const Bytes object = *read_file(world_.object_path(sealed.id), 1U << 20);
  const Bytes record = *read_file(world_.key_path(sealed.id), 1U << 20);
  const std::string before = text(1, "epochs");
  ASSERT_TRUE(world_.vault->change_key(world_.actor, make_file_key(key_of(2))));
  EXPECT_NE(text(1, "epochs"), before);
  EXPECT_EQ(text(1, "epochs"), text(1, "copy"));
  EXPECT_EQ(*read_file(world_.object_path(sealed.id), 1U << 20), object);
  EXPECT_EQ(*read_file(world_.key_path(sealed.id), 1U << 20), record);
  EXPECT_TRUE(world_.read(sealed.id));
  EXPECT_EQ(world_.entries("vault.key_changed"), 1);
  world_.clock.advance(40 * std::int64_t{24} * 3600 * 1000);
  ASSERT_TRUE(world_.turn()) << "new epochs take the new key";
  world_.vault.reset();
  EXPECT_EQ(world_.try_open(1).error().code, "vault.bad_key");
  world_.open(2);
  EXPECT_TRUE(world_.read(sealed.id));
}

TEST_F(EpochsTest, AVaultWithoutFoldersOrWithAStrangeTimeIsRefused) {
  world_.vault.reset();
  const auto open = [&](VaultOptions options) {
    return Vault::open(std::move(options),
                       make_file_key(key_of(1)),
                       *world_.database,
                       *world_.blobs,
                       world_.clock)
        .error()
        .code;
  };
  EXPECT_EQ(open({{}, 30}), "vault.no_folder");
  EXPECT_EQ(open({{world_.folder / "epochs"}, 0}), "vault.bad_epoch_days");
}

}  // namespace
}  // namespace tutela::vault
