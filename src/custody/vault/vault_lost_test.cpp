// What is lost and comes back: a disk, a key whose shares people have. And check(), which tells.
#include "custody/vault/parts.hpp"
#include "custody/vault/shares.hpp"
#include "custody/vault/vault_fixture.hpp"

namespace tutela::vault {
namespace {

class VaultLostTest : public VaultTest {
 protected:
  // Loses what lies on the disk of the vault: the key-encryption key is in nobody's memory, the
  // folder of epochs is gone. The copy of the epochs is on another machine.
  void lose_disk() {
    world_.vault.reset();
    std::filesystem::remove_all(world_.folder / "epochs");
  }

  Result<std::unique_ptr<Vault>> open_with(crypto::Key key) {
    return Vault::open({{world_.folder / "epochs", world_.folder / "copy"}, 30},
                       make_file_key(std::move(key)),
                       *world_.database,
                       *world_.blobs,
                       world_.clock);
  }
};

TEST_F(VaultLostTest, CopyOfEpochsAndThreeOfFiveSharesOpenEvidenceAgain) {
  const std::vector<std::string> shares = *split_key(key_of(1), 5, 3);
  const Bytes content = random_bytes_of(300'000, 1);
  const Evidence first = *world_.seal(content);
  world_.clock.advance(31 * kDayMs);
  ASSERT_TRUE(world_.turn());
  const Evidence second = *world_.seal(content);
  lose_disk();

  const std::vector<std::string> three = {shares[4], shares[0], shares[2]};
  EXPECT_EQ(join_key(std::span(three).first(2)).error().code, "vault.too_few_shares");
  Result<std::unique_ptr<Vault>> opened = open_with(*join_key(three));
  ASSERT_TRUE(opened) << opened.error().message;
  world_.vault = *std::move(opened);
  for (const Evidence& evidence : {first, second}) {
    const Result<Bytes> read = world_.read(evidence.id);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, content);
  }
  EXPECT_EQ(*read_file(world_.epoch_path(2), 1U << 16),
            *read_file(world_.epoch_path(2, "copy"), 1U << 16))
      << "the lost folder is whole again";
  std::filesystem::remove_all(world_.folder / "copy");
  restart();
  EXPECT_EQ(*world_.read(first.id), content) << "and can stand for the other";
}

TEST_F(VaultLostTest, WithoutTheKeyTheCopyOfEpochsOpensNothing) {
  const Evidence sealed = *world_.seal(random_bytes_of(100, 1));
  lose_disk();
  EXPECT_EQ(open_with(key_of(2)).error().code, "vault.bad_key");
  std::filesystem::remove_all(world_.folder / "copy");
  EXPECT_EQ(open_with(key_of(1)).error().code, "vault.epoch_missing");
}

TEST_F(VaultLostTest, CheckOpensTheKeyOfOneObjectOfEachEpoch) {
  Result<std::vector<EpochCheck>> checks = world_.vault->check();
  ASSERT_TRUE(checks) << checks.error().message;
  ASSERT_EQ(checks->size(), 1U);
  EXPECT_EQ(checks->at(0).epoch, 1);
  EXPECT_EQ(checks->at(0).objects, 0U);
  EXPECT_EQ(checks->at(0).opened, std::nullopt);

  const Evidence sealed = *world_.seal(random_bytes_of(100, 1));
  ASSERT_TRUE(world_.seal(random_bytes_of(200, 2)));
  checks = world_.vault->check();
  ASSERT_TRUE(checks) << checks.error().message;
  EXPECT_EQ(checks->at(0).objects, 2U);
  EXPECT_EQ(checks->at(0).opened, sealed.id);
}

TEST_F(VaultLostTest, CheckTellsADamagedAndALostKeyRecord) {
  const Evidence sealed = *world_.seal(random_bytes_of(100, 1));
  const Evidence other = *world_.seal(random_bytes_of(100, 2));
  const Bytes record = *world_.blobs->get(evidence_format::key_name(sealed.id), 1U << 10);
  const Bytes strange = *world_.blobs->get(evidence_format::key_name(other.id), 1U << 10);
  ASSERT_TRUE(world_.blobs->replace(evidence_format::key_name(sealed.id), strange));
  EXPECT_EQ(world_.vault->check().error().code, "vault.corrupt") << "another object's";
  ASSERT_TRUE(world_.blobs->replace(evidence_format::key_name(sealed.id), record));
  EXPECT_TRUE(world_.vault->check());
  flip_bit(world_.key_path(sealed.id), 60);
  EXPECT_EQ(world_.vault->check().error().code, "vault.corrupt");
  ASSERT_TRUE(world_.blobs->remove(evidence_format::key_name(sealed.id)));
  EXPECT_EQ(world_.vault->check().error().code, "vault.corrupt");
  world_.set_state(sealed.id, State::kDestroying);
  ASSERT_TRUE(world_.vault->destroy(sealed.id));
  EXPECT_TRUE(world_.vault->check()) << "what was destroyed is not missed";
}

TEST_F(VaultLostTest, AChangeOfKeysNamesWhoDidItAndRefusesTheSameKey) {
  EXPECT_EQ(world_.vault->change_key(world_.actor, make_file_key(key_of(1))).error().code,
            "vault.same_key");
  EXPECT_EQ(world_.count("audit WHERE action LIKE 'vault.key_%'"), 0);
  ASSERT_TRUE(world_.vault->change_key(world_.actor, make_file_key(key_of(2))));
  EXPECT_EQ(world_.count("audit WHERE action LIKE 'vault.key_%' AND principal_id = 'person:1'"), 2);
}

}  // namespace
}  // namespace tutela::vault
