// The parts of the server that can be tested alone; tests/http runs the whole of it.
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "service/http/app.hpp"
#include "service/http/exchange.hpp"
#include "service/http/json.hpp"
#include "service/http/openapi.hpp"
#include "service/http/problem.hpp"
#include "service/http/router.hpp"
#include "service/http/text.hpp"

namespace tutela::http {
namespace {

namespace json = boost::json;

Response nothing(App&, const Request&) {
  return {};
}

TEST(Router, ARouteWithoutAPermissionMakesStartUpFail) {
  const auto made = Router::make({{"GET", "/open", Access(), nothing}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, "routes.undeclared");
}

TEST(Router, ARouteTwiceOrWithoutAHandlerMakesStartUpFail) {
  const Route route{"GET", "/a", Access::anyone(), nothing};
  EXPECT_EQ(Router::make({route, route}).error().code, "routes.twice");
  EXPECT_EQ(Router::make({{"GET", "/a", Access::anyone()}}).error().code, "routes.no_handler");
}

TEST(Router, OnlyHealthKeysSigningInAppealsAndIntakeAreOpenToCallersWhoSayNotWhoTheyAre) {
  ASSERT_TRUE(Router::make(api_routes()));
  ASSERT_TRUE(Router::make(metrics_routes()));
  std::set<std::string_view> open;
  for (const Route& route : api_routes()) {
    if (!route.access.needs_principal()) {
      open.insert(route.pattern);
    }
  }
  EXPECT_EQ(open,
            (std::set<std::string_view>{"/.well-known/tutela-receipt-keys.json",
                                        "/livez",
                                        "/readyz",
                                        "/v1/appeals",
                                        "/v1/appeals/state",
                                        "/v1/help",
                                        "/v1/intake/add",
                                        "/v1/intake/challenge",
                                        "/v1/intake/follow",
                                        "/v1/intake/promises",
                                        "/v1/intake/withdraw",
                                        "/v1/invitation",
                                        "/v1/session",
                                        "/v1/session/sign-on",
                                        "/v1/session/sign-on/return"}));
}

TEST(Router, ThePublicAddressHasNothingThatAsksWhoSomebodyIs) {
  ASSERT_TRUE(Router::make(public_routes()));
  for (const Route& route : public_routes()) {
    EXPECT_FALSE(route.access.needs_principal()) << route.pattern;
    EXPECT_EQ(route.pattern.find("session"), std::string_view::npos) << route.pattern;
  }
}

TEST(Router, FindsRoutesByWholeSegments) {
  const auto router = Router::make(api_routes());
  ASSERT_TRUE(router);
  const auto found = router->find("GET", {"v1", "lists", "demo", "signals"});
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.parameters.at("id"), "demo");
  EXPECT_EQ(found.route->pattern, "/v1/lists/{id}/signals");
  EXPECT_EQ(found.allow, "GET, HEAD, POST, DELETE, OPTIONS");
  EXPECT_EQ(router->find("PUT", {"v1", "lists"}).route, nullptr);
  EXPECT_FALSE(router->find("PUT", {"v1", "lists"}).allow.empty());
  for (const std::vector<std::string>& path :
       std::vector<std::vector<std::string>>{{},
                                             {""},
                                             {"v1"},
                                             {"v1", "lists", ""},
                                             {"v1", "lists", "a", "b"},
                                             {"v1", "lists", "a", "signals", "b"},
                                             {"v1", "..", "livez"},
                                             {"V1", "lists"}}) {
    EXPECT_TRUE(router->find("GET", path).allow.empty());
  }
}

TEST(OpenApi, HasEveryRouteWithItsAccessAndNoOther) {
  std::set<std::string> routes;
  for (const Route& route : api_routes()) {
    routes.insert(std::string(route.method) + " " + std::string(route.pattern) + " " +
                  route.access.name());
  }
  std::set<std::string> described;
  const json::value spec = json::parse(openapi_json());
  for (const auto& [path, item] : spec.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      if (method == "parameters") {
        continue;
      }
      std::string name(method);
      for (char& c : name) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      }
      const json::object& object = operation.as_object();
      const std::string access(object.at("x-access").as_string());
      EXPECT_EQ(object.contains("security"), access == "anyone") << path;
      described.insert(name + " " + std::string(path) + " " + access);
    }
  }
  EXPECT_EQ(described, routes);
}

TEST(Problem, EveryKindOfErrorHasOneStatus) {
  const auto status = [](ErrorKind kind) {
    return status_of({kind, "test.code", ""});
  };
  EXPECT_EQ(status(ErrorKind::kInvalidInput), 400);
  EXPECT_EQ(status(ErrorKind::kNotFound), 404);
  EXPECT_EQ(status(ErrorKind::kConflict), 409);
  EXPECT_EQ(status(ErrorKind::kLimitExceeded), 413);
  EXPECT_EQ(status(ErrorKind::kUnavailable), 503);
  EXPECT_EQ(status(ErrorKind::kForbidden), 403);
  EXPECT_EQ(status(ErrorKind::kCorrupted), 500);
  EXPECT_EQ(status(ErrorKind::kInternal), 500);
  EXPECT_EQ(status_of({ErrorKind::kForbidden, "auth.bad_token", ""}), 401);
  EXPECT_EQ(status_of({ErrorKind::kLimitExceeded, "spool.full", ""}), 503);
}

TEST(Problem, FaultsOfOursAreToldToTheLogAndNotToCallers) {
  const Response response = problem({ErrorKind::kInternal, "store.statement", "secret"}, Uuid{});
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const json::value body = json::parse(response.body);
  EXPECT_EQ(body.at("code").as_string(), "store.statement");
  EXPECT_EQ(body.at("status").as_int64(), 500);
}

