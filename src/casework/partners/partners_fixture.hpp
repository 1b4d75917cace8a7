// A database, a clock and two people, for the tests of this module.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "casework/partners/partners.hpp"
#include "support/folder.hpp"

namespace tutela::partners {

inline constexpr std::int64_t kHour = 3'600'000;
inline constexpr std::int64_t kDay = 24 * kHour;
inline const std::string kAnna = "person:01900000-0000-7000-8000-000000000001";
inline const std::string kBen = "person:01900000-0000-7000-8000-000000000002";
inline const std::string kCleo = "person:01900000-0000-7000-8000-000000000003";

class PartnersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = store::Database::open({.path = folder_.path() / "tutela.db"});
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
    partners_ = std::make_unique<Partners>(*database_, clock_);
  }

  static Details details(const std::string& name = "Hotline One") {
    Details what;
    what.kind = Kind::kHotline;
    what.name = name;
    return what;
  }

  Partner added(const Details& what) {
    auto partner = partners_->add(actor_, what);
    EXPECT_TRUE(partner) << partner.error().message;
    return partner ? *partner : Partner{};
  }

  std::int64_t number(const std::string& sql, const std::vector<store::Value>& values = {}) {
    std::int64_t found = -1;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(sql, values, [&](const store::Row& row) -> Status {
        found = row.integer(0);
        return ok();
      });
    }));
    return found;
  }

  std::int64_t entries(const std::string& action) {
    return number("SELECT COUNT(*) FROM audit WHERE action = :action", {action});
  }

  void execute(const std::string& sql, const std::vector<store::Value>& values) {
    const Status done = database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute(sql, values));
      return ok();
    });
    ASSERT_TRUE(done) << done.error().message;
  }

  Escalation escalation(const std::string& queue) {
    Escalation found;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(found, escalation_of(transaction, "default", queue, clock_.now_ms()));
      return ok();
    }));
    return found;
  }

  std::string escalated_to(const std::string& queue) { return escalation(queue).to; }

  bool unmanned(const std::string& queue) {
    bool found = false;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(found, is_unmanned(transaction, "default", queue, clock_.now_ms()));
      return ok();
    }));
    return found;
  }

  testing::TemporaryFolder folder_;
  ManualClock clock_{*parse_time("2026-11-23T09:00:00Z")};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Partners> partners_;
  store::Actor actor_{"default", kAnna, "lead"};
};

}  // namespace tutela::partners
