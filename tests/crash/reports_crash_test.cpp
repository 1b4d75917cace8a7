// kill -9 at every step inside the unit of work of a report's draft, edit, release, lease, step,
// answer, finish and follow-up: nothing half is there, and the same again is done once.
//
// The test runs itself as "--drive FOLDER WORK" with one fault point armed.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "casework/reports/reports.hpp"
#include "support/whole_or_nothing.hpp"

namespace tutela {
namespace {

using reports::Channel;
using reports::Environment;
using reports::Leased;
using reports::NewDraft;
using reports::Page;
using reports::Person;
using reports::Phase;
using reports::Receipt;
using reports::Report;
using reports::Reports;
using reports::Rules;
using reports::StepRow;
using reports::Whole;

constexpr std::int64_t kLeaseMs = 600'000;
const store::Actor kSystem{"default", "system", "system"};

Person person(const std::string& name) {
  return {{"default", "person:" + name, "lead"}, true, false};
}

NewDraft new_draft() {
  NewDraft what;
  what.account = "acc-1";
  what.case_id = Uuid{};
  what.authority = {"ncmec", Channel::kCybertip, Environment::kProduction, "US", 365};
  what.urgent = true;
  what.body = "{}";
  what.provenance = "[]";
  what.files.push_back({0, Uuid{}, Uuid{}, std::string(32, '0'), 1});
  return what;
}

/// The one report that there is, as the process that goes on would find it.
class Desk {
 public:
  explicit Desk(store::Database& database)
      : database_(database),
        control_(database, clock_, {}),
        one_(database, control_, clock_, rules(false)),
        two_(database, control_, clock_, rules(true)) {}

  Status work(const std::string& what) {
    if (what == "draft") {
      return done(one_.draft(kSystem, new_draft()));
    }
    TUTELA_TRY_ASSIGN(const Page page, one_.list("default", {}));
    const Report& of = page.reports.at(0);
    if (what == "write") {
      return done(one_.write(
          person("a").actor, of.id, {1, "key-" + what}, R"({"b":1})", "[]", new_draft().files));
    }
    if (what == "withdraw") {
      return done(one_.withdraw(person("a"), of.id, {1, "key-" + what}, "reason"));
    }
    if (what == "release") {
      return done(one_.release(person("a"), of.id, {1, "key-" + what}, 1));
    }
    if (what == "ask") {
      return done(two_.release(person("a"), of.id, {1, "key-" + what}, 1));
    }
    if (what == "consent") {
      return done(two_.release(person("b"), of.id, {2, "key-" + what}, 1));
    }
    if (what == "edit_asked") {
      return done(two_.write(person("a").actor, of.id, {2, "key-" + what}, R"({"b":1})", "[]", {}));
    }
    return after_release(what, of);
  }

  /// Up to where `what` begins.
  Status prepare(const std::string& what) {
    if (what == "draft") {
      return ok();
    }
    TUTELA_TRY(work("draft"));
    if (what == "write" || what == "withdraw" || what == "release" || what == "ask" ||
        what == "alarm") {
      return ok();
    }
    if (what == "consent" || what == "edit_asked") {
      return work("ask");
    }
    TUTELA_TRY(work("release"));
    if (what == "lease" || what == "by_hand") {
      return ok();
    }
    return prepare_filing(what);
  }

 private:
  static Rules rules(bool second_person) {
    Rules rules;
    rules.second_person = second_person;
    rules.escalate_ms = rules.urgent_ms;  // told at once
    return rules;
  }

  template <class T>
  static Status done(const Result<T>& result) {
    TUTELA_TRY(result);
    return ok();
  }

  Receipt receipt() { return {"<xml/>", "4711", {}, false, "answer", 1}; }

