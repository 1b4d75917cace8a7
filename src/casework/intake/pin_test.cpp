// Another PIN, where nobody was told the first.
#include "casework/intake/intake_fixture.hpp"

namespace tutela::intake {
namespace {

using PinTest = IntakeTest;

TEST_F(PinTest, AnotherPinOpensAndTheFirstNoLonger) {
  const Accepted accepted = world_.accept(a_notice());
  const Result<std::string> pin = notices_.renew_pin(world_.page_, accepted.id);
  ASSERT_TRUE(pin) << pin.error().message;
  EXPECT_EQ(pin->size(), 8U);
  EXPECT_TRUE(notices_.follow(accepted.number, *pin));
  EXPECT_FALSE(notices_.follow(accepted.number, accepted.pin));
  const Whole whole = world_.whole(accepted.id);
  EXPECT_EQ(whole.events.back().kind, "pin_renewed");
  EXPECT_EQ(whole.events.back().detail.find(*pin), std::string::npos);
  EXPECT_EQ(world_.count("audit WHERE action = 'notice.pin'"), 1);
  EXPECT_EQ(world_.count("notice WHERE pin_hash LIKE '%" + *pin + "%'"), 0);
}

TEST_F(PinTest, OnlyWhoHandedItInMakesOne) {
  const Accepted accepted = world_.accept(a_notice());
  for (const store::Actor& actor :
       {world_.desk_, store::Actor{"other", "intake:page", "service"}}) {
    const Result<std::string> pin = notices_.renew_pin(actor, accepted.id);
    ASSERT_FALSE(pin);
    EXPECT_EQ(pin.error().code, "notice.not_found");
  }
  EXPECT_FALSE(notices_.renew_pin(world_.page_, new_uuid(1)));
  EXPECT_TRUE(notices_.follow(accepted.number, accepted.pin));
}

}  // namespace
}  // namespace tutela::intake
