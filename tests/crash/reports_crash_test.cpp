// kill -9 at every step inside the unit of work of a report's draft, edit, release, lease, step,
// answer, finish and follow-up: nothing half is there, and the same again is done once.
//
// The test runs itself as "--drive FOLDER WORK" with one fault point armed.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "casework/reports/reports.hpp"
#include "support/driven.hpp"
#include "support/folder.hpp"

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

Result<std::unique_ptr<store::Database>> open(const std::filesystem::path& folder) {
  return store::Database::open({.path = folder / "tutela.db"});
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

int drive(const std::filesystem::path& folder, const std::string& what) {
  auto database = open(folder);
  if (!database) {
    std::fprintf(stderr, "%s\n", database.error().message.c_str());
    return 3;
  }
  const Status done = Desk(**database).work(what);
  if (!done) {
    std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return 4;
  }
  return 0;
}

// All that a command or the filer may change.
std::string everything(store::Database& database) {
  std::string found;
  const auto read = [&](const std::string& sql) {
    const Status done = database.read([&](store::Transaction& transaction) {
      return transaction.query(sql, {}, [&](const store::Row& row) -> Status {
        found += row.text(0) + "\n";
        return ok();
      });
    });
    EXPECT_TRUE(done) << (done ? "" : done.error().message) << sql;
  };
  read(
      "SELECT id || ' ' || version || ' ' || state || ' ' || document || ' ' || lease || ' ' || "
      "attempts || ' ' || retried_step || ' ' || follow_up || ' ' || COALESCE(request_id, '') || ' "
      "' || COALESCE(next_at_ms, '') || ' ' || COALESCE(alarm_at_ms, '') || ' ' || "
      "COALESCE(lease_until_ms, '') FROM report ORDER BY id");
  read("SELECT report_id || number || body FROM report_document ORDER BY report_id, number");
  read("SELECT report_id || number || evidence_id FROM report_file ORDER BY report_id, number");
  read("SELECT report_id || step || phase || authority_id FROM report_step ORDER BY id");
  read("SELECT report_id || raw_base64 FROM report_receipt ORDER BY report_id");
  read("SELECT report_id || kind || text FROM report_note ORDER BY id");
  read("SELECT key || command FROM report_command ORDER BY key, command");
  read("SELECT id || state FROM dual_request ORDER BY id");
  read("SELECT topic || key FROM outbox ORDER BY id");
  read("SELECT action || object || result FROM audit ORDER BY id");
  return found;
}

struct At {
  const char* what;
  const char* point;
};

class ReportsCrashTest : public ::testing::TestWithParam<At> {
 protected:
  void SetUp() override {
    if (!fault::kCompiledIn) {
      GTEST_SKIP() << "fault points are not compiled in";
    }
    auto database = open(folder_.path());
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE((*database)->write([](store::Transaction& transaction) -> Status {
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
    const Status prepared = Desk(**database).prepare(GetParam().what);
    ASSERT_TRUE(prepared) << prepared.error().message;
    before_ = everything(**database);
  }

  testing::TemporaryFolder folder_;
  std::string before_;
};

TEST_P(ReportsCrashTest, LeavesNothingHalfAndTheSameAgainIsDoneOnce) {
  const At at = GetParam();
  const testing::Driven driven =
      testing::run_driver(at.point, {"--drive", folder_.path(), at.what});
  ASSERT_TRUE(driven.killed) << "the fault point was not reached";
  auto database = open(folder_.path());
  ASSERT_TRUE(database) << database.error().message;
  const bool committed = std::string_view(at.point) == "store.after_commit";
  const std::string after_kill = everything(**database);
  EXPECT_EQ(after_kill == before_, !committed) << after_kill;
  // With its key or not, what is done again adds nothing; most commands say that it is done.
  const Status again = Desk(**database).work(at.what);
  EXPECT_TRUE(again || (committed && again.error().kind == ErrorKind::kConflict))
      << again.error().message;
  EXPECT_EQ(everything(**database) == after_kill, committed) << "once, and not twice";
}

std::string name_of(const ::testing::TestParamInfo<At>& at) {
  std::string name = std::string(at.param.what) + "_" + at.param.point;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(EveryStep,
                         ReportsCrashTest,
                         ::testing::Values(At{"draft", "reports.after_row"},
                                           At{"draft", "reports.after_document"},
                                           At{"draft", "reports.after_files"},
                                           At{"draft", "reports.after_entry"},
                                           At{"draft", "store.after_commit"},
                                           At{"write", "reports.after_document"},
                                           At{"write", "reports.after_files"},
                                           At{"write", "reports.after_row"},
                                           At{"write", "reports.after_answer"},
                                           At{"write", "store.after_commit"},
                                           At{"edit_asked", "reports.after_document"},
                                           At{"edit_asked", "store.after_commit"},
                                           At{"withdraw", "reports.after_note"},
                                           At{"withdraw", "store.after_commit"},
                                           At{"release", "reports.after_row"},
                                           At{"release", "reports.after_entry"},
                                           At{"release", "reports.after_answer"},
                                           At{"release", "store.after_commit"},
                                           At{"ask", "reports.after_row"},
                                           At{"ask", "dual_control.in_ask"},
                                           At{"ask", "store.after_commit"},
                                           At{"consent", "reports.after_row"},
                                           At{"consent", "reports.after_answer"},
                                           At{"consent", "dual_control.in_use"},
                                           At{"consent", "store.after_commit"},
                                           At{"lease", "reports.after_lease"},
                                           At{"lease", "store.after_commit"},
                                           At{"begin", "reports.after_step"},
                                           At{"begin", "reports.after_lease"},
                                           At{"begin", "reports.after_entry"},
                                           At{"end", "reports.after_step"},
                                           At{"end", "store.after_commit"},
                                           At{"put_off", "reports.after_row"},
                                           At{"put_off", "reports.after_entry"},
                                           At{"finish", "reports.after_receipt"},
                                           At{"finish", "reports.after_row"},
                                           At{"finish", "reports.after_message"},
                                           At{"finish", "reports.after_entry"},
                                           At{"finish", "store.after_commit"},
                                           At{"finish_answered", "reports.after_step"},
                                           At{"finish_answered", "reports.after_receipt"},
                                           At{"finish_answered", "store.after_commit"},
                                           At{"by_hand", "reports.after_receipt"},
                                           At{"by_hand", "store.after_commit"},
                                           At{"retry", "reports.after_row"},
                                           At{"retry", "store.after_commit"},
                                           At{"note", "reports.after_note"},
                                           At{"note", "store.after_commit"},
                                           At{"alarm", "reports.after_message"},
                                           At{"alarm", "store.after_commit"},
                                           At{"follow_up", "reports.after_follow_up"},
                                           At{"follow_up", "reports.after_entry"},
                                           At{"follow_up", "store.after_commit"}),
                         name_of);

}  // namespace
}  // namespace tutela

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--drive") {
    return tutela::drive(argv[2], argv[3]);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
