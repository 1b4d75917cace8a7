// Cases: queues, pages, locks, and what people write into them.
#include <array>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "custody/opening/opening.hpp"
#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/http/review_json.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLimitDefault = 100;
constexpr std::int64_t kLimitMax = 200;
constexpr std::int64_t kVersionMax = 1'000'000'000;
constexpr std::int64_t kNumberMax = 9'000'000'000'000'000;
constexpr std::int64_t kActionsMax = 200;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kReferenceBytesMax = 1024;
constexpr std::size_t kTypedBytesMax = 16'000;  // 4000 characters
constexpr std::size_t kDraftBytesMax = 8192;
constexpr std::size_t kMarksMax = 3;

Result<cases::Sort> sort_of(const Request& request) {
  const std::string_view word = request.query_value("sort").value_or("rank");
  if (word == "rank") {
    return cases::Sort::kRank;
  }
  if (word == "newest") {
    return cases::Sort::kNewest;
  }
  if (word == "due") {
    return cases::Sort::kDue;
  }
  return Error{
      ErrorKind::kInvalidInput, "request.bad_parameter", "sort is one of rank, newest, due"};
}

/// A word of the query that `parse` knows.
template <class Value>
Result<std::optional<Value>> query_word(const Request& request,
                                        std::string_view name,
                                        Result<Value> (*parse)(std::string_view)) {
  const auto text = request.query_value(name);
  if (!text) {
    return std::optional<Value>();
  }
  TUTELA_TRY_ASSIGN(Value value, parse(*text));
  return std::optional<Value>(std::move(value));
}

std::optional<std::string> query_text(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

Result<cases::Filter> filter_of(const Request& request) {
  cases::Filter filter;
  TUTELA_TRY_ASSIGN(filter.queue, query_word(request, "queue", cases::parse_queue));
  TUTELA_TRY_ASSIGN(filter.state, query_word(request, "state", cases::parse_state));
  TUTELA_TRY_ASSIGN(const auto waiting, query_flag(request, "waiting"));
  filter.undecided = waiting.value_or(false);
  TUTELA_TRY_ASSIGN(const auto mine, query_flag(request, "mine"));
  filter.mine = mine.value_or(false);
  filter.account = query_text(request, "account");
  TUTELA_TRY_ASSIGN(filter.content_id, query_word(request, "content", parse_uuid));
  filter.list = query_text(request, "list");
  TUTELA_TRY_ASSIGN(filter.needs_view, query_flag(request, "needs_view"));
  TUTELA_TRY_ASSIGN(filter.opened_since_ms, query_time(request, "since"));
  TUTELA_TRY_ASSIGN(filter.opened_until_ms, query_time(request, "until"));
  TUTELA_TRY_ASSIGN(filter.sort, sort_of(request));
  filter.after = query_text(request, "after").value_or("");
  TUTELA_TRY_ASSIGN(filter.limit, limit_of(request, kLimitDefault, kLimitMax));
  return filter;
}

Result<json::object> case_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const cases::Filter filter, filter_of(request));
  TUTELA_TRY_ASSIGN(const cases::Page page, app.review.cases.list(person_of(request), filter));
  CaseJson as_json(app, request);
  json::array items;
  for (const cases::Case& one : page.cases) {
    items.push_back(as_json.of(one));
  }
  json::object body = {{"items", std::move(items)}};
  if (!page.next.empty()) {
    body["next"] = page.next;
  }
  return body;
}

/// Counts of the whole tenant are a second old at the most; locks are as they are.
Result<std::vector<cases::QueueCount>> counts_for(App& app, const Request& request) {
  if (request.principal->assigned_only) {
    return app.review.cases.counts(person_of(request));
  }
  const std::string& tenant = request.principal->actor.tenant_id;
  TUTELA_TRY_ASSIGN(const auto waits, waits_of(app, tenant));
  TUTELA_TRY_ASSIGN(auto locked, app.review.cases.locked(tenant));
  std::vector<cases::QueueCount> counts = waits->queues;
  for (cases::QueueCount& count : counts) {
    count.locked = locked[count.queue];
  }
  return counts;
}

Result<json::object> queue_list(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto counts, counts_for(app, request));
  json::array items;
  for (const cases::QueueCount& count : counts) {
    json::object item = {{"queue", cases::to_string(count.queue)},
                         {"waiting", count.waiting},
                         {"locked", count.locked},
                         {"overdue", count.overdue}};
    set_time(item, "oldest_at", count.oldest_ms);
    items.push_back(std::move(item));
  }
  return json::object{{"items", std::move(items)}};
}

Result<json::object> take_next(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const auto word = reader.optional_text("queue", kWordBytesMax);
  TUTELA_TRY(reader.finish());
  std::optional<cases::Queue> queue;
  if (word) {
    TUTELA_TRY_ASSIGN(queue, cases::parse_queue(*word));
  }
  TUTELA_TRY_ASSIGN(const exposure::State state,
                    app.custody.budgets.state(request.principal->actor));
  TUTELA_TRY_ASSIGN(const auto taken,
                    app.review.cases.take_next(person_of(request), queue, state.declined));
  json::object body;
  if (taken) {
    body["case"] = CaseJson(app, request).of(*taken);
  }
  return body;
}

/// An array of what is one by one made JSON.
template <class Values, class Make>
json::array array_of(const Values& values, Make make) {
  json::array items;
  for (const auto& value : values) {
    items.push_back(make(value));
  }
  return items;
}

