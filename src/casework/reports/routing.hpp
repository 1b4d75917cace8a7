// Routing: which authorities a report goes to. A table of rules, the first that applies for each
// authority; pure.
//
// A rule applies where every condition that it names holds; what is not known fulfils nothing. A
// report that no rule before applied to goes where "otherwise" says, and where there is no such
// rule to nobody: route() says so, and a person decides.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "casework/reports/model.hpp"

namespace tutela::reports {

/// What is known of where something happened. Countries: ISO 3166-1 alpha-2.
struct Whereabouts {
  std::string service_country;  // where the operator is established
  std::string server_country;   // where the bytes lie
  std::optional<std::string> account_country;
  std::string incident;  // "csam", "enticement", "trafficking", ...: incident types in short
  bool urgent = false;
};

/// "ncmec if service=US,CA", "bka if account=DE", "hotline if server=NL incident=csam", "ncmec".
struct Route {
  std::string authority;
  std::vector<std::string> service;
  std::vector<std::string> server;
  std::vector<std::string> account;
  std::vector<std::string> incident;
  bool urgent_only = false;  // "if urgent"
  bool otherwise = false;    // "otherwise": only where nothing before applied
};

/// Routes separated by ";". Error: kInvalidInput "config.bad_route", which says where and why.
Result<std::vector<Route>> parse_routes(std::string_view text);

/// Names of authorities, each once, in the order of the rules.
[[nodiscard]] std::vector<std::string> route(const std::vector<Route>& routes,
                                             const Whereabouts& where);

}  // namespace tutela::reports
