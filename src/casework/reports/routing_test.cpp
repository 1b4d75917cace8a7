#include "casework/reports/routing.hpp"

#include <gtest/gtest.h>

namespace tutela::reports {
namespace {

std::string routed(std::string_view table, const Whereabouts& where) {
  const Result<std::vector<Route>> routes = parse_routes(table);
  EXPECT_TRUE(routes) << table << ": " << (routes ? "" : routes.error().message);
  std::string names;
  if (routes) {
    for (const std::string& name : route(*routes, where)) {
      names += (names.empty() ? "" : " ") + name;
    }
  }
  return names;
}

Whereabouts in(const std::string& service,
               const std::string& server = "",
               const std::optional<std::string>& account = {}) {
  Whereabouts where;
  where.service_country = service;
  where.server_country = server;
  where.account_country = account;
  where.incident = "csam";
  return where;
}

struct Case {
  const char* table;
  Whereabouts where;
  const char* expected;
};

TEST(Routing, TheTableSaysWhoGetsAReport) {
  const Whereabouts urgent = [] {
    Whereabouts where = in("DE");
    where.urgent = true;
    return where;
  }();
  const Case cases[] = {
      {"ncmec", in("DE"), "ncmec"},
      {"ncmec otherwise", in(""), "ncmec"},
      {"ncmec if service=US,CA", in("US"), "ncmec"},
      {"ncmec if service=US,CA", in("CA"), "ncmec"},
      {"ncmec if service=US,CA", in("DE"), ""},
      {"ncmec if service=US", in(""), ""},
      {"bka if account=DE; ncmec otherwise", in("US", "", "DE"), "bka"},
      {"bka if account=DE; ncmec otherwise", in("US"), "ncmec"},
      {"bka if account=DE; ncmec", in("US", "", "DE"), "bka ncmec"},
      {"hotline if server=NL incident=csam; ncmec otherwise", in("US", "NL"), "hotline"},
      {"hotline if server=NL incident=enticement; ncmec otherwise", in("US", "NL"), "ncmec"},
      {"hotline if server=NL; hotline; ncmec if service=US", in("US", "NL"), "hotline ncmec"},
      {"police if urgent; ncmec", urgent, "police ncmec"},
      {"police if urgent; ncmec", in("DE"), "ncmec"},
      {"a otherwise; b otherwise", in("US"), "a"},
      {"a if service=FR; b otherwise; c if service=US", in("US"), "b c"},
      {"", in("US"), ""},
      {" \n ", in("US"), ""},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(routed(each.table, each.where), each.expected) << each.table;
  }
}

TEST(Routing, AConditionOfWhatIsNotKnownIsNotFulfilled) {
  EXPECT_EQ(routed("a if account=DE; b if incident=csam", Whereabouts{}), "");
  EXPECT_EQ(routed("a if service=US server=US account=US incident=csam", in("US", "US", "US")),
            "a");
  EXPECT_EQ(routed("a if service=US server=US account=US incident=csam", in("US", "US")), "");
}

TEST(Routing, WhatIsNoTableIsRefusedAndSaysWhere) {
  const char* const bad[] = {
      ";",
      "ncmec;",
      "; ncmec",
      "NCMEC",
      "nc mec",
      "ncmec if",
      "ncmec iff service=US",
      "ncmec otherwise if service=US",
      "ncmec if service",
      "ncmec if service=",
      "ncmec if service=us",
      "ncmec if service=USA",
      "ncmec if service=US,",
      "ncmec if service=,US",
      "ncmec if service=US, CA",
      "ncmec if service=US service=CA",
      "ncmec if urgent urgent",
      "ncmec if otherwise",
      "ncmec if incident=CSAM",
      "ncmec if incident=",
      "ncmec if country=US",
      "ncmec if =US",
      "012345678901234567890123456789012",
  };
  for (const char* const text : bad) {
    const Result<std::vector<Route>> routes = parse_routes(text);
    ASSERT_FALSE(routes) << text;
    EXPECT_EQ(routes.error().code, "config.bad_route") << text;
  }
  EXPECT_TRUE(parse_routes("a; b; C if urgent").error().message.starts_with("route 3: "));
  EXPECT_FALSE(parse_routes(std::string(8193, ' ')));
  std::string many = "a";
  for (int i = 0; i < 100; ++i) {
    many += ";a";
  }
  EXPECT_FALSE(parse_routes(many));
  EXPECT_TRUE(parse_routes(many.substr(2)));
  std::string countries = "a if service=US";
  for (int i = 0; i < 300; ++i) {
    countries += ",US";
  }
  EXPECT_FALSE(parse_routes(countries));
}

}  // namespace
}  // namespace tutela::reports
