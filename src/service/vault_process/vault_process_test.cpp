// The vault process as a server sees it: over its socket, with the sessions of people.
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include <sys/socket.h>

#include "service/vault_process/test_vault_process.hpp"

namespace tutela::vault_process {
namespace {

using auth::Role;
using vault_client::Channel;
using vault_client::FrameKind;

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return Bytes(view.begin(), view.end());
}

class VaultProcessTest : public RunningVault {
 protected:
  /// Approved by another, for `asker`.
  Uuid approved(const Member& asker, const Member& other, const Uuid& evidence) {
    dual_control::DualControl control(*database_, clock_, {});
    const auto asked = control.ask(asker.actor,
                                   {dual_control::Kind::kOpenOriginal,
                                    "evidence:" + to_string(evidence),
                                    kCase,
                                    "report",
                                    "the report needs it"});
    EXPECT_TRUE(asked) << asked.error().message;
    EXPECT_TRUE(control.approve(other.actor, asked->id));
    return asked->id;
  }

  Message original_of(const Member& who, const Uuid& evidence, const Uuid& request) {
    Message message = call("original", who, evidence);
    message.set("request_id", to_string(request));
    return message;
  }

  Message glass_of(const Member& who, const Uuid& evidence) {
    Message message = call("break_glass", who, evidence);
    message.set("case_ref", kCase).set("reason", "somebody is in danger now");
    return message;
  }

  const Bytes picture_ = testing::picture_bmp(1);
};

TEST_F(VaultProcessTest, KeepsAContentOnceAndNotInClear) {
  const Uuid content = add_content(*database_, picture_);
  const auto first = seal(picture_, content);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(*seal(picture_, content), *first);
  EXPECT_EQ(testing::count(*database_, "evidence"), 1);
  EXPECT_EQ(entries_of("evidence.seal", "ok"), 1);
  const std::string part(as_text(ByteView(picture_).subspan(2000, 64)));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (entry.is_regular_file()) {
      const Bytes file = *read_file(entry.path(), 1U << 28);
      EXPECT_EQ(as_text(file).find(part), std::string_view::npos) << entry.path();
      ++files;
    }
  }
  EXPECT_GT(files, 3U);
}

TEST_F(VaultProcessTest, WhatIsNotInTheLedgerIsNotKept) {
  EXPECT_EQ(code(seal(picture_, new_uuid(1))), "content.not_found");
  EXPECT_EQ(testing::count(*database_, "evidence"), 0);
}

TEST_F(VaultProcessTest, OtherBytesThanTheLedgersAreNotKept) {
  const Uuid content = add_content(*database_, picture_);
  EXPECT_EQ(code(seal(testing::picture_bmp(9), content)), "vault.other_content");
  EXPECT_EQ(testing::count(*database_, "evidence"), 0);
}

TEST_F(VaultProcessTest, ASealThatIsCutOffLeavesNothing) {
  const Uuid content = add_content(*database_, picture_);
  {
    auto sealing = client_.seal({"default", "token:1"}, content, kCase, "image/bmp");
    ASSERT_TRUE(sealing);
    ASSERT_TRUE(sealing->append(picture_));
  }
  stop();
  EXPECT_EQ(testing::count(*database_, "evidence"), 0);
  EXPECT_EQ(testing::count(*database_, "vault_sealing"), 0);
}

TEST_F(VaultProcessTest, ShowsAViewAndEntersItFirst) {
  const Member reviewer = member("reviewer", Role::kReviewer);
  const Uuid evidence = sealed(picture_);
  Message about;
  const auto png = answer_to(view_of(reviewer, evidence), &about);
  ASSERT_TRUE(png) << png.error().code << ": " << png.error().message;
  EXPECT_TRUE(as_text(*png).starts_with("\x89PNG"));
  EXPECT_EQ(about.get("media_type"), "image/png");
  EXPECT_FALSE(about.get("width").empty());
  EXPECT_EQ(about.get("points"), "1");
  EXPECT_EQ(entries_of("evidence.view", "ok"), 1);
  EXPECT_EQ(testing::texts(*database_, "SELECT principal_id FROM evidence_view"),
            std::vector<std::string>{reviewer.actor.principal_id});
}

