// What tests of decisions and appeals share: a database with lists, contents, people and views.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "casework/cases/appeals.hpp"
#include "casework/cases/decisions.hpp"
#include "casework/cases/rows.hpp"
#include "support/folder.hpp"

namespace tutela::cases {

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? std::string() : std::string(result.error().code);
}

inline bool never() {
  return false;
}

inline constexpr UtcMs kTestStart = 1'795'000'000'000;  // November 2026

/// How a content came, and what it matched.
struct Upload {
  bool exact = false;
  std::string purpose = "known_csam";
  bool automation = false;
  std::string account = {};
  std::optional<Uuid> list = {};
};

/// One process's view of a folder.
class World {
 public:
  explicit World(const std::filesystem::path& folder, Rules rules = {}) : rules_(std::move(rules)) {
    auto opened = store::Database::open({.path = folder / "tutela.db"});
    EXPECT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
    renew();
  }

  /// After rules_ changed.
  void renew() {
    cases_ = std::make_unique<Cases>(*database_, clock_, rules_);
    decisions_ = std::make_unique<Decisions>(*database_, clock_, rules_, 365);
    appeals_ = std::make_unique<Appeals>(*database_, clock_, rules_);
  }

  void sql(const std::string& text, const std::vector<store::Value>& values = {}) {
    const Status done = database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute(text, values));
      return ok();
    });
    EXPECT_TRUE(done) << (done ? "" : done.error().message) << text;
  }

  std::vector<std::string> texts(const std::string& query) {
    std::vector<std::string> found;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(query, {}, [&](const store::Row& row) {
        found.push_back(row.text(0));
        return ok();
      });
    })) << query;
    return found;
  }

  std::int64_t count(const std::string& from) {
    return std::stoll(texts("SELECT COUNT(*) FROM " + from).at(0));
  }

  Uuid add_list(const std::string& purpose, bool automation = false) {
    const Uuid id = new_uuid(clock_.now_ms());
    sql("INSERT INTO list (id, tenant_id, principal_id, name, source, provenance, legal_process, "
        "classification, purpose, action, automation, pdq_distance_max, version, state, "
        "signal_count, created_ms, updated_ms) VALUES (:id, 'default', 'system', :name, '', '', "
        "'', 'A1', :purpose, 'hold', :automation, 31, 1, 'active', 1, 1, 1)",
        {to_string(id), to_string(id), purpose, std::int64_t{automation ? 1 : 0}});
    return id;
  }

  Uuid add_content(const Upload& upload, const Uuid& list) {
    const Uuid content = new_uuid(clock_.now_ms());
    const std::string digest = digest_of(to_string(content));
    sql("INSERT INTO content (id, tenant_id, principal_id, door, source, external_id, size_bytes, "
        "md5, sha1, sha256, received_ms, instance_id, attempts, verdict, spooled) VALUES (:id, "
        "'default', 'token:1', 'public', 'api', :external, 1, '', '', :sha256, 1, '', 0, 'match', "
        "0)",
        {to_string(content), "ext-" + digest.substr(0, 8), digest});
    sql("INSERT INTO content_match (id, content_id, tenant_id, principal_id, list_id, "
        "list_version, signal_id, kind, distance, orientation, frame, strength, at_ms) VALUES "
        "(:id, :content, 'default', 'system', :list, 1, :signal, 'pdq', 4, '', 0, 'near', 1)",
        {to_string(new_uuid(clock_.now_ms())), to_string(content), to_string(list), ++signals_});
    sql("INSERT INTO evidence (id, tenant_id, principal_id, content_id, case_ref, media_type, "
        "size_bytes, md5, sha1, sha256, epoch, state, sealed_ms) VALUES (:id, 'default', "
        "'system', :content, 'x', 'image/png', 1, '', '', '', 1, 'kept', 1)",
        {to_string(new_uuid(clock_.now_ms())), to_string(content)});
    if (!upload.account.empty()) {
      sql("INSERT INTO content_uploader (content_id, tenant_id, principal_id, account, at_ms) "
          "VALUES (:content, 'default', 'token:1', :account, 1)",
          {to_string(content), upload.account});
    }
    return content;
  }

  /// The case of a new content.
  Uuid add(const Upload& upload = {}) {
    const Uuid list = upload.list ? *upload.list : add_list(upload.purpose, upload.automation);
    content_ = add_content(upload, list);
    Finding finding;
    finding.content_id = content_;
    finding.sha256 = digest_of(to_string(content_));
    finding.list_id = list;
    finding.signal_id = signals_;
    finding.classification = upload.purpose == "self_reported" ? "" : "A1";
    finding.list_purpose = upload.purpose;
    finding.exact = upload.exact;
    finding.trusted = upload.exact && upload.purpose == "known_csam";
    finding.automation = upload.automation;
    if (!upload.account.empty()) {
      finding.account = upload.account;
    }
    std::optional<Uuid> id;
    const Status added = database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(
          id,
          add_finding(
              transaction, {"default", "token:1", "service"}, rules_, clock_.now_ms(), finding));
      return ok();
    });
    EXPECT_TRUE(added) << (added ? "" : added.error().message);
    return id.value_or(Uuid{});
  }

  Case read(const Uuid& id) {
    const Result<Case> found = cases_->find(lead_, id);
    EXPECT_TRUE(found) << code_of(found);
    return found ? *found : Case{};
  }

  /// The person looks at everything of the case, or of what it is a sample of.
  void view(const Person& person, const Uuid& id) {
    sql("INSERT INTO evidence_view (tenant_id, principal_id, evidence_id, case_ref, purpose, "
        "grade, at_ms, at_passed_ms) SELECT 'default', :person, e.id, 'x', 'review', 'mosaic', "
        ":at, 1 FROM evidence e JOIN case_item i ON i.content_id = e.content_id WHERE i.case_id = "
        "COALESCE((SELECT of_case FROM case_sample WHERE case_id = :sample), :id)",
        {person.actor.principal_id, clock_.now_ms(), to_string(id), to_string(id)});
  }

  /// Lock, look, decide.
  Result<Case> decide(const Person& person, const Uuid& id, const Verdict& verdict) {
    TUTELA_TRY_ASSIGN(const Case locked, cases_->lock(person, id, false));
    view(person, id);
    return decisions_->decide(person, id, {locked.version, ""}, verdict);
  }

  std::size_t tick() {
    const Result<std::size_t> done = decisions_->tick(never);
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    return done ? *done : 0;
  }

  void pass_window() {
    clock_.advance(rules_.undo_ms);
    tick();
  }

  /// Confirmed by two and done.
  Uuid closed(const Upload& upload = {}) {
    const Verdict verdict = confirmed();
    const Uuid id = add(upload);
    EXPECT_EQ(code_of(decide(ann_, id, verdict)), "");
    if (read(id).state == State::kSecondLook) {
      EXPECT_EQ(code_of(decide(ben_, id, verdict)), "");
    }
    pass_window();
    return id;
  }

  /// "kind" of each action, in order of their messages.
  std::vector<std::string> kinds(const Uuid& id) {
    return texts("SELECT kind FROM case_action WHERE case_id = '" + to_string(id) +
                 "' ORDER BY outbox_id");
  }

  std::vector<std::string> payloads(const std::string& topic) {
    return texts("SELECT payload FROM outbox WHERE topic = '" + topic + "' ORDER BY id");
  }

  /// The newest token that was sent.
  std::string token() {
    for (const std::string& payload :
         texts("SELECT payload FROM outbox WHERE payload LIKE '%tutelaa_%' ORDER BY id DESC")) {
      return payload.substr(payload.find("tutelaa_"), 51);
    }
    return "";
  }

  static Verdict confirmed(Classification classification = Classification::kA1) {
    Verdict verdict;
    verdict.classification = classification;
    return verdict;
  }

  static Verdict cleared() {
    Verdict verdict;
    verdict.outcome = Outcome::kCleared;
    return verdict;
  }

  static Person person(const std::string& name, const std::string& role = "reviewer") {
    Person made;
    made.actor = {"default", "person:" + name, role};
    made.is_lead = role == "lead";
    made.is_legal = role == "legal";
    return made;
  }

  const Person ann_ = person("ann");
  const Person ben_ = person("ben");
  const Person cat_ = person("cat");
  const Person lead_ = person("lead", "lead");
  const Person legal_ = person("law", "legal");
  Rules rules_;
  ManualClock clock_{kTestStart};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Cases> cases_;
  std::unique_ptr<Decisions> decisions_;
  std::unique_ptr<Appeals> appeals_;
  Uuid content_;  // the last that was added
  std::int64_t signals_ = 0;
};

class DecisionsTest : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder_;
  World world_{folder_.path()};
};

}  // namespace tutela::cases
