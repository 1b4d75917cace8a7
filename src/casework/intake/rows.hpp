// Rows of notices, inside one unit of work: what every command of the module needs. Internal.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "casework/intake/notices.hpp"
#include "casework/intake/text.hpp"

namespace tutela::intake {

/// A notice with what only this module knows of it.
struct Stored {
  Notice of;
  UtcMs escalate_ms = 0;
  std::optional<UtcMs> taken_ms;
  std::optional<UtcMs> verified_ms;
};

/// For SELECT ... FROM notice n; read_row() takes them from column 0 on.
extern const std::string_view kNoticeColumns;
Result<Stored> read_row(const store::Row& row);
/// Error: kNotFound "notice.not_found".
Result<Stored> read_notice(store::Transaction& transaction,
                           const std::string& tenant_id,
                           const Uuid& id);
/// As the sender gave it.
Result<Body> read_body(store::Transaction& transaction, const Uuid& id);
Result<std::vector<Uuid>> read_files(store::Transaction& transaction, const Uuid& id);
/// All of them, the oldest first.
Result<std::vector<Message>> read_messages(store::Transaction& transaction, const Uuid& id);

/// Writes what can change, as its next version unless `same_version`.
Status update_notice(store::Transaction& transaction, Stored& stored, bool same_version = false);
Status insert_subjects(store::Transaction& transaction,
                       const store::Actor& actor,
                       const Uuid& id,
                       const std::vector<Subject>& subjects);
/// Error: kConflict "notice.file_taken" where a file is another notice's.
Status insert_files(store::Transaction& transaction,
                    const store::Actor& actor,
                    const Uuid& id,
                    const std::vector<Uuid>& files,
                    UtcMs now_ms);
/// The notice that this key was used for before, of the same actor, where it is the same as
/// `notice` with `body`. Error: kConflict "idempotency.mismatch" where it is another one.
Result<std::optional<Accepted>> find_repeated(store::Transaction& transaction,
                                              const store::Actor& actor,
                                              const NewNotice& notice,
                                              const std::string& body);
/// `author` is a principal of ours, or kSenderName.
Status insert_message(store::Transaction& transaction,
                      const store::Actor& actor,
                      const Uuid& id,
                      std::string_view author,
                      std::string_view text,
                      UtcMs now_ms);
Status erase_contact(store::Transaction& transaction, const Uuid& id);

inline constexpr std::string_view kSenderName = "sender";
[[nodiscard]] store::Actor sender_actor(const std::string& tenant_id);
[[nodiscard]] store::Actor system_actor(const std::string& tenant_id);

/// A JSON object of these.
[[nodiscard]] std::string detail_of(
    std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

/// What happened: an event, and an entry of the audit log whose purpose is kind, channel and queue.
struct Happening {
  std::string_view event;   // "answered"
  std::string_view action;  // "notice.answer"
  std::string detail = "{}";
};

Status record(store::Transaction& transaction,
              const store::Actor& actor,
              const Notice& of,
              const Happening& what,
              UtcMs now_ms);

/// When the promise that holds now was given: at the receipt, or when it was opened again.
Result<UtcMs> promised_from(store::Transaction& transaction, const Uuid& id);

/// What is added to the figures of the day on which a promise was given.
struct Tally {
  std::int64_t received = 0;
  std::int64_t kept = 0;
  std::int64_t broken = 0;
  std::int64_t took_ms = 0;
  std::int64_t withdrawn = 0;
};

Status add_tally(store::Transaction& transaction,
                 const std::string& tenant_id,
                 Queue queue,
                 UtcMs promised_ms,
                 const Tally& tally);

}  // namespace tutela::intake
