// Destruction and the turning of epochs, with a clock that the test moves.
#include "custody/vault/parts.hpp"
#include "custody/vault/vault_fixture.hpp"

namespace tutela::vault {
namespace {

class VaultTurnTest : public VaultTest {
 protected:
  Evidence destroy(const Evidence& evidence) {
    world_.set_state(evidence.id, State::kDestroying);
    const Result<Destroyed> destroyed = world_.vault->destroy(evidence.id);
    EXPECT_TRUE(destroyed) << destroyed.error().message;
    final_ms_ = destroyed->final_ms;
    world_.set_state(evidence.id, State::kDestroyed);
    return evidence;
  }

  UtcMs final_ms_ = 0;
};

TEST_F(VaultTurnTest, WhatIsNotDueIsNotDestroyed) {
  const Evidence sealed = *world_.seal(random_bytes_of(100, 1));
  for (const State state : {State::kKept, State::kHeld, State::kDue}) {
    world_.set_state(sealed.id, state);
    EXPECT_EQ(world_.vault->destroy(sealed.id).error().code, "evidence.not_due");
    EXPECT_TRUE(world_.read(sealed.id));
  }
  EXPECT_EQ(world_.vault->destroy(new_uuid(1)).error().code, "evidence.not_found");
}

TEST_F(VaultTurnTest, DestroyingRemovesKeyAndBytesAndSaysFromWhenOnItIsFinal) {
  const Evidence sealed = *world_.seal(random_bytes_of(100, 1));
  const UtcMs begin = world_.clock.now_ms();
  world_.clock.advance(5 * kDayMs);
  world_.set_state(sealed.id, State::kDestroying);
  EXPECT_EQ(world_.read(sealed.id).error().code, "evidence.destroyed");
  const Result<Destroyed> destroyed = world_.vault->destroy(sealed.id);
  ASSERT_TRUE(destroyed);
  EXPECT_EQ(destroyed->epoch, 1);
  EXPECT_EQ(destroyed->final_ms, begin + 30 * kDayMs);
  EXPECT_TRUE(files_under(world_.folder / "blobs").empty());
  world_.clock.advance(kDayMs);
  const Result<Destroyed> again = world_.vault->destroy(sealed.id);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->final_ms, destroyed->final_ms);
  EXPECT_EQ(world_.entries("evidence.shred"), 1);
  EXPECT_EQ(world_.entries("vault.epoch_promised"), 1);
}

TEST_F(VaultTurnTest, ThePromisedDayIsKeptAndSurvivorsLive) {
  const Bytes content = random_bytes_of(100'000, 1);
  const Evidence survivor = *world_.seal(content);
  const Evidence held = *world_.seal(content);
  world_.set_state(held.id, State::kHeld);
  const Evidence gone = *world_.seal(random_bytes_of(100, 2));
  const Bytes old_object = *world_.blobs->get(evidence_format::object_name(gone.id), 1U << 20);
  const Bytes old_record = *world_.blobs->get(evidence_format::key_name(gone.id), 1U << 10);
  const Bytes survivor_object =
      *world_.blobs->get(evidence_format::object_name(survivor.id), 1U << 20);
  const auto backup = world_.folder / "backup-of-epochs";
  destroy(gone);
  ASSERT_TRUE(world_.turn());
  EXPECT_EQ(world_.count("vault_epoch"), 1) << "not due yet";
  std::filesystem::copy(world_.folder / "epochs", backup);
  world_.clock.advance(final_ms_ - kDayMs - world_.clock.now_ms());
  std::uint64_t done = 0;
  ASSERT_TRUE(world_.vault->turn_epochs([] { return false; },
                                        [&](std::uint64_t now, std::uint64_t) { done = now; }));
  EXPECT_EQ(done, 2U);
  EXPECT_LE(world_.clock.now_ms(), final_ms_);
  EXPECT_EQ(world_.count("vault_epoch WHERE epoch = 1 AND destroyed_ms IS NOT NULL"), 1);
  EXPECT_EQ(world_.entries("vault.epoch_destroyed"), 1);
  EXPECT_EQ(world_.entries("vault.epoch_new"), 2);
  for (const char* folder : {"epochs", "copy"}) {
    EXPECT_FALSE(std::filesystem::exists(world_.epoch_path(1, folder)));
    EXPECT_TRUE(std::filesystem::exists(world_.epoch_path(2, folder)));
  }
  EXPECT_EQ(*world_.read(survivor.id), content);
  EXPECT_EQ(*world_.read(held.id), content);
  EXPECT_EQ(world_.vault->find("default", survivor.id)->epoch, 2);
  EXPECT_EQ(*world_.blobs->get(evidence_format::object_name(survivor.id), 1U << 20),
            survivor_object)
      << "no object is written again";

  // A backup of the blobs, and even of the epoch's key, brings nothing back.
  ASSERT_TRUE(world_.blobs->replace(evidence_format::key_name(gone.id), old_record));
  ASSERT_TRUE(world_.blobs->replace(evidence_format::object_name(gone.id), old_object));
  world_.set_state(gone.id, State::kKept);
  EXPECT_EQ(world_.read(gone.id).error().code, "vault.corrupt");
  std::filesystem::copy(backup / "epoch-1.key", world_.epoch_path(1));
  restart();
  EXPECT_FALSE(std::filesystem::exists(world_.epoch_path(1)));
  EXPECT_EQ(world_.read(gone.id).error().code, "vault.corrupt");
}

TEST_F(VaultTurnTest, ABackupOfBlobsBeforeTheDayIsSweptAway) {
  const Evidence survivor = *world_.seal(random_bytes_of(100, 1));
  const Evidence gone = *world_.seal(random_bytes_of(100, 2));
  const Bytes old_record = *world_.blobs->get(evidence_format::key_name(gone.id), 1U << 10);
  destroy(gone);
  ASSERT_TRUE(world_.blobs->replace(evidence_format::key_name(gone.id), old_record));
  world_.clock.advance(29 * kDayMs);
  ASSERT_TRUE(world_.turn());
  EXPECT_FALSE(world_.blobs->get(evidence_format::key_name(gone.id), 1U << 10));
  EXPECT_TRUE(world_.read(survivor.id));
}

TEST_F(VaultTurnTest, EpochsTurnByTheirAgeAlone) {
  world_.clock.advance(28 * kDayMs);
  ASSERT_TRUE(world_.turn());
  EXPECT_EQ(world_.count("vault_epoch"), 1);
  world_.clock.advance(kDayMs);
  ASSERT_TRUE(world_.turn());
  EXPECT_EQ(world_.count("vault_epoch"), 2);
  EXPECT_EQ(world_.count("vault_epoch WHERE destroyed_ms IS NULL"), 1);
  world_.clock.advance(-300 * kDayMs);
  ASSERT_TRUE(world_.turn()) << "a clock that goes backwards turns nothing";
  EXPECT_EQ(world_.count("vault_epoch"), 2);
}

TEST_F(VaultTurnTest, ALatePromiseIsStillAPromise) {
  const Evidence sealed = *world_.seal(random_bytes_of(100, 1));
  world_.clock.advance(90 * kDayMs);  // nobody turned
  destroy(sealed);
  EXPECT_EQ(final_ms_, world_.clock.now_ms() + kDayMs);
  ASSERT_TRUE(world_.turn());
  EXPECT_EQ(world_.count("vault_epoch WHERE epoch = 1 AND destroyed_ms IS NULL"), 0);
}

TEST_F(VaultTurnTest, AnObjectWhoseKeyRecordIsDamagedKeepsTheOldEpoch) {
  const Evidence good = *world_.seal(random_bytes_of(100, 1));
  const Evidence bad = *world_.seal(random_bytes_of(100, 2));
  const Evidence lost = *world_.seal(random_bytes_of(100, 3));
  const Bytes record = *world_.blobs->get(evidence_format::key_name(bad.id), 1U << 10);
  const Bytes lost_record = *world_.blobs->get(evidence_format::key_name(lost.id), 1U << 10);
  Bytes damaged = record;
  damaged[50] ^= std::byte{1};
  ASSERT_TRUE(world_.blobs->replace(evidence_format::key_name(bad.id), damaged));
  ASSERT_TRUE(world_.blobs->remove(evidence_format::key_name(lost.id)));
  world_.clock.advance(40 * kDayMs);
  EXPECT_EQ(world_.turn().error().code, "vault.corrupt");
  EXPECT_TRUE(std::filesystem::exists(world_.epoch_path(1)));
  EXPECT_TRUE(world_.read(good.id)) << "the others are wrapped again";
  ASSERT_TRUE(world_.blobs->replace(evidence_format::key_name(bad.id), record));
  EXPECT_EQ(world_.turn().error().code, "vault.corrupt");
  ASSERT_TRUE(world_.blobs->replace(evidence_format::key_name(lost.id), lost_record));
  ASSERT_TRUE(world_.turn());
  EXPECT_FALSE(std::filesystem::exists(world_.epoch_path(1)));
  for (const Evidence& evidence : {good, bad, lost}) {
    EXPECT_TRUE(world_.read(evidence.id));
  }
}

TEST_F(VaultTurnTest, StoppedTurningGoesOnLater) {
  std::vector<Uuid> ids;
  for (unsigned i = 0; i < 5; ++i) {
    ids.push_back(world_.seal(random_bytes_of(100, i))->id);
  }
  world_.clock.advance(40 * kDayMs);
  int asked = 0;
  ASSERT_TRUE(
      world_.vault->turn_epochs([&] { return ++asked > 2; }, [](std::uint64_t, std::uint64_t) {}));
  EXPECT_TRUE(std::filesystem::exists(world_.epoch_path(1)));
  restart();
  for (const Uuid& id : ids) {
    EXPECT_TRUE(world_.read(id));
  }
  ASSERT_TRUE(world_.turn());
  EXPECT_FALSE(std::filesystem::exists(world_.epoch_path(1)));
  for (const Uuid& id : ids) {
    EXPECT_TRUE(world_.read(id));
  }
}

TEST_F(VaultTurnTest, AnOlderDatabaseLosesNoObjectThatItDoesNotKnow) {
  const Evidence known = *world_.seal(random_bytes_of(100, 1));
  const Evidence later = *world_.seal(random_bytes_of(100, 2));
  ASSERT_TRUE(world_.database->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(
        transaction.execute("DELETE FROM evidence WHERE id = :id", {tutela::to_string(later.id)}));
    return ok();
  }));
  restart();
  world_.clock.advance(40 * kDayMs);
  ASSERT_TRUE(world_.turn());
  const Bytes bytes = *world_.blobs->get(evidence_format::key_name(later.id), 1U << 10);
  EXPECT_EQ(evidence_format::parse_key_record(bytes)->epoch, 2);
  EXPECT_TRUE(world_.read(known.id));
}

}  // namespace
}  // namespace tutela::vault