  // The lease that prepare() took, as its holder has it.
  Result<Leased> held(const Report& of) {
    Leased leased;
    leased.of = of;
    TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
      return transaction.query(
          "SELECT lease FROM report", {}, [&](const store::Row& row) -> Status {
            leased.lease = row.integer(0);
            return ok();
          });
    }));
    TUTELA_TRY_ASSIGN(const Whole whole, one_.whole("default", of.id));
    leased.journal = whole.steps;
    return leased;
  }

  Result<StepRow> begin(const Leased& leased) {
    return one_.begin(
        leased, next_of(Channel::kCybertip, leased.journal, 0, {}, clock_.now_ms()), kLeaseMs);
  }

  static StepRow answered(StepRow row) {
    row.phase = Phase::kDone;
    row.authority_id = "4711";
    return row;
  }

  Status prepare_filing(const std::string& what) {
    TUTELA_TRY_ASSIGN(const std::optional<Leased> leased, one_.lease({"ncmec"}, kLeaseMs));
    Leased mine = leased.value_or(Leased{});
    if (what == "begin" || what == "put_off") {
      return ok();
    }
    TUTELA_TRY_ASSIGN(const StepRow submit, begin(mine));
    if (what == "end") {
      return ok();
    }
    TUTELA_TRY(one_.end(mine, answered(submit)));
    mine.journal.push_back(answered(submit));
    if (what == "retry") {
      return one_.put_off(mine, "report.rejected", {});
    }
    TUTELA_TRY_ASSIGN(const StepRow finish, begin(mine));
    if (what == "finish_answered") {
      return ok();
    }
    TUTELA_TRY(one_.end(mine, answered(finish)));
    return what == "finish" ? ok() : one_.finish(mine, receipt());
  }

  Status after_release(const std::string& what, const Report& of) {
    if (what == "lease") {
      TUTELA_TRY_ASSIGN(const std::optional<Leased> leased, one_.lease({"ncmec"}, kLeaseMs));
      return ok();
    }
    if (what == "by_hand") {
      return done(one_.file_by_hand(person("a"), of.id, {2, "key-" + what}, "X-1"));
    }
    if (what == "alarm") {
      return done(one_.escalate());
    }
    if (what == "retry") {
      return done(one_.retry(person("a"), of.id, {3, "key-" + what}));
    }
    if (what == "note") {
      return done(one_.add_note(person("a"), of.id, {3, "key-" + what}, "note", "text"));
    }
    if (what == "follow_up") {
      return database_.write(
          [&](store::Transaction& transaction) { return one_.followed_up(transaction, of.id); });
    }
    TUTELA_TRY_ASSIGN(const Leased leased, held(of));
    if (what == "begin") {
      return done(begin(leased));
    }
    if (what == "put_off") {
      return one_.put_off(leased, "report.trouble", clock_.now_ms() + kLeaseMs);
    }
    if (what == "end") {
      return one_.end(leased, answered(leased.journal.back()));
    }
    if (what == "finish_answered") {
      return one_.finish(leased, receipt(), answered(leased.journal.back()));
    }
    return one_.finish(leased, receipt());
  }

  store::Database& database_;
  const SystemClock clock_;
  dual_control::DualControl control_;
  Reports one_;
  Reports two_;
};

void prepare(store::Database& database, const std::string& what) {
  ASSERT_TRUE(database.write([](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, md5, sha1, "
        "sha256, received_ms, instance_id, attempts, verdict, spooled) VALUES (:id, 'default', "
        "'token:door', 'http', 'api', 1, '', '', '', 0, 'i', 1, 'match', 0)",
        {to_string(Uuid{})}));
    TUTELA_TRY(transaction.execute(
        "INSERT INTO review_case (id, tenant_id, principal_id, version, queue, state, origin, "
        "severity, marks, spread, reports, items, needs_view, rank_ms, opened_ms, "
        "first_look_due_ms, decision_due_ms) VALUES (:id, 'default', 'system', 1, 'standard', "
        "'closed', 'match', 0, '', 1, 0, 1, 1, 0, 0, 0, 0)",
        {to_string(Uuid{})}));
    return ok();
  }));
  const Status prepared = Desk(database).prepare(what);
  ASSERT_TRUE(prepared) << prepared.error().message;
}

const testing::Works kWorks{
    prepare,
    [](store::Database& database, const std::string& what) { return Desk(database).work(what); },
    {"SELECT id || ' ' || version || ' ' || state || ' ' || document || ' ' || lease || ' ' || "
     "attempts || ' ' || retried_step || ' ' || follow_up || ' ' || COALESCE(request_id, '') || ' "
     "' || COALESCE(next_at_ms, '') || ' ' || COALESCE(alarm_at_ms, '') || ' ' || "
     "COALESCE(lease_until_ms, '') FROM report ORDER BY id",
     "SELECT report_id || number || body FROM report_document ORDER BY report_id, number",
     "SELECT report_id || number || evidence_id FROM report_file ORDER BY report_id, number",
     "SELECT report_id || step || phase || authority_id FROM report_step ORDER BY id",
     "SELECT report_id || raw_base64 FROM report_receipt ORDER BY report_id",
     "SELECT report_id || kind || text FROM report_note ORDER BY id",
     "SELECT key || command FROM report_command ORDER BY key, command",
     "SELECT id || state FROM dual_request ORDER BY id",
     "SELECT topic || key FROM outbox ORDER BY id",
     "SELECT action || object || result FROM audit ORDER BY id"}};

