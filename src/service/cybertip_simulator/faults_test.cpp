#include "service/cybertip_simulator/faults.hpp"

#include <gtest/gtest.h>

namespace tutela::cybertip_simulator {
namespace {

TEST(Faults, ActFromTheNthRequestSoManyTimes) {
  Faults faults;
  auto parsed = parse_faults(
      R"([{"on": "submit", "do": "cut", "nth": 2, "times": 2},
          {"do": "late", "nth": 4, "times": 0}])");
  ASSERT_TRUE(parsed);
  faults.set(*std::move(parsed));
  std::vector<Act> acts;
  for (const char* on : {"submit", "submit", "submit", "submit", "finish", "submit"}) {
    const auto fault = faults.next(on);
    acts.push_back(fault ? fault->act : Act::kNothing);
  }
  EXPECT_EQ(
      acts,
      (std::vector<Act>{Act::kNothing, Act::kCut, Act::kCut, Act::kLate, Act::kLate, Act::kLate}));
}

TEST(Faults, AreRefusedWhereTheySayNothingKnown) {
  for (const char* bad : {"",
                          "{}",
                          "[1]",
                          "[{}]",
                          R"([{"do": "explode"}])",
                          R"([{"do": "late", "on": "nowhere"}])",
                          R"([{"do": "late", "ms": -1}])",
                          R"([{"do": "late", "ms": 1.5}])",
                          R"([{"do": "late", "nth": 0}])",
                          R"([{"do": "late", "http": 99}])",
                          R"([{"do": "late", "body": "pdf"}])",
                          R"([{"do": "late", "what": 1}])"}) {
    const auto parsed = parse_faults(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, "simulator.bad_faults");
  }
}

TEST(Faults, HaveModes) {
  for (const char* mode : {"normal",
                           "slow",
                           "unavailable",
                           "lost-answers",
                           "wrong-password",
                           "rejecting",
                           "other-bytes",
                           "expiring"}) {
    EXPECT_TRUE(faults_of_mode(mode)) << mode;
  }
  EXPECT_EQ(faults_of_mode("fast").error().code, "simulator.bad_mode");
}

}  // namespace
}  // namespace tutela::cybertip_simulator
