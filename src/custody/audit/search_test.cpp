#include "custody/audit/search.hpp"

#include "custody/audit/audit_fixture.hpp"

namespace tutela::audit {
namespace {

class SearchTest : public AuditTest {
 protected:
  std::vector<std::uint64_t> find(const Filter& filter, const Page& page = {}) {
    const auto found = search(*database_, actor_, 99, filter, page);
    EXPECT_TRUE(found) << found.error().message;
    std::vector<std::uint64_t> indexes;
    for (const LoggedEntry& logged : *found) {
      indexes.push_back(logged.index);
    }
    return indexes;
  }

  void add_one(const store::Actor& actor, UtcMs at_ms, const Entry& entry) {
    ASSERT_TRUE(record(*database_, actor, at_ms, entry));
  }

  const store::Actor actor_{"default", "person:auditor", "auditor"};
  using Indexes = std::vector<std::uint64_t>;
};

TEST_F(SearchTest, FiltersByEverythingThatAnEntryHas) {
  add_one({"a", "person:1"}, 1000, {"evidence.open", "evidence:1", "review", "ok"});
  add_one({"a", "person:2"}, 2000, {"evidence.open", "evidence:2", "review", "refused"});
  add_one({"b", "person:1"}, 3000, {"evidence.openly", "evidence:1", "review", "ok"});
  add_one({"a", "person:1"}, 4000, {"list.create", "list:1", "", "ok"});
  const Page oldest{.order = Order::kOldestFirst, .after = std::nullopt, .limit = 100};
  EXPECT_EQ(find({.principal = "person:1"}, oldest), (Indexes{0, 2, 3}));
  EXPECT_EQ(find({.action = "evidence."}, oldest), (Indexes{0, 1, 2}));
  EXPECT_EQ(find({.action = "list.create"}, oldest), (Indexes{3}));
  EXPECT_EQ(find({.object = "evidence:1"}), (Indexes{2, 0}));
  EXPECT_EQ(find({.tenant = "b"}), (Indexes{2}));
  EXPECT_EQ(find({.result = "refused"}), (Indexes{1}));
  EXPECT_EQ(find({.since_ms = 2000, .until_ms = 4000}, oldest), (Indexes{1, 2}));
  EXPECT_EQ(find({.tenant = "a", .principal = "person:1", .action = "evid"}), (Indexes{0}));
  EXPECT_EQ(find({.object = "nothing"}), (Indexes{}));
}

TEST_F(SearchTest, IsAnEntryItself) {
  add_entries(3);
  EXPECT_EQ(find({}), (Indexes{3, 2, 1, 0}));
  EXPECT_EQ(find({.action = "audit.search"}), (Indexes{4, 3}));
  EXPECT_NE(leaves()[3].find("person:auditor"), std::string::npos);
}

TEST_F(SearchTest, PagesWithoutLosingOne) {
  add_entries(25);
  for (const Order order : {Order::kNewestFirst, Order::kOldestFirst}) {
    Indexes all;
    Page page{.order = order, .after = std::nullopt, .limit = 10};
    while (true) {
      const Indexes some = find({.action = "evidence.view"}, page);
      all.insert(all.end(), some.begin(), some.end());
      if (some.size() < 10) {
        break;
      }
      page.after = some.back();
    }
    ASSERT_EQ(all.size(), 25U);
    for (std::size_t i = 0; i < 25; ++i) {
      EXPECT_EQ(all[i], order == Order::kOldestFirst ? i : 24 - i);
    }
  }
  EXPECT_EQ(search(*database_, actor_, 1, {}, {.limit = 0}).error().code, "audit.bad_limit");
  EXPECT_EQ(search(*database_, actor_, 1, {}, {.limit = kPageMax + 1}).error().code,
            "audit.bad_limit");
}

TEST_F(SearchTest, ExportsAllThatFitUpToAnEnd) {
  add_entries(25'000);
  std::uint64_t next = 0;
  const Status done =
      export_entries(*database_, actor_, 5, {}, 24'000, [&](const LoggedEntry& logged) -> Status {
        EXPECT_EQ(logged.index, next);
        ++next;
        return ok();
      });
  EXPECT_TRUE(done);
  EXPECT_EQ(next, 24'000U);
  EXPECT_EQ(find({.action = "audit.export"}), (Indexes{25'000}));
}

TEST_F(SearchTest, UsesIndexes) {
  add_entries(100);
  for (const std::string where : {"principal_id = 'a' ORDER BY id DESC",
                                  "object = 'a' ORDER BY id DESC",
                                  "action >= 'a' AND action < 'a~' ORDER BY id",
                                  "at_ms >= 1 AND at_ms < 5 ORDER BY id"}) {
    std::string plan;
    ASSERT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query("EXPLAIN QUERY PLAN SELECT result FROM audit WHERE " + where,
                               {},
                               [&](const store::Row& row) {
                                 plan += row.text(3) + "; ";
                                 return ok();
                               });
    }));
    EXPECT_NE(plan.find("USING INDEX audit_by_"), std::string::npos) << where << ": " << plan;
  }
}

}  // namespace
}  // namespace tutela::audit
