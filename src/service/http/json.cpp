#include "service/http/json.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "engine/fingerprint/pdq.hpp"
#include "engine/media/media.hpp"
#include "service/http/text.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

bool accepted(const ledger::Content& content) {
  return content.outcome.verdict != policy::Verdict::kOwed &&
         content.outcome.decision.action == policy::Action::kPass;
}

/// Valid UTF-8 whose only control characters are line breaks and tabs.
bool is_typed(std::string_view text, std::size_t size_max) {
  std::string plain(text.substr(0, size_max + 1));
  std::ranges::replace_if(
      plain, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return plain.empty() || is_label(plain, size_max);
}

json::array texts_json(const std::vector<std::string>& texts) {
  json::array all;
  for (const std::string& text : texts) {
    all.emplace_back(text);
  }
  return all;
}

json::object media_json(const media::DecodeReport& report) {
  return {{"type", media::mime_type(report.type)},
          {"width", report.width},
          {"height", report.height},
          {"frames_total", report.frames_total},
          {"frames_decoded", report.frames_decoded},
          {"damaged", report.damaged},
          {"partial", report.partial},
          {"decoder", report.decoder}};
}

json::object match_json(const ledger::MatchRow& match) {
  return {{"list_id", to_string(match.list_id)},
          {"list_name", match.list_name},
          {"list_version", match.list_version},
          {"signal_id", match.signal_id},
          {"kind", match::to_string(match.kind)},
          {"distance", match.distance},
          {"orientation", fingerprint::to_string(match.orientation)},
          {"frame", match.frame},
          {"strength", match.strength == policy::Strength::kExact ? "exact" : "near"}};
}

json::object decision_json(const policy::Decision& decision) {
  return {{"action", policy::to_string(decision.action)},
          {"rule", decision.rule},
          {"labels", texts_json(decision.labels)},
          {"reason", decision.reason},
          {"policy_version", decision.policy_version},
          {"dry_run", texts_json(decision.dry_run)}};
}

json::object fingerprint_json(const ledger::Outcome& outcome) {
  json::array quality;
  for (const auto& frame : outcome.inspection->frames) {
    quality.emplace_back(frame.pdq.quality);
  }
  return {{"frames", outcome.inspection->frames.size()},
          {"quality", std::move(quality)},
          {"quality_low", outcome.quality_low}};
}

json::object hashes_json(const ledger::Content& content) {
  json::array frames;
  if (content.outcome.inspection) {
    for (const auto& frame : content.outcome.inspection->frames) {
      json::array variants;
      for (const auto& hash : frame.pdq.hashes) {
        variants.emplace_back(fingerprint::to_hex(hash));
      }
      frames.push_back(
          {{"frame", frame.frame}, {"quality", frame.pdq.quality}, {"pdq", std::move(variants)}});
    }
  }
  const crypto::Digests& digests = content.arrival.digests;
  return {{"md5", to_hex(digests.md5)},
          {"sha1", to_hex(digests.sha1)},
          {"sha256", to_hex(digests.sha256)},
          {"frames", std::move(frames)}};
}

}  // namespace

json::object receipt_json(const ledger::Content& content) {
  return {{"id", to_string(content.arrival.id)},
          {"outcome", accepted(content) ? "accepted" : "held"},
          {"received_at", to_rfc3339(content.arrival.received_ms)}};
}

json::object content_json(const ledger::Content& content, Hashes hashes) {
  const ledger::Outcome& outcome = content.outcome;
  const bool decided = outcome.verdict != policy::Verdict::kOwed;
  json::object body = receipt_json(content);
  body["verdict"] = policy::to_string(outcome.verdict);
  body["door"] = content.arrival.door;
  body["source"] = content.arrival.source;
  body["size_bytes"] = content.arrival.size_bytes;
  if (content.arrival.external_id) {
    body["external_id"] = *content.arrival.external_id;
  }
  if (!outcome.reason.empty()) {
    body["reason"] = outcome.reason;
  }
  if (outcome.inspection) {
    body["media"] = media_json(outcome.inspection->report);
    body["fingerprint"] = fingerprint_json(outcome);
  }
  json::array matches;
  for (const ledger::MatchRow& match : outcome.matches) {
    matches.push_back(match_json(match));
  }
  body["matches"] = std::move(matches);
  if (decided) {
    body["decided_at"] = to_rfc3339(content.decided_ms);
    body["decision"] = decision_json(outcome.decision);
  }
  if (hashes == Hashes::kShown) {
    body["hashes"] = hashes_json(content);
  }
  return body;
}

