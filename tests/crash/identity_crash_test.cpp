// kill -9 while the key of contacts is published, and around the entry of who asked who sent a
// notice: nobody is told without an entry, and what is sealed can always be opened.
//
// The test runs itself as "--drive FOLDER CREDENTIAL NOTICE" with the fault point armed.
#include <cstdio>

#include "casework/intake/notices.hpp"
#include "service/contact/contact.hpp"
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
  Message message("identity");
  message.set("credential", arguments.at(3)).set("notice_id", arguments.at(4));
  message.set("purpose", "safety").set("reason", "the sender may be in danger");
  if (!(*keeper)->identity(message)) {
    return 4;
  }
  std::putchar('n');
  std::fflush(stdout);
  return 0;
}

class IdentityCrashTest : public RunningVault, public ::testing::WithParamInterface<const char*> {
 protected:
  Uuid notice() {
    intake::Notices notices(
        *database_, clock_, crypto::Key::random(), [] { return intake::Rules{}; });
    intake::NewNotice notice;
    notice.body.text = "please look";
    auto sealed = contact::seal(*database_, {"Ada Example", "", ""});
    EXPECT_TRUE(sealed) << sealed.error().message;
    notice.contact = *std::move(sealed);
    const auto accepted = notices.accept({"default", "token:1", "service"}, notice);
    EXPECT_TRUE(accepted) << accepted.error().message;
    return accepted->id;
  }
};

TEST_P(IdentityCrashTest, LeavesTheEntryOfWhoeverWasToldAndAKeyThatOpens) {
  const std::string fault = GetParam();
  const Member lead = member("lead", auth::Role::kLead);
  ASSERT_EQ(clock_.now_ms(), kThen);
  const Uuid id = notice();
  stop();
  const std::filesystem::path key = folder_.path() / "vault" / "intake.key";
  const std::filesystem::path old = folder_.path() / "vault" / "old.key";
  const bool turns = fault == "contact.after_key";
  if (turns) {
    std::filesystem::rename(key, old);
  }
  const testing::Driven driven =
      testing::run_driver(fault, {"--drive", folder_.path(), lead.credential, to_string(id)});
  ASSERT_TRUE(driven.killed) << "the fault point was not reached: " << driven.status;
  EXPECT_FALSE(driven.wrote) << "a name was given out before the process died";
  const bool entered = fault == "vault_process.after_identity_entry";
  EXPECT_EQ(entries_of("notice.identity", "ok"), entered ? 1 : 0);
  EXPECT_EQ(testing::count(*database_, "notice_event WHERE kind = 'identity'"), entered ? 1 : 0);
  EXPECT_EQ(testing::count(*database_, "intake_key"), 1);
  start();
  const auto asked = [&](const Uuid& of) {
    const auto found = client_.identity(lead.credential, of, "answer", "they asked us to call");
    return found ? std::string(found->get("name")) : std::string(found.error().code);
  };
  EXPECT_EQ(asked(notice()), "Ada Example");
  EXPECT_EQ(asked(id), turns ? "identity.other_key" : "Ada Example");
}

INSTANTIATE_TEST_SUITE_P(EveryStep,
                         IdentityCrashTest,
                         ::testing::Values("contact.after_key",
                                           "vault_process.in_identity",
                                           "vault_process.after_identity_entry"),
                         [](const auto& step) {
                           const std::string name(step.param);
                           return name.substr(name.find('.') + 1);
                         });

}  // namespace
}  // namespace tutela::vault_process

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  if (argc == 5 && arguments[1] == "--drive") {
    return tutela::vault_process::drive(arguments);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