TEST_F(VaultProcessTest, ShowsStepByStepAndChargesWhatIsConfigured) {
  stop();
  config_.exposure.points_per_shift = 36;
  config_.exposure.cool_down_seconds = 0;
  start();
  const Member reviewer = member("reviewer", Role::kReviewer);
  const Uuid evidence = sealed(picture_);
  const auto look = [&](const std::string& grade, Message* about = nullptr) {
    Message message = view_of(reviewer, evidence);
    message.set("grade", grade);
    return code(answer_to(message, about));
  };
  EXPECT_EQ(look("mosaic"), "opening.grade_skipped");
  const std::array<std::pair<const char*, const char*>, 5> steps = {{{"outline", "1"},
                                                                     {"mosaic", "2"},
                                                                     {"grey_blurred", "4"},
                                                                     {"grey_small", "8"},
                                                                     {"full", "20"}}};
  for (const auto& [grade, points] : steps) {
    Message about;
    EXPECT_EQ(look(grade, &about), "good") << grade;
    EXPECT_EQ(about.get("points"), points);
  }
  EXPECT_EQ(look("full"), "exposure.done");
  EXPECT_EQ(look("outline"), "good");  // 1 of 36 points was left
  EXPECT_EQ(look("outline"), "exposure.done");
  EXPECT_EQ(entries_of("evidence.view", "ok"), 6);
  EXPECT_EQ(entries_of("evidence.view", "refused"), 3);
}

TEST_F(VaultProcessTest, AReportSaysYesOnlyOfWhatWasGivenOut) {
  const Member reviewer = member("reviewer", Role::kReviewer);
  const Uuid evidence = sealed(picture_);
  const auto viewed = [&] {
    dual_control::DualControl control(*database_, clock_, {});
    exposure::Budgets budgets(*database_, clock_, {});
    opening::Opening opening(*database_, control, budgets, clock_, {});
    return *opening.viewed("default", evidence);
  };
  EXPECT_EQ(viewed(), opening::Viewed::kNo);
  Message message = view_of(reviewer, evidence);
  message.set("frame", "7");
  EXPECT_EQ(code(answer_to(message)), "redact.no_frame");
  EXPECT_EQ(viewed(), opening::Viewed::kPartly);
  EXPECT_EQ(testing::count(*database_, "evidence_view WHERE shown = 1"), 0);
  for (const char* grade : {"mosaic", "grey_blurred", "grey_small", "full"}) {
    message.set("grade", grade).set("frame", "0");
    EXPECT_EQ(code(answer_to(message)), "good") << grade;
  }
  stop();  // after the last call has ended
  EXPECT_EQ(testing::count(*database_, "evidence_view WHERE shown = 1"), 4);
  EXPECT_EQ(viewed(), opening::Viewed::kYes);
}

TEST_F(VaultProcessTest, AContactSheetCostsTwice) {
  const Member reviewer = member("reviewer", Role::kReviewer);
  const Uuid evidence = sealed(picture_);
  Message message = view_of(reviewer, evidence);
  message.set("frame", "sheet");
  Message about;
  EXPECT_EQ(code(answer_to(message, &about)), "good");
  EXPECT_EQ(about.get("points"), "2");
  EXPECT_EQ(testing::texts(*database_, "SELECT frame FROM evidence_view").at(0), "-1");
}

TEST_F(VaultProcessTest, ShowsNothingToWhoIsNotSignedIn) {
  const Uuid evidence = sealed(picture_);
  for (const std::string& secret :
       {std::string(), "tutelas_" + std::string(43, 'A'), std::string("tutela_wrong")}) {
    EXPECT_EQ(code(answer_to(view_of({secret, {}, {}}, evidence))), "auth.bad_session") << secret;
    EXPECT_EQ(code(answer_to(glass_of({secret, {}, {}}, evidence))), "auth.bad_session");
    EXPECT_EQ(code(answer_to(original_of({secret, {}, {}}, evidence, new_uuid(1)))),
              "auth.bad_session");
    EXPECT_EQ(code(answer_to(call("package", {secret, {}, {}}, evidence))), "auth.bad_session");
  }
  EXPECT_EQ(testing::count(*database_, "evidence_view"), 0);
}

TEST_F(VaultProcessTest, TheFirstFactorAloneOpensNothing) {
  const Uuid evidence = sealed(picture_);
  invite("half", Role::kLead);
  const auto first = sign_in_->with_password(caller_, "half", auth::kGoodPassword);
  ASSERT_TRUE(first);
  const Member half{first->secret, {}, {}};
  EXPECT_EQ(code(answer_to(view_of(half, evidence))), "opening.role");
  EXPECT_EQ(code(answer_to(glass_of(half, evidence))), "opening.role");
  EXPECT_EQ(entries_of("evidence.view", "refused"), 1);
  EXPECT_EQ(testing::count(*database_, "evidence_view"), 0);
}

