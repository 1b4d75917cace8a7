#include <gtest/gtest.h>

#include "casework/preservation/preservation_fixture.hpp"

namespace tutela::preservation {
namespace {

using vault::State;

class DestructionTest : public PreservationTest {
 protected:
  Uuid add_due() {
    const Uuid id = add();
    tick();
    pass_days(100);
    EXPECT_EQ(state(id), State::kDue);
    return id;
  }

  std::string entry_at(std::int64_t index) {
    std::string text;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query("SELECT action, object FROM audit WHERE id = :id",
                               {index + 1},
                               [&](const store::Row& row) -> Status {
                                 text = row.text(0) + " " + row.text(1);
                                 return ok();
                               });
    }));
    return text;
  }
};

TEST_F(DestructionTest, LeavesASignedCertificateThatNamesWhoWhyAndWhen) {
  const Uuid id = add_due();
  ASSERT_TRUE(dispose(id));
  EXPECT_EQ(state(id), State::kDestroying);
  EXPECT_TRUE(gone_.empty()) << "the next tick does it";
  EXPECT_EQ(tick().destroyed, 1);
  const ObjectStatus after = status(id);
  EXPECT_EQ(after.item.state, State::kDestroyed);
  const auto certificate = verify_certificate(
      after.certificate,
      {preservation_->signer()->name, preservation_->signer()->key.public_key()});
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_EQ(certificate->object, id);
  EXPECT_EQ(certificate->tenant_id, "default");
  EXPECT_EQ(certificate->case_ref, "CASE-1");
  EXPECT_EQ(certificate->ground, Ground::kExpired);
  EXPECT_EQ(certificate->asked_by, "person:asker");
  EXPECT_EQ(certificate->approved_by, "person:approver");
  EXPECT_EQ(certificate->destroyed_ms, clock_.now_ms());
  EXPECT_EQ(certificate->final_ms, clock_.now_ms() + 60 * kTestDay);
  EXPECT_EQ(entry_at(certificate->entry), "evidence.destroying evidence:" + to_string(id));
  EXPECT_EQ(entries("evidence.destroying"), 1);
  EXPECT_EQ(entries("evidence.destroyed"), 1);
  EXPECT_EQ(tick().destroyed, 0);
}

TEST_F(DestructionTest, NeedsAnApprovalAndAnEnd) {
  const Uuid id = add();
  tick();
  EXPECT_EQ(code_of(preservation_->dispose(lead_, id, {Ground::kExpired, "", new_uuid(1)})),
            "request.not_approved");
  EXPECT_EQ(code_of(dispose(id)), "preservation.not_due");
  EXPECT_EQ(code_of(dispose(new_uuid(1))), "evidence.not_found");
  EXPECT_EQ(code_of(preservation_->dispose(service_, id, {Ground::kExpired, "", approve()})),
            "preservation.not_a_person");
  EXPECT_EQ(tick().destroyed, 0);
  pass_days(100);
  ASSERT_TRUE(dispose(id));
  EXPECT_EQ(code_of(dispose(id)), "evidence.destroying");
  tick();
  EXPECT_EQ(code_of(dispose(id)), "evidence.destroyed");
  EXPECT_EQ(code_of(preservation_->keep(lead_, id, {BasisKind::kOperatorHold, "a", {}, 5})),
            "evidence.destroyed");
  EXPECT_EQ(*preservation_->on_case_report_completed(service_, "CASE-1", {clock_.now_ms(), "1"}),
            0);
}

TEST_F(DestructionTest, LawEnforcementMayAskForItBeforeTheEnd) {
  const Uuid id = add();
  tick();
  ASSERT_TRUE(preservation_->on_case_report_completed(service_, "CASE-1", {clock_.now_ms(), "1"}));
  EXPECT_EQ(code_of(dispose(id, Ground::kLawEnforcementRequest, "")), "preservation.bad_reference");
  ASSERT_TRUE(dispose(id, Ground::kLawEnforcementRequest, "FBI 2258B(c)(2) 77"));
  EXPECT_EQ(tick().destroyed, 1);
  const auto certificate = parse_certificate_text(
      status(id).certificate.substr(0, status(id).certificate.find("\n\n") + 1));
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->ground, Ground::kLawEnforcementRequest);
  EXPECT_EQ(certificate->reference, "FBI 2258B(c)(2) 77");
}

TEST_F(DestructionTest, AnObjectThatNoTickHasSeenMayBeDestroyedOnRequest) {
  const Uuid id = add();
  ASSERT_TRUE(dispose(id, Ground::kLawEnforcementRequest, "FBI 3"));
  EXPECT_EQ(tick().destroyed, 1);
  EXPECT_EQ(state(id), State::kDestroyed);
}

TEST_F(DestructionTest, TheRequestOfAnotherAgencyToKeepStandsInTheWay) {
  const Uuid id = add();
  tick();
  ASSERT_TRUE(preservation_->keep(legal_, id, {BasisKind::kLawEnforcement, "BKA 1", {}, 30}));
  EXPECT_EQ(code_of(dispose(id, Ground::kLawEnforcementRequest, "FBI 2")),
            "preservation.other_request");
  pass_days(35);
  EXPECT_TRUE(dispose(id, Ground::kLawEnforcementRequest, "FBI 2"));
  const Uuid own = add("CASE-2");
  tick();
  ASSERT_TRUE(preservation_->keep(legal_, own, {BasisKind::kLawEnforcement, "BKA 3", {}, 30}));
  EXPECT_TRUE(dispose(own, Ground::kLawEnforcementRequest, "BKA 3"));
}

TEST_F(DestructionTest, AReportOrAnExtensionStopsItWhileTheKeyIsThere) {
  const Uuid id = add_due();
  ASSERT_TRUE(dispose(id));
  EXPECT_EQ(*preservation_->on_case_report_completed(service_, "CASE-1", {clock_.now_ms(), "1"}),
            1);
  EXPECT_EQ(state(id), State::kKept);
  EXPECT_EQ(tick().destroyed, 0);
  EXPECT_TRUE(gone_.empty());
  EXPECT_TRUE(status(id).certificate.empty());
}

TEST_F(DestructionTest, WhatNoCertificateCanSayIsNotDestroyed) {
  const Uuid id = add_evidence(*database_, clock_.now_ms(), "CASE-1", "a\nb");
  const store::Actor odd{"a\nb", "person:1", "lead"};
  tick();
  EXPECT_EQ(
      code_of(preservation_->dispose(odd, id, {Ground::kLawEnforcementRequest, "1", approve()})),
      "certificate.bad");
  EXPECT_EQ(preservation_->counts()->kept, 1);
}

}  // namespace
}  // namespace tutela::preservation
