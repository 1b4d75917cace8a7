// Notices, as people of ours work on them: lists, one notice, and what is done about it.
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/notice_json.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/intake/intake.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLimitDefault = 50;
constexpr std::int64_t kLimitMax = 200;
constexpr std::int64_t kFloodsMax = 100;
constexpr std::int64_t kVersionMax = 1'000'000'000;
constexpr std::size_t kWordBytesMax = 64;
// More than intake takes: it says what is too long, in characters.
constexpr std::size_t kTypedBytesMax = 32U << 10;

const std::string& tenant_of(const Request& request) {
  return request.principal->actor.tenant_id;
}

Status take_words(const Request& request, intake::Filter& filter) {
  if (const auto queue = request.query_value("queue")) {
    TUTELA_TRY_ASSIGN(filter.queue, intake::parse_queue(*queue));
  }
  if (const auto state = request.query_value("state")) {
    TUTELA_TRY_ASSIGN(filter.state, intake::parse_state(*state));
  }
  if (const auto kind = request.query_value("kind")) {
    TUTELA_TRY_ASSIGN(filter.kind, intake::parse_kind(*kind));
  }
  return ok();
}

Result<intake::Filter> filter_of(const Request& request) {
  intake::Filter filter;
  TUTELA_TRY(take_words(request, filter));
  TUTELA_TRY_ASSIGN(const auto waiting, query_flag(request, "waiting"));
  filter.waiting = waiting.value_or(false);
  if (const auto id = request.query_value("case")) {
    TUTELA_TRY_ASSIGN(filter.case_id, parse_uuid(*id));
  }
  if (const auto id = request.query_value("partner")) {
    TUTELA_TRY_ASSIGN(filter.partner_id, parse_uuid(*id));
  }
  if (const auto key = request.query_value("flood")) {
    filter.flood_key = std::string(*key);
  }
  if (const auto number = request.query_value("number")) {
    filter.number = std::string(*number);
  }
  filter.after = std::string(request.query_value("after").value_or(""));
  TUTELA_TRY_ASSIGN(filter.limit, limit_of(request, kLimitDefault, kLimitMax));
  return filter;
}

Result<json::object> page_of(App& app, const Request& request, const intake::Filter& filter) {
  TUTELA_TRY_ASSIGN(const intake::Page page,
                    app.intake->notices().list(tenant_of(request), filter));
  NoticeJson as_json(app, request);
  json::array items;
  for (const intake::Notice& one : page.notices) {
    items.push_back(as_json.of(one));
  }
  json::object body = {{"items", std::move(items)}};
  if (!page.next.empty()) {
    body["next"] = page.next;
  }
  return body;
}

Result<json::object> notice_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const intake::Filter filter, filter_of(request));
  return page_of(app, request, filter);
}

Result<json::object> of_case(App& app, const Request& request) {
  intake::Filter filter;
  TUTELA_TRY_ASSIGN(filter.case_id, id_of(request));
  TUTELA_TRY(app.review.cases.find(person_of(request), *filter.case_id));
  filter.after = std::string(request.query_value("after").value_or(""));
  TUTELA_TRY_ASSIGN(filter.limit, limit_of(request, kLimitDefault, kLimitMax));
  return page_of(app, request, filter);
}

Result<json::object> queues(App& app, const Request& request) {
  intake::Notices& notices = app.intake->notices();
  TUTELA_TRY_ASSIGN(const auto counts, notices.counts(tenant_of(request)));
  TUTELA_TRY_ASSIGN(const auto floods, notices.floods(tenant_of(request), kFloodsMax));
  json::array counted;
  for (const intake::QueueCount& count : counts) {
    counted.push_back(queue_count_json(count));
  }
  json::array grouped;
  for (const intake::Flood& flood : floods) {
    grouped.push_back(flood_json(flood));
  }
  return json::object{{"queues", std::move(counted)}, {"floods", std::move(grouped)}};
}

Result<json::object> whole_notice(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const intake::Whole whole, app.intake->notices().whole(tenant_of(request), id));
  return NoticeJson(app, request).whole(whole);
}

/// What a command says of the notice that it is for.
struct Target {
  Uuid id;
  intake::Command command;
};

