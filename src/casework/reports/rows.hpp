// Rows of reports, inside one unit of work: what every command of the module needs. Internal.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/reports/reports.hpp"
#include "custody/store/store.hpp"

namespace tutela::reports {

inline constexpr std::int64_t kRowsMax = 500;  // of notes and steps that are shown
inline constexpr std::size_t kFilesMax = 1000;

/// A report with what only this module knows of it.
struct Stored {
  Report of;
  std::optional<Uuid> request_id;  // of dual control
  std::int64_t lease = 0;          // only grows: who has an older one has none
  std::optional<UtcMs> lease_until_ms;
  std::int64_t retried_step = 0;
  std::string follow_up = "none";  // "owed", "done"
  std::optional<UtcMs> alarm_at_ms;
};

/// For SELECT ... FROM report r; read_row() takes them from column 0 on.
extern const std::string_view kReportColumns;
Result<Stored> read_row(const store::Row& row);

[[nodiscard]] std::string object_name(const Uuid& id);  // "report:<id>", in the audit log
[[nodiscard]] store::Actor system_actor(const std::string& tenant_id);
[[nodiscard]] std::size_t characters_of(std::string_view text);
[[nodiscard]] bool is_blank(std::string_view text);
/// 1 to `characters_max` characters, not all of them blanks, no NUL.
[[nodiscard]] bool is_text(std::string_view text, std::size_t characters_max);
/// Error: kForbidden "report.role" where this person neither leads nor is a legal officer; with
/// `minor` a legal officer is asked for.
Status check_role(const Person& person, bool minor);

/// Error: kNotFound "report.not_found".
Result<Stored> read_report(store::Transaction& transaction,
                           const std::string& tenant_id,
                           const Uuid& id);
Status insert_report(store::Transaction& transaction, const Stored& stored);
/// Writes the whole row as its next version; `of.version` is that afterwards.
Status update_report(store::Transaction& transaction, Stored& stored);

/// The entry of the audit log about the report: `action` is "report.draft", ...
Status record(store::Transaction& transaction,
              const store::Actor& actor,
              std::string_view action,
              const Uuid& id,
              UtcMs now_ms,
              std::string_view purpose = {});

Status insert_document(store::Transaction& transaction,
                       const store::Actor& actor,
                       const Uuid& id,
                       const Document& document);
/// Error: kNotFound "report.no_document".
Result<Document> read_document(store::Transaction& transaction,
                               const Uuid& id,
                               std::int64_t number);
Status replace_files(store::Transaction& transaction,
                     const store::Actor& actor,
                     const Uuid& id,
                     const std::vector<File>& files);
Result<std::vector<File>> read_files(store::Transaction& transaction, const Uuid& id);
/// The newest `limit`, the oldest first.
Result<std::vector<StepRow>> read_steps(store::Transaction& transaction,
                                        const Stored& stored,
                                        std::int64_t limit);
/// All that were ever taken.
Result<std::vector<StepRow>> read_journal(store::Transaction& transaction, const Stored& stored);
Status insert_note(store::Transaction& transaction,
                   const store::Actor& actor,
                   const Uuid& id,
                   std::string_view kind,
                   std::string_view text,
                   UtcMs now_ms);

/// Whatever is still asked of a second person about this report is not asked any more.
Status take_back_request(store::Transaction& transaction,
                         dual_control::DualControl& dual_control,
                         const store::Actor& actor,
                         Stored& stored);
/// The report is finished with this receipt: rows, entry and the message to others.
Status settle(store::Transaction& transaction,
              const store::Actor& actor,
              Stored& stored,
              const Receipt& receipt,
              UtcMs now_ms);
/// Ends lease and clocks; whoever still has the lease has lost it.
void end_filing(Stored& stored);

}  // namespace tutela::reports
