#include "scan_report.hpp"

#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "commands.hpp"

namespace tutela::cli {
namespace {

// Tables are for reading; --json lists everything.
constexpr std::uint64_t kTableRowsMax = 1000;

std::string_view strength_name(policy::Strength strength) {
  return strength == policy::Strength::kExact ? "exact" : "near";
}

boost::json::object content_json(const ledger::Content& content) {
  const ledger::Outcome& outcome = content.outcome;
  boost::json::object object{{"id", to_string(content.arrival.id)},
                             {"verdict", policy::to_string(outcome.verdict)},
                             {"action", policy::to_string(outcome.decision.action)},
                             {"rule", outcome.decision.rule},
                             {"policy_version", outcome.decision.policy_version}};
  if (!outcome.reason.empty()) {
    object["reason"] = valid_utf8(outcome.reason);
  }
  if (outcome.quality_low) {
    object["quality_low"] = true;
  }
  boost::json::array matches;
  for (const ledger::MatchRow& match : outcome.matches) {
    matches.push_back(
        boost::json::object{{"list", match.list_name},
                            {"list_version", match.list_version},
                            {"kind", match::to_string(match.kind)},
                            {"distance", match.distance},
                            {"orientation", fingerprint::to_string(match.orientation)},
                            {"frame", match.frame},
                            {"strength", strength_name(match.strength)},
                            {"why", why_text(match)}});
  }
  object["matches"] = std::move(matches);
  return object;
}

void print_file_json(const ScannedFile& file) {
  boost::json::object object;
  set_file(object, file.path);
  if (file.content) {
    for (auto& member : content_json(*file.content)) {
      object[member.key()] = std::move(member.value());
    }
  }
  if (file.error) {
    object["error"] = error_json(*file.error);
  }
  if (file.resumed) {
    object["resumed"] = true;
  }
  if (file.ignored) {
    object["ignored"] = true;
  }
  print_json(object);
}

std::string counts_text(const std::map<std::string, std::uint64_t, std::less<>>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  }
  return text.empty() ? "none" : text;
}

template <class Counts>
boost::json::object counts_json(const Counts& counts) {
  boost::json::object object;
  for (const auto& [name, count] : counts) {
    object[name] = count;
  }
  return object;
}

}  // namespace

std::string why_text(const ledger::MatchRow& match) {
  switch (match.kind) {
    case match::SignalKind::kMd5:
      return "same MD5";
    case match::SignalKind::kSha1:
      return "same SHA-1";
    case match::SignalKind::kSha256:
      return "same bytes (SHA-256)";
    case match::SignalKind::kPdq:
      break;
  }
  std::string text = fmt::format("{} of 256 bits differ", match.distance);
  if (match.orientation != fingerprint::Orientation::kOriginal) {
    text += fmt::format(" after {}", fingerprint::to_string(match.orientation));
  }
  if (match.frame != 0) {
    text += fmt::format(", frame {}", match.frame);
  }
  return text;
}

ScanReport::ScanReport(ReportFormat format)
    : format_(format),
      match_table_(
          {"FILE", "LIST", "DISTANCE", "ORIENTATION", "STRENGTH", "ACTION", "RULE", "WHY"}),
      problem_table_({"FILE", "PROBLEM", "CODE"}) {}

