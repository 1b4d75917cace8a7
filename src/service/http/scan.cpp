#include "service/http/scan.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <boost/json/object.hpp>

#include "service/http/json.hpp"
#include "service/http/problem.hpp"
#include "service/http/text.hpp"
#include "service/log/log.hpp"

namespace tutela::http {

namespace {

constexpr std::size_t kSourceBytesMax = 128;
constexpr std::size_t kExternalIdBytesMax = 512;
constexpr std::size_t kAccountBytesMax = 256;
constexpr std::size_t kIdempotencyKeyBytesMax = 255;

double seconds_of(std::int64_t microseconds) {
  return static_cast<double>(microseconds) / 1e6;
}

}  // namespace

Scan::Scan(App& app, Request request, Admission::Slot slot)
    : app_(app),
      request_(std::move(request)),
      slot_(std::move(slot)),
      started_(std::chrono::steady_clock::now()) {}

Status Scan::begin() {
  origin_.actor = request_.principal->actor;
  origin_.door = "http";
  for (const auto& [name, value] : request_.query) {
    TUTELA_TRY(take_field(name, value));
  }
  if (request_.idempotency_key) {
    if (!is_label(*request_.idempotency_key, kIdempotencyKeyBytesMax)) {
      return Error{ErrorKind::kInvalidInput,
                   "request.bad_header",
                   "Idempotency-Key must be 1 to 255 bytes of text"};
    }
    origin_.idempotency_key = request_.idempotency_key;
  }
  TUTELA_TRY_ASSIGN(const std::optional<std::string> boundary,
                    form_boundary(request_.content_type));
  if (!boundary) {
    return ok();  // raw: what it is gets sniffed from its bytes
  }
  MultipartSink sink;
  sink.on_field = [this](std::string_view name, std::string value) {
    return take_field(name, std::move(value));
  };
  sink.on_file_begin = [this] {
    return open_intake();
  };
  sink.on_file_bytes = [this](ByteView bytes) {
    return intake_->append(bytes);
  };
  multipart_ = std::make_unique<MultipartReader>(*boundary, std::move(sink));
  return ok();
}

Status Scan::take_field(std::string_view name, std::string value) {
  struct Part {
    std::string_view name;
    std::size_t bytes_max;
    std::optional<std::string>& taken;
  };

  const std::array<Part, 3> fields = {{{"source", kSourceBytesMax, source_},
                                       {"external_id", kExternalIdBytesMax, origin_.external_id},
                                       {"account", kAccountBytesMax, origin_.account}}};
  const auto* const field = std::ranges::find(fields, name, &Part::name);
  if (field == fields.end()) {
    return Error{ErrorKind::kInvalidInput,
                 "request.unknown_field",
                 "the fields are source, external_id, account and file"};
  }
  if (!is_label(value, field->bytes_max)) {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_parameter",
                 std::string(name) + " must be a short text without control characters"};
  }
  if (field->taken) {
    return Error{
        ErrorKind::kInvalidInput, "request.bad_parameter", std::string(name) + " is given twice"};
  }
  field->taken = std::move(value);
  return ok();
}

Status Scan::open_intake() {
  origin_.source = source_.value_or("");
  TUTELA_TRY_ASSIGN(intake_, app_.pipeline.receive(origin_));
  return ok();
}

Status Scan::append(ByteView bytes) {
  if (multipart_) {
    return multipart_->feed(bytes);
  }
  if (!intake_) {
    TUTELA_TRY(open_intake());
  }
  return bytes.empty() ? ok() : intake_->append(bytes);
}

Result<Uuid> Scan::make_durable(ByteView last_bytes) {
  TUTELA_TRY(append(last_bytes));
  if (multipart_) {
    TUTELA_TRY(multipart_->finish());
  }
  return intake_->finish();
}

Scan::Completion Scan::complete(ByteView last_bytes) {
  const auto id = make_durable(last_bytes);
  if (!id) {
    if (status_of(id.error()) >= 500) {
      app_.metrics.count_scan_error(id.error().code);
    }
    intake_.reset();
    return {problem(id.error(), request_.id)};
  }
  repeated_ = intake_->repeated();
  const bool scans = app_.settings.get()->doors.http.scan;
  if (request_.prefer_async && !repeated_) {
    Response response = answer_owed(*id);
    response.headers.emplace_back("Preference-Applied", "respond-async");
    if (!scans) {
      intake_.reset();
    }
    return {std::move(response), scans};
  }
  if (!scans && !repeated_) {
    intake_.reset();  // it stays owed until the door scans again
    return {answer_owed(*id)};
  }
  return {verdict(*id)};
}

