#include "custody/audit/recover.hpp"

#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>

#include "base/fault.hpp"
#include "base/file.hpp"
#include "crypto/base64.hpp"
#include "custody/audit/entry.hpp"
#include "custody/audit/folder.hpp"

namespace tutela::audit {

namespace {

struct OldCheckpoint {
  std::string name = "audit:log";  // as the object of an entry
  std::string origin;
};

/// Read without a key: the entry tells what was there, whoever signed it.
OldCheckpoint describe(const std::filesystem::path& checkpoint) {
  OldCheckpoint old;
  const auto bytes = read_file(checkpoint, kNoteBytesMax);
  if (!bytes) {
    return old;
  }
  const std::string text(as_text(*bytes));
  const std::size_t first = text.find('\n');
  const std::size_t second = first == std::string::npos ? first : text.find('\n', first + 1);
  const std::size_t third = second == std::string::npos ? second : text.find('\n', second + 1);
  if (third == std::string::npos || !is_origin(text.substr(0, first))) {
    return old;
  }
  const auto root = crypto::parse_base64(text.substr(second + 1, third - second - 1));
  const std::string size = text.substr(first + 1, second - first - 1);
  const bool digits = !size.empty() && size.size() < 16 &&
                      size.find_first_not_of("0123456789") == std::string::npos;
  old.origin = text.substr(0, first);
  if (root && root->size() == sizeof(Hash) && digits) {
    old.name = "checkpoint:" + size + ":" + to_hex(*root);
  }
  return old;
}

/// The name of the log that follows: "<origin>/2", "<origin>/3".
std::string next_origin(const LogOptions& options, const std::string& old_origin) {
  const std::size_t slash = old_origin.rfind('/');
  const std::string tail = slash == std::string::npos ? "" : old_origin.substr(slash + 1);
  const bool counted =
      !tail.empty() && tail.size() < 4 && tail.find_first_not_of("0123456789") == std::string::npos;
  const std::string number = counted ? std::to_string(std::stoi(tail) + 1) : "2";
  const std::string base = counted ? old_origin.substr(0, slash) : old_origin;
  const bool renamed = !options.origin.empty() && base != options.origin;
  if (base.empty() || renamed) {
    return options.origin;  // empty: any
  }
  return base.size() > 100 ? options.origin : base + "/" + number;
}

std::filesystem::path aside(const std::filesystem::path& path, UtcMs now_ms) {
  return path.string() + ".old-" + std::to_string(now_ms);
}

}  // namespace

Result<Recovered> recover(const LogOptions& options,
                          store::Database& database,
                          const store::Actor& actor,
                          UtcMs now_ms,
                          const std::string& reason) {
  TUTELA_TRY(make_folders(options.folder));
  TUTELA_TRY_ASSIGN(const Fd lock, lock_folder(options.folder));
  const OldCheckpoint old = describe(options.folder / "checkpoint");
  const OldCheckpoint copy =
      options.checkpoint_copy.empty() ? OldCheckpoint() : describe(options.checkpoint_copy);
  const auto recorded = record(
      database,
      actor,
      now_ms,
      {"audit.recover", old.name, reason, "ok"},
      [&](store::Transaction& transaction) -> Status {
        if (reason.empty()) {
          return Error{ErrorKind::kInvalidInput, "audit.bad_reason", "a reason is needed"};
        }
        return copy.name == "audit:log" || copy.name == old.name
                   ? ok()
                   : add(transaction, actor, now_ms, {"audit.recover", copy.name, reason, "ok"});
      });
  if (!recorded) {
    return recorded.error().code != "audit.bad_entry"
               ? recorded.error()
               : Error{ErrorKind::kInvalidInput,
                       "audit.bad_reason",
                       "a reason is at most 128 of letters, digits, blanks and _ . : -"};
  }
  TUTELA_FAULT_POINT("audit.recover_after_entry");
  const std::filesystem::path old_folder = aside(options.folder, now_ms);
  TUTELA_TRY(make_folders(old_folder));
  const std::string origin = next_origin(options, old.origin);
  if (!origin.empty()) {
    TUTELA_TRY(write_file_atomic(old_folder / "origin", as_bytes(origin + "\n")));
  }
  TUTELA_FAULT_POINT("audit.recover_before_exchange");
  // Old and new change places at once: there is no moment without a log.
  if (::renameat2(
          AT_FDCWD, old_folder.c_str(), AT_FDCWD, options.folder.c_str(), RENAME_EXCHANGE) != 0) {
    return system_error("file.write_failed", "exchange the folders of the audit log");
  }
  TUTELA_TRY(sync_folder(options.folder.parent_path()));
  TUTELA_FAULT_POINT("audit.recover_after_exchange");
  if (!options.checkpoint_copy.empty() &&
      ::rename(options.checkpoint_copy.c_str(), aside(options.checkpoint_copy, now_ms).c_str()) !=
          0 &&
      errno != ENOENT) {
    return system_error("file.write_failed", "rename the copy of the checkpoint");
  }
  return Recovered{old_folder, old.name};
}

}  // namespace tutela::audit
