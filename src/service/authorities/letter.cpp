#include "service/authorities/letter.hpp"

#include <boost/json.hpp>

namespace tutela::authorities {
namespace {

namespace json = boost::json;

Result<json::value> parse(std::string_view text) {
  json::error_code failure;
  json::value value = json::parse(text, failure);
  if (failure) {
    return Error{ErrorKind::kInvalidInput,
                 "report.bad_document",
                 "the stored document of the report, or its origins, is no JSON"};
  }
  return value;
}

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<cybertip::Origin> origins_of(const json::value& value) {
  std::vector<cybertip::Origin> origins;
  if (value.is_array()) {
    for (const json::value& each : value.get_array()) {
      if (each.is_object()) {
        const json::object& object = each.get_object();
        origins.push_back(
            {text_at(object, "path"), text_at(object, "source"), text_at(object, "detail")});
      }
    }
  }
  return origins;
}

/// "TEST, NOT A REPORT: Correction 0192..." for whoever reads only the first line.
std::string title_of(const reports::Report& report) {
  std::string kind(reports::to_string(report.kind));
  if (!kind.empty()) {
    kind.front() = static_cast<char>(kind.front() - 'a' + 'A');
  }
  const bool counts = report.environment == reports::Environment::kProduction;
  return (counts ? "" : "TEST, NOT A REPORT: ") +
         std::string(counts && report.urgent ? "URGENT: " : "") + kind + " " + to_string(report.id);
}

}  // namespace

Result<Letter> write_letter(const reports::Leased& leased) {
  const reports::Report& report = leased.of;
  TUTELA_TRY_ASSIGN(json::value document, parse(leased.document.body));
  TUTELA_TRY_ASSIGN(json::value origins, parse(leased.document.provenance));
  Letter letter;
  letter.id = "report_" + to_string(report.id) + "_" + std::to_string(leased.document.number);
  letter.title = title_of(report);
  letter.at_ms = leased.document.at_ms;
  letter.page = cybertip::page(letter.title, leased.document.body, origins_of(origins), {});
  json::object whole = {{"id", letter.id},
                        {"report_id", to_string(report.id)},
                        {"environment", reports::to_string(report.environment)},
                        {"kind", reports::to_string(report.kind)},
                        {"authority", report.authority},
                        {"jurisdiction", report.jurisdiction},
                        {"urgent", report.urgent},
                        {"written_at", to_rfc3339(letter.at_ms)}};
  if (report.corrects) {
    whole["corrects"] = to_string(*report.corrects);
  }
  whole["document"] = std::move(document);
  whole["origins"] = std::move(origins);
  letter.json = json::serialize(whole);
  return letter;
}

}  // namespace tutela::authorities