json::object list_json(const lists::List& list) {
  const lists::NewList& spec = list.spec;
  return {{"id", to_string(list.id)},
          {"name", spec.name},
          {"source", spec.source},
          {"provenance", spec.provenance},
          {"legal_process", spec.legal_process},
          {"classification", spec.classification},
          {"purpose", lists::to_string(spec.purpose)},
          {"action", policy::to_string(spec.action)},
          {"automation", spec.automation},
          {"pdq_distance_max", spec.pdq_distance_max},
          {"version", list.version},
          {"state", lists::to_string(list.state)},
          {"signal_count", list.signal_count},
          {"created_at", to_rfc3339(list.created_ms)},
          {"updated_at", to_rfc3339(list.updated_ms)}};
}

json::object dry_run_json(const lists::DryRun& run) {
  return {{"id", to_string(run.id)},
          {"list_version", run.list_version},
          {"sample_size", run.sample_size},
          {"matched", run.matched},
          {"unscannable", run.unscannable},
          {"at", to_rfc3339(run.at_ms)}};
}

json::object import_json(const lists::ImportReport& report) {
  return {{"added", report.added},
          {"already_there", report.already_there},
          {"bad", report.bad},
          {"bad_lines", bad_lines_json(report)},
          {"version", report.version}};
}

json::array bad_lines_json(const lists::ImportReport& report) {
  json::array all;
  for (const lists::BadLine& line : report.bad_lines) {
    all.push_back({{"line", line.line}, {"why", line.why}});
  }
  return all;
}

Response json_response(int status, const json::value& body) {
  Response response;
  response.status = status;
  response.body = json::serialize(body);
  return response;
}

Result<ObjectReader> ObjectReader::parse(std::string_view body) {
  if (body.empty()) {
    return ObjectReader(json::object());
  }
  json::error_code error;
  json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error || !value.is_object()) {
    return Error{
        ErrorKind::kInvalidInput, "request.bad_json", "the body must be one JSON object in UTF-8"};
  }
  return ObjectReader(std::move(value.as_object()));
}

json::value* ObjectReader::take(std::string_view name) {
  json::value* found = object_.if_contains(name);
  taken_ += found != nullptr ? 1 : 0;
  return found;
}

void ObjectReader::complain(std::string_view code, std::string_view name, std::string_view what) {
  if (!complaint_) {
    complaint_ = Error{
        ErrorKind::kInvalidInput, code, "the field " + std::string(name) + " " + std::string(what)};
  }
}

std::string ObjectReader::text(std::string_view name, std::size_t size_max) {
  if (!object_.contains(name)) {
    complain("request.missing_field", name, "is missing");
    return {};
  }
  return optional_text(name, size_max).value_or(std::string());
}

std::optional<std::string> ObjectReader::optional_text(std::string_view name,
                                                       std::size_t size_max) {
  const json::value* value = take(name);
  if (value == nullptr) {
    return {};
  }
  const json::string* text = value->if_string();
  if (text == nullptr || (!text->empty() && !is_label({text->data(), text->size()}, size_max))) {
    complain("request.bad_field",
             name,
             "must be a text without control characters of at most " + std::to_string(size_max) +
                 " bytes");
    return {};
  }
  return std::string(text->data(), text->size());
}

json::value* ObjectReader::take_needed(std::string_view name) {
  json::value* found = take(name);
  if (found == nullptr) {
    complain("request.missing_field", name, "is missing");
  }
  return found;
}

