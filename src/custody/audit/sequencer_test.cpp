#include "custody/audit/sequencer.hpp"

#include <csignal>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "custody/audit/audit_fixture.hpp"

namespace tutela::audit {
namespace {

class SequencerTest : public AuditTest {
 protected:
  void SetUp() override {
    AuditTest::SetUp();
    std::filesystem::create_directories(elsewhere_.path());
    options_.checkpoint_copy = elsewhere_.path() / "checkpoint";
  }

  /// Another history than that of add_entries().
  void add_others(int count) {
    EXPECT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      for (int i = 0; i < count; ++i) {
        TUTELA_TRY(add(transaction, {"default", "person:9"}, 5, {"a.b", "c:1", "", "ok"}));
      }
      return ok();
    }));
  }

  std::filesystem::path file() const { return folder_.path() / "tutela.db"; }

  void backup_database() {
    database_.reset();
    std::filesystem::copy_file(
        file(), backup_.path() / "tutela.db", std::filesystem::copy_options::overwrite_existing);
    open_database();
  }

  void restore_database() {
    database_.reset();
    for (const char* const suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(file().string() + suffix);
    }
    std::filesystem::copy_file(backup_.path() / "tutela.db", file());
    open_database();
  }

  std::string text_of(const std::filesystem::path& path) {
    const auto bytes = read_file(path, 1U << 20);
    EXPECT_TRUE(bytes) << path;
    return bytes ? std::string(as_text(*bytes)) : "";
  }

  testing::TemporaryFolder elsewhere_;
  testing::TemporaryFolder backup_;
};

