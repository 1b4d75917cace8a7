#include "service/cybertip_simulator/core.hpp"

#include <array>
#include <utility>

#include <boost/json.hpp>

#include "base/file.hpp"
#include "crypto/base64.hpp"
#include "crypto/secret.hpp"
#include "exchange/cybertip/schema_text.hpp"

namespace tutela::cybertip_simulator {

namespace {

namespace json = boost::json;

struct Route {
  std::string_view endpoint;
  std::string_view method;
};

constexpr std::array kRoutes = {Route{"status", "GET"},
                                Route{"xsd", "GET"},
                                Route{"submit", "POST"},
                                Route{"upload", "POST"},
                                Route{"fileinfo", "POST"},
                                Route{"finish", "POST"},
                                Route{"retract", "POST"}};

std::string lower_without_blanks(std::string_view text) {
  std::string out;
  for (const char byte : text) {
    if (byte != ' ' && byte != '\t' && byte != '"') {
      out += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    }
  }
  return out;
}

Reply refusal_with(unsigned http_status, std::int64_t code, std::string_view why) {
  Reply reply = refusal(code, why);
  reply.http_status = http_status;
  return reply;
}

json::object json_of(const StoredReport& report) {
  json::array files;
  for (const StoredFile& file : report.files) {
    files.push_back(json::object{{"id", file.id},
                                 {"md5", file.md5},
                                 {"size_bytes", file.size_bytes},
                                 {"described", !file.details.empty()}});
  }
  return {{"id", report.id},
          {"state", to_string(report.stage)},
          {"batched", report.batched},
          {"opened_ms", report.opened_ms},
          {"changed_ms", report.changed_ms},
          {"files", std::move(files)}};
}

Answer json_answer(unsigned status, std::string body) {
  return {status, "application/json", std::move(body)};
}

}  // namespace

Core::Core(const Clock& clock, CoreOptions options)
    : clock_(clock),
      options_(std::move(options)),
      started_ms_(clock.now_ms()),
      desk_(options_.first_id) {}

UtcMs Core::now_ms() const {
  const double passed = static_cast<double>(clock_.now_ms() - started_ms_);
  return started_ms_ + static_cast<UtcMs>(passed * options_.time_scale) + advanced_ms_;
}

bool Core::knows(std::string_view authorization) const {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() <= kScheme.size() ||
      lower_without_blanks(authorization.substr(0, kScheme.size())) != "basic") {
    return false;
  }
  const auto given = crypto::parse_base64(authorization.substr(kScheme.size()));
  const std::string wanted = options_.username + ":" + options_.password;
  return given && crypto::equal_constant_time(*given, as_bytes(wanted));
}

Opened Core::open(const Head& head) {
  Opened opened;
  if (!knows(head.authorization)) {
    opened.refused = refusal(2000, "Authentication required");
    return opened;
  }
  const std::string_view path = std::string_view(head.target).substr(0, head.target.find('?'));
  if (path.starts_with("/simulator/")) {
    opened.endpoint = "control";
    return opened;
  }
  const Route* found = nullptr;
  for (const Route& route : kRoutes) {
    if (path == "/ispws/" + std::string(route.endpoint)) {
      found = &route;
    }
  }
  if (found == nullptr) {
    opened.refused = refusal(1210, "Resource not found");
    return opened;
  }
  opened.endpoint = found->endpoint;
  if (head.method != found->method) {
    opened.refused = refusal_with(405, 4000, "the method is " + std::string(found->method));
    return opened;
  }
  if ((opened.endpoint == "submit" || opened.endpoint == "fileinfo") &&
      lower_without_blanks(head.content_type) != "text/xml;charset=utf-8") {
    opened.refused = refusal_with(415, 4000, "the Content-Type is text/xml; charset=utf-8");
    return opened;
  }
  const MutexLock lock(mutex_);
  ++calls_[opened.endpoint];
  opened.fault = faults_.next(opened.endpoint);
  return opened;
}

Reply Core::perform_form(const Opened& opened, const Body& body) {
  const bool upload = opened.endpoint == "upload";
  if (!body.wrong.empty()) {
    return refusal(upload ? 4200 : 4000, body.wrong);
  }
  if (!body.id) {
    return refusal(4000, "the parameter id is missing or is no report ID");
  }
  if (!upload) {
    return opened.endpoint == "finish" ? desk_.finish(*body.id, now_ms())
                                       : desk_.retract(*body.id, now_ms());
  }
  if (!body.file) {
    return refusal(4200, "the parameter file is missing");
  }
  Received file = *body.file;
  if (opened.fault && opened.fault->act == Act::kOtherBytes) {
    file.md5[0] = file.md5[0] == '0' ? '1' : '0';
  }
  return desk_.upload(*body.id, file, now_ms());
}

