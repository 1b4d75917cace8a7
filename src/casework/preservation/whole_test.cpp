// The whole way with the real vault and the real requests of two people: sealed, reported, due,
// agreed upon, gone for every backup, certified.
#include <gtest/gtest.h>

#include "casework/preservation/preservation_fixture.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "custody/vault/vault_fixture.hpp"

namespace tutela::preservation {
namespace {

using vault::State;

class WholeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.open();
    requests_ = std::make_unique<dual_control::DualControl>(
        *world_.database, world_.clock, dual_control::Rules{});
    auto opened = Preservation::open(
        *world_.database,
        world_.clock,
        {},
        Signer{"test", crypto::SigningKey(*crypto::Key::from_bytes(Bytes(32, std::byte{7})))},
        approvals_of(*requests_),
        destruction_by(*world_.vault));
    ASSERT_TRUE(opened) << opened.error().message;
    preservation_ = *std::move(opened);
    // The vault's tests begin at any time; this module believes no clock before 2026.
    if (world_.clock.now_ms() < time_of("2026-11-22")) {
      world_.clock.advance(time_of("2026-11-22") - world_.clock.now_ms());
    }
  }

  void tick() { EXPECT_EQ(code_of(preservation_->tick(never)), ""); }

  void pass_days(int days) {
    for (; days > 0; days -= 7) {
      world_.clock.advance(7 * kTestDay);
      tick();
    }
  }

  Uuid agree(const Uuid& evidence_id) {
    const auto request = requests_->ask(lead_,
                                        {dual_control::Kind::kDispose,
                                         "evidence:" + to_string(evidence_id),
                                         "case-1",
                                         "disposal",
                                         "its time is over"});
    EXPECT_TRUE(request) << request.error().message;
    EXPECT_TRUE(requests_->approve(legal_, request->id));
    return request->id;
  }

  State state(const Uuid& id) { return preservation_->status("default", id)->item.state; }

  const store::Actor lead_{"default", "person:lead", "lead"};
  const store::Actor legal_{"default", "person:legal", "legal"};
  testing::TemporaryFolder folder_;
  vault::World world_{folder_.path()};
  std::unique_ptr<dual_control::DualControl> requests_;
  std::unique_ptr<Preservation> preservation_;
};

TEST_F(WholeTest, EvidenceIsSealedReportedDueAndGoneWithProof) {
  const Bytes content = vault::random_bytes_of(70'000, 1);
  const auto sealed = world_.seal(content);
  ASSERT_TRUE(sealed) << sealed.error().message;
  const Uuid id = sealed->id;
  tick();
  ASSERT_EQ(*preservation_->on_case_report_completed(
                {"default", "system", "system"}, "case-1", {world_.clock.now_ms(), "4564654"}),
            1);
  pass_days(371);
  ASSERT_EQ(state(id), State::kDue);
  EXPECT_EQ(*world_.read(id), content);

  const Uuid request = agree(id);
  const auto hold = preservation_->set_hold(legal_, {{}, "case-1", "Az. 1", {}});
  ASSERT_TRUE(hold);
  EXPECT_EQ(code_of(preservation_->dispose(lead_, id, {Ground::kExpired, "", request})),
            "preservation.under_hold");
  ASSERT_TRUE(preservation_->release_hold(legal_, hold->id, "Az. 1"));
  tick();
  // Refused because of the hold, the approval was not used up; it is the asker's alone.
  EXPECT_EQ(code_of(preservation_->dispose(legal_, id, {Ground::kExpired, "", request})),
            "request.other_person");
  ASSERT_EQ(code_of(preservation_->dispose(lead_, id, {Ground::kExpired, "", request})), "");
  tick();
  EXPECT_EQ(state(id), State::kDestroyed);
  EXPECT_EQ(code_of(world_.read(id)), "evidence.destroyed");
  EXPECT_FALSE(std::filesystem::exists(world_.object_path(id)));
  EXPECT_FALSE(std::filesystem::exists(world_.key_path(id)));

  const auto certificate = verify_certificate(preservation_->status("default", id)->certificate,
                                              {"test", preservation_->signer()->key.public_key()});
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_EQ(certificate->asked_by, "person:lead");
  EXPECT_EQ(certificate->approved_by, "person:legal");
  EXPECT_EQ(certificate->reference, "4564654");
  EXPECT_GT(certificate->final_ms, certificate->destroyed_ms);
  EXPECT_EQ(world_.entries("evidence.destroyed"), 1);
}

TEST_F(WholeTest, AnApprovalForOneObjectDestroysNoOther) {
  const auto first = world_.seal(vault::random_bytes_of(100, 1));
  const auto second = world_.seal(vault::random_bytes_of(100, 2));
  ASSERT_TRUE(first && second);
  tick();
  pass_days(100);
  const Uuid request = agree(first->id);
  EXPECT_EQ(code_of(preservation_->dispose(lead_, second->id, {Ground::kExpired, "", request})),
            "request.other_object");
  ASSERT_TRUE(preservation_->dispose(lead_, first->id, {Ground::kExpired, "", request}));
  tick();
  EXPECT_EQ(state(first->id), State::kDestroyed);
  EXPECT_EQ(state(second->id), State::kDue);
}

}  // namespace
}  // namespace tutela::preservation
