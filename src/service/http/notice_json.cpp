#include "service/http/notice_json.hpp"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace tutela::http {

namespace json = boost::json;

namespace {

void set_text(json::object& body, std::string_view name, const std::optional<std::string>& text) {
  if (text && !text->empty()) {
    body[name] = *text;
  }
}

void set_id(json::object& body, std::string_view name, const std::optional<Uuid>& id) {
  if (id) {
    body[name] = to_string(*id);
  }
}

json::object body_json(const intake::Body& of) {
  json::array messages;
  for (const intake::Said& said : of.messages) {
    json::object one = {{"text", said.text}};
    set_text(one, "who", said.who);
    set_text(one, "when", said.when);
    messages.push_back(std::move(one));
  }
  return {{"text", of.text},
          {"links", json::array(of.links.begin(), of.links.end())},
          {"accounts", json::array(of.accounts.begin(), of.accounts.end())},
          {"messages", std::move(messages)}};
}

json::object detail_json(const std::string& detail) {
  json::error_code failed;
  json::value value = json::parse(detail, failed);
  return failed || !value.is_object() ? json::object() : std::move(value.as_object());
}

template <class Values, class Make>
json::array array_of(const Values& values, Make make) {
  json::array items;
  for (const auto& value : values) {
    items.emplace_back(make(value));
  }
  return items;
}

}  // namespace

NoticeJson::NoticeJson(App& app, const Request& request)
    : now_ms_(app.clock.now_ms()), names_(app, request) {}

void NoticeJson::sign(json::object& body,
                      const std::string& name,
                      const std::optional<std::string>& principal_id) {
  if (!principal_id || principal_id->empty()) {
    return;
  }
  body[name] = *principal_id;
  if (auto found = names_.find(*principal_id)) {
    body[name + "_name"] = *std::move(found);
  }
}

json::object NoticeJson::of(const intake::Notice& of) {
  json::object body = {{"id", to_string(of.id)},
                       {"version", of.version},
                       {"number", of.number},
                       {"channel", intake::to_string(of.channel)},
                       {"kind", intake::to_string(of.kind)},
                       {"sender", intake::to_string(of.sender)},
                       {"queue", intake::to_string(of.queue)},
                       {"state", intake::to_string(of.state)},
                       {"imminent", of.imminent},
                       {"language", of.language},
                       {"proved", of.proved},
                       {"has_contact", of.has_contact},
                       {"received_at", to_rfc3339(of.received_ms)},
                       {"due_at", to_rfc3339(of.due_ms)},
                       {"overdue", intake::is_waiting(of.state) && of.due_ms < now_ms_},
                       {"verified", intake::to_string(of.verified)}};
  set_text(body, "country", of.country);
  set_text(body, "reference", of.reference);
  set_id(body, "partner", of.partner_id);
  set_text(body, "flood", of.flood_key);
  set_time(body, "escalated_at", of.escalated_ms);
  sign(body, "escalated_to", of.escalated_to);
  set_time(body, "sorted_at", of.sorted_ms);
  set_id(body, "case", of.case_id);
  sign(body, "taken_by", of.taken_by);
  set_time(body, "answered_at", of.answered_ms);
  if (of.outcome) {
    body["outcome"] = intake::to_string(*of.outcome);
  }
  set_text(body, "answer", of.answer);
  set_time(body, "closed_at", of.closed_ms);
  sign(body, "verified_by", of.verified_by);
  return body;
}

json::object NoticeJson::whole(const intake::Whole& whole) {
  json::object body = of(whole.of);
  body["body"] = body_json(whole.body);
  body["files"] = array_of(whole.files, [](const Uuid& id) { return to_string(id); });
  body["messages"] = array_of(whole.messages, [&](const intake::Message& message) {
    json::object one = {{"from_sender", message.from_sender},
                        {"text", message.text},
                        {"at", to_rfc3339(message.at_ms)}};
    if (!message.from_sender) {
      sign(one, "by", message.principal_id);
    }
    return one;
  });
  body["events"] = array_of(whole.events, [&](const intake::Event& event) {
    json::object one = {{"number", event.number},
                        {"kind", event.kind},
                        {"detail", detail_json(event.detail)},
                        {"at", to_rfc3339(event.at_ms)}};
    sign(one, "by", event.principal_id);
    return one;
  });
  body["same_subject"] = whole.same_subject;
  body["outcomes"] = array_of(intake::outcomes_of(whole.of, whole.body),
                              [](intake::Outcome outcome) { return intake::to_string(outcome); });
  return body;
}

json::object queue_count_json(const intake::QueueCount& count) {
  json::object body = {{"queue", intake::to_string(count.queue)},
                       {"waiting", count.waiting},
                       {"taken", count.taken},
                       {"due_soon", count.due_soon},
                       {"overdue", count.overdue}};
  set_time(body, "oldest_at", count.oldest_ms);
  set_time(body, "next_due_at", count.next_due_ms);
  return body;
}

json::object flood_json(const intake::Flood& flood) {
  return {{"key", flood.key},
          {"notices", flood.notices},
          {"imminent", flood.imminent},
          {"first_at", to_rfc3339(flood.first_ms)},
          {"last_at", to_rfc3339(flood.last_ms)}};
}

}  // namespace tutela::http