/// The version, what `read` takes of the body, and nothing else.
template <class Read>
Result<Target> target_of(const Request& request, const Read& read) {
  Target target;
  TUTELA_TRY_ASSIGN(target.id, id_of(request));
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  target.command.version = reader.integer("version", 1, kVersionMax);
  read(reader);
  TUTELA_TRY(reader.finish());
  return target;
}

Result<intake::Notice> take(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, [](ObjectReader&) {}));
  return app.intake->notices().take(request.principal->actor, target.id, target.command);
}

Result<intake::Notice> ask(App& app, const Request& request) {
  std::string question;
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, [&](ObjectReader& reader) {
                      question = reader.lines("question", kTypedBytesMax);
                    }));
  return app.intake->notices().ask(request.principal->actor, target.id, target.command, question);
}

Result<intake::Notice> give_answer(App& app, const Request& request) {
  std::string word;
  std::string words;
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, [&](ObjectReader& reader) {
                      word = reader.text("outcome", kWordBytesMax);
                      words = reader.optional_lines("words", kTypedBytesMax).value_or("");
                    }));
  TUTELA_TRY_ASSIGN(const intake::Outcome outcome, intake::parse_outcome(word));
  return app.intake->notices().answer(
      request.principal->actor, target.id, target.command, outcome, words);
}

Result<intake::Notice> move(App& app, const Request& request) {
  std::string word;
  std::string reason;
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, [&](ObjectReader& reader) {
                      word = reader.text("queue", kWordBytesMax);
                      reason = reader.lines("reason", kTypedBytesMax);
                    }));
  TUTELA_TRY_ASSIGN(const intake::Queue queue, intake::parse_queue(word));
  return app.intake->notices().move(
      request.principal->actor, target.id, target.command, queue, reason);
}

Result<intake::Notice> verify(App& app, const Request& request) {
  std::optional<bool> verified;
  std::string how;
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, [&](ObjectReader& reader) {
                      verified = reader.optional_flag("verified");
                      how = reader.lines("how", kTypedBytesMax);
                    }));
  if (!verified) {
    return Error{
        ErrorKind::kInvalidInput, "request.missing_field", "the field verified is missing"};
  }
  return app.intake->notices().verify(
      request.principal->actor, target.id, target.command, *verified, how);
}

/// The vault process looks up by itself who asks, and enters the access before it opens anything.
Result<json::object> identity(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string purpose = reader.text("purpose", kWordBytesMax);
  const std::string reason = reader.lines("reason", kTypedBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const vault_client::Message found,
                    app.custody.vault.identity(request.credential, id, purpose, reason));
  json::object body;
  for (const std::string_view name : {"name", "email", "phone"}) {
    if (found.has(name)) {
      body[name] = found.get(name);
    }
  }
  return body;
}

Response answer_notice(App& app, const Result<intake::Notice>& of, const Request& request) {
  return of ? json_response(200, NoticeJson(app, request).of(*of))
            : problem(of.error(), request.id);
}

}  // namespace

Response get_notices(App& app, const Request& request) {
  return answer_json(notice_page(app, request), request);
}

Response get_notice_queues(App& app, const Request& request) {
  return answer_json(queues(app, request), request);
}

Response get_notice(App& app, const Request& request) {
  return answer_json(whole_notice(app, request), request);
}

Response get_case_notices(App& app, const Request& request) {
  return answer_json(of_case(app, request), request);
}

Response post_notice_take(App& app, const Request& request) {
  return answer_notice(app, take(app, request), request);
}

Response post_notice_question(App& app, const Request& request) {
  return answer_notice(app, ask(app, request), request);
}

Response post_notice_answer(App& app, const Request& request) {
  return answer_notice(app, give_answer(app, request), request);
}

Response post_notice_move(App& app, const Request& request) {
  return answer_notice(app, move(app, request), request);
}

Response post_notice_verification(App& app, const Request& request) {
  return answer_notice(app, verify(app, request), request);
}

Response post_notice_identity(App& app, const Request& request) {
  return answer_json(identity(app, request), request);
}

}  // namespace tutela::http
