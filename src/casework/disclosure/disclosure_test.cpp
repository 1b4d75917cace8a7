#include "casework/disclosure/disclosure.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "casework/disclosure/test_disclosures.hpp"

namespace tutela::disclosure {
namespace {

constexpr std::string_view kSomeAge =
    "age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef";

class DisclosureTest : public ::testing::Test {
 protected:
  std::string code_of_ask(const Ask& ask) {
    const Result<Disclosure> asked = room_.disclosures_->ask(room_.asker_, ask);
    return asked ? "" : std::string(asked.error().code);
  }

  std::string code_of_run(const Uuid& request_id) {
    return code_of_run_by(room_.asker_, request_id, room_.access());
  }

  std::string code_of_run_by(const store::Actor& actor,
                             const Uuid& request_id,
                             const Access& access) {
    const Result<Disclosure> ran =
        room_.disclosures_->run_to_folder(actor, request_id, access, room_.out());
    return ran ? "" : std::string(ran.error().code);
  }

  Ask ask() const { return room_.ask(std::string(kSomeAge)); }

  tutela::testing::TemporaryFolder folder_;
  Room room_{folder_.path()};
};

TEST_F(DisclosureTest, TheAgencyReadsWhatOneAskedForAndAnotherApproved) {
  if (!installed("age")) {
    GTEST_SKIP() << "age is not installed: it was NOT checked that the agency can read a package";
  }
  const Uuid small = room_.add(random_content(100));
  const Uuid large = room_.add(random_content(3'000'000));
  const AgeKeys keys = make_age_keys(folder_.path(), "agency.key");
  const Disclosure asked = room_.approved(room_.ask(keys.recipient));
  EXPECT_EQ(asked.fingerprint, keys.recipient);
  const Result<Disclosure> ran = room_.disclosures_->run_to_folder(
      room_.asker_, asked.request_id, room_.access(), room_.out());
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_EQ(ran->state, State::kFinished);
  const std::filesystem::path package = room_.out() / (to_string(asked.id) + ".tar.age");
  const Bytes encrypted = *read_file(package, 16U << 20);
  EXPECT_EQ(ran->package_bytes, encrypted.size());
  EXPECT_EQ(ran->package_sha256, to_hex(crypto::sha256_of(encrypted)));
  EXPECT_EQ(as_text(encrypted).find("manifest.json"), std::string_view::npos);
  EXPECT_EQ(room_.files(), 1U);

  const std::filesystem::path tar = folder_.path() / "package.tar";
  const Ran opened = run_program(
      {"age", "-d", "-i", keys.identity.string(), "-o", tar.string(), package.string()});
  ASSERT_EQ(opened.status, 0) << opened.output;
  const std::filesystem::path to = folder_.path() / "unpacked";
  expect_good_archive(tar, to);
  for (const Uuid& id : {small, large}) {
    EXPECT_EQ(text_at(to / "media" / to_string(id)), as_text(room_.stored_[id]));
  }
  const std::string manifest = text_at(to / "manifest.json");
  for (const std::string part : {"State Police",
                                 "K-2027/15",
                                 "order of a court",
                                 "person:legal",
                                 "person:lead",
                                 "\"verdict\": \"match\""}) {
    EXPECT_NE(manifest.find(part), std::string::npos) << part;
  }
  const std::string custody = text_at(to / "custody.json");
  for (const std::string action : {"content.verdict", "evidence.seal", "evidence.export"}) {
    EXPECT_NE(custody.find("\"action\": \"" + action + "\""), std::string::npos) << action;
  }
}

TEST_F(DisclosureTest, EveryObjectHasAnEntryBetweenBeginAndEnd) {
  room_.add(random_content(10));
  room_.add(random_content(20));
  const Disclosure asked = room_.approved(ask());
  ASSERT_EQ(code_of_run(asked.request_id), "");
  std::vector<std::string> actions;
  for (const Line& line : room_.log()) {
    if (line.action.starts_with("disclosure.") || line.action == "evidence.export") {
      actions.push_back(line.action);
    }
  }
  EXPECT_EQ(actions,
            (std::vector<std::string>{"disclosure.ask",
                                      "disclosure.begin",
                                      "evidence.export",
                                      "evidence.export",
                                      "disclosure.end"}));
  EXPECT_EQ(room_.log().back().result, "finished");
}

TEST_F(DisclosureTest, NeedsTwoPeopleAndMakesOnePackage) {
  room_.add(random_content(10));
  const Disclosure asked = *room_.disclosures_->ask(room_.asker_, ask());
  EXPECT_EQ(code_of_run(asked.request_id), "request.not_approved");
  EXPECT_EQ(room_.control_->approve(room_.asker_, asked.request_id).error().code, "request.own");
  ASSERT_TRUE(room_.control_->approve(room_.approver_, asked.request_id));
  EXPECT_EQ(code_of_run_by(room_.approver_, asked.request_id, room_.access()),
            "request.other_person");
  const store::Actor stranger{"other", "person:legal", "legal"};
  EXPECT_EQ(code_of_run_by(stranger, asked.request_id, room_.access()), "disclosure.not_found");
  EXPECT_EQ(room_.opened_, 0);
  EXPECT_EQ(room_.files(), 0U);
  EXPECT_EQ(code_of_run(asked.request_id), "");
  EXPECT_EQ(code_of_run(asked.request_id), "disclosure.not_asked");
  EXPECT_EQ(room_.opened_, 1);
  EXPECT_EQ(room_.files(), 1U);
}

TEST_F(DisclosureTest, TheApproverSeesWhoGetsItAndWhichKeyOpensIt) {
  room_.add(random_content(10));
  const Disclosure asked = *room_.disclosures_->ask(room_.asker_, ask());
  const std::string reason = room_.control_->find("default", asked.request_id)->ask.reason;
  for (const std::string& part : {std::string("State Police"),
                                  std::string("K-2027/15"),
                                  std::string("1 object"),
                                  std::string(kSomeAge)}) {
    EXPECT_NE(reason.find(part), std::string::npos) << part;
  }
  const Disclosure seen = *room_.disclosures_->find_by_request("default", asked.request_id);
  EXPECT_EQ(seen.id, asked.id);
  EXPECT_EQ(seen.fingerprint, kSomeAge);
  EXPECT_EQ(seen.objects, 1U);
  EXPECT_EQ(room_.disclosures_->list("default", 10)->size(), 1U);
  EXPECT_TRUE(room_.disclosures_->list("other", 10)->empty());
  EXPECT_FALSE(room_.disclosures_->find("other", asked.id));
}

TEST_F(DisclosureTest, RefusesWhatIsDestroyedOrOfOthersBeforeAnybodyIsAsked) {
  const Uuid mine = room_.add(random_content(10));
  const Uuid other_case = room_.add(random_content(10), "case-2");
  const Uuid other_tenant = room_.add(random_content(10), "case-1", "other");
  for (const Uuid& id : {other_case, other_tenant, new_uuid(kTestNow)}) {
    Ask both = ask();
    both.objects = {mine, id};
    EXPECT_EQ(code_of_ask(both), "evidence.not_found");
  }
  Ask twice = ask();
  twice.objects = {mine, mine};
  EXPECT_EQ(code_of_ask(twice), "disclosure.bad_ask");
  for (const std::string state : {"destroying", "destroyed", "nonsense"}) {
    room_.set_state(mine, state);
    Ask named = ask();
    named.objects = {mine};
    EXPECT_EQ(code_of_ask(named), "evidence.destroyed");
    EXPECT_EQ(code_of_ask(ask()), "disclosure.empty");
  }
  EXPECT_TRUE(room_.control_->list("default", false, 10)->empty());
}

TEST_F(DisclosureTest, RefusesWhatWasDestroyedSinceBeforeAnyByte) {
  const Uuid first = room_.add(random_content(10));
  const Uuid second = room_.add(random_content(10));
  const Disclosure asked = room_.approved(ask());
  room_.set_state(second, "destroyed");
  EXPECT_EQ(code_of_run(asked.request_id), "evidence.destroyed");
  EXPECT_EQ(room_.opened_, 0);
  EXPECT_EQ(room_.files(), 0U);
  EXPECT_EQ(room_.state_of(asked.id), State::kAsked);
  EXPECT_EQ(room_.control_->find("default", asked.request_id)->state,
            dual_control::State::kApproved);
  // Destroyed while the first is being read.
  room_.set_state(second, "kept");
  Access access = room_.access();
  const auto open = access.open;
  access.open = [&](const Uuid& id, const audit::Recorded& entry) {
    room_.set_state(id == first ? second : first, "destroying");
    return open(id, entry);
  };
  EXPECT_EQ(code_of_run_by(room_.asker_, asked.request_id, access), "evidence.destroyed");
  EXPECT_EQ(room_.opened_, 1);
  EXPECT_EQ(room_.entries("evidence.export"), 1U);
  EXPECT_EQ(room_.files(), 0U);
  EXPECT_EQ(room_.state_of(asked.id), State::kFailed);
}

TEST_F(DisclosureTest, WhatFailsLeavesNoPackageAndNeedsAnotherApproval) {
  const Uuid id = room_.add(random_content(500'000));
  const Disclosure asked = room_.approved(ask());
  room_.stored_[id][499'999] ^= std::byte{1};
  EXPECT_EQ(code_of_run(asked.request_id), "disclosure.changed");
  const Disclosure failed = *room_.disclosures_->find("default", asked.id);
  EXPECT_EQ(failed.state, State::kFailed);
  EXPECT_EQ(failed.failure, "disclosure.changed");
  EXPECT_FALSE(failed.package_bytes);
  EXPECT_EQ(room_.log().back().action, "disclosure.end");
  EXPECT_EQ(room_.log().back().result, "failed");
  EXPECT_EQ(room_.files(), 0U);
  room_.stored_[id][499'999] ^= std::byte{1};
  EXPECT_EQ(code_of_run(asked.request_id), "disclosure.not_asked");
  EXPECT_EQ(code_of_run(room_.approved(ask()).request_id), "");
}

TEST_F(DisclosureTest, AKeyThatExpiredSinceIsNotUsed) {
  room_.add(random_content(10));
  const Disclosure asked =
      room_.approved(room_.ask(testdata("curve.asc"), RecipientKind::kOpenPgp));
  EXPECT_EQ(asked.fingerprint, "7D16A7E739B11F3D956F6253D2F6A0D6AD00DC48");
  room_.clock_.advance(365LL * 86'400'000);
  EXPECT_EQ(code_of_run(asked.request_id), "openpgp.expired");
  EXPECT_EQ(room_.opened_, 0);
}

TEST_F(DisclosureTest, AnOpenPgpPackageIsWrittenWithTheSameCare) {
  room_.add(random_content(100'000));
  const Disclosure asked = room_.approved(room_.ask(testdata("rsa.asc"), RecipientKind::kOpenPgp));
  EXPECT_EQ(code_of_run(asked.request_id), "");
  EXPECT_TRUE(std::filesystem::exists(room_.out() / (to_string(asked.id) + ".tar.pgp")));
}

class FullDisk final : public Output {
 public:
  Status write(ByteView bytes) override {
    written_ += bytes.size();
    return written_ < 200'000 ? ok() : Status(Error{ErrorKind::kLimitExceeded, "test.full", ""});
  }

  Status finish() override { return ok(); }

  void discard() override { discarded_ = true; }

  std::size_t written_ = 0;
  bool discarded_ = false;
};

TEST_F(DisclosureTest, AFullDiskFailsIt) {
  room_.add(random_content(500'000));
  const Disclosure asked = room_.approved(ask());
  FullDisk disk;
  const Result<Disclosure> ran =
      room_.disclosures_->run(room_.asker_, asked.request_id, room_.access(), disk);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, "test.full");
  EXPECT_TRUE(disk.discarded_);
  EXPECT_EQ(room_.disclosures_->find("default", asked.id)->failure, "test.full");
}

TEST_F(DisclosureTest, RefusesTextsThatAreNoneAndKeysThatAreNone) {
  room_.add(random_content(10));
  for (const std::string& bad : {std::string(),
                                 std::string("  "),
                                 std::string(101, 'a'),
                                 std::string("two\nlines"),
                                 std::string("\xff"),
                                 std::string("nul\0", 4)}) {
    for (std::string Ask::*field : {&Ask::agency, &Ask::reference, &Ask::legal_basis}) {
      Ask changed = ask();
      changed.*field = bad;
      EXPECT_EQ(code_of_ask(changed), "disclosure.bad_ask");
    }
  }
  Ask long_reason = ask();
  long_reason.reason = std::string(301, 'r');
  EXPECT_EQ(code_of_ask(long_reason), "disclosure.bad_ask");
  Ask longest = ask();
  longest.agency = longest.reference = longest.legal_basis = std::string(100, 'a');
  longest.reason = std::string(300, 'r');
  longest.recipient.clear();
  for (int i = 0; i < 5; ++i) {
    longest.recipient += std::string(kSomeAge) + "\n";
  }
  EXPECT_EQ(code_of_ask(longest), "");
  EXPECT_EQ(code_of_ask(room_.ask("age1nonsense")), "age.bad_recipient");
  Ask unknown = ask();
  unknown.case_ref = "no such case";
  EXPECT_EQ(code_of_ask(unknown), "disclosure.empty");
}

}  // namespace
}  // namespace tutela::disclosure
