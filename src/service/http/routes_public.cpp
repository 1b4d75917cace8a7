// What anybody may ask for without a token: the public JSON, and the pages on their own address.
#include <utility>

#include "service/http/handlers.hpp"
#include "service/http/intake_page.hpp"
#include "service/http/router.hpp"

namespace tutela::http {

namespace {

constexpr std::size_t kSmallBytesMax = 8U << 10;
constexpr std::size_t kTypedBytesMax = 64U << 10;

}  // namespace

std::vector<Route> public_routes() {
  const auto anyone = Access::anyone();
  const auto json = [&](std::string_view pattern, auto handler, std::size_t bytes_max) {
    return Route{"POST", pattern, anyone, handler, {}, BodyKind::kJson, bytes_max};
  };
  return {
      {"GET", "/v1/intake/challenge", anyone, get_intake_challenge},
      {"GET", "/v1/intake/promises", anyone, get_intake_promises},
      json("/v1/intake/follow", post_intake_follow, kSmallBytesMax),
      json("/v1/intake/add", post_intake_add, kTypedBytesMax),
      json("/v1/intake/withdraw", post_intake_withdraw, kSmallBytesMax),
      {"GET", "/v1/help", anyone, get_help, {"country", "language"}},
  };
}

std::vector<Route> page_routes() {
  const auto anyone = Access::anyone();
  const auto page = [&](std::string_view pattern, auto handler) {
    return Route{"GET", pattern, anyone, handler, {"lang"}};
  };
  const auto form = [&](std::string_view pattern, auto handler) {
    return Route{"POST", pattern, anyone, handler, {"lang"}, BodyKind::kForm, kSmallBytesMax};
  };
  const auto upload = [&](std::string_view pattern, UploadMaker maker) {
    return Route{"POST", pattern, anyone, nullptr, {"lang"}, BodyKind::kStream, 0, maker, true};
  };
  std::vector<Route> routes = {
      page("/", get_report_page_form),
      page("/report", get_report_page_form),
      upload("/report", upload_report),
      page("/law", get_law_page),
      upload("/law", upload_law),
      page("/research", get_research_page),
      upload("/research", upload_research),
      page("/follow", get_follow_page),
      form("/follow", post_follow_page),
      page("/follow/add", get_follow_page),
      upload("/follow/add", upload_addition),
      page("/follow/withdraw", get_follow_page),
      form("/follow/withdraw", post_withdraw_page),
      {"GET", "/help", anyone, get_help_page, {"lang", "country"}},
      page("/guidance", get_guidance_page),
      page("/guidance/{name}", get_guide_page),
      page("/promises", get_promises_page),
      page("/page.css", get_page_file),
      page("/page.js", get_page_file),
      page("/work.js", get_page_file),
      {"GET", "/livez", anyone, get_livez},
  };
  for (Route& route : public_routes()) {
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace tutela::http
