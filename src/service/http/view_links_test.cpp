#include "service/http/view_links.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace tutela::http {
namespace {

constexpr UtcMs kNow = 1'700'000'000'000;

LinkedView view() {
  return {new_uuid(kNow), "case", "review", "mosaic", "sheet"};
}

TEST(ViewLinks, ALinkOpensOnceForTheSessionThatAskedForIt) {
  ViewLinks links;
  const Uuid session = new_uuid(kNow);
  const auto made = links.make(session, view(), kNow);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->ends_ms, kNow + 30'000);
  EXPECT_EQ(made->token.size(), 64U);
  const auto other = links.take(made->token, new_uuid(kNow), kNow);
  EXPECT_EQ(other.error().code, "view.not_found");
  const auto taken = links.take(made->token, session, kNow + 29'999);
  ASSERT_TRUE(taken) << "another session's attempt uses nothing up";
  EXPECT_EQ(taken->grade, "mosaic");
  EXPECT_EQ(taken->frame, "sheet");
  EXPECT_EQ(links.take(made->token, session, kNow + 29'999).error().code, "view.used");
  EXPECT_EQ(links.take("", session, kNow).error().code, "view.not_found");
}

TEST(ViewLinks, ALinkEndsAfterThirtySecondsAndWhenTheClockIsSetBack) {
  ViewLinks links;
  const Uuid session = new_uuid(kNow);
  const auto late = links.make(session, view(), kNow);
  ASSERT_TRUE(late);
  EXPECT_EQ(links.take(late->token, session, kNow + 30'000).error().code, "view.not_found");
  EXPECT_EQ(links.take(late->token, session, kNow - 1).error().code, "view.not_found");
}

TEST(ViewLinks, TheirNumberIsBoundedForOneSessionAndForAll) {
  ViewLinks links({.links_max = 50, .links_of_session_max = 20});
  std::set<std::string> tokens;
  const Uuid greedy = new_uuid(kNow);
  for (int i = 0; i < 20; ++i) {
    const auto made = links.make(greedy, view(), kNow);
    ASSERT_TRUE(made);
    EXPECT_TRUE(tokens.insert(made->token).second);
  }
  EXPECT_EQ(links.make(greedy, view(), kNow).error().code, "view.too_many");
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(links.make(new_uuid(kNow), view(), kNow));
  }
  EXPECT_EQ(links.make(new_uuid(kNow), view(), kNow).error().code, "view.too_many");
  EXPECT_TRUE(links.make(greedy, view(), kNow + 30'000)) << "the old ones are forgotten";
}

}  // namespace
}  // namespace tutela::http
