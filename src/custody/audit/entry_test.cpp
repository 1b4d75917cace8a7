#include "custody/audit/entry.hpp"

#include <gtest/gtest.h>

#include "support/folder.hpp"

namespace tutela::audit {
namespace {

class EntryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = store::Database::open({.path = folder_.path() / "tutela.db"});
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
  }

  std::int64_t count() {
    std::int64_t rows = -1;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query("SELECT COUNT(*) FROM audit", {}, [&](const store::Row& row) {
        rows = row.integer(0);
        return ok();
      });
    }));
    return rows;
  }

  const store::Actor actor_{"default", "person:1", "lead"};
  const Entry entry_{"evidence.view", "evidence:1", "review", "ok"};
  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_;
};

TEST_F(EntryTest, EntriesAreNumberedWithoutAGapAlsoAfterOneThatFailed) {
  const auto first = record(*database_, actor_, 1, entry_);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->index(), 0);
  EXPECT_EQ(first->object(), "evidence:1");
  const auto failed = record(*database_, actor_, 1, entry_, [](store::Transaction&) -> Status {
    return Error{ErrorKind::kForbidden, "test.no", "no"};
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "test.no");
  EXPECT_EQ(record(*database_, actor_, 2, entry_)->index(), 1);
  EXPECT_EQ(count(), 2);
}

TEST_F(EntryTest, WhatIsNoWordIsRefused) {
  for (const Entry& bad : {Entry{"", "a:1", "", "ok"},
                           Entry{"a", "", "", "ok"},
                           Entry{"a", "a:1", "", ""},
                           Entry{"a", "a:1", "line\nbreak", "ok"},
                           Entry{"a", "a:1", "a@b", "ok"},
                           Entry{"a", std::string(129, 'a'), "", "ok"}}) {
    const auto refused = record(*database_, actor_, 1, bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "audit.bad_entry");
  }
  EXPECT_EQ(count(), 0);
}

}  // namespace
}  // namespace tutela::audit
