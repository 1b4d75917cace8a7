// Actions: what others owe because of decisions, and the messages that did not reach them.
#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/http/review_json.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLimitDefault = 100;
constexpr std::int64_t kLimitMax = 200;
constexpr std::int64_t kNumberMax = 9'000'000'000'000'000;

Result<std::optional<cases::ActionState>> state_of(const Request& request) {
  const auto word = request.query_value("state");
  if (!word) {
    return std::optional<cases::ActionState>();
  }
  for (const auto state :
       {cases::ActionState::kWaiting, cases::ActionState::kDone, cases::ActionState::kFailed}) {
    if (cases::to_string(state) == *word) {
      return std::optional(state);
    }
  }
  return Error{
      ErrorKind::kInvalidInput, "request.bad_parameter", "state is one of waiting, done, failed"};
}

Result<json::object> actions_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto state, state_of(request));
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  std::optional<Uuid> case_id;
  if (const auto text = request.query_value("case")) {
    TUTELA_TRY_ASSIGN(case_id, parse_uuid(*text));
  }
  TUTELA_TRY_ASSIGN(const auto found,
                    app.review.decisions.actions(person_of(request), state, case_id, limit));
  json::array items;
  for (const cases::Action& action : found) {
    items.push_back(action_json(action));
  }
  return json::object{{"items", std::move(items)}, {"receiver", app.review.has_receiver()}};
}

Result<json::object> deliveries_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  const std::string& tenant = request.principal->actor.tenant_id;
  Review& review = app.review;
  TUTELA_TRY_ASSIGN(const auto dead, review.outbox.dead(tenant, limit));
  TUTELA_TRY_ASSIGN(const auto counts, review.outbox.counts(tenant, review.webhook.topics));
  json::array items;
  for (const outbox::Message& message : dead) {
    items.push_back(delivery_json(message));
  }
  return json::object{
      {"items", std::move(items)}, {"waiting", counts.waiting}, {"dead", counts.dead}};
}

Result<json::object> replay(App& app, const Request& request) {
  const std::string_view text = request.parameter("id");
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || number < 1 ||
      number > kNumberMax) {
    return Error{ErrorKind::kNotFound, "outbox.not_found", "there is no such message"};
  }
  const store::Actor& actor = request.principal->actor;
  Review& review = app.review;
  TUTELA_TRY_ASSIGN(const auto dead, review.outbox.dead(actor.tenant_id, kLimitMax));
  const UtcMs now_ms = app.clock.now_ms();
  TUTELA_TRY(review.outbox.replay(actor, number, [&](store::Transaction& transaction) {
    return cases::reopen_action(transaction, actor.tenant_id, number);
  }));
  if (review.sender) {
    review.sender->wake();
  }
  outbox::Message message;
  message.id = number;
  if (const auto found = std::ranges::find(dead, number, &outbox::Message::id);
      found != dead.end()) {
    message = *found;
  }
  message.state = "waiting";
  message.next_at_ms = now_ms;
  return delivery_json(message);
}

}  // namespace

Response get_actions(App& app, const Request& request) {
  return answer_json(actions_page(app, request), request);
}

Response get_deliveries(App& app, const Request& request) {
  return answer_json(deliveries_page(app, request), request);
}

Response post_replay(App& app, const Request& request) {
  return answer_json(replay(app, request), request);
}

}  // namespace tutela::http