TEST_F(VaultProcessTest, ASessionThatEndedOpensNothing) {
  const Member reviewer = member("reviewer", Role::kReviewer);
  const Uuid evidence = sealed(picture_);
  clock_.advance(31LL * 60'000);
  EXPECT_EQ(code(answer_to(view_of(reviewer, evidence))), "auth.bad_session");
}

TEST_F(VaultProcessTest, RolesThatMayNotAreRefusedWithAnEntry) {
  const Uuid evidence = sealed(picture_);
  for (const Role role : {Role::kAuditor, Role::kOperator, Role::kAdmin, Role::kLegal}) {
    const Member who = member("w" + std::to_string(static_cast<int>(role)), role);
    EXPECT_EQ(code(answer_to(view_of(who, evidence))), "opening.role");
    EXPECT_EQ(code(answer_to(glass_of(who, evidence))), "opening.role");
  }
  EXPECT_EQ(entries_of("evidence.view", "refused"), 4);
  EXPECT_EQ(entries_of("evidence.view", "ok"), 0);
}

TEST_F(VaultProcessTest, AContractorSeesWhatIsAssignedAndNothingElse) {
  const Member contractor = member("contractor", Role::kContractor);
  const Member lead = member("lead", Role::kLead);
  const Uuid evidence = sealed(picture_);
  EXPECT_EQ(code(answer_to(view_of(contractor, evidence))), "opening.not_assigned");
  ASSERT_TRUE(auth::assign(*database_, lead.actor, clock_.now_ms(), kCase, contractor.id));
  EXPECT_EQ(code(answer_to(view_of(contractor, evidence))), "good");
}

TEST_F(VaultProcessTest, TheOriginalOpensOnceForWhomAnotherApproved) {
  const Member reviewer = member("reviewer", Role::kReviewer);
  const Member lead = member("lead", Role::kLead);
  const Uuid evidence = sealed(picture_);
  EXPECT_EQ(code(answer_to(original_of(reviewer, evidence, new_uuid(1)))), "request.not_found");
  const Uuid request = approved(reviewer, lead, evidence);
  EXPECT_EQ(code(answer_to(original_of(lead, evidence, request))), "request.other_person");
  Message about;
  const auto original = answer_to(original_of(reviewer, evidence, request), &about);
  ASSERT_TRUE(original) << original.error().message;
  EXPECT_EQ(*original, picture_);
  EXPECT_EQ(about.get("size_bytes"), std::to_string(picture_.size()));
  EXPECT_EQ(code(answer_to(original_of(reviewer, evidence, request))), "request.used");
  EXPECT_EQ(entries_of("open_original", "ok"), 1);
}

TEST_F(VaultProcessTest, BreakGlassOpensAtOnceAndIsLoud) {
  const Member lead = member("lead", Role::kLead);
  const Member reviewer = member("reviewer", Role::kReviewer);
  const Bytes large = testing::picture_bmp(2, 800, 600);  // of several frames of the socket
  const Uuid evidence = sealed(large);
  EXPECT_EQ(code(answer_to(glass_of(reviewer, evidence))), "opening.role");
  const auto original = answer_to(glass_of(lead, evidence));
  ASSERT_TRUE(original) << original.error().message;
  EXPECT_EQ(*original, large);
  EXPECT_EQ(entries_of("evidence.break_glass", "ok"), 1);
  EXPECT_EQ(testing::count(*database_, "outbox WHERE topic = 'alarm.break_glass'"), 1);
}

TEST_F(VaultProcessTest, APackageIsOnlyForWhoMayAskForOne) {
  for (const Role role : {Role::kReviewer, Role::kLead, Role::kContractor, Role::kAuditor}) {
    const Member who = member("w" + std::to_string(static_cast<int>(role)), role);
    Message message("package");
    message.set("credential", who.credential).set("request_id", to_string(new_uuid(1)));
    EXPECT_EQ(code(answer_to(message)), "auth.missing_permission");
  }
  const Member legal = member("legal", Role::kLegal);
  Message message("package");
  message.set("credential", legal.credential).set("request_id", to_string(new_uuid(1)));
  EXPECT_FALSE(answer_to(message));
}

TEST_F(VaultProcessTest, WhatIsTooLargeToDecodeIsNotReadIntoMemory) {
  stop();
  config_.limits.size_bytes_max = picture_.size() - 1;
  start();
  const Member lead = member("lead", Role::kLead);
  const Uuid evidence = sealed(picture_);
  EXPECT_EQ(code(answer_to(view_of(lead, evidence))), "media.too_large");
  EXPECT_EQ(*answer_to(glass_of(lead, evidence)), picture_);
}

TEST_F(VaultProcessTest, ChangedBytesAreAnErrorAndAreCounted) {
  const Member lead = member("lead", Role::kLead);
  const Uuid evidence = sealed(picture_);
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder_.path() / "vault" / "objects")) {
    if (entry.is_regular_file() && entry.file_size() > picture_.size()) {
      Bytes file = *read_file(entry.path(), 1U << 28);
      file.at(file.size() / 2) ^= std::byte{1};
      ASSERT_TRUE(write_file_atomic(entry.path(), file));
    }
  }
  const auto original = answer_to(glass_of(lead, evidence));
  ASSERT_FALSE(original) << "bytes that are not what was sealed were given out";
  EXPECT_EQ(original.error().kind, ErrorKind::kCorrupted) << original.error().code;
  EXPECT_FALSE(answer_to(view_of(lead, evidence)));
  const auto found = keeper_->scrub([] { return false; });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->corrupt.size(), 1U);
  EXPECT_EQ(client_.status()->get("damaged_objects"), "1");
}

