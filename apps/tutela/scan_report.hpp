// ScanReport: what a scan found, as lines while it runs and as tables at its end. Called from one
// thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "output.hpp"
#include "scan_job.hpp"

namespace tutela::cli {

enum class ReportFormat : std::uint8_t { kTables, kJsonLines };

class ScanReport {
 public:
  explicit ScanReport(ReportFormat format);

  void add(const ScannedFile& file);
  /// Folders that could not be read, links that were skipped. Call once, at the end.
  void add_walk(const FileWalk& walk);
  /// Tables and summary, or the summary object. `left_owed` items were finished before the scan.
  void print_summary(std::uint64_t left_owed, bool stopped);
  [[nodiscard]] int exit_status(bool stopped) const;

  [[nodiscard]] std::uint64_t matches() const { return count_of(verdicts_, "match"); }

  [[nodiscard]] std::uint64_t problems() const noexcept { return problem_count_; }

 private:
  using Counts = std::map<std::string, std::uint64_t, std::less<>>;
  static std::uint64_t count_of(const Counts& counts, std::string_view name);
  void add_matches(const ScannedFile& file);
  void add_problem(const std::filesystem::path& path, std::string_view what, std::string_view code);
  void print_json_summary(std::uint64_t left_owed, bool stopped) const;
  void print_text_summary(std::uint64_t left_owed, bool stopped);

  ReportFormat format_;
  Counts verdicts_;
  Counts actions_;
  std::uint64_t resumed_ = 0;
  std::uint64_t ignored_ = 0;
  std::uint64_t quality_low_ = 0;
  std::uint64_t special_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t match_rows_ = 0;
  std::uint64_t problem_count_ = 0;
  Table match_table_;
  Table problem_table_;
};

/// "14 of 256 bits differ, turned by rotate_90", "same SHA-256".
[[nodiscard]] std::string why_text(const ledger::MatchRow& match);

}  // namespace tutela::cli
