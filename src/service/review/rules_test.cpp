#include "service/review/rules.hpp"

#include <gtest/gtest.h>

namespace tutela::review {
namespace {

TEST(Rules, TheDefaultsOfTheConfigurationAreThoseOfTheModules) {
  const cases::Rules given = cases_rules({});
  const cases::Rules cases;
  EXPECT_EQ(given.double_review, cases.double_review);
  EXPECT_EQ(given.automatic, cases.automatic);
  EXPECT_EQ(given.sample_percent, cases.sample_percent);
  EXPECT_EQ(given.lock_ms, cases.lock_ms);
  EXPECT_EQ(given.undo_ms, cases.undo_ms);
  EXPECT_EQ(given.first_look_ms, cases.first_look_ms);
  EXPECT_EQ(given.first_look_urgent_ms, cases.first_look_urgent_ms);
  EXPECT_EQ(given.decision_ms, cases.decision_ms);
  EXPECT_EQ(given.report_ms, cases.report_ms);
  EXPECT_EQ(given.appeal_open_ms, cases.appeal_open_ms);
  EXPECT_EQ(given.appeal_ms, cases.appeal_ms);
  EXPECT_EQ(given.on_confirmed, cases.on_confirmed);
  EXPECT_EQ(given.on_cleared, cases.on_cleared);
  EXPECT_EQ(given.on_reported, cases.on_reported);

  const exposure::Rules shown = exposure_rules({});
  const exposure::Rules exposure;
  EXPECT_EQ(shown.points_per_shift, exposure.points_per_shift);
  EXPECT_EQ(shown.contractor_points_per_shift, exposure.contractor_points_per_shift);
  EXPECT_EQ(shown.soft_percent, exposure.soft_percent);
  EXPECT_EQ(shown.break_after_points, exposure.break_after_points);
  EXPECT_EQ(shown.break_after_ms, exposure.break_after_ms);
  EXPECT_EQ(shown.break_ms, exposure.break_ms);
  EXPECT_EQ(shown.cool_down_ms, exposure.cool_down_ms);
  EXPECT_EQ(shown.days_on, exposure.days_on);
  EXPECT_EQ(shown.days_off, exposure.days_off);

  const webhooks::Options sent = webhook_options({});
  const webhooks::Options webhook;
  EXPECT_EQ(sent.url, webhook.url);
  EXPECT_EQ(sent.secrets, webhook.secrets);
  EXPECT_EQ(sent.allow_private, webhook.allow_private);
  EXPECT_EQ(sent.timeout_ms, webhook.timeout_ms);
  EXPECT_EQ(sent.attempts_max, webhook.attempts_max);
}

TEST(Rules, WhatIsConfiguredArrives) {
  const auto config = config::parse(
      "[cases]\ndouble_review = \"none\"\nautomatic = true\nsample_percent = 7\n"
      "lock_minutes = 1\nappeal_days = 2\non_confirmed = \"account.suspend content.remove\"\n"
      "on_cleared = \"\"\non_reported = \"account.suspend\"\n[exposure]\nbreak_minutes = "
      "3\ndays_on = 0\n[people]\nsolo = true\n"
      "trustee = \"t\"\n[webhook]\nurl = \"https://a\"\nsecrets = \"whsec_a whsec_b\"\n",
      {});
  ASSERT_TRUE(config) << config.error().message;
  const cases::Rules cases = cases_rules(*config);
  EXPECT_TRUE(cases.solo);
  EXPECT_TRUE(cases.automatic);
  EXPECT_EQ(cases.double_review, cases::DoubleReview::kNone);
  EXPECT_EQ(cases.sample_percent, 7);
  EXPECT_EQ(cases.lock_ms, 60'000);
  EXPECT_EQ(cases.appeal_open_ms, 2LL * 24 * 3'600'000);
  const std::vector<std::string> actions = {"account.suspend", "content.remove"};
  EXPECT_EQ(cases.on_confirmed, actions);
  EXPECT_TRUE(cases.on_cleared.empty());
  EXPECT_EQ(cases.on_reported, std::vector<std::string>{"account.suspend"});
  EXPECT_EQ(exposure_rules(*config).break_ms, 180'000);
  EXPECT_EQ(exposure_rules(*config).days_on, 0);
  const std::vector<std::string> secrets = {"whsec_a", "whsec_b"};
  EXPECT_EQ(webhook_options(*config).secrets, secrets);
}

}  // namespace
}  // namespace tutela::review
