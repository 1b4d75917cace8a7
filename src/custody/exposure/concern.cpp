#include "custody/audit/entry.hpp"
#include "custody/exposure/exposure.hpp"

namespace tutela::exposure {

Status raise_concern(store::Database& database, const Concern& concern, UtcMs now_ms) {
  store::Actor somebody;
  somebody.tenant_id = concern.tenant_id;
  somebody.principal_id = "somebody";
  const std::string id = to_string(concern.id);
  return database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO concern (id, tenant_id, kind, at_ms) VALUES (:id, :tenant_id, :kind, :at_ms)",
        {id, concern.tenant_id, concern.kind, now_ms}));
    TUTELA_TRY(audit::add(
        transaction, somebody, now_ms, {"concern.raise", "concern:" + id, concern.kind, "ok"}));
    return store::add_outbox(
        transaction, somebody, now_ms, {"concern.raised", "concern:" + id, 1, concern.payload});
  });
}

}  // namespace tutela::exposure
