// What the commands under `tutela audit` do. Each returns an exit status.
#pragma once

#include <cstdint>
#include <string>

#include "commands.hpp"

namespace tutela::cli {

/// All options of the commands; each command uses its own.
struct AuditOptions {
  // Filters of log and export.
  std::string since;
  std::string until;
  std::string actor;
  std::string action;
  std::string object;
  std::string result;
  // Pages of log.
  std::uint32_t limit = 100;
  std::int64_t after = -1;
  bool oldest_first = false;
  // Verify, prove, checkpoint.
  std::int64_t from = 0;
  std::int64_t to = -1;
  std::string key;
  std::string checkpoint;
  std::string proof;
  std::int64_t entry = 0;
  std::int64_t since_size = -1;
  // Export, recover.
  std::string out;
  std::string reason;
  bool proofs = false;
  bool json = false;
};

int show_audit_log(Session& session, const AuditOptions& options);
int verify_audit_log(Session& session, const AuditOptions& options);
int prove_audit_entry(Session& session, const AuditOptions& options);
int show_audit_checkpoint(Session& session, const AuditOptions& options);
int export_audit_log(Session& session, const AuditOptions& options);
int recover_audit_log(Session& session, const AuditOptions& options);

}  // namespace tutela::cli
