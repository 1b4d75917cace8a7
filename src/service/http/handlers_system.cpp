// Health, version, the API's own description, and metrics.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/openapi.hpp"
#include "service/http/problem.hpp"
#include "service/http/reporting.hpp"
#include "service/http/review.hpp"
#include "service/log/log.hpp"
#include "watch/alarms/codes.hpp"

namespace tutela::http {

namespace json = boost::json;

store::Actor system_actor() {
  store::Actor actor;
  actor.principal_id = "system";
  return actor;
}

Response get_livez(App&, const Request&) {
  return json_response(200, {{"status", "ok"}});
}

namespace {

/// From which level of alarms on the server is not ready; absent: never.
std::optional<alarms::Level> level_of(std::string_view not_ready_at) {
  return not_ready_at == "never"      ? std::optional<alarms::Level>()
         : not_ready_at == "degraded" ? alarms::Level::kDegraded
                                      : alarms::Level::kBlind;
}

/// Codes, each once; none: it is ready. What can be told at once does not wait for a look.
std::vector<std::string> why_not_ready(App& app,
                                       const pipeline::Readiness& now,
                                       const watch::Status& watched) {
  std::vector<std::string> reasons;
  const auto note = [&](bool good, std::string_view code) {
    if (!good && std::ranges::find(reasons, code) == reasons.end()) {
      reasons.emplace_back(code);
    }
  };
  note(now.store_up, "store.down");
  note(now.workers_up, "workers.down");
  note(now.active_lists > 0, "lists.none_active");
  note(!app.stopping.load(), "server.stopping");
  const auto not_ready_at = level_of(app.settings.get()->watch.not_ready_at);
  for (const alarms::Alarm& alarm : watched.alarms) {
    const std::string& code = alarm.condition.code;
    // An alarm outlasts its condition for a while. Of these the condition is known.
    const bool known = code == "lists.none_active" || code == "workers.down";
    note(known || !alarms::concerns_detection(code) || !not_ready_at ||
             alarm.condition.level < *not_ready_at,
         code);
  }
  return reasons;
}

}  // namespace

Response get_readyz(App& app, const Request& request) {
  const pipeline::Readiness now = app.pipeline.readiness();
  const auto watched = app.watch->status();
  const std::vector<std::string> reasons = why_not_ready(app, now, *watched);
  json::object checks = {{"detection", to_string(watched->level)},
                         {"store", now.store_up},
                         {"workers", now.workers_up},
                         {"lists", now.active_lists > 0},
                         {"vault", watched->seen.vault_up},
                         {"policy_version", now.policy_version}};
  if (!reasons.empty()) {
    json::object extra = {{"reasons", json::array(reasons.begin(), reasons.end())}};
    if (request.query_value("verbose")) {
      extra["checks"] = std::move(checks);
    }
    return problem({ErrorKind::kUnavailable,
                    "server.not_ready",
                    "The server cannot give verdicts now; reasons says why."},
                   request.id,
                   extra);
  }
  json::object body = {{"status", "ready"}};
  if (request.query_value("verbose")) {
    body["checks"] = std::move(checks);
  }
  return json_response(200, body);
}

Response get_version(App&, const Request&) {
  return json_response(200, {{"name", "tutela"}, {"version", TUTELA_VERSION}, {"api", "v1"}});
}

Response get_openapi(App&, const Request&) {
  Response response;
  response.body = openapi_json();
  return response;
}

namespace {

double age_seconds(UtcMs now_ms, UtcMs since_ms) {
  return std::max(0.0, static_cast<double>(now_ms - since_ms) / 1000.0);
}

/// What waits for people, and for whoever takes messages.
Status read_review(App& app, Gauges& gauges) {
  Review& review = app.review;
  const std::string tenant = system_actor().tenant_id;
  const UtcMs now_ms = app.clock.now_ms();
  TUTELA_TRY_ASSIGN(const auto waits, waits_of(app, tenant));
  for (const cases::QueueCount& count : waits->queues) {
    gauges.waiting_cases.emplace_back(cases::to_string(count.queue), count.waiting);
  }
  gauges.owed_actions = waits->owed_actions;
  TUTELA_TRY_ASSIGN(const auto counts, review.outbox.counts(tenant, review.webhook.topics));
  gauges.deliveries_waiting = counts.waiting;
  gauges.deliveries_dead = counts.dead;
  gauges.oldest_delivery_age_seconds =
      counts.oldest_ms ? age_seconds(now_ms, *counts.oldest_ms) : 0.0;
  return ok();
}

Status read_reports(App& app, Gauges& gauges) {
  TUTELA_TRY_ASSIGN(const reports::Counts counts,
                    app.reporting.reports.counts(system_actor().tenant_id));
  gauges.reports_released = counts.released;
  gauges.reports_waiting = counts.waiting;
  gauges.reports_overdue = counts.overdue;
  gauges.reports_filed = counts.finished;
  gauges.reports_simulated = counts.simulated;
  gauges.oldest_report_age_seconds =
      counts.oldest_debt_ms ? age_seconds(app.clock.now_ms(), *counts.oldest_debt_ms) : 0.0;
  for (const reports::Authority& authority : app.reporting.desk.authorities()) {
    const AuthorityHealth::State state = app.reporting.health.of(authority.name);
    gauges.authorities.push_back(
        {authority.name, state.last_success_ms.value_or(0), state.last_failure_ms.value_or(0)});
  }
  return ok();
}

Status read_store(App& app, Gauges& gauges) {
  TUTELA_TRY_ASSIGN(const auto counts, app.pipeline.ledger().owed_counts());
  gauges.owed_items = counts.owed;
  if (counts.owed > 0) {
    gauges.oldest_owed_age_seconds = age_seconds(app.clock.now_ms(), counts.oldest_owed_ms);
  }
  TUTELA_TRY_ASSIGN(const auto all, app.pipeline.lists().all(system_actor()));
  for (const lists::List& list : all) {
    if (list.state == lists::State::kActive) {
      gauges.list_signals.emplace_back(list.spec.name, list.signal_count);
    }
  }
  TUTELA_TRY(read_review(app, gauges));
  return read_reports(app, gauges);
}

}  // namespace

Response get_metrics(App& app, const Request&) {
  Gauges gauges;
  gauges.watch = app.watch->status();
  gauges.intake = app.intake->figures();
  // Metrics come also where the store does not answer: then above all.
  if (gauges.watch->seen.store_up) {
    if (const auto read = read_store(app, gauges); !read) {
      log::log_event(log::Level::kError,
                     "metrics are not whole",
                     {{"code", std::string(read.error().code)}, {"why", read.error().message}});
    }
  }
  const workers::Workers::Health health = app.pipeline.workers()->health();
  gauges.queue_depth = app.scans.taken();
  gauges.page_uploads = app.page_uploads.taken();
  gauges.worker_crashes = health.crashes;
  gauges.worker_restarts = health.restarts;
  gauges.spool_bytes = app.pipeline.spool().size_bytes();
  gauges.now_ms = app.clock.now_ms();
  gauges.ready = why_not_ready(app, app.pipeline.readiness(), *gauges.watch).empty();
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = app.metrics.text(gauges);
  return response;
}

}  // namespace tutela::http
