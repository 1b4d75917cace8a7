#include "service/reporting/setup.hpp"

#include <algorithm>
#include <utility>

namespace tutela::reporting {

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::string_view kNcmec = "ncmec";
constexpr std::string_view kAllToNcmec = "ncmec otherwise";

Result<reports::Authority> ncmec_of(const config::Config& config) {
  reports::Authority authority;
  authority.name = kNcmec;
  authority.jurisdiction = "US";
  if (!config.cybertip.url.empty()) {
    authority.channel = reports::Channel::kCybertip;
    TUTELA_TRY_ASSIGN(authority.environment, authorities::environment_of(config.cybertip.url));
  }
  return authority;
}

Result<reports::Authority> authority_of(const config::AuthorityLine& line) {
  reports::Authority authority;
  authority.name = line.name;
  authority.jurisdiction = line.jurisdiction;
  TUTELA_TRY_ASSIGN(authority.channel, reports::parse_channel(line.channel));
  if (authority.channel == reports::Channel::kWebhook && is_of_this_machine(line.address)) {
    authority.environment = reports::Environment::kSimulated;
  }
  return authority;
}

}  // namespace

bool is_of_this_machine(std::string_view url) noexcept {
  const std::size_t scheme = url.find("://");
  const std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"127.0.0.1", "localhost", "[::1]"},
      [&](std::string_view host) {
        const std::string_view after = rest.starts_with(host) ? rest.substr(host.size()) : "?";
        return after.empty() || after[0] == ':' || after[0] == '/';
      });
}

Provider provider_of(const config::Config& config) {
  const config::ReportingConfig& given = config.reporting;
  Provider provider;
  provider.company = given.company;
  provider.email = given.email;
  provider.first_name = given.first_name;
  provider.last_name = given.last_name;
  provider.phone = given.phone;
  provider.contact_first_name = given.contact_first_name;
  provider.contact_last_name = given.contact_last_name;
  provider.contact_email = given.contact_email;
  provider.contact_phone = given.contact_phone;
  provider.terms_of_service = given.terms_of_service;
  provider.legal_url = given.legal_url;
  provider.platform = given.platform;
  provider.service_country = given.service_country;
  provider.server_country = given.server_country;
  provider.public_doors = config::words_of(given.public_doors);
  return provider;
}

reports::Rules rules_of(const config::Config& config) {
  const config::ReportingConfig& given = config.reporting;
  reports::Rules rules;
  rules.second_person = given.second_person;
  rules.report_ms = config.cases.report_hours * kHour;
  rules.urgent_ms = given.urgent_minutes * kMinute;
  rules.escalate_ms = given.escalate_minutes * kMinute;
  rules.filing.horizon_ms = given.horizon_days * kDay;
  return rules;
}

authorities::CybertipOptions cybertip_options(const config::Config& config) {
  authorities::CybertipOptions options;
  options.url = config.cybertip.url;
  options.username = config.cybertip.username;
  options.password = config.cybertip.password;
  options.ca_file = config.cybertip.ca_file.string();
  options.timeout_ms = config.cybertip.timeout_ms;
  options.calls_per_minute = config.reporting.calls_per_minute;
  return options;
}

Result<std::vector<reports::Authority>> authorities_of(const config::Config& config) {
  std::vector<reports::Authority> all;
  TUTELA_TRY_ASSIGN(reports::Authority ncmec, ncmec_of(config));
  all.push_back(std::move(ncmec));
  for (const config::AuthorityLine& line : config::authorities_of(config.reporting)) {
    TUTELA_TRY_ASSIGN(reports::Authority authority, authority_of(line));
    all.push_back(std::move(authority));
  }
  return all;
}

Result<std::vector<reports::Route>> routes_of(const config::Config& config) {
  const std::string& given = config.reporting.routes;
  TUTELA_TRY_ASSIGN(std::vector<reports::Route> routes,
                    reports::parse_routes(given.empty() ? kAllToNcmec : std::string_view(given)));
  TUTELA_TRY_ASSIGN(const std::vector<reports::Authority> all, authorities_of(config));
  for (const reports::Route& route : routes) {
    if (std::ranges::find(all, route.authority, &reports::Authority::name) == all.end()) {
      return Error{ErrorKind::kInvalidInput,
                   "config.bad_route",
                   "reporting.routes leads to an authority that reporting.authority_1 to _5 do not "
                   "name"};
    }
  }
  return routes;
}

}  // namespace tutela::reporting
