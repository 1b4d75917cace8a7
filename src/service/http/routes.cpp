// The routes of the API and of the metrics address, each with who may call it.
#include <utility>
#include <vector>

#include "service/http/handlers.hpp"
#include "service/http/router.hpp"
#include "service/http/search.hpp"

namespace tutela::http {

namespace {

using auth::Scope;

constexpr std::size_t kJsonBytesMax = 256U << 10;
constexpr std::size_t kImportBytesMax = 64U << 20;

std::vector<Route> list_routes() {
  const auto lists = Permission::with(Scope::kLists);
  const auto exports = Permission::with(Scope::kExport);
  const auto json = [&](std::string_view method, std::string_view pattern, auto handler) {
    return Route{method, pattern, lists, handler, {}, BodyKind::kJson, kJsonBytesMax};
  };
  return {
      {"GET", "/v1/stats/lists", lists, get_list_stats},
      {"GET", "/v1/lists", lists, get_lists},
      json("POST", "/v1/lists", post_list),
      {"GET", "/v1/lists/{id}", lists, get_list},
      json("PATCH", "/v1/lists/{id}", patch_list),
      {"DELETE", "/v1/lists/{id}", lists, delete_list},
      {"GET", "/v1/lists/{id}/signals", exports, get_signals, {"after", "limit"}},
      json("POST", "/v1/lists/{id}/signals", post_signals),
      json("DELETE", "/v1/lists/{id}/signals", delete_signals),
      {"POST",
       "/v1/lists/{id}/import",
       lists,
       post_import,
       {"kind", "skip_bad"},
       BodyKind::kText,
       kImportBytesMax},
      {"GET", "/v1/lists/{id}/export", exports, get_export},
      json("POST", "/v1/lists/{id}/dry-run", post_dry_run),
      json("POST", "/v1/lists/{id}/rescan", post_rescan),
      {"GET", "/v1/rescans", lists, get_rescans, {"limit"}},
      {"GET", "/v1/rescans/{id}", lists, get_rescan},
      {"GET",
       "/v1/rescans/{id}/findings",
       Permission::with(Scope::kRead),
       get_findings,
       {"after", "limit"}},
      {"POST", "/v1/lists/{id}/activate", lists, post_activate},
      {"POST", "/v1/lists/{id}/deactivate", lists, post_deactivate},
  };
}

}  // namespace

std::vector<Route> api_routes() {
  std::vector<Route> routes = {
      {"POST",
       "/v1/scan",
       Permission::with(Scope::kScan),
       nullptr,
       {"source", "external_id"},
       BodyKind::kStream},
      {"GET", "/v1/content/{id}", Permission::with(Scope::kRead), get_content},
      {"GET", "/v1/content/{id}/group", Permission::with(Scope::kRead), get_group, {"limit"}},
      {"GET", "/v1/matches", Permission::with(Scope::kRead), get_matches, {"after", "limit"}},
      {"POST",
       "/v1/search",
       Permission::with(Scope::kSearch),
       post_search,
       {},
       BodyKind::kJson,
       kSearchBytesMax},
      {"GET", "/livez", Permission::anyone(), get_livez},
      {"GET", "/readyz", Permission::anyone(), get_readyz, {"verbose"}},
      {"GET", "/version", Permission::any_token(), get_version},
      {"GET", "/openapi.json", Permission::any_token(), get_openapi},
  };
  for (Route& route : list_routes()) {
    routes.push_back(std::move(route));
  }
  return routes;
}

std::vector<Route> metrics_routes() {
  // On an address of its own, which operators keep private; scrapers carry no token.
  return {{"GET", "/metrics", Permission::anyone(), get_metrics}};
}

}  // namespace tutela::http