std::string ObjectReader::lines(std::string_view name, std::size_t size_max) {
  if (!object_.contains(name)) {
    complain("request.missing_field", name, "is missing");
    return {};
  }
  return optional_lines(name, size_max).value_or(std::string());
}

std::optional<std::string> ObjectReader::optional_lines(std::string_view name,
                                                        std::size_t size_max) {
  const json::value* value = take(name);
  if (value == nullptr) {
    return {};
  }
  const json::string* text = value->if_string();
  if (text == nullptr || !is_typed({text->data(), text->size()}, size_max)) {
    complain("request.bad_field",
             name,
             "must be a text of at most " + std::to_string(size_max) +
                 " bytes whose only control characters are line breaks and tabs");
    return {};
  }
  return std::string(text->data(), text->size());
}

std::int64_t ObjectReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  if (!object_.contains(name)) {
    complain("request.missing_field", name, "is missing");
    return min;
  }
  return optional_integer(name, min, max).value_or(min);
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view name,
                                                           std::int64_t min,
                                                           std::int64_t max) {
  const json::value* value = take(name);
  if (value == nullptr) {
    return {};
  }
  const std::int64_t* number = value->if_int64();
  if (number == nullptr || *number < min || *number > max) {
    complain("request.bad_field",
             name,
             "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return {};
  }
  return *number;
}

std::optional<std::string> ObjectReader::optional_integer_or(std::string_view name,
                                                             std::int64_t min,
                                                             std::int64_t max,
                                                             std::string_view word) {
  const json::value* value = object_.if_contains(name);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr || std::string_view(text->data(), text->size()) != word) {
    const auto number = optional_integer(name, min, max);
    return number ? std::optional(std::to_string(*number)) : std::nullopt;
  }
  take(name);
  return std::string(word);
}

std::optional<bool> ObjectReader::optional_flag(std::string_view name) {
  const json::value* value = take(name);
  if (value == nullptr) {
    return {};
  }
  if (!value->is_bool()) {
    complain("request.bad_field", name, "must be true or false");
    return {};
  }
  return value->get_bool();
}

std::optional<json::array> ObjectReader::optional_array(std::string_view name,
                                                        std::size_t size_max) {
  json::value* value = take(name);
  if (value == nullptr) {
    return {};
  }
  json::array* array = value->if_array();
  if (array == nullptr || array->empty() || array->size() > size_max) {
    complain("request.bad_field",
             name,
             "must be an array of 1 to " + std::to_string(size_max) + " members");
    return {};
  }
  return std::move(*array);
}

json::array ObjectReader::members(std::string_view name, std::size_t size_max) {
  return members_of(take(name), name, size_max);
}

json::array ObjectReader::needed_members(std::string_view name, std::size_t size_max) {
  return members_of(take_needed(name), name, size_max);
}

json::array ObjectReader::members_of(json::value* value,
                                     std::string_view name,
                                     std::size_t size_max) {
  if (value == nullptr) {
    return {};
  }
  json::array* array = value->if_array();
  if (array == nullptr || array->size() > size_max) {
    complain("request.bad_field",
             name,
             "must be an array of at most " + std::to_string(size_max) + " members");
    return {};
  }
  return std::move(*array);
}

json::object ObjectReader::whole_object(std::string_view name) {
  json::value* value = take_needed(name);
  json::object* object = value == nullptr ? nullptr : value->if_object();
  if (value != nullptr && object == nullptr) {
    complain("request.bad_field", name, "must be an object");
  }
  return object == nullptr ? json::object() : std::move(*object);
}

ObjectReader ObjectReader::object(std::string_view name) {
  return ObjectReader(whole_object(name));
}

Status ObjectReader::finish() const {
  if (complaint_) {
    return *complaint_;
  }
  if (taken_ != object_.size()) {
    return Error{ErrorKind::kInvalidInput,
                 "request.unknown_field",
                 "the body has a field that this operation does not know"};
  }
  return ok();
}

}  // namespace tutela::http
