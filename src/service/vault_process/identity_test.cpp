// Who sent a notice: sealed by doors, opened by the vault process alone, for somebody with the
// right, a purpose and a reason, after the entry.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "casework/intake/notices.hpp"
#include "service/contact/contact.hpp"
#include "service/vault_process/test_vault_process.hpp"

namespace tutela::vault_process {
namespace {

constexpr const char* kReason = "the sender may be in danger tonight";

class IdentityTest : public RunningVault {
 protected:
  intake::Notices& notices() {
    if (!notices_) {
      notices_.emplace(*database_, clock_, crypto::Key::random(), [] { return intake::Rules{}; });
    }
    return *notices_;
  }

  Uuid notice(const contact::Contact& contact = {"Ada Example", "ada@example.org", ""}) {
    intake::NewNotice notice;
    notice.body.text = "please look";
    if (!contact.empty()) {
      auto sealed = contact::seal(*database_, contact);
      EXPECT_TRUE(sealed) << sealed.error().message;
      notice.contact = *std::move(sealed);
    }
    const auto accepted = notices().accept({"default", "token:1", "service"}, notice);
    EXPECT_TRUE(accepted) << accepted.error().code << ": " << accepted.error().message;
    return accepted ? accepted->id : Uuid();
  }

  std::string refusal(const Result<Message>& answer) {
    return answer ? "ok" : std::string(answer.error().code);
  }

  std::string asked(const Member& who,
                    const Uuid& id,
                    std::string_view purpose = "safety",
                    std::string_view reason = kReason) {
    return refusal(client_.identity(who.credential, id, purpose, reason));
  }

  std::filesystem::path key_file() { return folder_.path() / "vault" / "intake.key"; }

  std::optional<intake::Notices> notices_;
};

TEST_F(IdentityTest, ALeadIsToldWhoItIsAndTheEntryNamesWhoAskedAndWhy) {
  const Member lead = member("lead", auth::Role::kLead);
  const Uuid id = notice();
  const auto found = client_.identity(lead.credential, id, "safety", kReason);
  ASSERT_TRUE(found) << found.error().code << ": " << found.error().message;
  EXPECT_EQ(found->get("name"), "Ada Example");
  EXPECT_EQ(found->get("email"), "ada@example.org");
  EXPECT_EQ(found->get("phone"), "");
  EXPECT_EQ(testing::texts(*database_,
                           "SELECT principal_id || ' ' || object || ' ' || purpose || ' ' || "
                           "result FROM audit WHERE action = 'notice.identity'"),
            std::vector<std::string>{lead.actor.principal_id + " notice:" + to_string(id) +
                                     " safety ok"});
  EXPECT_EQ(testing::texts(*database_,
                           "SELECT principal_id || ' ' || detail FROM notice_event "
                           "WHERE kind = 'identity'"),
            std::vector<std::string>{lead.actor.principal_id +
                                     R"( {"purpose":"safety","reason":")" + kReason + R"("})"});
}

TEST_F(IdentityTest, WithoutTheRightNothingOpensAndTheRefusalHasItsEntry) {
  const Member reviewer = member("reviewer", auth::Role::kReviewer);
  EXPECT_EQ(asked(reviewer, notice()), "auth.missing_permission");
  EXPECT_EQ(entries_of("notice.identity", "refused"), 1);
  EXPECT_EQ(entries_of("notice.identity", "ok"), 0);
  EXPECT_EQ(testing::count(*database_, "notice_event WHERE kind = 'identity'"), 0);
}

TEST_F(IdentityTest, WithoutAPurposeAReasonOrAFreshSecondFactorNothingOpens) {
  const Member lead = member("lead", auth::Role::kLead);
  const Uuid id = notice();
  EXPECT_EQ(asked(lead, id, ""), "identity.bad_purpose");
  EXPECT_EQ(asked(lead, id, "curiosity"), "identity.bad_purpose");
  EXPECT_EQ(asked(lead, id, "safety", "why not"), "identity.bad_reason");
  EXPECT_EQ(asked(lead, id, "safety", std::string(1001, 'a')), "identity.bad_reason");
  EXPECT_EQ(asked({"nobody's session", {}, {}}, id), "auth.bad_session");
  clock_.advance(24 * 3'600'000);
  EXPECT_NE(asked(lead, id), "ok");
  EXPECT_EQ(entries_of("notice.identity", "ok"), 0);
}

TEST_F(IdentityTest, ANoticeWithoutAContactAndAnUnknownOneAreTold) {
  const Member lead = member("lead", auth::Role::kLead);
  EXPECT_EQ(asked(lead, notice({})), "notice.no_contact");
  EXPECT_EQ(asked(lead, new_uuid(1)), "notice.no_contact");
  EXPECT_EQ(entries_of("notice.identity", "refused"), 2);
}

TEST_F(IdentityTest, TheKeyIsTheVaultsAloneAndAnotherOneOpensNothingOfBefore) {
  struct stat info {};

  ASSERT_EQ(::stat(key_file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const Member lead = member("lead", auth::Role::kLead);
  const Uuid before = notice();
  stop();
  const std::filesystem::path old = folder_.path() / "vault" / "intake.key.old";
  std::filesystem::rename(key_file(), old);
  start();
  EXPECT_EQ(asked(lead, before), "identity.other_key");
  EXPECT_EQ(asked(lead, notice()), "ok");
  stop();
  std::filesystem::rename(old, key_file());
  start();
  EXPECT_EQ(asked(lead, before), "ok");
}

TEST_F(IdentityTest, NothingOfASenderLiesInTheDatabaseInClear) {
  notice({"Unmistakable Name", "unmistakable@example.org", "+49 171 5550199"});
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    if (!entry.is_regular_file()) {
      continue;
    }
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    for (const char* const word : {"Unmistakable", "unmistakable", "5550199"}) {
      EXPECT_EQ(bytes.find(word), std::string::npos) << entry.path() << " holds " << word;
    }
  }
}

}  // namespace
}  // namespace tutela::vault_process
