// A database with preserved objects of a case, two people, and the vault's part played by a map.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "casework/disclosure/disclosure.hpp"
#include "casework/disclosure/test_packages.hpp"

namespace tutela::disclosure {

struct Line {
  std::int64_t index;
  std::string actor, action, object, result;
};

class Room {
 public:
  explicit Room(const std::filesystem::path& folder) : folder_(folder) {
    auto opened = store::Database::open({.path = folder / "tutela.db"});
    EXPECT_TRUE(opened);
    database_ = *std::move(opened);
    control_ =
        std::make_unique<dual_control::DualControl>(*database_, clock_, dual_control::Rules{});
    disclosures_ = std::make_unique<Disclosures>(*database_, *control_, clock_);
  }

  /// A preserved object, with a content of the ledger.
  Uuid add(const Bytes& bytes,
           const std::string& case_ref = "case-1",
           const std::string& tenant = "default") {
    const Uuid id = new_uuid(clock_.now_ms());
    const Uuid content = new_uuid(clock_.now_ms());
    const crypto::Digests digests = crypto::digests_of(bytes);
    const auto size = static_cast<std::int64_t>(bytes.size());
    EXPECT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute(
          "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, md5, sha1, "
          "sha256, received_ms, instance_id, attempts, verdict, spooled) VALUES (:id, :tenant, "
          "'token:1', 'scan', 'test', :size, '', '', '', 1, '', 1, 'match', 0)",
          {to_string(content), tenant, size}));
      TUTELA_TRY(audit::add(transaction,
                            {tenant, "system", "system"},
                            clock_.now_ms(),
                            {"content.verdict", "content:" + to_string(content), "", "match"}));
      TUTELA_TRY(transaction.execute(
          "INSERT INTO evidence (id, tenant_id, principal_id, content_id, case_ref, media_type, "
          "size_bytes, md5, sha1, sha256, epoch, state, sealed_ms) VALUES (:id, :tenant, 'system', "
          ":content, :case_ref, 'image/png', :size, :md5, :sha1, :sha256, 1, 'kept', :now)",
          {to_string(id),
           tenant,
           to_string(content),
           case_ref,
           size,
           to_hex(digests.md5),
           to_hex(digests.sha1),
           to_hex(digests.sha256),
           clock_.now_ms()}));
      return audit::add(transaction,
                        {tenant, "system", "system"},
                        clock_.now_ms(),
                        {"evidence.seal", "evidence:" + to_string(id), "", "ok"});
    }));
    stored_[id] = bytes;
    return id;
  }

  void set_state(const Uuid& id, const std::string& state) {
    EXPECT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute("UPDATE evidence SET state = :state WHERE id = :id",
                                     {state, to_string(id)}));
      return ok();
    }));
  }

  Ask ask(const std::string& recipient, RecipientKind kind = RecipientKind::kAge) const {
    return {"case-1",
            {},
            "State Police",
            "K-2027/15",
            "order of a court",
            "they asked",
            kind,
            recipient};
  }

  /// Asked for by one and approved by the other.
  Disclosure approved(const Ask& ask) {
    const Result<Disclosure> asked = disclosures_->ask(asker_, ask);
    EXPECT_TRUE(asked) << (asked ? "" : asked.error().message);
    const auto approval = control_->approve(approver_, asked->request_id);
    EXPECT_TRUE(approval) << (approval ? "" : approval.error().message);
    return *asked;
  }

  /// The vault's part: gives out against an entry about this object, never without.
  Access access() {
    Access access;
    access.open = [this](const Uuid& id, const audit::Recorded& entry) -> Result<Read> {
      EXPECT_EQ(entry.object(), "evidence:" + to_string(id));
      EXPECT_EQ(log().at(static_cast<std::size_t>(entry.index())).action, "evidence.export");
      ++opened_;
      return read_of(stored_.at(id));
    };
    return access;
  }

  std::vector<Line> log() {
    std::vector<Line> lines;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(
          "SELECT id, principal_id, action, object, result FROM audit ORDER BY id",
          {},
          [&](const store::Row& row) {
            lines.push_back(
                {row.integer(0) - 1, row.text(1), row.text(2), row.text(3), row.text(4)});
            return ok();
          });
    }));
    return lines;
  }

  std::size_t entries(const std::string& action) {
    const std::vector<Line> lines = log();
    return static_cast<std::size_t>(std::ranges::count(lines, action, &Line::action));
  }

  std::filesystem::path out() const { return folder_ / "packages"; }

  std::size_t files() const {
    std::error_code error;
    const std::filesystem::directory_iterator entries(out(), error);
    return error ? 0 : static_cast<std::size_t>(std::distance(entries, {}));
  }

  State state_of(const Uuid& id) { return disclosures_->find("default", id)->state; }

  std::filesystem::path folder_;
  ManualClock clock_{kTestNow};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<dual_control::DualControl> control_;
  std::unique_ptr<Disclosures> disclosures_;
  std::map<Uuid, Bytes> stored_;
  int opened_ = 0;
  const store::Actor asker_{"default", "person:legal", "legal"};
  const store::Actor approver_{"default", "person:lead", "lead"};
};

}  // namespace tutela::disclosure
