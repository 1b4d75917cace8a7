#include "custody/audit/entry.hpp"

#include <algorithm>
#include <string_view>

namespace tutela::audit {

namespace {

constexpr std::size_t kWordBytesMax = 128;
constexpr std::size_t kActorBytesMax = 512;

bool is_word(std::string_view text) {
  return text.size() <= kWordBytesMax && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == ' ' || c == '_' || c == '.' || c == ':' || c == '-';
         });
}

/// Ids come from other modules; a leaf of the log must hold them.
bool is_bounded(const store::Actor& actor) {
  return actor.tenant_id.size() <= kActorBytesMax && actor.principal_id.size() <= kActorBytesMax &&
         actor.role.size() <= kActorBytesMax;
}

bool is_good(const Entry& entry) {
  return !entry.action.empty() && !entry.object.empty() && !entry.result.empty() &&
         is_word(entry.action) && is_word(entry.object) && is_word(entry.purpose) &&
         is_word(entry.result);
}

}  // namespace

Status add(store::Transaction& transaction,
           const store::Actor& actor,
           UtcMs at_ms,
           const Entry& entry) {
  if (!is_good(entry) || !is_bounded(actor)) {
    return Error{ErrorKind::kInternal,
                 "audit.bad_entry",
                 "an entry of the audit log holds ids and words, nothing else; report this fault"};
  }
  // One writer at a time: the largest id is that of the last commit, and there is never a gap.
  // With several writers (PostgreSQL) this statement needs a lock of its own.
  TUTELA_TRY(transaction.execute(
      "INSERT INTO audit (id, tenant_id, principal_id, role, action, object, purpose, result, "
      "at_ms) SELECT COALESCE(MAX(id), 0) + 1, :tenant_id, :principal_id, :role, :action, :object, "
      ":purpose, :result, :at_ms FROM audit",
      {actor.tenant_id,
       actor.principal_id,
       actor.role,
       entry.action,
       entry.object,
       entry.purpose,
       entry.result,
       at_ms}));
  return ok();
}

Result<Recorded> record(store::Database& database,
                        const store::Actor& actor,
                        UtcMs at_ms,
                        const Entry& entry,
                        const std::function<Status(store::Transaction&)>& with) {
  std::int64_t id = 0;
  TUTELA_TRY(database.write([&](store::Transaction& transaction) -> Status {
    if (with) {
      TUTELA_TRY(with(transaction));
    }
    TUTELA_TRY(add(transaction, actor, at_ms, entry));
    TUTELA_TRY_ASSIGN(id, transaction.last_insert_id());
    return ok();
  }));
  return Recorded(entry.object, id - 1);
}

}  // namespace tutela::audit
