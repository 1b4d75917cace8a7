// Decisions: what people say of cases, samples of it, and the figures.
#include <algorithm>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/http/review_json.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kVersionMax = 1'000'000'000;
constexpr std::int64_t kDaysDefault = 14;
constexpr std::int64_t kDaysMax = 31;
constexpr std::int64_t kDayMs = 24LL * 3'600'000;
constexpr std::int64_t kQualityMs = 30 * kDayMs;
constexpr std::size_t kGroupMax = 200;
constexpr std::size_t kBulkMax = 500;
constexpr std::size_t kWordBytesMax = 64;

/// Undecided near-duplicates with the versions that a decision for them needs.
Result<json::array> versions_json(App& app, const Request& request, const std::vector<Uuid>& ids) {
  json::array items;
  for (const Uuid& id : ids) {
    const auto of = app.review.cases.find(person_of(request), id);
    if (!of && of.error().kind == ErrorKind::kNotFound) {
      continue;  // not for this person
    }
    TUTELA_TRY(of);
    items.push_back(json::object{{"id", to_string(id)}, {"version", of->version}});
  }
  return items;
}

Result<json::object> plan(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  TUTELA_TRY_ASSIGN(const cases::Verdict verdict, read_verdict(std::move(reader)));
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const cases::Plan plan,
                    app.review.decisions.plan(person_of(request), id, verdict));
  json::array actions;
  for (const cases::Action& action : plan.actions) {
    actions.push_back(json::object{{"kind", action.kind}, {"target", action.target}});
  }
  json::object body = {{"second_look", plan.second_look},
                       {"legal", plan.legal},
                       {"undo_until", to_rfc3339(plan.undo_until_ms)},
                       {"actions", std::move(actions)},
                       {"evidence_kept_days", plan.evidence_kept_days}};
  if (!plan.claimed_accounts.empty()) {
    body["claimed_accounts"] =
        json::array(plan.claimed_accounts.begin(), plan.claimed_accounts.end());
  }
  set_time(body, "report_due_at", plan.report_due_ms);
  TUTELA_TRY_ASSIGN(body["near_duplicates"], versions_json(app, request, plan.near_duplicates));
  return body;
}

Result<cases::Case> decide(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  ObjectReader verdict_reader = reader.object("verdict");
  json::array near = reader.members("near_duplicates", kGroupMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const cases::Verdict verdict, read_verdict(std::move(verdict_reader)));
  TUTELA_TRY_ASSIGN(const auto group, read_versions(std::move(near), request));
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const cases::Command command, command_of(request, version));
  const cases::Person person = person_of(request);
  TUTELA_TRY_ASSIGN(cases::Case decided, app.review.decisions.decide(person, id, command, verdict));
  if (!group.empty()) {
    // The case is decided; those of its group that could not be are still in their queues.
    TUTELA_TRY(app.review.decisions.decide_group(person, id, group));
  }
  return decided;
}

Result<cases::Case> undo(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto version, query_integer(request, "version", 1, kVersionMax));
  if (!version) {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_parameter",
                 "version names the version of the case that was seen"};
  }
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const cases::Command command, command_of(request, *version));
  return app.review.decisions.undo(person_of(request), id, command);
}

Result<json::object> decide_many(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  auto members = reader.optional_array("cases", kBulkMax);
  ObjectReader verdict_reader = reader.object("verdict");
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const cases::Verdict verdict, read_verdict(std::move(verdict_reader)));
  if (!members) {
    return Error{ErrorKind::kInvalidInput, "request.missing_field", "the field cases is missing"};
  }
  TUTELA_TRY_ASSIGN(const auto cases, read_versions(*std::move(members), request));
  TUTELA_TRY_ASSIGN(const auto results,
                    app.review.decisions.decide_many(person_of(request), cases, verdict));
  json::array items;
  std::int64_t decided = 0;
  for (const cases::BulkResult& result : results) {
    json::object item = {{"id", to_string(result.id)}};
    if (result.error.empty()) {
      ++decided;
    } else {
      item["error"] = result.error;
    }
    items.push_back(std::move(item));
  }
  return json::object{{"items", std::move(items)}, {"decided", decided}};
}

Result<cases::Case> make_sample(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string text = reader.text("case", kWordBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(text));
  return app.review.decisions.make_sample(person_of(request), id);
}