Result<json::object> whole_case(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  const cases::Person person = person_of(request);
  TUTELA_TRY_ASSIGN(const cases::Whole whole, app.review.cases.whole(person, id));
  CaseJson as_json(app, request);
  json::array items;
  for (const cases::Item& item : whole.items) {
    json::object one = as_json.item(item);
    if (item.evidence_id) {
      TUTELA_TRY_ASSIGN(one["viewed"], viewed_word(app, request, *item.evidence_id));
    }
    items.push_back(std::move(one));
  }
  json::object body = {
      {"case", as_json.of(whole.of)},
      {"items", std::move(items)},
      {"events", array_of(whole.events, [&](const auto& one) { return as_json.event(one); })},
      {"notes", array_of(whole.notes, [&](const auto& one) { return as_json.note(one); })},
      {"links", array_of(whole.links, link_json)},
      {"decisions",
       array_of(whole.decisions, [&](const auto& one) { return as_json.decision(one); })},
      {"earlier_cases", whole.earlier_cases}};
  json::array actions;
  if (request.may(auth::Permission::kActionRead)) {
    TUTELA_TRY_ASSIGN(const auto owed, app.review.decisions.actions(person, {}, id, kActionsMax));
    actions = array_of(owed, action_json);
  }
  body["actions"] = std::move(actions);
  return body;
}

Result<json::object> event_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const auto after, query_integer(request, "after", 0, kNumberMax));
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  TUTELA_TRY_ASSIGN(const auto events,
                    app.review.cases.events(person_of(request), id, after.value_or(0), limit));
  CaseJson as_json(app, request);
  json::object body = {
      {"items", array_of(events, [&](const auto& one) { return as_json.event(one); })}};
  if (std::cmp_equal(events.size(), limit)) {
    body["next"] = events.back().number;
  }
  return body;
}

Result<cases::Case> lock(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const bool force = reader.optional_flag("force").value_or(false);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  return app.review.cases.lock(person_of(request), id, force);
}

Result<cases::Case> unlock(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  return app.review.cases.unlock(person_of(request), id);
}

Result<cases::Case> add_note(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  const std::string text = reader.lines("text", kTypedBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const cases::Command command, command_of(request, version));
  return app.review.cases.add_note(person_of(request), id, command, text);
}

Result<cases::Case> add_link(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  const std::string other_text = reader.text("case", kWordBytesMax);
  const std::string word = reader.text("kind", kWordBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const Uuid other, parse_uuid(other_text));
  TUTELA_TRY_ASSIGN(const cases::LinkKind kind, cases::parse_link_kind(word));
  TUTELA_TRY_ASSIGN(const cases::Command command, command_of(request, version));
  return app.review.cases.link(person_of(request), id, command, other, kind);
}

Result<cases::Case> set_marks(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  const json::array words = reader.members("marks", kMarksMax);
  TUTELA_TRY(reader.finish());
  std::vector<cases::Mark> marks;
  for (const json::value& word : words) {
    const json::string* text = word.if_string();
    TUTELA_TRY_ASSIGN(
        const cases::Mark mark,
        cases::parse_mark(text == nullptr ? std::string_view()
                                          : std::string_view(text->data(), text->size())));
    marks.push_back(mark);
  }
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const cases::Command command, command_of(request, version));
  return app.review.cases.mark(person_of(request), id, command, marks);
}

Result<cases::Case> attest(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  const std::string reference = reader.text("reference", kReferenceBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const cases::Command command, command_of(request, version));
  return app.review.cases.attest_report(person_of(request), id, command, reference);
}

Status save_draft(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string body = reader.lines("body", kDraftBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  return app.review.cases.save_draft(person_of(request), id, body);
}

Result<json::object> draft(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const std::string body, app.review.cases.draft(person_of(request), id));
  return json::object{{"body", body}};
}

}  // namespace

Response answer_case(App& app, const Result<cases::Case>& of, const Request& request, int status) {
  return of ? json_response(status, CaseJson(app, request).of(*of))
            : problem(of.error(), request.id);
}

Response get_cases(App& app, const Request& request) {
  return answer_json(case_page(app, request), request);
}

Response get_queues(App& app, const Request& request) {
  return answer_json(queue_list(app, request), request);
}

Response post_next(App& app, const Request& request) {
  return answer_json(take_next(app, request), request);
}

Response get_case(App& app, const Request& request) {
  return answer_json(whole_case(app, request), request);
}

Response get_case_events(App& app, const Request& request) {
  return answer_json(event_page(app, request), request);
}

Response post_lock(App& app, const Request& request) {
  return answer_case(app, lock(app, request), request);
}

Response delete_lock(App& app, const Request& request) {
  return answer_case(app, unlock(app, request), request);
}

Response post_note(App& app, const Request& request) {
  return answer_case(app, add_note(app, request), request);
}

Response post_link(App& app, const Request& request) {
  return answer_case(app, add_link(app, request), request);
}

Response post_marks(App& app, const Request& request) {
  return answer_case(app, set_marks(app, request), request);
}

Response post_attestation(App& app, const Request& request) {
  return answer_case(app, attest(app, request), request);
}

Response get_draft(App& app, const Request& request) {
  return answer_json(draft(app, request), request);
}

Response put_draft(App& app, const Request& request) {
  return answer_empty(save_draft(app, request), request);
}

}  // namespace tutela::http
