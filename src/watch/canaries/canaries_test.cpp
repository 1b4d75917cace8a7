#include "watch/canaries/canaries.hpp"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "support/folder.hpp"

namespace tutela::canaries {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kValidMs = 24 * kHourMs;

class CanariesTest : public ::testing::Test {
 protected:
  CanariesTest() {
    auto opened = store::Database::open({folder_.path() / "t.db"});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    database_ = *std::move(opened);
    canaries_ = std::make_unique<Canaries>(*database_, clock_, "instance-a");
  }

  static crypto::Sha256 digest(std::string_view of) { return crypto::sha256_of(as_bytes(of)); }

  Uuid add(std::string_view bytes, Expected expected = Expected::kMatch) {
    const auto id = canaries_->add(actor_, "http", "jpeg", expected, digest(bytes), kValidMs);
    EXPECT_TRUE(id) << (id ? "" : id.error().message);
    return id ? *id : Uuid{};
  }

  bool claims(std::string_view bytes, const Uuid& content, const std::string& tenant = "default") {
    bool claimed = false;
    EXPECT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(claimed,
                        claim(transaction, tenant, content, digest(bytes), clock_.now_ms()));
      return ok();
    }));
    return claimed;
  }

  void note(const std::function<Status(store::Transaction&)>& work) {
    EXPECT_TRUE(database_->write(work));
  }

  testing::TemporaryFolder folder_;
  ManualClock clock_{1'900'000'000'000};
  const store::Actor actor_{"default", "system", "system"};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Canaries> canaries_;
};

TEST_F(CanariesTest, RegisteredBytesCountOnceAndOthersNever) {
  const Uuid id = add("one");
  const Uuid content = new_uuid(1);
  EXPECT_FALSE(claims("other", content));
  EXPECT_TRUE(claims("one", content));
  EXPECT_FALSE(claims("one", new_uuid(2))) << "whoever sends the same bytes again";
  EXPECT_EQ(canaries_->get(id)->content_id, content);
}

TEST_F(CanariesTest, AnotherTenantCannotClaimThem) {
  add("one");
  EXPECT_FALSE(claims("one", new_uuid(1), "elsewhere"));
  EXPECT_TRUE(claims("one", new_uuid(2)));
}

TEST_F(CanariesTest, BytesAreRegisteredOnceForEver) {
  add("one");
  const auto again =
      canaries_->add(actor_, "http", "png", Expected::kMatch, digest("one"), kValidMs);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "store.conflict");
  EXPECT_TRUE(claims("one", new_uuid(1)));
  EXPECT_FALSE(canaries_->add(actor_, "http", "png", Expected::kMatch, digest("one"), kValidMs));
}

TEST_F(CanariesTest, AnExpiredOneCountsNoMore) {
  add("one");
  clock_.advance(kValidMs);
  EXPECT_FALSE(claims("one", new_uuid(1)));
}

TEST_F(CanariesTest, WhatBecameOfItIsNotedOnce) {
  const Uuid id = add("one", Expected::kNoMatch);
  const Uuid content = new_uuid(1);
  ASSERT_TRUE(claims("one", content));
  EXPECT_FALSE(canaries_->get(id)->verdict);
  const UtcMs at = clock_.now_ms();
  note([&](auto& transaction) { return note_verdict(transaction, content, "no_match", at + 5); });
  note([&](auto& transaction) { return note_verdict(transaction, content, "match", at + 6); });
  note([&](auto& transaction) { return note_echo(transaction, content, at + 7); });
  note([&](auto& transaction) { return note_echo(transaction, content, at + 8); });
  note([&](auto& transaction) { return note_verdict(transaction, new_uuid(9), "match", at); });
  const auto canary = canaries_->get(id);
  ASSERT_TRUE(canary);
  EXPECT_EQ(canary->verdict, "no_match");
  EXPECT_EQ(canary->decided_ms, at + 5);
  EXPECT_EQ(canary->echoed_ms, at + 7);
  EXPECT_EQ(canary->expected, Expected::kNoMatch);
  EXPECT_EQ(canary->door, "http");
  EXPECT_EQ(canary->format, "jpeg");
  EXPECT_EQ(canary->registered_ms, at);
  EXPECT_EQ(canaries_->get(new_uuid(3)).error().code, "canary.not_found");
}

TEST_F(CanariesTest, CountsByTheHourInWhichTheyWereSent) {
  const UtcMs hour = clock_.now_ms() - clock_.now_ms() % kHourMs;
  const Uuid one = add("one");
  const Uuid two = add("two");
  const Uuid bad = add("bad");
  const Uuid negative = add("negative", Expected::kNoMatch);
  clock_.advance(kHourMs);
  ASSERT_TRUE(canaries_->settle(one, true, 40));
  ASSERT_TRUE(canaries_->settle(two, true, 30));
  ASSERT_TRUE(canaries_->settle(bad, false, 15'000));
  ASSERT_TRUE(canaries_->settle(negative, true, 9));
  ASSERT_TRUE(canaries_->settle(add("late"), true, 1));
  const auto hours = canaries_->hours("default", hour, hour + kHourMs);
  ASSERT_TRUE(hours);
  ASSERT_EQ(hours->size(), 2U);
  EXPECT_EQ(hours->at(0).hour_ms, hour);
  EXPECT_EQ(hours->at(0).expected, Expected::kMatch);
  EXPECT_EQ(hours->at(0).sent, 3);
  EXPECT_EQ(hours->at(0).good, 2);
  EXPECT_EQ(hours->at(0).took_ms, 70) << "of good ones";
  EXPECT_EQ(hours->at(0).took_ms_max, 40);
  EXPECT_EQ(hours->at(1).expected, Expected::kNoMatch);
  EXPECT_EQ(hours->at(1).sent, 1);
  EXPECT_EQ(canaries_->hours("default", hour, hour + 2 * kHourMs)->size(), 3U);
  EXPECT_TRUE(canaries_->hours("elsewhere", hour, hour + kHourMs)->empty());
}

TEST_F(CanariesTest, OldOnesAreForgottenAndTheirCountsStay) {
  const Uuid first = add("one");
  note([&](store::Transaction& transaction) -> Status {
    for (int i = 0; i < 2100; ++i) {
      TUTELA_TRY(transaction.execute(
          "INSERT INTO canary (id, tenant_id, principal_id, instance_id, door, format, expected, "
          "sha256, registered_ms, expires_ms) SELECT id || :some, tenant_id, principal_id, "
          "instance_id, door, format, expected, sha256 || :other, registered_ms, expires_ms "
          "FROM canary WHERE id = :id",
          {std::to_string(i), std::to_string(i), to_string(first)}));
    }
    return ok();
  });
  ASSERT_TRUE(canaries_->settle(first, true, 1));
  clock_.advance(kValidMs / 2);
  const Uuid later = add("later");
  clock_.advance(kValidMs / 2 + 1);
  ASSERT_TRUE(canaries_->forget_old());
  std::int64_t left = 0;
  EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
    return transaction.query("SELECT COUNT(*) FROM canary", {}, [&](const store::Row& row) {
      left = row.integer(0);
      return ok();
    });
  }));
  EXPECT_EQ(left, 1);
  EXPECT_TRUE(canaries_->get(later));
  EXPECT_EQ(canaries_->hours("default", 0, clock_.now_ms())->size(), 1U);
}

}  // namespace
}  // namespace tutela::canaries
