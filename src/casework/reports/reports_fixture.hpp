// What tests of reports share: a store, a clock that they move, contents and evidence as rows,
// people, and a report taken through its states.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "casework/reports/reports.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::reports {

using testing::code_of;

inline constexpr std::int64_t kMinute = 60'000;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kLeaseMs = 2 * kMinute;

inline Person person_of(const std::string& name, const std::string& role) {
  Person person;
  person.actor = {"default", "person:" + name, role};
  person.is_lead = role == "lead";
  person.is_legal = role == "legal";
  return person;
}

class ReportsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = testing::open_database(folder_.path());
    ASSERT_NE(database_, nullptr);
    restart();
  }

  /// With other rules.
  void restart() {
    control_.emplace(*database_, clock_, control_rules_);
    reports_.emplace(*database_, *control_, clock_, rules_);
  }

  Uuid add_content() {
    const Uuid id = new_uuid(clock_.now_ms());
    testing::run_sql(
        *database_,
        "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, md5, sha1, "
        "sha256, received_ms, instance_id, attempts, verdict, spooled) VALUES (:id, 'default', "
        "'token:door', 'http', 'api', 1, '', '', '', 0, 'i', 1, 'match', 0)",
        {to_string(id)});
    return id;
  }

  /// A confirmed, closed case whose report is due in `due_in_ms`.
  Uuid add_case(std::int64_t due_in_ms = 24 * kHour,
                const std::string& state = "closed",
                const std::string& outcome = "confirmed") {
    const Uuid id = new_uuid(clock_.now_ms());
    testing::run_sql(
        *database_,
        "INSERT INTO review_case (id, tenant_id, principal_id, version, queue, state, origin, "
        "severity, marks, spread, reports, items, needs_view, rank_ms, opened_ms, "
        "first_look_due_ms, decision_due_ms, report_due_ms, outcome) VALUES (:id, 'default', "
        "'system', 1, 'standard', :state, 'match', 0, '', 1, 0, 1, 1, 0, 0, 0, 0, :due, :outcome)",
        {to_string(id), state, clock_.now_ms() + due_in_ms, outcome});
    return id;
  }

  std::vector<File> add_files(std::int64_t count) {
    std::vector<File> files;
    for (std::int64_t number = 0; number < count; ++number) {
      files.push_back({number,
                       add_content(),
                       testing::add_evidence(*database_, "default", "CASE-1"),
                       "d41d8cd98f00b204e9800998ecf8427e",
                       10});
    }
    return files;
  }

  static Authority ncmec(Environment environment = Environment::kProduction) {
    return {"ncmec", Channel::kCybertip, environment, "US", 365};
  }

  NewDraft new_draft(std::int64_t files = 1) {
    NewDraft what;
    what.account = "acc-1";
    what.authority = ncmec();
    what.body = R"({"report":{}})";
    what.provenance = "[]";
    what.files = add_files(files);
    return what;
  }

  Report draft(const NewDraft& what) {
    const Result<Report> made = reports_->draft(system_, what);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? *made : Report{};
  }

  Report draft() { return draft(new_draft()); }

  Report release(const Report& of, const std::optional<Person>& by = {}) {
    const Result<Report> released =
        reports_->release(by.value_or(lead_), of.id, {of.version, ""}, of.document);
    EXPECT_TRUE(released) << (released ? "" : released.error().message);
    return released ? *released : Report{};
  }

  Report get(const Uuid& id) {
    const Result<Report> found = reports_->find("default", id);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *found : Report{};
  }

  Whole whole(const Uuid& id) {
    Result<Whole> found = reports_->whole("default", id);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *std::move(found) : Whole{};
  }

  std::optional<Leased> try_lease() {
    Result<std::optional<Leased>> leased = reports_->lease({"ncmec", "hotline"}, kLeaseMs);
    EXPECT_TRUE(leased) << (leased ? "" : leased.error().message);
    return leased ? *std::move(leased) : std::nullopt;
  }

  Leased lease() {
    std::optional<Leased> leased = try_lease();
    EXPECT_TRUE(leased);
    return leased.value_or(Leased{});
  }

  /// One step with its answer, of what next_of() says.
  StepRow step(Leased& leased, Phase phase, const std::string& authority_id = "4711") {
    const Next next = next_of(Channel::kCybertip,
                              leased.journal,
                              static_cast<std::int64_t>(leased.files.size()),
                              rules_.filing,
                              clock_.now_ms());
    EXPECT_EQ(next.what, Do::kStep);
    Result<StepRow> begun = reports_->begin(leased, next, kLeaseMs);
    EXPECT_TRUE(begun) << (begun ? "" : begun.error().message);
    if (!begun) {
      return {};
    }
    begun->phase = phase;
    if (phase == Phase::kDone && next.step == Step::kSubmit) {
      begun->authority_id = authority_id;
    } else if (phase == Phase::kDone && next.step == Step::kUpload) {
      begun->file_id = "f" + std::to_string(next.file);
    }
    const Status ended = reports_->end(leased, *begun);
    EXPECT_TRUE(ended) << (ended ? "" : ended.error().message);
    leased.journal.push_back(*begun);
    return *begun;
  }

  Receipt receipt(const std::string& authority_id = "4711") {
    return {"<reportDoneResponse/>", authority_id, {"f0"}, false, "answer", clock_.now_ms()};
  }

  /// All steps and the receipt.
  Report file(Leased leased, const Receipt& with) {
    while (leased.journal.empty() || leased.journal.back().step != Step::kFinish) {
      step(leased, Phase::kDone, with.authority_id);
    }
    const Status finished = reports_->finish(leased, with);
    EXPECT_TRUE(finished) << (finished ? "" : finished.error().message);
    return get(leased.of.id);
  }

  Report finished(const NewDraft& what, const std::string& authority_id = "4711") {
    release(draft(what));
    return file(lease(), receipt(authority_id));
  }

  /// Released, tried once, waits for a person.
  Report waiting(Phase phase = Phase::kCredentials) {
    const Report of = release(draft());
    Leased leased = lease();
    step(leased, phase);
    EXPECT_TRUE(reports_->put_off(leased, "report.credentials", {}));
    return get(of.id);
  }

  std::int64_t count(const std::string& from) { return testing::count(*database_, from); }

  std::vector<std::string> texts(const std::string& sql) { return testing::texts(*database_, sql); }

  const store::Actor system_{"default", "system", "system"};
  const Person lead_ = person_of("lead", "lead");
  const Person other_ = person_of("other", "lead");
  const Person legal_ = person_of("legal", "legal");
  const Person reviewer_ = person_of("ann", "reviewer");
  Rules rules_;
  dual_control::Rules control_rules_;
  testing::TemporaryFolder folder_;
  ManualClock clock_{1'790'000'000'000};
  std::unique_ptr<store::Database> database_;
  std::optional<dual_control::DualControl> control_;
  std::optional<Reports> reports_;
};

}  // namespace tutela::reports
