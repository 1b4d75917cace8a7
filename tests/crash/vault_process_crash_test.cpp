// kill -9 between the entry of an access and its first byte: the entry stays, nothing was given
// out, and an approval is not used a second time.
//
// The test runs itself as "--drive FOLDER CALL CREDENTIAL EVIDENCE REQUEST" with the fault point
// armed.
#include <cstdio>

#include "casework/reports/reports.hpp"
#include "service/vault_process/test_vault_process.hpp"
#include "support/driven.hpp"

namespace tutela::vault_process {
namespace {

constexpr UtcMs kThen = 1'800'000'030'000;  // when the first member has signed in

int drive(const std::vector<std::string>& arguments) {
  const ManualClock clock(kThen);
  const auto keeper = Keeper::open(config_in(arguments.at(2)), clock);
  if (!keeper) {
    return 3;
  }
  const std::string& name = arguments.at(3);
  Message message(name);
  message.set("credential", arguments.at(4)).set("evidence_id", arguments.at(5));
  message.set("request_id", arguments.at(6)).set("case_ref", kCase).set("purpose", "review");
  message.set("grade", "outline").set("reason", "somebody is in danger now");
  message.set("tenant_id", "default").set("report_id", arguments.at(5));
  message.set("lease", arguments.at(4)).set("file", "0");
  const Head head = [](const Message& /*reply*/) -> Status {
    std::putchar('h');
    return ok();
  };
  const Sink sink = [](ByteView /*bytes*/) -> Status {
    std::putchar('b');
    std::fflush(stdout);
    return ok();
  };
  Status done = ok();
  if (name == "view") {
    done = (*keeper)->view(message, head, sink);
  } else if (name == "original") {
    done = (*keeper)->original(message, head, sink);
  } else if (name == "report_file") {
    done = (*keeper)->report_file(message, head, sink);
  } else {
    done = (*keeper)->break_glass(message, head, sink);
  }
  return done ? 0 : 4;
}

struct Step {
  const char* call;
  const char* action;
  const char* again;  // what the same call returns afterwards
};

class VaultProcessCrashTest : public RunningVault, public ::testing::WithParamInterface<Step> {
 protected:
  Uuid approved(const Member& asker, const Uuid& evidence) {
    dual_control::DualControl control(*database_, clock_, {});
    const auto asked = control.ask(asker.actor,
                                   {dual_control::Kind::kOpenOriginal,
                                    "evidence:" + to_string(evidence),
                                    kCase,
                                    "report",
                                    "the report needs it"});
    EXPECT_TRUE(asked) << asked.error().message;
    EXPECT_TRUE(control.approve({"default", "person:other", "lead"}, asked->id));
    return asked->id;
  }
};

TEST_P(VaultProcessCrashTest, LeavesTheEntryAndGivesNothingOut) {
  const Step& step = GetParam();
  const Member lead = member("lead", auth::Role::kLead);
  ASSERT_EQ(clock_.now_ms(), kThen);
  const Bytes picture = testing::picture_bmp(1);
  const Uuid evidence = sealed(picture);
  const Uuid request = approved(lead, evidence);
  stop();
  const auto act = [&](const std::string& fault) {
    return testing::run_driver(fault,
                               {"--drive",
                                folder_.path(),
                                step.call,
                                lead.credential,
                                to_string(evidence),
                                to_string(request)});
  };
  const testing::Driven driven = act("vault_process.after_entry");
  ASSERT_TRUE(driven.killed) << "the fault point was not reached: " << driven.status;
  EXPECT_FALSE(driven.wrote) << "bytes were given out before the process died";
  EXPECT_EQ(entries_of(step.action, "ok"), 1);
  EXPECT_EQ(testing::count(*database_, "evidence_view"), 1);
  start();
  Message message = call(step.call, lead, evidence);
  message.set("request_id", to_string(request)).set("case_ref", kCase).set("purpose", "review");
  message.set("grade", "outline").set("reason", "somebody is in danger now");
  EXPECT_EQ(code(answer_to(message)), step.again);
  EXPECT_EQ(entries_of(step.action, "ok"), testing::count(*database_, "evidence_view"));
}

class ReportFileCrashTest : public RunningVault {};

TEST_F(ReportFileCrashTest, AFileOfAReportLeavesItsEntryAndIsGivenOutAgain) {
  member("lead", auth::Role::kLead);  // brings the clock to kThen
  ASSERT_EQ(clock_.now_ms(), kThen);
  const Bytes picture = testing::picture_bmp(1);
  const Uuid content = add_content(*database_, picture);
  dual_control::DualControl control(*database_, clock_, {});
  reports::Reports reports(*database_, control, clock_, {});
  const reports::Person lead{{"default", "person:lead", "lead"}, true, true};
  reports::NewDraft draft;
  draft.authority = {"ncmec", reports::Channel::kCybertip, {}, "US"};
  draft.body = "{}";
  draft.provenance = "[]";
  draft.files.push_back({0,
                         content,
                         *seal(picture, content),
                         to_hex(crypto::digests_of(picture).md5),
                         static_cast<std::int64_t>(picture.size())});
  const auto drafted = reports.draft(lead.actor, draft);
  ASSERT_TRUE(drafted) << drafted.error().message;
  ASSERT_TRUE(reports.release(lead, drafted->id, {drafted->version, ""}, 1));
  const auto leased = reports.lease({"ncmec"}, 120'000);
  ASSERT_TRUE(leased && *leased);
  stop();
  const std::string lease = std::to_string((*leased)->lease);
  const testing::Driven driven = testing::run_driver(
      "vault_process.after_entry",
      {"--drive", folder_.path(), "report_file", lease, to_string(drafted->id), "none"});
  ASSERT_TRUE(driven.killed) << "the fault point was not reached: " << driven.status;
  EXPECT_FALSE(driven.wrote);
  EXPECT_EQ(entries_of("report.upload", "ok"), 1);
  start();
  const auto again = client_.report_file("default", drafted->id, (*leased)->lease, 0);
  EXPECT_TRUE(again) << again.error().message;
  EXPECT_EQ(entries_of("report.upload", "ok"), 2);
}

constexpr Step kSteps[] = {
    {"view", "evidence.view", "good"},
    {"original", "open_original", "request.used"},
    {"break_glass", "evidence.break_glass", "good"},
};

INSTANTIATE_TEST_SUITE_P(EveryCall,
                         VaultProcessCrashTest,
                         ::testing::ValuesIn(kSteps),
                         [](const auto& step) { return std::string(step.param.call); });

}  // namespace
}  // namespace tutela::vault_process

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  if (argc == 7 && arguments[1] == "--drive") {
    return tutela::vault_process::drive(arguments);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