TEST_F(SequencerTest, SignsInStepsAndKeepsACopyElsewhere) {
  add_entries(100);
  auto sequencer = Sequencer::open(options_, *database_);
  ASSERT_TRUE(sequencer) << sequencer.error().message;
  EXPECT_EQ(*(*sequencer)->follow({}), 100U);
  EXPECT_EQ(*(*sequencer)->follow({}), 100U);
  EXPECT_EQ(text_of(options_.checkpoint_copy), text_of(options_.folder / "checkpoint"));
  add_entries(40'000);
  int asked = 0;
  const auto some = (*sequencer)->follow([&] { return ++asked == 1; });
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_EQ(*some, 100U + 64 * 256);
  EXPECT_EQ(text_of(options_.checkpoint_copy), text_of(options_.folder / "checkpoint"));
  EXPECT_EQ(*(*sequencer)->follow({}), 40'100U);
  EXPECT_EQ(verdict(), "") << message_;
  // Partial tiles of full ones are gone.
  EXPECT_FALSE(std::filesystem::exists(options_.folder / "tile/0/000.p"));
  EXPECT_FALSE(std::filesystem::exists(options_.folder / "tile/entries/000.p"));
  EXPECT_TRUE(std::filesystem::exists(options_.folder / "tile/0/156.p/164"));
}

TEST_F(SequencerTest, KeepsItsKeyToTheOwnerAndItsFilesFromStrangers) {
  add_entries(3);
  sign();

  struct stat info {};

  ASSERT_EQ(::stat(options_.key_file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(options_.folder.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0750U);
  ASSERT_EQ(::stat((options_.folder / "checkpoint").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0137U, 0U);
}

TEST_F(SequencerTest, OnlyOneSignsAtATime) {
  auto first = Sequencer::open(options_, *database_);
  ASSERT_TRUE(first);
  EXPECT_EQ(refusal(), "audit.followed_elsewhere");
  first->reset();
  EXPECT_EQ(refusal(), "");
}

TEST_F(SequencerTest, RefusesADatabaseThatWasRolledBack) {
  add_entries(600);
  backup_database();
  add_entries(100);
  sign();
  restore_database();
  EXPECT_EQ(refusal(), "audit.rolled_back");
  // It has grown past the checkpoint with other entries.
  add_others(500);
  EXPECT_EQ(refusal(), "audit.rolled_back");
}

TEST_F(SequencerTest, RefusesWhenDatabaseAndTilesWereRolledBackTogether) {
  add_entries(600);
  sign();
  backup_database();
  std::filesystem::copy(
      options_.folder, backup_.path() / "audit", std::filesystem::copy_options::recursive);
  add_entries(100);
  sign();
  restore_database();
  std::filesystem::remove_all(options_.folder);
  std::filesystem::copy(
      backup_.path() / "audit", options_.folder, std::filesystem::copy_options::recursive);
  EXPECT_EQ(verdict(), "audit.rolled_back") << "only the copy elsewhere knows";
  EXPECT_EQ(refusal(), "audit.rolled_back");
  options_.checkpoint_copy.clear();
  EXPECT_EQ(refusal(), "");
  options_.checkpoint_copy = elsewhere_.path() / "checkpoint";
  add_others(500);
  EXPECT_EQ(refusal(), "audit.rolled_back");
}

TEST_F(SequencerTest, GoesOnWhenOnlyTheTilesAreOlderThanTheCopy) {
  add_entries(600);
  sign();
  std::filesystem::copy(
      options_.folder, backup_.path() / "audit", std::filesystem::copy_options::recursive);
  add_entries(100);
  sign();
  std::filesystem::remove_all(options_.folder);
  std::filesystem::copy(
      backup_.path() / "audit", options_.folder, std::filesystem::copy_options::recursive);
  EXPECT_EQ(sign(), 700U);
  EXPECT_EQ(verdict(), "") << message_;
}

TEST_F(SequencerTest, RefusesAChangedEntryAmongTheNewest) {
  add_entries(600);
  sign();
  change("UPDATE audit SET object = 'thing:other' WHERE id = 590");
  EXPECT_EQ(refusal(), "audit.changed");
}

TEST_F(SequencerTest, NoticesARollbackWhileItRuns) {
  add_entries(600);
  auto sequencer = Sequencer::open(options_, *database_);
  ASSERT_TRUE((*sequencer)->follow({}));
  change("DELETE FROM audit WHERE id > 500");
  add_entries(200);
  const auto refused = (*sequencer)->follow({});
  EXPECT_TRUE(refused) << "the same entries came back";
  change("DELETE FROM audit WHERE id > 500");
  EXPECT_EQ((*sequencer)->follow({}).error().code, "audit.rolled_back");
  add_others(500);
  EXPECT_EQ((*sequencer)->follow({}).error().code, "audit.rolled_back");
  EXPECT_EQ(log().checkpoint().head.size, 700U);
}

TEST_F(SequencerTest, DoesNotSignOverAGap) {
  add_entries(600);
  auto sequencer = Sequencer::open(options_, *database_);
  ASSERT_TRUE((*sequencer)->follow({}));
  add_entries(10);
  change("DELETE FROM audit WHERE id = 605");
  EXPECT_EQ((*sequencer)->follow({}).error().code, "audit.changed");
  EXPECT_EQ(log().checkpoint().head.size, 600U);
}

TEST_F(SequencerTest, RefusesAnotherKeyAnotherNameAndAnotherLogsCopy) {
  add_entries(10);
  sign();
  const std::string key = text_of(options_.key_file);
  std::filesystem::remove(options_.key_file);
  EXPECT_EQ(refusal(), "audit.other_key");
  ASSERT_TRUE(write_file_atomic(options_.key_file, as_bytes(key)));
  options_.origin = "example.org/renamed";
  EXPECT_EQ(refusal(), "audit.origin");
  options_.origin = "example.org/audit";
  const std::string copy = text_of(options_.checkpoint_copy);
  const auto other = crypto::SigningKey(crypto::Key::random());
  ASSERT_TRUE(write_file_atomic(options_.checkpoint_copy,
                                as_bytes(sign_checkpoint(log().checkpoint(), other))));
  EXPECT_EQ(refusal(), "audit.other_log");
  ASSERT_TRUE(write_file_atomic(options_.checkpoint_copy, as_bytes("rot")));
  EXPECT_EQ(refusal(), "audit.other_log");
  ASSERT_TRUE(write_file_atomic(options_.checkpoint_copy, as_bytes(copy)));
  EXPECT_EQ(refusal(), "");
}

TEST_F(SequencerTest, ALostFolderIsNotReplacedSilently) {
  add_entries(600);
  options_.origin.clear();
  sign();
  std::filesystem::remove_all(options_.folder);
  EXPECT_EQ(refusal(), "audit.other_log");
}

TEST_F(SequencerTest, MakesTilesAgainThatWereMovedAway) {
  add_entries(40'000);
  sign();
  const std::string note = text_of(options_.folder / "checkpoint");
  flip("tile/0/000");
  flip("tile/0/156.p/64");
  EXPECT_EQ(refusal(), "audit.damaged");
  std::filesystem::rename(options_.folder / "tile", backup_.path() / "tile");
  add_entries(1000);
  EXPECT_EQ(sign(), 41'000U);
  EXPECT_EQ(verdict(), "") << message_;
  EXPECT_TRUE(log().check_against(note));
  std::filesystem::rename(options_.folder / "tile", backup_.path() / "tile2");
  change("UPDATE audit SET result = 'refused' WHERE id = 3");
  EXPECT_EQ(refusal(), "audit.changed");
  EXPECT_FALSE(std::filesystem::exists(options_.folder / "tile"));
}

TEST_F(SequencerTest, SignsOnWhileTheCopyCannotBeWritten) {
  add_entries(10);
  auto sequencer = Sequencer::open(options_, *database_);
  ASSERT_TRUE(sequencer);
  std::filesystem::rename(elsewhere_.path(), backup_.path() / "away");
  EXPECT_EQ((*sequencer)->follow({}).error().code, "audit.copy_failed");
  EXPECT_EQ(log().checkpoint().head.size, 10U);
  std::filesystem::rename(backup_.path() / "away", elsewhere_.path());
  EXPECT_EQ(*(*sequencer)->follow({}), 10U) << "it is written with the next call";
  EXPECT_EQ(text_of(options_.checkpoint_copy), text_of(options_.folder / "checkpoint"));
}

TEST_F(SequencerTest, GoesOnAfterTheDiskWasFull) {
  add_entries(10);
  auto sequencer = Sequencer::open(options_, *database_);
  ASSERT_TRUE((*sequencer)->follow({}));
  add_entries(200);
  // No file of this process may grow beyond 4 KiB: tiles fail half written, like on a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 4096;
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto failed = (*sequencer)->follow({});
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "file.write_failed");
  EXPECT_EQ(log().checkpoint().head.size, 10U);
  EXPECT_EQ(verdict(), "") << message_;
  EXPECT_EQ(*(*sequencer)->follow({}), 210U);
  EXPECT_EQ(verdict(), "") << message_;
}

}  // namespace
}  // namespace tutela::audit