std::uint64_t ScanReport::count_of(const Counts& counts, std::string_view name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

void ScanReport::add(const ScannedFile& file) {
  if (format_ == ReportFormat::kJsonLines) {
    print_file_json(file);
  }
  resumed_ += file.resumed ? 1 : 0;
  ignored_ += file.ignored ? 1 : 0;
  if (file.error && is_unscannable(*file.error)) {
    ++verdicts_["unscannable"];
    add_problem(file.path, "unscannable", file.error->code);
  } else if (file.error) {
    ++errors_;
    add_problem(file.path, file.error->message, file.error->code);
  }
  if (!file.content) {
    return;
  }
  const ledger::Outcome& outcome = file.content->outcome;
  quality_low_ += outcome.quality_low ? 1 : 0;
  size_bytes_ += file.content->arrival.size_bytes;
  ++verdicts_[std::string(policy::to_string(outcome.verdict))];
  ++actions_[std::string(policy::to_string(outcome.decision.action))];
  if (outcome.verdict == policy::Verdict::kUnscannable ||
      outcome.verdict == policy::Verdict::kOwed) {
    add_problem(file.path, policy::to_string(outcome.verdict), outcome.reason);
  }
  add_matches(file);
}

void ScanReport::add_matches(const ScannedFile& file) {
  const ledger::Outcome& outcome = file.content->outcome;
  for (const ledger::MatchRow& match : outcome.matches) {
    if (++match_rows_ > kTableRowsMax) {
      continue;
    }
    const bool pdq = match.kind == match::SignalKind::kPdq;
    match_table_.add({file.path.native(),
                      match.list_name,
                      std::to_string(match.distance),
                      pdq ? std::string(fingerprint::to_string(match.orientation)) : "-",
                      std::string(strength_name(match.strength)),
                      std::string(policy::to_string(outcome.decision.action)),
                      outcome.decision.rule,
                      why_text(match)});
  }
}

void ScanReport::add_problem(const std::filesystem::path& path,
                             std::string_view what,
                             std::string_view code) {
  if (++problem_count_ <= kTableRowsMax) {
    problem_table_.add({path.native(), std::string(what), std::string(code)});
  }
}

void ScanReport::add_walk(const FileWalk& walk) {
  special_ = walk.special();
  for (const FileWalk::Problem& problem : walk.problems()) {
    ++errors_;
    add_problem(problem.path, problem.error.message, problem.error.code);
    if (format_ == ReportFormat::kJsonLines) {
      boost::json::object object;
      set_file(object, problem.path);
      object["error"] = error_json(problem.error);
      print_json(object);
    }
  }
}

void ScanReport::print_summary(std::uint64_t left_owed, bool stopped) {
  if (format_ == ReportFormat::kJsonLines) {
    print_json_summary(left_owed, stopped);
  } else {
    print_text_summary(left_owed, stopped);
  }
}

void ScanReport::print_json_summary(std::uint64_t left_owed, bool stopped) const {
  print_json({{"summary",
               boost::json::object{{"verdicts", counts_json(verdicts_)},
                                   {"actions", counts_json(actions_)},
                                   {"resumed", resumed_},
                                   {"ignored", ignored_},
                                   {"quality_low", quality_low_},
                                   {"skipped_special", special_},
                                   {"errors", errors_},
                                   {"finished_from_earlier_runs", left_owed},
                                   {"size_bytes", size_bytes_},
                                   {"stopped", stopped},
                                   {"exit_status", exit_status(stopped)}}}});
}

void ScanReport::print_text_summary(std::uint64_t left_owed, bool stopped) {
  const auto print_table = [](Table& table, std::uint64_t rows) {
    if (!table.empty()) {
      table.sort();  // files end in any order
      table.print();
      if (rows > kTableRowsMax) {
        print(fmt::format("... and {} more; --json lists them all\n", rows - kTableRowsMax));
      }
      print("\n");
    }
  };
  print_table(match_table_, match_rows_);
  print_table(problem_table_, problem_count_);
  print(fmt::format("verdicts: {} ({})\n", counts_text(verdicts_), size_text(size_bytes_)));
  print(fmt::format("actions:  {}\n", counts_text(actions_)));
  if (resumed_ != 0) {
    print(fmt::format("resumed:  {} had a verdict from an earlier run (--again scans them too)\n",
                      counted(resumed_, "file")));
  }
  if (left_owed != 0) {
    print(fmt::format("finished: {} that an earlier run had left\n", counted(left_owed, "item")));
  }
  if (ignored_ != 0) {
    print(fmt::format("ignored:  {} that are no pictures\n", counted(ignored_, "file")));
  }
  if (quality_low_ != 0) {
    print(
        fmt::format("plain:    {} too plain for PDQ (quality below 50), compared by digests only\n",
                    counted(quality_low_, "file")));
  }
  if (special_ != 0) {
    print(fmt::format("skipped:  {} (links, pipes, devices)\n", counted(special_, "special file")));
  }
  if (errors_ != 0) {
    print(fmt::format("errors:   {}\n", errors_));
  }
  if (stopped) {
    print("stopped before the end; the same command goes on from here\n");
  }
}

int ScanReport::exit_status(bool stopped) const {
  const bool open = count_of(verdicts_, "unscannable") != 0 || count_of(verdicts_, "owed") != 0;
  if (errors_ != 0 || open || stopped) {
    return kError;
  }
  return matches() != 0 ? kMatchFound : kNothingFound;
}

}  // namespace tutela::cli
