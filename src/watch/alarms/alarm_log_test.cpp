#include "watch/alarms/alarm_log.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "support/folder.hpp"

namespace tutela::alarms {
namespace {

/// A store that says no while `down`; below it is a real one.
class Fickle final : public store::Database {
 public:
  explicit Fickle(store::Database& real) : real_(real) {}

  tutela::Status write(const std::function<Status(store::Transaction&)>& work) override {
    return down ? Error{ErrorKind::kUnavailable, "store.unavailable", "as the test wants"}
                : real_.write(work);
  }

  tutela::Status read(const std::function<Status(store::Transaction&)>& work) override {
    return real_.read(work);
  }

  Result<std::int64_t> change_counter() override { return real_.change_counter(); }

  bool down = false;

 private:
  store::Database& real_;
};

class AlarmLogTest : public ::testing::Test {
 protected:
  AlarmLogTest() {
    auto opened = store::Database::open({folder_.path() / "t.db"});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    database_ = *std::move(opened);
    fickle_ = std::make_unique<Fickle>(*database_);
    log_ = std::make_unique<AlarmLog>(*fickle_, actor("default"), "instance-a");
  }

  static store::Actor actor(std::string tenant) {
    store::Actor made;
    made.tenant_id = std::move(tenant);
    made.principal_id = "system";
    return made;
  }

  static Change change(std::int64_t number, What what = What::kRaised) {
    return {what,
            {{"list.empty", "list-" + std::to_string(number), Level::kBlind, "why"}, 5, 1},
            1000 + number,
            Level::kBlind};
  }

  std::vector<std::string> objects(std::optional<std::int64_t> after = {}, std::size_t most = 200) {
    const auto page = log_->page(after, most);
    EXPECT_TRUE(page);
    std::vector<std::string> found;
    for (const AlarmEvent& event : page->items) {
      found.push_back(event.condition.object);
    }
    return found;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Fickle> fickle_;
  std::unique_ptr<AlarmLog> log_;
};

TEST_F(AlarmLogTest, KeepsWhatHappened) {
  Change made = change(1, What::kChanged);
  made.alarm.condition = {"rate.low", "a/http/image/png", Level::kDegraded, "1 of 28"};
  ASSERT_TRUE(log_->add({made, change(2, What::kCleared)}));
  const auto page = log_->page({}, 10);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->items.size(), 2U);
  EXPECT_FALSE(page->next);
  EXPECT_EQ(page->items[0].what, What::kCleared);
  EXPECT_EQ(page->items[1].what, What::kChanged);
  EXPECT_EQ(page->items[1].condition, made.alarm.condition);
  EXPECT_EQ(page->items[1].at_ms, 1001);
  EXPECT_EQ(page->items[1].instance_id, "instance-a");
}

TEST_F(AlarmLogTest, PagesGoBackWithoutGapOrRepetition) {
  for (std::int64_t i = 0; i < 25; ++i) {
    ASSERT_TRUE(log_->add({change(i)}));
  }
  std::optional<std::int64_t> after;
  std::int64_t expected = 24;
  int pages = 0;
  do {
    const auto page = log_->page(after, 10);
    ASSERT_TRUE(page);
    for (const AlarmEvent& event : page->items) {
      EXPECT_EQ(event.condition.object, "list-" + std::to_string(expected--));
    }
    after = page->next;
    ++pages;
  } while (after);
  EXPECT_EQ(expected, -1);
  EXPECT_EQ(pages, 3);
}

TEST_F(AlarmLogTest, WhatCannotBeWrittenIsWrittenLater) {
  fickle_->down = true;
  EXPECT_FALSE(log_->add({change(1)}));
  EXPECT_FALSE(log_->add({change(2)}));
  EXPECT_FALSE(log_->add({}));
  EXPECT_TRUE(objects().empty());
  fickle_->down = false;
  EXPECT_TRUE(log_->add({}));
  EXPECT_EQ(objects(), (std::vector<std::string>{"list-2", "list-1"}));
  EXPECT_TRUE(log_->add({}));
  EXPECT_EQ(objects().size(), 2U);
}

TEST_F(AlarmLogTest, WhatWaitsIsBounded) {
  fickle_->down = true;
  const auto most = static_cast<std::int64_t>(AlarmLog::kWaitingMax);
  for (std::int64_t i = 0; i < most + 5; ++i) {
    EXPECT_FALSE(log_->add({change(i)}));
  }
  fickle_->down = false;
  EXPECT_TRUE(log_->add({}));
  std::int64_t rows = 0;
  EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
    return transaction.query("SELECT COUNT(*) FROM alarm_event", {}, [&](const store::Row& row) {
      rows = row.integer(0);
      return ok();
    });
  }));
  EXPECT_EQ(rows, most);
  EXPECT_EQ(objects({}, 1), std::vector<std::string>{"list-" + std::to_string(most + 4)});
}

TEST_F(AlarmLogTest, TheStoreKeepsABoundedNumber) {
  ASSERT_TRUE(log_->add({change(1), change(2)}));
  // As if most of them had been there for long.
  ASSERT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("UPDATE alarm_event SET id = :id WHERE object = 'list-2'",
                                   {AlarmLog::kRowsMax + 1}));
    return ok();
  }));
  ASSERT_TRUE(log_->add({change(3)}));
  EXPECT_EQ(objects(), (std::vector<std::string>{"list-3", "list-2"}));
}

TEST_F(AlarmLogTest, OneTenantDoesNotSeeAnother) {
  ASSERT_TRUE(log_->add({change(1)}));
  AlarmLog other(*database_, actor("other"), "instance-b");
  const auto page = other.page({}, 10);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->items.empty());
}

}  // namespace
}  // namespace tutela::alarms
