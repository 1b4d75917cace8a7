// Any text is read as a table of routes: what is taken is bounded, names each authority once for
// any whereabouts, and is taken again when it is written anew.
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "casework/reports/routing.hpp"

namespace {

using namespace tutela;
using namespace tutela::reports;

void add(std::string& text, std::string_view name, const std::vector<std::string>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += i == 0 ? " " + std::string(name) + "=" : ",";
    text += values[i];
  }
}

std::string text_of(const std::vector<Route>& routes) {
  std::string text;
  for (const Route& each : routes) {
    std::string conditions;
    add(conditions, "service", each.service);
    add(conditions, "server", each.server);
    add(conditions, "account", each.account);
    add(conditions, "incident", each.incident);
    conditions += each.urgent_only ? " urgent" : "";
    text += (text.empty() ? "" : ";") + each.authority;
    text += each.otherwise ? " otherwise" : conditions.empty() ? "" : " if" + conditions;
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(std::as_bytes(std::span(data, size)));
  const Result<std::vector<Route>> routes = parse_routes(text);
  if (!routes) {
    TUTELA_CHECK(routes.error().code == "config.bad_route");
    return 0;
  }
  TUTELA_CHECK(routes->size() <= 100);
  const std::string written = text_of(*routes);
  const Result<std::vector<Route>> again = parse_routes(written);
  TUTELA_CHECK(written.size() > 8192 || (again && text_of(*again) == written));
  Whereabouts where;
  where.service_country = "US";
  where.account_country = "DE";
  where.incident = "csam";
  where.urgent = size % 2 == 0;
  std::vector<std::string> names = route(*routes, where);
  std::ranges::sort(names);
  TUTELA_CHECK(std::ranges::adjacent_find(names) == names.end());
  return 0;
}