class ReportsCrashTest : public ::testing::TestWithParam<testing::Step> {};

TEST_P(ReportsCrashTest, LeavesNothingHalfAndTheSameAgainIsDoneOnce) {
  testing::expect_whole_or_nothing(kWorks, GetParam());
}

INSTANTIATE_TEST_SUITE_P(EveryStep,
                         ReportsCrashTest,
                         ::testing::Values(testing::Step{"draft", "reports.after_row"},
                                           testing::Step{"draft", "reports.after_document"},
                                           testing::Step{"draft", "reports.after_files"},
                                           testing::Step{"draft", "reports.after_entry"},
                                           testing::Step{"draft", "store.after_commit"},
                                           testing::Step{"write", "reports.after_document"},
                                           testing::Step{"write", "reports.after_files"},
                                           testing::Step{"write", "reports.after_row"},
                                           testing::Step{"write", "reports.after_answer"},
                                           testing::Step{"write", "store.after_commit"},
                                           testing::Step{"edit_asked", "reports.after_document"},
                                           testing::Step{"edit_asked", "store.after_commit"},
                                           testing::Step{"withdraw", "reports.after_note"},
                                           testing::Step{"withdraw", "store.after_commit"},
                                           testing::Step{"release", "reports.after_row"},
                                           testing::Step{"release", "reports.after_entry"},
                                           testing::Step{"release", "reports.after_answer"},
                                           testing::Step{"release", "store.after_commit"},
                                           testing::Step{"ask", "reports.after_row"},
                                           testing::Step{"ask", "dual_control.in_ask"},
                                           testing::Step{"ask", "store.after_commit"},
                                           testing::Step{"consent", "reports.after_row"},
                                           testing::Step{"consent", "reports.after_answer"},
                                           testing::Step{"consent", "dual_control.in_use"},
                                           testing::Step{"consent", "store.after_commit"},
                                           testing::Step{"lease", "reports.after_lease"},
                                           testing::Step{"lease", "store.after_commit"},
                                           testing::Step{"begin", "reports.after_step"},
                                           testing::Step{"begin", "reports.after_lease"},
                                           testing::Step{"begin", "reports.after_entry"},
                                           testing::Step{"end", "reports.after_step"},
                                           testing::Step{"end", "store.after_commit"},
                                           testing::Step{"put_off", "reports.after_row"},
                                           testing::Step{"put_off", "reports.after_entry"},
                                           testing::Step{"finish", "reports.after_receipt"},
                                           testing::Step{"finish", "reports.after_row"},
                                           testing::Step{"finish", "reports.after_message"},
                                           testing::Step{"finish", "reports.after_entry"},
                                           testing::Step{"finish", "store.after_commit"},
                                           testing::Step{"finish_answered", "reports.after_step"},
                                           testing::Step{"finish_answered",
                                                         "reports.after_receipt"},
                                           testing::Step{"finish_answered", "store.after_commit"},
                                           testing::Step{"by_hand", "reports.after_receipt"},
                                           testing::Step{"by_hand", "store.after_commit"},
                                           testing::Step{"retry", "reports.after_row"},
                                           testing::Step{"retry", "store.after_commit"},
                                           testing::Step{"note", "reports.after_note"},
                                           testing::Step{"note", "store.after_commit"},
                                           testing::Step{"alarm", "reports.after_message"},
                                           testing::Step{"alarm", "store.after_commit"},
                                           testing::Step{"follow_up", "reports.after_follow_up"},
                                           testing::Step{"follow_up", "reports.after_entry"},
                                           testing::Step{"follow_up", "store.after_commit"}),
                         testing::name_of);

}  // namespace
}  // namespace tutela

int main(int argc, char** argv) {
  return tutela::testing::run_works(tutela::kWorks, argc, argv);
}
