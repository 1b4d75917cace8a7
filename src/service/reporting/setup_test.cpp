#include "service/reporting/setup.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "support/folder.hpp"

namespace tutela::reporting {
namespace {

config::Config parsed(const std::string& toml) {
  const auto config = config::parse(toml, {});
  EXPECT_TRUE(config) << (config ? "" : config.error().message);
  return config ? *config : config::Config{};
}

constexpr const char* kCybertip =
    "[reporting]\nemail = \"a@example.org\"\n[cybertip]\nusername = \"u\"\npassword = \"p\"\nurl "
    "= ";

TEST(Setup, TheDefaultsOfTheConfigurationAreThoseOfTheModules) {
  const reports::Rules given = rules_of({});
  const reports::Rules rules;
  EXPECT_EQ(given.second_person, rules.second_person);
  EXPECT_EQ(given.report_ms, rules.report_ms);
  EXPECT_EQ(given.urgent_ms, rules.urgent_ms);
  EXPECT_EQ(given.escalate_ms, rules.escalate_ms);
  EXPECT_EQ(given.filing.horizon_ms, rules.filing.horizon_ms);
  const authorities::CybertipOptions sent = cybertip_options({});
  const authorities::CybertipOptions options;
  EXPECT_EQ(sent.timeout_ms, options.timeout_ms);
  EXPECT_EQ(sent.calls_per_minute, options.calls_per_minute);
}

TEST(Setup, WithoutAnAddressReportsToNcmecAreFiledByHand) {
  const auto all = authorities_of({});
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().name, "ncmec");
  EXPECT_EQ(all->front().channel, reports::Channel::kByHand);
  EXPECT_EQ(all->front().environment, reports::Environment::kProduction);
  const auto routes = routes_of({});
  ASSERT_TRUE(routes);
  EXPECT_EQ(reports::route(*routes, {}), std::vector<std::string>{"ncmec"});
}

TEST(Setup, OnlyTheRealAddressIsProduction) {
  const auto environment = [](const std::string& url) {
    const auto all = authorities_of(parsed(kCybertip + ("\"" + url + "\"\n")));
    return all ? std::string(reports::to_string(all->front().environment))
               : std::string(all.error().code);
  };
  EXPECT_EQ(environment("https://report.cybertip.org/ispws"), "production");
  EXPECT_EQ(environment("https://exttest.cybertip.org/ispws"), "test");
  EXPECT_EQ(environment("https://simulator.example.org/ispws"), "simulated");
  EXPECT_EQ(environment("http://127.0.0.1:8466/ispws"), "simulated");
  EXPECT_EQ(environment("http://report.cybertip.org/ispws"), "config.bad_cybertip_url");
}

TEST(Setup, WhatIsConfiguredArrives) {
  const config::Config config = parsed(
      "[reporting]\ncompany = \"Example\"\ncontact_phone = \"1\"\npublic_doors = \"http feed\"\n"
      "second_person = true\nurgent_minutes = 5\nescalate_minutes = 2\nhorizon_days = 9\n"
      "authority_2 = \"police | by_hand | DE\"\nroutes = \"police if account=DE; ncmec "
      "otherwise\"\n"
      "[cases]\nreport_hours = 3\n");
  EXPECT_EQ(provider_of(config).company, "Example");
  EXPECT_EQ(provider_of(config).contact_phone, "1");
  EXPECT_EQ(provider_of(config).public_doors, (std::vector<std::string>{"http", "feed"}));
  EXPECT_TRUE(rules_of(config).second_person);
  EXPECT_EQ(rules_of(config).urgent_ms, 300'000);
  EXPECT_EQ(rules_of(config).escalate_ms, 120'000);
  EXPECT_EQ(rules_of(config).report_ms, 3LL * 3'600'000);
  EXPECT_EQ(rules_of(config).filing.horizon_ms, 9LL * 24 * 3'600'000);
  ASSERT_EQ(authorities_of(config)->size(), 2U);
  EXPECT_EQ(authorities_of(config)->back().jurisdiction, "DE");
  reports::Whereabouts where;
  where.account_country = "DE";
  EXPECT_EQ(reports::route(*routes_of(config), where), std::vector<std::string>{"police"});
}

TEST(Setup, RoutesThatLeadNowhereAreTold) {
  for (const char* bad : {"police if account=DE", "ncmec if", "???", "ncmec if account=Germany"}) {
    const auto routes = routes_of(parsed("[reporting]\nroutes = \"" + std::string(bad) + "\"\n"));
    ASSERT_FALSE(routes) << bad;
    EXPECT_EQ(routes.error().code, "config.bad_route");
  }
}

TEST(Setup, AWebhookOfThisMachineIsNoAuthority) {
  const auto all = authorities_of(
      parsed("[reporting]\nauthority_1 = \"a | webhook | NL | http://127.0.0.1:9/x | f\"\n"
             "authority_2 = \"b | webhook | NL | https://127.0.0.1.example.org/x | f\"\n"));
  ASSERT_TRUE(all);
  EXPECT_EQ((*all)[1].environment, reports::Environment::kSimulated);
  EXPECT_EQ((*all)[2].environment, reports::Environment::kProduction);
}

TEST(Setup, AnAuthorityWithoutItsFileIsNotOpened) {
  const auto served = open_authorities(
      parsed("[reporting]\nauthority_1 = \"a | webhook | NL | https://example.org | /no/file\"\n"));
  EXPECT_FALSE(served);
}

TEST(Setup, WhatIsFiledByHandHasNoChannel) {
  const auto served = open_authorities({});
  ASSERT_TRUE(served);
  ASSERT_EQ(served->size(), 1U);
  EXPECT_EQ(served->front().channel, nullptr);
}

}  // namespace
}  // namespace tutela::reporting
