#include <algorithm>
#include <array>
#include <span>

#include "exchange/cybertip/rules.hpp"
#include "exchange/cybertip/visit.hpp"

namespace tutela::cybertip {
namespace {

/// Finds what a group says beyond the names that are allowed.
class Beyond {
 public:
  Beyond(std::string path,
         std::span<const std::string_view> allowed,
         std::vector<Problem>& problems)
      : path_(std::move(path)), allowed_(allowed), problems_(problems) {}

  template <class Member>
  void operator()(std::string_view name, const Member& member, std::string_view /*help*/) {
    if (is_said(member) && std::ranges::find(allowed_, name) == allowed_.end()) {
      problems_.push_back({path_to(path_, name),
                           "not_in_a_batch",
                           "Remove this: a batched report may not carry it."});
    }
  }

 private:
  std::string path_;
  std::span<const std::string_view> allowed_;
  std::vector<Problem>& problems_;
};

template <class T, std::size_t kSize>
void only(const T& group,
          const std::string& path,
          const std::array<std::string_view, kSize>& allowed,
          std::vector<Problem>& problems) {
  Beyond beyond(path, allowed, problems);
  T::fields(group, beyond);
}

void check_report(const Report& report, std::vector<Problem>& problems) {
  constexpr std::array<std::string_view, 4> kInReport = {
      "batchedReport", "incidentSummary", "reporter", "personOrUserReported"};
  constexpr std::array<std::string_view, 5> kInSummary = {"incidentType",
                                                          "platform",
                                                          "reportAnnotations",
                                                          "incidentDateTime",
                                                          "incidentDateTimeDescription"};
  constexpr std::array<std::string_view, 1> kInPerson = {"espIdentifier"};
  only(report, "report", kInReport, problems);
  if (report.incident_summary) {
    only(*report.incident_summary, "report/incidentSummary", kInSummary, problems);
  }
  for (std::size_t i = 0; i < report.reported.size(); ++i) {
    only(report.reported[i], path_to("report/personOrUserReported", i), kInPerson, problems);
  }
}

void check_file(const FileDetails& file, std::vector<Problem>& problems) {
  constexpr std::array<std::string_view, 8> kInFile = {"fileName",
                                                       "uploadedToEspTimestamp",
                                                       "fileViewedByEsp",
                                                       "exifViewedByEsp",
                                                       "publiclyAvailable",
                                                       "fileRelevance",
                                                       "fileAnnotations",
                                                       "industryClassification"};
  constexpr std::array<std::string_view, 2> kInAnnotations = {"potentialMeme", "viral"};
  const std::string path = "files/0";
  only(file, path, kInFile, problems);
  if (file.annotations) {
    only(*file.annotations, path + "/fileAnnotations", kInAnnotations, problems);
  }
  if (!file.annotations || (!file.annotations->viral && !file.annotations->potential_meme)) {
    problems.push_back({path + "/fileAnnotations",
                        "missing",
                        "Mark the file as viral, as a potential meme, or both: a batched report is "
                        "for such a file only."});
  }
  if (file.relevance && !file.relevance->is("Reported")) {
    problems.push_back({path + "/fileRelevance",
                        "not_in_a_batch",
                        "Choose Reported: the file of a batched report is what is reported."});
  }
}

}  // namespace

std::vector<Problem> broken_batch_rules(const Submission& submission) {
  std::vector<Problem> problems;
  check_report(*submission.report, problems);
  if (!submission.files.empty()) {
    check_file(submission.files.front(), problems);
  }
  if (submission.files.size() > 1) {
    problems.push_back({"files/1",
                        "too_many",
                        "Keep one file: the authority refuses a batched report with more."});
  }
  return problems;
}

}  // namespace tutela::cybertip