TEST_F(VaultProcessTest, TellsAStatusWithoutAnyId) {
  sealed(picture_);
  ASSERT_TRUE(keeper_->tick([] { return false; }));
  ASSERT_TRUE(keeper_->follow_log([] { return false; }));
  const auto status = client_.status();
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->get("kept"), "1");
  EXPECT_EQ(status->get("clock"), "sane");
  EXPECT_GT(std::stoll(std::string(status->get("signed_entries"))), 0);
}

TEST_F(VaultProcessTest, RefusesWhatItDoesNotUnderstandAndGoesOn) {
  EXPECT_EQ(code(client_.open(Message("export_everything"))), "vault.bad_call");
  const auto say = [&](FrameKind kind, std::string_view body) {
    auto channel = vault_client::connect_to(socket_of(config_), std::chrono::seconds(5));
    EXPECT_TRUE(channel->send(kind, bytes_of(body)));
    const auto answer = channel->receive();
    EXPECT_TRUE(answer);
    return std::string(Message::parse(answer->body)->get("error_code"));
  };
  EXPECT_EQ(say(FrameKind::kData, "x"), "vault.bad_frame");
  EXPECT_EQ(say(FrameKind::kMessage, "{\"call\":1}"), "vault.bad_message");
  EXPECT_EQ(say(FrameKind::kMessage, "{\"call\":\"view\"}"), "auth.bad_session");
  EXPECT_EQ(say(FrameKind::kMessage, std::string(2000, '[')), "vault.bad_message");
  EXPECT_TRUE(client_.status());
}

TEST_F(VaultProcessTest, ACallerWhoSaysNothingDoesNotHoldItUpAtItsEnd) {
  const auto silent = vault_client::connect_to(socket_of(config_), std::chrono::seconds(5));
  ASSERT_TRUE(silent);
  ASSERT_TRUE(client_.status());
  const auto began = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
}

TEST_F(VaultProcessTest, AsManyCallsAsItTakesWaitForTheOthers) {
  std::vector<Channel> silent;
  for (int i = 0; i < 4; ++i) {
    silent.push_back(*vault_client::connect_to(socket_of(config_), std::chrono::seconds(5)));
  }
  const vault_client::Client hasty(socket_of(config_), std::chrono::milliseconds(500));
  EXPECT_EQ(code(hasty.status()), "vault.cut");
  silent.clear();
  EXPECT_TRUE(client_.status());
}

TEST_F(VaultProcessTest, IsAloneOnItsKeys) {
  const auto second = Keeper::open(config_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict) << second.error().code;
  EXPECT_TRUE(client_.status());
}

TEST_F(VaultProcessTest, OpensAgainWhatItSealedBefore) {
  const Member lead = member("lead", Role::kLead);
  const Uuid evidence = sealed(picture_);
  stop();
  start();
  EXPECT_EQ(*answer_to(glass_of(lead, evidence)), picture_);
}

}  // namespace
}  // namespace tutela::vault_process
