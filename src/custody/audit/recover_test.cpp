#include "custody/audit/recover.hpp"

#include "custody/audit/audit_fixture.hpp"
#include "custody/audit/search.hpp"

namespace tutela::audit {
namespace {

class RecoverTest : public AuditTest {
 protected:
  const store::Actor actor_{"default", "cli:root", "operator"};
};

TEST_F(RecoverTest, GoesOnWithANewLogThatNamesTheOldOne) {
  testing::TemporaryFolder elsewhere;
  options_.checkpoint_copy = elsewhere.path() / "checkpoint";
  add_entries(600);
  sign();
  const Checkpoint old = log().checkpoint();
  change("DELETE FROM audit WHERE id > 500");
  ASSERT_EQ(refusal(), "audit.rolled_back");
  const auto recovered = recover(options_, *database_, actor_, 1000, "restored-backup");
  ASSERT_TRUE(recovered) << recovered.error().message;
  EXPECT_EQ(recovered->old_checkpoint, "checkpoint:600:" + to_hex(old.head.root));
  EXPECT_TRUE(std::filesystem::exists(recovered->old_folder / "tile/0/000"));
  EXPECT_TRUE(std::filesystem::exists(recovered->old_folder / "checkpoint"));
  EXPECT_EQ(sign(), 501U);
  EXPECT_EQ(verdict(), "") << message_;
  EXPECT_EQ(log().checkpoint().origin, "example.org/audit/2") << "nobody takes it for the old log";
  EXPECT_NE(leaves().back().find(recovered->old_checkpoint), std::string::npos);
  EXPECT_NE(leaves().back().find("restored-backup"), std::string::npos);
  // Once more.
  ASSERT_TRUE(recover(options_, *database_, actor_, 2000, "again"));
  EXPECT_EQ(sign(), 502U);
  EXPECT_EQ(log().checkpoint().origin, "example.org/audit/3");
}

TEST_F(RecoverTest, NamesTheCopyTooWhereItKnowsMore) {
  testing::TemporaryFolder elsewhere;
  options_.checkpoint_copy = elsewhere.path() / "checkpoint";
  add_entries(20);
  sign();
  const Checkpoint old = log().checkpoint();
  std::filesystem::remove_all(options_.folder);
  const auto recovered = recover(options_, *database_, actor_, 1000, "lost");
  ASSERT_TRUE(recovered) << recovered.error().message;
  EXPECT_EQ(sign(), 22U);
  EXPECT_NE(leaves()[20].find("checkpoint:20:" + to_hex(old.head.root)), std::string::npos);
}

TEST_F(RecoverTest, NeedsAReasonAndNobodyWhoSigns) {
  add_entries(10);
  sign();
  EXPECT_EQ(recover(options_, *database_, actor_, 1, "").error().code, "audit.bad_reason");
  EXPECT_EQ(recover(options_, *database_, actor_, 1, "a\nb").error().code, "audit.bad_reason");
  const auto sequencer = Sequencer::open(options_, *database_);
  EXPECT_EQ(recover(options_, *database_, actor_, 1, "x").error().code, "audit.followed_elsewhere");
  EXPECT_EQ(leaves().size(), 10U);
}

}  // namespace
}  // namespace tutela::audit
