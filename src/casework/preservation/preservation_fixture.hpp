// What tests of preservation share: a store, a clock that they move, objects without bytes, people,
// and a vault and approvals whose calls they see.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "casework/preservation/preservation.hpp"
#include "support/folder.hpp"

namespace tutela::preservation {

inline constexpr UtcMs kTestDay = 24LL * 3'600'000;

inline UtcMs time_of(std::string_view text) {
  const Result<UtcMs> time = parse_time(text);
  EXPECT_TRUE(time) << text;
  return time ? *time : 0;
}

inline bool never() {
  return false;
}

/// The row that the vault writes when it has sealed an object.
inline Uuid add_evidence(store::Database& database,
                         UtcMs sealed_ms,
                         const std::string& case_ref = "CASE-1",
                         const std::string& tenant_id = "default") {
  const Uuid id = new_uuid(sealed_ms);
  const Status added = database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO evidence (id, tenant_id, principal_id, case_ref, media_type, size_bytes, md5, "
        "sha1, sha256, epoch, state, sealed_ms) VALUES (:id, :tenant, 'system', :case_ref, "
        "'image/png', 10, '', '', '', 1, 'kept', :sealed)",
        {to_string(id), tenant_id, case_ref, sealed_ms}));
    return ok();
  });
  EXPECT_TRUE(added) << (added ? "" : added.error().message);
  return id;
}

class PreservationTest : public ::testing::Test {
 protected:
  explicit PreservationTest(Rules rules = {}) : rules_(rules) {}

  void SetUp() override {
    auto opened = store::Database::open({.path = folder_.path() / "tutela.db"});
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
    reopen();
  }

  /// As after a restart: nothing but the database is left.
  void reopen() {
    auto opened = Preservation::open(
        *database_,
        clock_,
        rules_,
        Signer{"test.example/destruction",
               crypto::SigningKey(*crypto::Key::from_bytes(Bytes(32, std::byte{7})))},
        [this](const store::Actor&, const Uuid& request, std::string_view, const auto& with) {
          return use_approval(request, with);
        },
        [this](const Uuid& id) { return destroy(id); });
    ASSERT_TRUE(opened) << opened.error().message;
    preservation_ = *std::move(opened);
  }

  /// A request about which two people agreed.
  Uuid approve() {
    const Uuid request = new_uuid(clock_.now_ms());
    approvals_.insert(request);
    return request;
  }

  Uuid add(const std::string& case_ref = "CASE-1") {
    return add_evidence(*database_, clock_.now_ms(), case_ref);
  }

  TickReport tick() {
    const Result<TickReport> report = preservation_->tick(never);
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    return report ? *report : TickReport{};
  }

  /// Day by day, so that no leap is seen, with a tick each week.
  void pass_days(std::int64_t days) {
    for (; days > 0; days -= 7) {
      clock_.advance(std::min<std::int64_t>(days, 7) * kTestDay);
      tick();
    }
  }

  ObjectStatus status(const Uuid& id) {
    Result<ObjectStatus> status = preservation_->status("default", id);
    EXPECT_TRUE(status) << (status ? "" : status.error().message);
    return status ? *std::move(status) : ObjectStatus{};
  }

  vault::State state(const Uuid& id) { return status(id).item.state; }

  Status dispose(const Uuid& id,
                 Ground ground = Ground::kExpired,
                 const std::string& reference = "") {
    return preservation_->dispose(lead_, id, {ground, reference, approve()});
  }

  Hold hold(const NewHold& wanted) {
    const Result<Hold> set = preservation_->set_hold(lead_, wanted);
    EXPECT_TRUE(set) << (set ? "" : set.error().message);
    return set ? *set : Hold{};
  }

  /// Entries of this action with this result, about anything.
  std::int64_t entries(const std::string& action, const std::string& result = "ok") {
    std::int64_t count = -1;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(
          "SELECT COUNT(*) FROM audit WHERE action = :action AND result = :result",
          {action, result},
          [&](const store::Row& row) -> Status {
            count = row.integer(0);
            return ok();
          });
    }));
    return count;
  }

  Status use_approval(const Uuid& request,
                      const std::function<Status(store::Transaction&, const Approval&)>& with) {
    if (!approvals_.contains(request)) {
      return Error{ErrorKind::kForbidden, "request.not_approved", "nobody approved this"};
    }
    TUTELA_TRY(database_->write([&](store::Transaction& transaction) {
      return with(transaction, {"person:asker", "person:approver"});
    }));
    approvals_.erase(request);
    return ok();
  }

  virtual Result<vault::Destroyed> destroy(const Uuid& id) {
    gone_.insert(id);
    return vault::Destroyed{1, clock_.now_ms() + 60 * kTestDay};
  }

  const store::Actor lead_{"default", "person:lead", "lead"};
  const store::Actor legal_{"default", "person:legal", "legal"};
  const store::Actor service_{"default", "token:door", "service"};
  Rules rules_;
  testing::TemporaryFolder folder_;
  ManualClock clock_{time_of("2026-11-22T10:00:00Z")};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Preservation> preservation_;
  std::set<Uuid> approvals_;
  std::set<Uuid> gone_;  // what the vault was told to destroy
};

/// The code of a failure, "" of a success.
template <class T>
std::string code_of(const Result<T>& result) {
  return result ? std::string() : std::string(result.error().code);
}

}  // namespace tutela::preservation
