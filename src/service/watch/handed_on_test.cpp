#include "service/watch/handed_on.hpp"

#include <gtest/gtest.h>

namespace tutela::watch {
namespace {

using alarms::Level;
using alarms::What;

Numbered change(const std::string& id, What what, Level level) {
  Numbered made;
  made.id = id;
  made.change.what = what;
  made.change.alarm = {{"list.stale", "a \"list\" \xC3\xA4", level, "why"}, 1'900'000'000'123, 3};
  made.change.at_ms = 1'900'000'000'456;
  made.change.level = Level::kBlind;
  return made;
}

TEST(HandedOn, IsReadAsItWasWritten) {
  HandedOn left;
  left.raised.push_back(change("", What::kRaised, Level::kDegraded).change.alarm);
  left.raised.push_back(change("", What::kRaised, Level::kBlind).change.alarm);
  left.lines.push_back({"webhook",
                        "",
                        {change("alarm_a_1", What::kRaised, Level::kDegraded),
                         change("alarm_a_2", What::kChanged, Level::kBlind),
                         change("alarm_a_3", What::kCleared, Level::kBlind)},
                        7});
  left.lines.push_back({"email", "a@service.example", {}, 0});
  const auto read = parse_handed_on(to_text(left));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->raised, left.raised);
  ASSERT_EQ(read->lines.size(), 2U);
  EXPECT_EQ(read->lines[0].lost, 7);
  EXPECT_EQ(read->lines[1].to, "a@service.example");
  ASSERT_EQ(read->lines[0].waiting.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const Numbered& before = left.lines[0].waiting[i];
    const Numbered& after = read->lines[0].waiting[i];
    EXPECT_EQ(after.id, before.id);
    EXPECT_EQ(after.change.what, before.change.what);
    EXPECT_EQ(after.change.alarm, before.change.alarm);
    EXPECT_EQ(after.change.at_ms, before.change.at_ms);
    EXPECT_EQ(after.change.level, before.change.level);
  }
  EXPECT_TRUE(parse_handed_on(to_text({}))) << "nothing, said";
}

TEST(HandedOn, WhatIsSomethingElseIsNothing) {
  for (const char* text : {"",
                           "x",
                           "[]",
                           "{}",
                           R"({"raised": []})",
                           R"({"raised": 7, "lines": []})",
                           R"({"raised": [{"code": "a"}], "lines": []})",
                           R"({"raised": [], "lines": [{"channel": "webhook"}]})"}) {
    EXPECT_FALSE(parse_handed_on(text)) << text;
  }
}

}  // namespace
}  // namespace tutela::watch