TEST(Text, LabelsAreShortUtf8WithoutControlCharacters) {
  EXPECT_TRUE(is_label("avatar", 128));
  EXPECT_TRUE(is_label("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 128));
  for (const std::string_view bad : {"",
                                     "a\nb",
                                     "a\x7F",
                                     "\xC2\x80",
                                     "\xC0\x80",
                                     "\xE0\x80\x80",
                                     "\xED\xA0\x80",
                                     "\xF4\x90\x80\x80",
                                     "\xF8",
                                     "\xE2\x82",
                                     "\x80"}) {
    EXPECT_FALSE(is_label(bad, 128));
  }
  EXPECT_FALSE(is_label(std::string_view("a\0b", 3), 128));
  EXPECT_FALSE(is_label("long", 3));
}

TEST(Text, TokensOfAHeaderAreFoundInAnyCase) {
  EXPECT_TRUE(has_token("wait=5, Respond-Async; x=1", "respond-async"));
  EXPECT_FALSE(has_token("respond-asynchronously", "respond-async"));
  EXPECT_FALSE(has_token("", "respond-async"));
}

TEST(Bearer, OnlyTheBearerSchemeIsTaken) {
  EXPECT_EQ(*bearer_token("Bearer tutela_abc"), "tutela_abc");
  EXPECT_EQ(*bearer_token("bearer  tutela_abc "), "tutela_abc");
  for (const std::string_view bad : {"", "Basic abc", "Bearer", "tutela_abc"}) {
    EXPECT_EQ(bearer_token(bad).error().code, "auth.no_token");
  }
}

TEST(ObjectReader, KeepsTheFirstComplaintAndRefusesUnknownFields) {
  auto reader = ObjectReader::parse(R"({"name": "a", "count": 3, "flag": true})");
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->text("name", 8), "a");
  EXPECT_EQ(reader->optional_integer("count", 0, 5), 3);
  EXPECT_EQ(reader->finish().error().code, "request.unknown_field");
  EXPECT_EQ(reader->optional_flag("flag"), true);
  EXPECT_TRUE(reader->finish());
  EXPECT_EQ(reader->text("missing", 8), "");
  EXPECT_EQ(reader->finish().error().code, "request.missing_field");
}

TEST(ObjectReader, RefusesWhatIsNoObjectAndWhatIsOutOfBounds) {
  for (const std::string& bad : {std::string("["),
                                 std::string("[]"),
                                 std::string("1"),
                                 std::string("{\"a\":1,}"),
                                 std::string("{\"a\":\"\xFF\"}"),
                                 std::string(10'000, '[')}) {
    EXPECT_EQ(ObjectReader::parse(bad).error().code, "request.bad_json");
  }
  for (const char* field : {R"({"a": "toolong"})", R"({"a": 1})", R"({"a": "x\u0000"})"}) {
    auto reader = ObjectReader::parse(field);
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->text("a", 3), "");
    EXPECT_EQ(reader->finish().error().code, "request.bad_field");
  }
}

TEST(Admission, CountsSlotsAndGivesThemBack) {
  Admission admission;
  {
    const auto first = admission.enter(2);
    auto second = admission.enter(2);
    const auto third = admission.enter(2);
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    EXPECT_FALSE(third);
    const Admission::Slot moved = std::move(second);
    EXPECT_EQ(admission.taken(), 2U);
  }
  EXPECT_EQ(admission.taken(), 0U);
}

TEST(SearchLimiter, GivesAMinutesWorthFillsWithTimeAndSaysWhen) {
  SearchLimiter limiter;
  EXPECT_EQ(limiter.take("token:a", 60, 60, 1000), 0);
  EXPECT_EQ(limiter.take("token:a", 1, 60, 1000), 1000);
  EXPECT_EQ(limiter.take("token:a", 60, 60, 1000), 60'000);
  EXPECT_EQ(limiter.take("token:b", 1, 60, 1000), 0) << "each token has its own";
  EXPECT_EQ(limiter.take("token:a", 1, 60, 2000), 0);
  EXPECT_EQ(limiter.take("token:a", 10, 60, 2500), 9500) << "what is there counts, none is taken";
  EXPECT_EQ(limiter.take("token:a", 61, 60, 10'000'000), 1000) << "never over a minute's worth";
  EXPECT_EQ(limiter.take("token:a", 60, 60, 10'000'000), 0);
}

TEST(Metrics, AreTextWithBoundedLabelsAndForgetRemovedLists) {
  Metrics metrics;
  metrics.count_request("/v1/scan", 200);
  metrics.count_scan("match", 0.02, 1000);
  metrics.observe_stage("decode", 0.01);
  metrics.count_scan_error("workers.down");
  Gauges gauges;
  gauges.worker_crashes = 3;
  gauges.list_signals = {{"demo", 5}};
  const std::string text = metrics.text(gauges);
  for (const char* line : {"tutela_http_requests_total{route=\"/v1/scan\",status=\"200\"} 1",
                           "tutela_scan_requests_total{door=\"http\",verdict=\"match\"} 1",
                           "tutela_scan_bytes_total 1000",
                           "tutela_scan_errors_total{reason=\"workers.down\"} 1",
                           "tutela_scan_stage_duration_seconds_count{stage=\"decode\"} 1",
                           "tutela_worker_crashes_total 3",
                           "tutela_list_signals{list=\"demo\"} 5"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
  EXPECT_EQ(metrics.text(Gauges()).find("demo"), std::string::npos);
}

}  // namespace
}  // namespace tutela::http
