#include "demo_reports.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "casework/cases/cases.hpp"
#include "casework/cases/decisions.hpp"
#include "casework/reports/reports.hpp"
#include "commands.hpp"
#include "crypto/secret.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "service/auth/people.hpp"
#include "service/review/rules.hpp"

namespace tutela::cli {
namespace {

constexpr std::string_view kLocal = "http://127.0.0.1:";
constexpr std::string_view kReviewer = "lena";
constexpr std::int64_t kUndoMs = 10'000;  // so that one sees what follows
/// Its picture is the same as one on a list: it is confirmed without a view.
constexpr std::string_view kConfirmed = "harbour-88";

struct Facts {
  std::string_view account;
  std::string_view body;
};

// Addresses of example.org, and of RFC 5737 and RFC 3849.
constexpr auto kFacts = std::to_array<Facts>(
    {{"harbour-88",
      R"({"personOrUserReportedPerson":{"firstName":"Example","lastName":"Person",)"
      R"("email":[{"@type":"Home","@verified":true,"#text":"harbour-88@example.org"}]},)"
      R"("screenName":"harbour-88","profileUrl":["https://example.org/harbour-88"],)"
      R"("ipCaptureEvent":[{"ipAddress":"192.0.2.88","eventName":"Registration",)"
      R"("dateTime":"2026-02-03T04:05:06Z"},{"ipAddress":"198.51.100.88","eventName":"Upload"}],)"
      R"("estimatedLocation":{"city":"Example City","countryCode":"US"}})"},
     {"gallery-17",
      R"({"personOrUserReportedPerson":{"email":[{"#text":"gallery-17@example.org"}]},)"
      R"("screenName":"gallery-17","ipCaptureEvent":[{"ipAddress":"203.0.113.17",)"
      R"("eventName":"Login","possibleProxy":true}]})"},
     {"comet-2",
      R"({"personOrUserReportedPerson":{"email":[{"#text":"comet-2@example.org"}]},)"
      R"("displayName":["Comet"],"ipCaptureEvent":[{"ipAddress":"2001:db8::2",)"
      R"("eventName":"Upload"}]})"}});

std::string made_up_password() {
  std::array<std::byte, 12> random{};
  crypto::random_bytes(random);
  return to_hex(random);
}

/// "127.0.0.1:41234" of "http://127.0.0.1:41234/ispws"; absent: not this machine's.
std::optional<std::string> address_of(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kLocal)) {
    return {};
  }
  const std::string_view rest = url.substr(kScheme.size());
  return std::string(rest.substr(0, rest.find('/')));
}

Status confirm_one(pipeline::Pipeline& pipeline, const config::Config& config) {
  store::Database& database = pipeline.database();
  cases::Rules rules = review::cases_rules(config);
  rules.undo_ms = std::min(rules.undo_ms, kUndoMs);
  cases::Cases all(database, pipeline.clock(), rules);
  cases::Decisions decisions(database, pipeline.clock(), rules, config.preservation.pending_days);
  TUTELA_TRY_ASSIGN(const auth::Person person,
                    auth::People(database, pipeline.clock()).find(actor(), kReviewer));
  const cases::Person reviewer{
      .actor = {person.tenant_id, "person:" + to_string(person.id), "reviewer"}};
  cases::Filter filter;
  filter.account = std::string(kConfirmed);
  TUTELA_TRY_ASSIGN(const cases::Page page, all.list(reviewer, filter));
  const bool fresh = page.cases.size() == 1 && page.cases[0].state == cases::State::kOpen &&
                     !page.cases[0].needs_view && !page.cases[0].lock_by;
  if (!fresh) {
    return ok();  // people have gone on
  }
  TUTELA_TRY_ASSIGN(const cases::Case locked, all.lock(reviewer, page.cases[0].id, false));
  cases::Verdict verdict;
  verdict.note = "The same bytes as on a list (made up, as everything here).";
  TUTELA_TRY(decisions.decide(reviewer, locked.id, {locked.version, {}}, verdict));
  return ok();
}

}  // namespace

Result<std::unique_ptr<cybertip_simulator::Simulator>> start_demo_authority(
    const config::Config& config, bool again, const Clock& clock, std::string& password) {
  cybertip_simulator::Options options;
  options.username = "demo";
  options.password = made_up_password();
  if (!config.cybertip.url.empty()) {
    const std::optional<std::string> address = address_of(config.cybertip.url);
    if (!address) {
      return std::unique_ptr<cybertip_simulator::Simulator>();
    }
    options.listen = *address;
    options.username = config.cybertip.username;
    options.password = config.cybertip.password;
  } else if (again) {
    return std::unique_ptr<cybertip_simulator::Simulator>();
  }
  password = options.password;
  auto simulator = cybertip_simulator::Simulator::start(clock, options);
  if (!simulator && simulator.error().code == "simulator.cannot_listen") {
    options.listen = "127.0.0.1:0";
    simulator = cybertip_simulator::Simulator::start(clock, options);
  }
  return simulator;
}

Status make_demo_report(pipeline::Pipeline& pipeline, const config::Config& config) {
  store::Database& database = pipeline.database();
  dual_control::DualControl requests(database, pipeline.clock(), {});
  reports::Reports reports(database, requests, pipeline.clock(), {});
  for (const Facts& facts : kFacts) {
    const std::string account(facts.account);
    TUTELA_TRY_ASSIGN(const std::optional<std::string> said,
                      reports.account_facts(actor().tenant_id, account));
    if (!said) {
      TUTELA_TRY(reports.set_account_facts(actor(), account, facts.body));
    }
  }
  return confirm_one(pipeline, config);
}

}  // namespace tutela::cli
