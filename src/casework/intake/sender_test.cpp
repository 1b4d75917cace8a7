// What whoever sent a notice gets, sees and may do.
#include "casework/intake/intake_fixture.hpp"
#include "casework/intake/text.hpp"

namespace tutela::intake {
namespace {

using testing::code_of;

class SenderTest : public IntakeTest {};

TEST_F(SenderTest, WhoeverReportsGetsANumberAPinAndAPromise) {
  const Accepted accepted = world_.accept(a_notice());
  EXPECT_EQ(accepted.pin.size(), 8U);
  EXPECT_EQ(accepted.queue, Queue::kPublic);
  EXPECT_EQ(accepted.due_ms, world_.clock_.now_ms() + 24 * kHour);
  const Result<Followed> followed = notices_.follow(accepted.number, accepted.pin);
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->id, accepted.id);
  EXPECT_EQ(followed->state, State::kOpen);
  EXPECT_EQ(followed->due_ms, accepted.due_ms);
  EXPECT_FALSE(followed->looked_at);
  EXPECT_EQ(world_.count("notice WHERE pin_hash LIKE '%" + accepted.pin + "%'"), 0);
}

TEST_F(SenderTest, TheNumberMayBeTypedAsPeopleType) {
  const Accepted accepted = world_.accept(a_notice());
  std::string typed;
  for (const char c : accepted.number) {
    typed += c == '-' ? ' ' : c == '0' ? 'o' : c == '1' ? 'l' : static_cast<char>(std::tolower(c));
  }
  EXPECT_TRUE(notices_.follow(typed, accepted.pin.substr(0, 4) + " " + accepted.pin.substr(4)));
}

TEST_F(SenderTest, WhatIsOfTheSenderIsInTheListOfWaitingOnes) {
  const Accepted accepted = world_.accept(a_notice());
  Filter waiting;
  waiting.waiting = true;
  const Result<Page> page = notices_.list("default", waiting);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->notices.size(), 1U);
  EXPECT_EQ(page->notices[0].number, accepted.number);
  const Whole whole = world_.whole(accepted.id);
  EXPECT_EQ(whole.body.links.at(0), "HTTPS://Example.ORG/Post/1#top");
  EXPECT_EQ(world_.text("SELECT value FROM notice_subject"), "https://example.org/Post/1");
  EXPECT_EQ(whole.events.at(0).kind, "received");
}

}  // namespace
}  // namespace tutela::intake
