// A PIN that nobody was told, and another in its place.
#include "base/fault.hpp"
#include "casework/intake/rows.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;

Result<std::string> Notices::renew_pin(const store::Actor& actor, const Uuid& id) {
  const std::string pin = random_pin();
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    bool own = false;
    TUTELA_TRY(transaction.query(
        "SELECT 1 FROM notice WHERE id = :id AND tenant_id = :tenant AND principal_id = :principal",
        {to_string(id), actor.tenant_id, actor.principal_id},
        [&](const Row&) -> Status {
          own = true;
          return ok();
        }));
    if (!own) {
      return Error{ErrorKind::kNotFound, "notice.not_found", "there is no such notice"};
    }
    TUTELA_TRY_ASSIGN(const Stored stored, read_notice(transaction, actor.tenant_id, id));
    TUTELA_TRY(transaction.execute("UPDATE notice SET pin_hash = :hash WHERE id = :id",
                                   {pin_hash_of(key_, stored.of.number, pin), to_string(id)}));
    TUTELA_FAULT_POINT("intake.after_pin");
    return record(transaction,
                  actor,
                  stored.of,
                  {.event = "pin_renewed", .action = "notice.pin"},
                  clock_.now_ms());
  }));
  return pin;
}

}  // namespace tutela::intake