void Scan::scan_owed() {
  pipeline::StageTimes times;
  const auto content = app_.pipeline.scan(std::move(*intake_), &times);
  if (!content) {
    note_owed(content.error());
    return;
  }
  record(*content, times);
}

Response Scan::verdict(const Uuid& id) {
  pipeline::StageTimes times;
  const auto content = app_.pipeline.scan(std::move(*intake_), &times);
  if (!content) {
    note_owed(content.error());
    return without_verdict(id);
  }
  if (content->outcome.verdict == policy::Verdict::kOwed) {
    return without_verdict(id);  // a repeated one
  }
  if (!repeated_) {
    record(*content, times);
  }
  return answer(*content);
}

void Scan::record(const ledger::Content& content, const pipeline::StageTimes& times) {
  if (content.canary) {
    return;  // it counts as a canary alone
  }
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started_;
  app_.metrics.count_scan(
      policy::to_string(content.outcome.verdict), passed.count(), content.arrival.size_bytes);
  app_.metrics.observe_stage("receive", seconds_of(times.receive_us));
  app_.metrics.observe_stage("decode", seconds_of(times.decode_us));
  app_.metrics.observe_stage("match", seconds_of(times.match_us));
  app_.metrics.observe_stage("commit", seconds_of(times.commit_us));
}

Response Scan::answer(const ledger::Content& content) const {
  Response response = json_response(200,
                                    request_.may(auth::Permission::kContentRead)
                                        ? content_json(content, Hashes::kHidden)
                                        : receipt_json(content));
  if (repeated_) {
    response.headers.emplace_back("Idempotency-Replayed", "true");
  }
  return response;
}

Response Scan::without_verdict(const Uuid& id) {
  const auto settings = app_.settings.get();
  const std::string& on_error = settings->doors.http.on_error;
  if (!settings->doors.http.scan) {
    return answer_owed(id);
  }
  if (on_error == "allow") {
    return let_through(id);
  }
  if (on_error == "deny") {
    Response response = problem(Error{ErrorKind::kUnavailable,
                                      "scan.denied",
                                      "no verdict could be reached now; the item is kept and will "
                                      "be scanned: ask for it again, or repeat the request with "
                                      "the same Idempotency-Key"},
                                request_.id,
                                {{"id", to_string(id)}});
    response.headers.emplace_back("Location", "/v1/content/" + to_string(id));
    return response;
  }
  return answer_owed(id);
}

/// A repeated request gets the answer of the first one, which may still be at its scan.
Response Scan::let_through(const Uuid& id) {
  ledger::Ledger& ledger = app_.pipeline.ledger();
  const auto content = ledger.get(origin_.actor, id);
  if (content && content->outcome.verdict != policy::Verdict::kOwed) {
    return answer(*content);  // made up meanwhile
  }
  if (repeated_) {
    return answer_owed(id, content && content->let_through ? "accepted" : "held");
  }
  if (const Status counted = ledger.let_through(origin_.actor, id); !counted) {
    note_owed(counted.error());  // what cannot be counted is not let through
    return answer_owed(id);
  }
  app_.metrics.count_let_through(origin_.door);
  log::log_event(log::Level::kWarn,
                 "let through without a verdict",
                 {{"door", origin_.door}, {"request_id", to_string(request_.id)}});
  return answer_owed(id, "accepted");
}

Response Scan::answer_owed(const Uuid& id, std::string_view outcome) const {
  Response response = json_response(outcome == "held" ? 202 : 200,
                                    {{"id", to_string(id)},
                                     {"outcome", outcome},
                                     {"verdict", policy::to_string(policy::Verdict::kOwed)}});
  response.headers.emplace_back("Location", "/v1/content/" + to_string(id));
  if (repeated_) {
    response.headers.emplace_back("Idempotency-Replayed", "true");
  }
  return response;
}

/// Of an item that stays owed.
void Scan::note_owed(const Error& error) {
  app_.metrics.count_scan_error(error.code);
  log::log_event(log::Level::kError,
                 "scan failed, the item is owed",
                 {{"code", std::string(error.code)},
                  {"why", error.message},
                  {"request_id", to_string(request_.id)}});
}

}  // namespace tutela::http
