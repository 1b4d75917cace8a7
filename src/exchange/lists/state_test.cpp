#include "exchange/lists/state.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "exchange/lists/lists_fixture.hpp"
#include "exchange/lists/rows.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::lists {
namespace {

using match::SignalKind;

/// A row of list_state with the kind of its change.
struct Row {
  StateStep step;
  std::int64_t position = 0;
  std::string digest;
};

class StateTest : public ListsTest {
 protected:
  std::vector<Row> rows_of(const List& list) {
    std::vector<Row> rows;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(
          "SELECT s.position, s.version, s.active, s.signals, s.salt, s.digest, c.kind, c.at_ms - "
          "s.at_ms FROM list_state s JOIN list_change c ON c.id = s.position AND c.list_id = "
          "s.list_id WHERE s.list_id = :list_id ORDER BY s.position",
          {to_string(list.id)},
          [&](const store::Row& row) -> Status {
            Row& found = rows.emplace_back();
            found.position = row.integer(0);
            found.step.version = row.integer(1);
            found.step.active = row.integer(2) != 0;
            found.step.signals = row.integer(3);
            found.step.salt = row.text(4);
            found.digest = row.text(5);
            TUTELA_TRY_ASSIGN(found.step.kind, parse_change_kind(row.text(6)));
            found.step.list_id = list.id;
            found.step.previous = rows.size() == 1 ? "" : rows[rows.size() - 2].digest;
            EXPECT_EQ(row.integer(7), 0);
            return ok();
          });
    }));
    return rows;
  }

  static PackedSignal signal(SignalKind kind, const std::string& hex) {
    PackedSignal packed{0, kind};
    EXPECT_TRUE(parse_hex(hex, std::span(packed.value).first(size_bytes_of(kind))));
    return packed;
  }

  const std::string md5_ = std::string(31, '0') + "a";
};

TEST_F(StateTest, EveryPositionOfTheHistoryHasItsState) {
  const List one = make(spec("one"));
  const List two = make(spec("two", Purpose::kTest));
  EXPECT_EQ(testing::count(*database_, "list_state"), 0);
  import(one, value(1) + "\n" + value(2) + "\n");
  import(two, value(3) + "\n");
  make_active(one);
  ASSERT_TRUE(lists_->set_action(ann_, one.id, policy::Action::kCase));
  ASSERT_TRUE(lists_->remove_signals(ann_, one.id, {value(1)}));
  ASSERT_TRUE(lists_->deactivate(ann_, one.id));
  ASSERT_TRUE(lists_->remove(ann_, one.id));
  EXPECT_EQ(testing::count(*database_, "list_change"), 7);
  EXPECT_EQ(
      testing::count(*database_,
                     "list_change c JOIN list_state s ON s.position = c.id AND "
                     "s.list_id = c.list_id AND s.tenant_id = c.tenant_id AND s.principal_id = "
                     "c.principal_id"),
      7);
  const std::vector<Row> rows = rows_of(one);
  ASSERT_EQ(rows.size(), 6U);
  const auto is = [&](std::size_t at, std::int64_t version, bool active, std::int64_t signals) {
    EXPECT_EQ(rows[at].step.version, version) << at;
    EXPECT_EQ(rows[at].step.active, active) << at;
    EXPECT_EQ(rows[at].step.signals, signals) << at;
  };
  is(0, 2, false, 2);
  is(1, 2, true, 2);
  is(2, 3, true, 2);
  is(3, 4, true, 1);
  is(4, 4, false, 1);
  is(5, 5, false, 0);
}

TEST_F(StateTest, ADigestIsOfAllThatLedToIt) {
  const List list = make(spec("one"));
  import(list, value(9) + "\n" + md5_ + "\n" + value(2) + "\n" + value(9) + "\n");
  import(list, value(2) + "\n" + value(5) + "\n");  // one of them is there already
  make_active(list);
  ASSERT_TRUE(lists_->remove_signals(ann_, list.id, {value(5), md5_, value(7)}));
  const std::vector<Row> rows = rows_of(list);
  ASSERT_EQ(rows.size(), 4U);
  const std::vector<std::vector<PackedSignal>> changed = {
      {signal(SignalKind::kPdq, value(9)),
       signal(SignalKind::kPdq, value(2)),
       signal(SignalKind::kMd5, md5_)},
      {signal(SignalKind::kPdq, value(5))},
      {},
      {signal(SignalKind::kMd5, md5_), signal(SignalKind::kPdq, value(5))}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(state_digest(rows[i].step, changed[i]), rows[i].digest) << i;
    std::vector<PackedSignal> turned(changed[i].rbegin(), changed[i].rend());
    EXPECT_EQ(state_digest(rows[i].step, turned), rows[i].digest) << i;
  }
  StateStep other = rows[3].step;
  other.previous = rows[1].digest;
  EXPECT_NE(state_digest(other, changed[3]), rows[3].digest);
  EXPECT_NE(state_digest(rows[3].step, changed[1]), rows[3].digest);
}

TEST_F(StateTest, NobodyWithoutTheSaltCanTryValues) {
  const List one = make(spec("one"));
  const List two = make(spec("two"));
  import(one, value(1) + "\n");
  import(two, value(1) + "\n");
  const Row first = rows_of(one).at(0);
  const Row second = rows_of(two).at(0);
  EXPECT_EQ(first.step.salt.size(), 64U);
  EXPECT_NE(first.step.salt, second.step.salt);
  StateStep guess = first.step;
  guess.salt = second.step.salt;
  EXPECT_NE(state_digest(guess, {signal(SignalKind::kPdq, value(1))}), first.digest);
  guess.salt = "";
  EXPECT_NE(state_digest(guess, {signal(SignalKind::kPdq, value(1))}), first.digest);
}

TEST_F(StateTest, WhatIsRefusedLeavesNoState) {
  const List list = make(spec("one"));
  import(list, value(1) + "\n");
  import(list, value(1) + "\n");  // nothing new: no change
  EXPECT_EQ(*lists_->remove_signals(ann_, list.id, {value(2)}), 0);
  ImportReport report;
  EXPECT_FALSE(lists_->import_signals(ann_, list.id, "nonsense\n", {}, report));
  EXPECT_EQ(rows_of(list).size(), 1U);
}

TEST_F(StateTest, AListFromBeforeThereWereDigestsGetsOneWithItsNextChange) {
  const List list = make(spec("one"));
  import(list, value(1) + "\n");
  ASSERT_TRUE(database_->write([](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("UPDATE list_state SET salt = '', digest = ''", {}));
    return ok();
  }));
  import(list, value(2) + "\n");
  const std::vector<Row> rows = rows_of(list);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].digest, "");
  EXPECT_EQ(rows[1].step.previous, "");
  EXPECT_EQ(state_digest(rows[1].step, {signal(SignalKind::kPdq, value(2))}), rows[1].digest);
}

}  // namespace
}  // namespace tutela::lists
