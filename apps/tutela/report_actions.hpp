// Report actions: what the commands under `tutela report` do. Each returns the exit status.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "commands.hpp"

namespace tutela::cli {

struct ReportOptions {
  std::string target;  // an id, or of validate a file
  std::filesystem::path file;
  std::string state;
  std::string authority;
  std::string case_id;
  std::string account;
  std::string incident_type;
  std::string at;
  std::string reason;
  std::string reference;
  std::string as;
  std::int64_t version = 0;
  std::int64_t limit = 50;
  bool debts = false;
  bool urgent = false;
  bool page = false;
  bool document = false;
  bool offline = false;
  bool json = false;
};

inline constexpr int kReportGood = 0;
inline constexpr int kReportProblems = 2;

// Reading.
int validate_report(const Session& session, const ReportOptions& options);
int list_reports(const Session& session, const ReportOptions& options);
int show_report(const Session& session, const ReportOptions& options);
int show_reporting(const Session& session, const ReportOptions& options);

// As the user of this machine.
int draft_report(const Session& session, const ReportOptions& options);
int edit_report(const Session& session, const ReportOptions& options);

// As a lead or legal officer who signs in.
int release_report(const Session& session, const ReportOptions& options);
int withdraw_report(const Session& session, const ReportOptions& options);
int retry_report(const Session& session, const ReportOptions& options);
int file_report_by_hand(const Session& session, const ReportOptions& options);

}  // namespace tutela::cli