Reply Core::perform(const Opened& opened, Body body) {
  if (opened.fault && opened.fault->act == Act::kExpireBefore) {
    desk_.expire_all();
  }
  if (opened.wants_form()) {
    return perform_form(opened, body);
  }
  if (!body.wrong.empty()) {
    return refusal_with(413, 4000, body.wrong);
  }
  return opened.endpoint == "submit" ? desk_.submit(body.text, now_ms())
                                     : desk_.file_info(body.text, now_ms());
}

Answer Core::serve(const Head& head, const Opened& opened, Body body) {
  if (opened.endpoint == "control") {
    return control(head, body);
  }
  if (opened.endpoint == "xsd") {
    return {200, "text/xml; charset=utf-8", std::string(cybertip::schema_text())};
  }
  Reply reply;
  if (opened.endpoint == "status") {
    reply.description = "Remote User : " + options_.username + ", Remote Ip : " + head.peer;
  } else {
    const MutexLock lock(mutex_);
    reply = perform(opened, std::move(body));
    if (reply.report_id && reply.code == 0) {
      write_files(*reply.report_id);
    }
  }
  return answer_of(std::move(reply), opened.fault);
}

Answer Core::refuse(const Opened& opened) {
  return answer_of(opened.refused.value_or(Reply{}), opened.refused ? std::nullopt : opened.fault);
}

void Core::set_faults(std::vector<Fault> faults) {
  const MutexLock lock(mutex_);
  faults_.set(std::move(faults));
}

void Core::advance(std::int64_t by_ms) {
  const MutexLock lock(mutex_);
  advanced_ms_ += by_ms;
}

void Core::expire_all() {
  const MutexLock lock(mutex_);
  desk_.expire_all();
}

std::vector<StoredReport> Core::reports() {
  const MutexLock lock(mutex_);
  desk_.expire(now_ms());
  std::vector<StoredReport> all;
  for (const auto& [id, report] : desk_.reports()) {
    all.push_back(report);
  }
  return all;
}

std::string Core::reports_json() {
  json::array list;
  json::object counts{{"open", 0}, {"finished", 0}, {"retracted", 0}, {"expired", 0}};
  for (const StoredReport& report : reports()) {
    counts[to_string(report.stage)].as_int64() += 1;
    list.push_back(json_of(report));
  }
  json::object calls;
  {
    const MutexLock lock(mutex_);
    for (const auto& [endpoint, count] : calls_) {
      calls[endpoint] = count;
    }
  }
  return json::serialize(json::object{{"simulated", true},
                                      {"calls", std::move(calls)},
                                      {"counts", std::move(counts)},
                                      {"reports", std::move(list)}});
}

Answer Core::control(const Head& head, const Body& body) {
  const std::string call = head.method + " " + head.target;
  if (call == "GET /simulator/reports") {
    return json_answer(200, reports_json());
  }
  if (call == "POST /simulator/faults") {
    auto faults = parse_faults(body.text);
    if (!faults) {
      return json_answer(400, json::serialize(json::object{{"error", faults.error().message}}));
    }
    set_faults(*std::move(faults));
    return json_answer(200, "{}");
  }
  if (call == "POST /simulator/expire") {
    expire_all();
    return json_answer(200, "{}");
  }
  if (call == "POST /simulator/clock") {
    boost::system::error_code failed;
    const json::value value = json::parse(body.text, failed);
    const json::object* const object = failed ? nullptr : value.if_object();
    const json::value* const by = object == nullptr ? nullptr : object->if_contains("advance_ms");
    constexpr std::int64_t kYearMs = 366LL * 24 * 3'600'000;
    if (by == nullptr || !by->is_int64() || by->get_int64() < 0 || by->get_int64() > kYearMs) {
      return json_answer(400, R"({"error": "wanted: {\"advance_ms\": up to a year}"})");
    }
    advance(by->get_int64());
    return json_answer(200, "{}");
  }
  return json_answer(404,
                     R"({"error": "GET reports; POST faults, expire, clock under /simulator/"})");
}

void Core::write_files(std::int64_t id) {
  const auto at = desk_.reports().find(id);
  if (options_.folder.empty() || at == desk_.reports().end()) {
    return;
  }
  const std::filesystem::path folder = options_.folder / std::to_string(id);
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  // What cannot be written is still in memory, which is what counts.
  static_cast<void>(write_file_atomic(folder / "report.xml", as_bytes(at->second.xml)));
  std::size_t number = 0;
  for (const StoredFile& file : at->second.files) {
    if (!file.details.empty()) {
      static_cast<void>(write_file_atomic(folder / ("file-" + std::to_string(number) + ".xml"),
                                          as_bytes(file.details)));
    }
    ++number;
  }
  static_cast<void>(
      write_file_atomic(folder / "state.json", as_bytes(json::serialize(json_of(at->second)))));
}

}  // namespace tutela::cybertip_simulator
