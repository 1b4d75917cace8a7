// kill -9 between the entry of an access and its first byte: the entry stays, nothing was given
// out, and an approval is not used a second time.
//
// The test runs itself as "--drive FOLDER CALL CREDENTIAL EVIDENCE REQUEST" with the fault point
// armed.
#include <cstdio>

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
