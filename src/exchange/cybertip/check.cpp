#include "base/check.hpp"

#include "exchange/cybertip/rules.hpp"
#include "exchange/cybertip/schema.hpp"
#include "exchange/cybertip/xml.hpp"

namespace tutela::cybertip {
namespace {

/// `more` behind `problems`, as long as there is room.
void append(std::vector<Problem>& problems, std::vector<Problem> more) {
  for (Problem& each : more) {
    if (problems.size() < kProblemsMax) {
      problems.push_back(std::move(each));
    }
  }
}

std::string file_path(std::size_t number, const std::string& schema_path) {
  constexpr std::string_view kRoot = "fileDetails";
  return "files/" + std::to_string(number) +
         (schema_path.starts_with(kRoot) ? schema_path.substr(kRoot.size()) : std::string());
}

}  // namespace

struct Checker {
  static Checked write(const Submission& submission) {
    Checked checked;
    checked.report_xml_ = report_to_xml(*submission.report);
    for (const FileDetails& file : submission.files) {
      checked.file_details_.push_back(file_details_to_xml(file));
    }
    checked.files_ = submission.files.size();
    return checked;
  }
};

std::string Checked::file_xml(std::size_t number,
                              std::int64_t report_id,
                              std::string_view file_id) const {
  TUTELA_CHECK(number < file_details_.size());
  std::string xml(kXmlDeclaration);
  xml += "<fileDetails><reportId>" + std::to_string(report_id) + "</reportId><fileId>" +
         escaped(file_id) + "</fileId>" + file_details_[number] + "</fileDetails>";
  return xml;
}

Verdict check(std::string_view document, UtcMs now_ms) {
  Reading reading = read(document);
  Verdict verdict{.checked = std::nullopt, .problems = std::move(reading.problems)};
  append(verdict.problems, broken_rules(reading.submission, now_ms));
  if (!verdict.problems.empty()) {
    return verdict;
  }
  Checked checked = Checker::write(reading.submission);
  append(verdict.problems, schema_problems(checked.report_xml()));
  for (std::size_t i = 0; i < checked.files(); ++i) {
    std::vector<Problem> problems = schema_problems(checked.file_xml(i, 1, "1"));
    for (Problem& each : problems) {
      each.path = file_path(i, each.path);
    }
    append(verdict.problems, std::move(problems));
  }
  if (verdict.problems.empty()) {
    verdict.checked = std::move(checked);
  }
  return verdict;
}

}  // namespace tutela::cybertip
