// The routes of the API and of the metrics address, each with who may call it.
#include <utility>
#include <vector>

#include "service/http/handlers.hpp"
#include "service/http/router.hpp"
#include "service/http/search.hpp"

namespace tutela::http {

namespace {

using enum auth::Permission;

constexpr std::size_t kJsonBytesMax = 256U << 10;
constexpr std::size_t kImportBytesMax = 64U << 20;

std::vector<Route> list_routes() {
  const auto read = Access::with(kListsRead);
  const auto change = Access::with(kListsChange);
  const auto exports = Access::with(kSignalsExport);
  const auto json = [&](std::string_view method, std::string_view pattern, auto handler) {
    return Route{method, pattern, change, handler, {}, BodyKind::kJson, kJsonBytesMax};
  };
  return {
      {"GET", "/v1/stats/lists", read, get_list_stats},
      {"GET", "/v1/lists", read, get_lists},
      json("POST", "/v1/lists", post_list),
      {"GET", "/v1/lists/{id}", read, get_list},
      json("PATCH", "/v1/lists/{id}", patch_list),
      {"DELETE", "/v1/lists/{id}", change, delete_list},
      {"GET", "/v1/lists/{id}/signals", exports, get_signals, {"after", "limit"}},
      json("POST", "/v1/lists/{id}/signals", post_signals),
      json("DELETE", "/v1/lists/{id}/signals", delete_signals),
      {"POST",
       "/v1/lists/{id}/import",
       change,
       post_import,
       {"kind", "skip_bad"},
       BodyKind::kText,
       kImportBytesMax},
      {"GET", "/v1/lists/{id}/export", exports, get_export},
      json("POST", "/v1/lists/{id}/dry-run", post_dry_run),
      json("POST", "/v1/lists/{id}/rescan", post_rescan),
      {"GET", "/v1/rescans", read, get_rescans, {"limit"}},
      {"GET", "/v1/rescans/{id}", read, get_rescan},
      {"GET",
       "/v1/rescans/{id}/findings",
       Access::with(kContentRead),
       get_findings,
       {"after", "limit"}},
      {"POST", "/v1/lists/{id}/activate", change, post_activate},
      {"POST", "/v1/lists/{id}/deactivate", change, post_deactivate},
  };
}

}  // namespace

std::vector<Route> api_routes() {
  std::vector<Route> routes = {
      {"POST",
       "/v1/scan",
       Access::with(kScan),
       nullptr,
       {"source", "external_id"},
       BodyKind::kStream},
      {"GET", "/v1/content/{id}", Access::with(kContentRead), get_content},
      {"GET", "/v1/content/{id}/group", Access::with(kContentRead), get_group, {"limit"}},
      {"GET", "/v1/matches", Access::with(kContentRead), get_matches, {"after", "limit"}},
      {"POST",
       "/v1/search",
       Access::with(kSearch),
       post_search,
       {},
       BodyKind::kJson,
       kSearchBytesMax},
      {"GET", "/livez", Access::anyone(), get_livez},
      {"GET", "/readyz", Access::anyone(), get_readyz, {"verbose"}},
      {"GET", "/version", Access::any_principal(), get_version},
      {"GET", "/openapi.json", Access::any_principal(), get_openapi},
  };
  for (Route& route : list_routes()) {
    routes.push_back(std::move(route));
  }
  return routes;
}

std::vector<Route> metrics_routes() {
  // On an address of its own, which operators keep private; scrapers carry no token.
  return {{"GET", "/metrics", Access::anyone(), get_metrics}};
}

}  // namespace tutela::http
