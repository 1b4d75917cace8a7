// Whether detection is on: the watch's state, counts by the hour, bands, past alarms.
#include <charconv>
#include <string>
#include <utility>

#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/http/review_json.hpp"
#include "service/http/watch_json.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kHoursShown = 48;
constexpr std::int64_t kRangeMax = 31 * ledger::kDayMs;
constexpr std::int64_t kLimit = 100;
constexpr std::int64_t kLimitMax = 200;

Error bad_parameter(std::string message) {
  return {ErrorKind::kInvalidInput, "request.bad_parameter", std::move(message)};
}

Result<json::object> hours_page(App& app, const Request& request) {
  const UtcMs now_ms = app.clock.now_ms();
  TUTELA_TRY_ASSIGN(const auto until, query_time(request, "until"));
  TUTELA_TRY_ASSIGN(const auto from, query_time(request, "from"));
  const UtcMs until_ms = until.value_or(now_ms);
  UtcMs from_ms = from.value_or(until_ms - kHoursShown * ledger::kHourMs);
  from_ms -= from_ms % ledger::kHourMs;
  if (from_ms < 0 || until_ms <= from_ms || until_ms - from_ms > kRangeMax + ledger::kHourMs) {
    return bad_parameter("until must be after from, by at most 31 days");
  }
  const std::string& tenant = request.principal->actor.tenant_id;
  TUTELA_TRY_ASSIGN(const auto cells,
                    ledger::Coverage(app.review.database).hours(tenant, from_ms, until_ms));
  canaries::Canaries canaries(app.review.database, app.clock, app.pipeline.instance_id());
  const UtcMs end_ms = cells.next_ms.value_or(until_ms);
  TUTELA_TRY_ASSIGN(const auto hours, canaries.hours(tenant, from_ms, end_ms));
  json::object body = {{"from", to_rfc3339(from_ms)},
                       {"until", to_rfc3339(end_ms)},
                       {"items", cells_json(cells.rows)},
                       {"canaries", canary_hours_json(hours)}};
  if (cells.next_ms) {
    body["next"] = to_rfc3339(*cells.next_ms);
  }
  return body;
}

Result<std::optional<std::int64_t>> after_of(const Request& request) {
  const auto text = request.query_value("after");
  if (!text) {
    return std::optional<std::int64_t>();
  }
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (failed != std::errc() || end != text->data() + text->size() || number < 0) {
    return bad_parameter("after must be the `next` of the page before");
  }
  return std::optional<std::int64_t>(number);
}

Result<json::object> alarms_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto after, after_of(request));
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimit, kLimitMax));
  TUTELA_TRY_ASSIGN(const alarms::AlarmPage page,
                    app.watch->log().page(after, static_cast<std::size_t>(limit)));
  return alarm_page_json(page);
}

}  // namespace

Response get_coverage(App& app, const Request&) {
  Response response;
  response.body = to_json(*app.watch->status());
  return response;
}

Response get_coverage_hours(App& app, const Request& request) {
  return answer_json(hours_page(app, request), request);
}

Response get_coverage_bands(App& app, const Request&) {
  return json_response(
      200, {{"at", to_rfc3339(app.clock.now_ms())}, {"items", bands_json(app.watch->rates())}});
}

Response get_alarms(App& app, const Request& request) {
  return answer_json(alarms_page(app, request), request);
}

}  // namespace tutela::http
