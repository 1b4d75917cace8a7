// What anybody may ask of intake as JSON: the proof of work, figures of promises, helplines, and
// with number and PIN one's own notice. The same whatever a notice is about.
#include <algorithm>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "casework/intake/work.hpp"
#include "service/http/handlers.hpp"
#include "service/http/intake_page.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"
#include "service/intake/intake.hpp"
#include "service/intake_page/language.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::size_t kNumberBytesMax = 64;
constexpr std::size_t kPinBytesMax = 32;
constexpr std::size_t kTextBytesMax = 32U << 10;  // intake says what is too long, in characters

json::object followed_json(const intake::Followed& followed) {
  json::array messages;
  for (const intake::Message& message : followed.messages) {
    messages.push_back(json::object{{"from_sender", message.from_sender},
                                    {"text", message.text},
                                    {"at", to_rfc3339(message.at_ms)}});
  }
  json::object body = {{"number", followed.number},
                       {"state", intake::to_string(followed.state)},
                       {"received_at", to_rfc3339(followed.received_ms)},
                       {"due_at", to_rfc3339(followed.due_ms)},
                       {"looked_at", followed.looked_at},
                       {"imminent", followed.imminent},
                       {"language", followed.language},
                       {"messages", std::move(messages)}};
  if (followed.outcome) {
    body["outcome"] = intake::to_string(*followed.outcome);
  }
  if (!followed.answer.empty()) {
    body["answer"] = followed.answer;
  }
  if (followed.answered_ms) {
    body["answered_at"] = to_rfc3339(*followed.answered_ms);
  }
  if (followed.earlier && followed.earlier_ms) {
    body["earlier"] = json::object{{"outcome", to_string(*followed.earlier)},
                                   {"answered_at", to_rfc3339(*followed.earlier_ms)}};
  }
  return body;
}

/// Number, PIN and, where `text` is wanted, what is added.
template <class Do>
Response with_pin(const Request& request, std::string* text, const Do& work) {
  const auto asked = [&]() -> Result<intake::Followed> {
    TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
    const std::string number = reader.text("number", kNumberBytesMax);
    const std::string pin = reader.text("pin", kPinBytesMax);
    if (text != nullptr) {
      *text = reader.lines("text", kTextBytesMax);
    }
    TUTELA_TRY(reader.finish());
    return work(number, pin);
  }();
  return asked ? json_response(200, followed_json(*asked)) : problem(asked.error(), request.id);
}

json::object line_json(const intake_page::Country& country,
                       const intake_page::Line& line,
                       std::string_view language,
                       UtcMs now_ms,
                       std::uint32_t stale_months) {
  json::object body = {{"country", country.code},
                       {"name", intake_page::in_language(line.name, language)},
                       {"source", line.source},
                       {"as_of", line.as_of},
                       {"stale", intake_page::is_stale(line, now_ms, stale_months)}};
  const auto put = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) {
      body[name] = value;
    }
  };
  put("phone", line.phone);
  put("email", line.email);
  put("url", line.url);
  put("text", intake_page::in_language(line.text, language));
  put("hours", intake_page::in_language(line.hours, language));
  put("source_name", line.source_name);
  if (!line.also.empty()) {
    body["also"] = json::array(line.also.begin(), line.also.end());
  }
  if (line.confirmed) {
    body["confirmed_on"] = *line.confirmed;
    body["confirmed_by"] = intake_page::to_string(line.confirmed_by);
  }
  return body;
}

json::object with_languages(json::object body, const intake_page::Line& line) {
  body["languages"] = json::array(line.languages.begin(), line.languages.end());
  return body;
}

Result<std::string> country_of(const Request& request) {
  std::string country(request.query_value("country").value_or(""));
  for (char& c : country) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  }
  const bool good = country.empty() ||
                    (country.size() == 2 &&
                     std::ranges::all_of(country, [](char c) { return c >= 'A' && c <= 'Z'; }));
  if (!good) {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_parameter",
                 "country must be two letters, ISO 3166-1 alpha-2"};
  }
  return country;
}

Result<json::object> help_body(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::string wanted, country_of(request));
  const std::string_view language = intake_page::language_of(
      request.query_value("language").value_or(""), request.accept_language);
  const auto all = app.site->help();
  const UtcMs now_ms = app.clock.now_ms();
  const std::uint32_t stale_months = app.settings.get()->intake.help_stale_months;
  const auto json_of = [&](const intake_page::Country& country, const intake_page::Line& line) {
    return line_json(country, line, language, now_ms, stale_months);
  };
  json::array emergency;
  json::array helplines;
  json::array hotlines;
  for (const intake_page::Country& country : all->countries) {
    if (!wanted.empty() && !country.code.empty() && country.code != wanted) {
      continue;
    }
    for (const intake_page::Line& line : country.emergency) {
      emergency.push_back(json_of(country, line));
    }
    for (const intake_page::Line& line : country.helplines) {
      helplines.push_back(with_languages(json_of(country, line), line));
    }
    for (const intake_page::Line& line : country.hotlines) {
      hotlines.push_back(with_languages(json_of(country, line), line));
    }
  }
  return json::object{{"emergency", std::move(emergency)},
                      {"helplines", std::move(helplines)},
                      {"hotlines", std::move(hotlines)},
                      {"as_of", all->as_of}};
}

Result<json::object> promises_body(App& app) {
  TUTELA_TRY_ASSIGN(const auto all, kept_promises(app));
  json::array queues;
  for (const intake_page::KeptPromise& one : all) {
    json::object queue = {{"queue", intake::to_string(one.kept.queue)},
                          {"promise_seconds", one.promise_ms / 1000},
                          {"received", one.kept.received},
                          {"kept", one.kept.kept},
                          {"broken", one.kept.broken},
                          {"withdrawn", one.kept.withdrawn}};
    if (one.kept.took_ms_mean > 0) {
      queue["mean_seconds"] = one.kept.took_ms_mean / 1000;
    }
    queues.push_back(std::move(queue));
  }
  return json::object{{"queues", std::move(queues)}, {"days", kPromiseDays}};
}

}  // namespace

Response get_intake_challenge(App& app, const Request& /*request*/) {
  const UtcMs now_ms = app.clock.now_ms();
  const intake::Challenge made =
      intake::make_challenge(app.intake->key(), app.settings.get()->intake.work_bits, now_ms);
  return json_response(200,
                       json::object{{"challenge", made.challenge},
                                    {"bits", made.bits},
                                    {"expires_at", to_rfc3339(now_ms + intake::kWorkMs)}});
}

Response get_intake_promises(App& app, const Request& request) {
  const auto body = promises_body(app);
  return body ? json_response(200, *body) : problem(body.error(), request.id);
}

Response post_intake_follow(App& app, const Request& request) {
  return with_pin(request, nullptr, [&](const std::string& number, const std::string& pin) {
    return app.intake->notices().follow(number, pin);
  });
}

Response post_intake_add(App& app, const Request& request) {
  std::string text;
  return with_pin(request, &text, [&](const std::string& number, const std::string& pin) {
    auto added = app.intake->notices().add(number, pin, text, {});
    if (added) {
      app.intake->wake();
    }
    return added;
  });
}

Response post_intake_withdraw(App& app, const Request& request) {
  return with_pin(request, nullptr, [&](const std::string& number, const std::string& pin) {
    return app.intake->notices().withdraw(number, pin);
  });
}

Response get_help(App& app, const Request& request) {
  const auto body = help_body(app, request);
  return body ? json_response(200, *body) : problem(body.error(), request.id);
}

}  // namespace tutela::http
