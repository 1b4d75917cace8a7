// What tests of cases share: a store, a clock that they move, contents and lists as rows, people.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "casework/cases/cases.hpp"
#include "casework/cases/rows.hpp"
#include "support/folder.hpp"

namespace tutela::cases {

inline constexpr std::int64_t kHour = 3'600'000;

inline Person person_of(const std::string& name, const std::string& role = "reviewer") {
  Person person;
  person.actor = {"default", "person:" + name, role};
  person.assigned_only = role == "contractor";
  person.is_lead = role == "lead";
  person.is_legal = role == "legal";
  return person;
}

/// The code of a failure, "" of a success.
template <class T>
std::string code_of(const Result<T>& result) {
  return result ? std::string() : std::string(result.error().code);
}

class CasesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = store::Database::open({.path = folder_.path() / "tutela.db"});
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
    cases_.emplace(*database_, clock_, rules_);
    list_ = add_list("vetted", "known_csam");
    survivors_ = add_list("survivors", "self_reported");
  }

  /// With other rules.
  void restart() { cases_.emplace(*database_, clock_, rules_); }

  void execute(const std::string& sql, const std::vector<store::Value>& values = {}) {
    const Status done = database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute(sql, values));
      return ok();
    });
    ASSERT_TRUE(done) << done.error().message << sql;
  }

  /// All rows, columns with spaces between and a "|" behind each row.
  std::string text(const std::string& sql, const std::vector<store::Value>& values = {}) {
    std::string found;
    const Status read = database_->read([&](store::Transaction& transaction) {
      return transaction.query(sql, values, [&](const store::Row& row) -> Status {
        found += row.text(0) + "|";
        return ok();
      });
    });
    EXPECT_TRUE(read) << (read ? "" : read.error().message) << sql;
    return found;
  }

  Uuid add_list(const std::string& name, const std::string& purpose) {
    const Uuid id = new_uuid(clock_.now_ms());
    execute(
        "INSERT INTO list (id, tenant_id, principal_id, name, source, provenance, legal_process, "
        "classification, purpose, action, automation, pdq_distance_max, version, state, "
        "signal_count, created_ms, updated_ms) VALUES (:id, 'default', 'system', :name, 'test', "
        "'', '', 'A1', :purpose, 'hold', 1, 31, 1, 'active', 1, 0, 0)",
        {to_string(id), name, purpose});
    return id;
  }

  Uuid add_content(const std::string& sha256 = "", const std::string& account = "") {
    const Uuid id = new_uuid(clock_.now_ms());
    execute(
        "INSERT INTO content (id, tenant_id, principal_id, door, source, external_id, size_bytes, "
        "md5, sha1, sha256, received_ms, instance_id, attempts, verdict, media_type, width, "
        "height, frames_total, spooled) VALUES (:id, 'default', 'token:door', 'http', 'api', NULL, "
        "10, '', '', :sha256, :at, 'i', 1, 'match', 'image/png', 64, 48, 1, 0)",
        {to_string(id), sha256.empty() ? to_string(id) : sha256, clock_.now_ms()});
    if (!account.empty()) {
      execute(
          "INSERT INTO content_uploader (content_id, tenant_id, principal_id, account, at_ms) "
          "VALUES (:id, 'default', 'token:door', :account, 0)",
          {to_string(id), account});
    }
    return id;
  }

  /// Of a new content, near to a signal of the vetted list.
  Finding finding(const std::string& account = "", const std::string& sha256 = "") {
    Finding found;
    found.sha256 = sha256.empty() ? to_string(new_uuid(clock_.now_ms())) : sha256;
    found.content_id = add_content(found.sha256, account);
    if (!account.empty()) {
      found.account = account;
    }
    found.list_id = list_;
    found.list_purpose = "known_csam";
    found.classification = "B1";
    return found;
  }

  Finding self_reported(const std::string& account = "", const std::string& sha256 = "") {
    Finding found = finding(account, sha256);
    found.list_id = survivors_;
    found.list_purpose = "self_reported";
    found.classification = "self_reported";
    return found;
  }

  std::optional<Uuid> try_add(const Finding& found) {
    std::optional<Uuid> id;
    const Status added = database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(id, add_finding(transaction, door_, rules_, clock_.now_ms(), found));
      return ok();
    });
    EXPECT_TRUE(added) << (added ? "" : added.error().message);
    return id;
  }

  Uuid add(const Finding& found) {
    const std::optional<Uuid> id = try_add(found);
    EXPECT_TRUE(id);
    return id.value_or(Uuid());
  }

  void withdraw(const Uuid& content) {
    const Status done = database_->write([&](store::Transaction& transaction) {
      return withdraw_finding(transaction, door_, clock_.now_ms(), content);
    });
    ASSERT_TRUE(done) << done.error().message;
  }

  void near_duplicates(const Uuid& one, const Uuid& other) {
    const Status done = database_->write([&](store::Transaction& transaction) {
      return add_near_duplicates(transaction, door_, clock_.now_ms(), one, other);
    });
    ASSERT_TRUE(done) << done.error().message;
  }

  /// Open cases without contents, of the vetted list, opened a second apart before now.
  void add_many(std::int64_t count) {
    execute(
        "INSERT INTO review_case (id, tenant_id, principal_id, version, queue, state, origin, "
        "account, severity, marks, spread, reports, items, needs_view, rank_ms, opened_ms, "
        "first_look_due_ms, decision_due_ms, classification, waiting, due_ms) WITH RECURSIVE n (i) "
        "AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) SELECT "
        "printf('00000000-0000-7000-8000-%012d', i), 'default', 'system', 1, CASE WHEN i % 100 = 0 "
        "THEN 'urgent' WHEN i % 10 = 0 THEN 'self_reported' ELSE 'standard' END, 'open', 'match', "
        "'many-' || i, i % 5, '', 1, 0, 1, CASE WHEN i % 1000 = 0 THEN 0 ELSE 1 END, :rank - 1000 "
        "* i, :opened - 1000 * i, :first_look - 1000 * i, :decision - 1000 * i, '', CASE WHEN i % "
        "100 = 0 "
        "THEN 'urgent' WHEN i % 10 = 0 THEN 'self_reported' ELSE 'standard' END, :due - 1000 * i "
        "FROM n",
        {count,
         clock_.now_ms(),
         clock_.now_ms(),
         clock_.now_ms(),
         clock_.now_ms() + 48 * kHour,
         clock_.now_ms()});
    execute(
        "INSERT INTO case_key (tenant_id, kind, value, case_id, principal_id) SELECT tenant_id, "
        "'list', :list, id, 'system' FROM review_case WHERE account LIKE 'many-%'",
        {to_string(list_)});
  }

  /// As a decision would: the whole row, through the module's own way of writing it.
  void change(const Uuid& id, const std::function<void(Case&)>& how) {
    const Status done = database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(Case of, read_case(transaction, "default", id));
      how(of);
      return update_case(transaction, of, of.version);
    });
    ASSERT_TRUE(done) << done.error().message;
  }

  void set_state(const Uuid& id, State state, std::optional<Outcome> outcome = {}) {
    change(id, [&](Case& of) {
      of.state = state;
      of.outcome = outcome;
    });
  }

  void add_decision(const Uuid& id, const Person& by) {
    execute(
        "INSERT INTO case_decision (id, tenant_id, principal_id, case_id, round, role, basis, "
        "outcome, classification, annotations, confidence, note, views, at_ms) VALUES (:id, "
        "'default', :principal, :case_id, 1, 'reviewer', 'viewed', 'confirmed', 'A1', '', 'sure', "
        "'', 1, 0)",
        {to_string(new_uuid(0)), by.actor.principal_id, to_string(id)});
  }

  void assign(const Uuid& id, const Person& to) {
    execute(
        "INSERT INTO case_assignment (tenant_id, principal_id, case_ref, assignee, at_ms) VALUES "
        "('default', 'person:lead', :case_ref, :assignee, 0)",
        {to_string(id), to.actor.principal_id});
  }

  Case get(const Uuid& id) {
    const Result<Case> found = cases_->find(lead_, id);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *found : Case{};
  }

  Whole whole(const Uuid& id) {
    Result<Whole> found = cases_->whole(lead_, id);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *std::move(found) : Whole{};
  }

  /// "opened joined ..."
  std::string events(const Uuid& id) {
    std::string kinds;
    for (const Event& event : whole(id).events) {
      kinds += (kinds.empty() ? "" : " ") + event.kind;
    }
    return kinds;
  }

  std::vector<Uuid> list(const Filter& filter, const std::optional<Person>& as = {}) {
    const Result<Page> page = cases_->list(as.value_or(lead_), filter);
    EXPECT_TRUE(page) << (page ? "" : page.error().message);
    std::vector<Uuid> ids;
    if (page) {
      for (const Case& of : page->cases) {
        ids.push_back(of.id);
      }
    }
    return ids;
  }

  std::optional<Uuid> take(const Person& person,
                           std::optional<Queue> queue = {},
                           const std::vector<std::string>& declined = {}) {
    const Result<std::optional<Case>> taken = cases_->take_next(person, queue, declined);
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().message);
    return taken && *taken ? std::optional((*taken)->id) : std::nullopt;
  }

  const store::Actor door_{"default", "token:door", "service"};
  const Person ann_ = person_of("ann");
  const Person ben_ = person_of("ben");
  const Person lead_ = person_of("lead", "lead");
  const Person legal_ = person_of("legal", "legal");
  const Person contractor_ = person_of("carl", "contractor");
  Rules rules_;
  testing::TemporaryFolder folder_;
  ManualClock clock_{1'790'000'000'000};
  std::unique_ptr<store::Database> database_;
  std::optional<Cases> cases_;
  Uuid list_;
  Uuid survivors_;
};

}  // namespace tutela::cases