Result<json::object> quality(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto since, query_time(request, "since"));
  TUTELA_TRY_ASSIGN(auto counts,
                    app.review.decisions.quality(person_of(request),
                                                 since.value_or(app.clock.now_ms() - kQualityMs)));
  Names names(app, request);
  std::vector<std::pair<std::string, const cases::QualityCount*>> by_name;
  for (const cases::QualityCount& count : counts) {
    by_name.emplace_back(names.of(count.principal_id), &count);
  }
  std::ranges::sort(by_name);  // nobody is ranked
  json::array items;
  for (const auto& [name, count] : by_name) {
    items.push_back(json::object{{"person", count->principal_id},
                                 {"name", name},
                                 {"answered", count->answered},
                                 {"right", count->right}});
  }
  return json::object{{"items", std::move(items)}};
}

json::array days_json(const std::vector<cases::Day>& days,
                      const std::vector<std::int64_t>& points,
                      UtcMs today_ms) {
  json::array items;
  for (const cases::Day& day : days) {
    // The points' last day is today.
    const std::int64_t ago = (today_ms - day.day_ms) / kDayMs;
    const auto size = static_cast<std::int64_t>(points.size());
    const bool known = ago >= 0 && ago < size;
    items.push_back(
        json::object{{"day", to_rfc3339(day.day_ms).substr(0, 10)},
                     {"opened", day.opened},
                     {"decided", day.decided},
                     {"confirmed", day.confirmed},
                     {"views", day.views},
                     {"overturned", day.overturned},
                     {"samples", day.samples},
                     {"samples_wrong", day.samples_wrong},
                     {"points", known ? points[static_cast<std::size_t>(size - 1 - ago)] : 0}});
  }
  return items;
}

void set_hours(json::object& body, const Hours& found) {
  json::array hours;
  for (const Hour& hour : found.hours) {
    hours.push_back(json::object{{"hour", to_rfc3339(hour.at_ms)},
                                 {"no_match", hour.no_match},
                                 {"match", hour.match},
                                 {"unscannable", hour.unscannable},
                                 {"owed", hour.owed}});
  }
  json::array ages;
  for (const cases::QueueAges& age : found.ages) {
    ages.push_back(json::object{{"queue", cases::to_string(age.queue)},
                                {"under_hour", age.counts[0]},
                                {"under_day", age.counts[1]},
                                {"under_week", age.counts[2]},
                                {"older", age.counts[3]}});
  }
  json::array lists;
  for (const ListMatches& list : found.lists) {
    lists.push_back(
        json::object{{"list", list.name}, {"matches", list.matches}, {"of", found.scanned}});
  }
  body["hours"] = std::move(hours);
  body["queue_ages"] = std::move(ages);
  body["lists"] = std::move(lists);
}

Result<json::object> stats(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto asked, query_integer(request, "days", 1, kDaysMax));
  const std::int64_t days = asked.value_or(kDaysDefault);
  const UtcMs now_ms = app.clock.now_ms();
  const UtcMs today_ms = now_ms - now_ms % kDayMs;
  const std::string& tenant = request.principal->actor.tenant_id;
  Review& review = app.review;
  TUTELA_TRY_ASSIGN(const auto by_day,
                    review.decisions.days(person_of(request), today_ms - (days - 1) * kDayMs));
  TUTELA_TRY_ASSIGN(const auto points, app.custody.budgets.by_day(tenant, {}, days));
  TUTELA_TRY_ASSIGN(const auto hours, hours_of(app, tenant));
  json::object body = {{"days", days_json(by_day, points, today_ms)}};
  set_hours(body, *hours);
  return body;
}

}  // namespace

Response post_plan(App& app, const Request& request) {
  return answer_json(plan(app, request), request);
}

Response post_decision(App& app, const Request& request) {
  return answer_case(app, decide(app, request), request);
}

Response delete_decision(App& app, const Request& request) {
  return answer_case(app, undo(app, request), request);
}

Response post_decisions(App& app, const Request& request) {
  return answer_json(decide_many(app, request), request);
}

Response post_sample(App& app, const Request& request) {
  return answer_case(app, make_sample(app, request), request, 201);
}

Response get_quality(App& app, const Request& request) {
  return answer_json(quality(app, request), request);
}

Response get_review_stats(App& app, const Request& request) {
  return answer_json(stats(app, request), request);
}

}  // namespace tutela::http
