// Receipts: what the vault process states of an item, by itself from the store.
#include "watch/receipts/receipts.hpp"

#include <string>

#include "base/fault.hpp"
#include "custody/audit/entry.hpp"
#include "service/vault_process/keeper.hpp"
#include "service/vault_process/parts.hpp"

namespace tutela::vault_process {

using vault_client::Message;

Status Keeper::receipt(const Message& request, const Head& head, const Sink& sink) {
  TUTELA_TRY_ASSIGN(const Uuid id, request.id("content_id"));
  const store::Actor actor{std::string(request.get("tenant_id")),
                           std::string(request.get("principal_id")),
                           std::string(request.get("role"))};
  // A verdict of this moment is to be proved, too. What is signed and cannot be copied is proved.
  const Status followed = follow_log([] { return false; });
  if (!followed && followed.error().code != "audit.copy_failed") {
    return followed;
  }
  const UtcMs now_ms = parts_->clock.now_ms();
  std::string receipt;
  {
    const MutexLock lock(parts_->following);  // tiles stay as they are while the log is read
    TUTELA_TRY_ASSIGN(const receipts::Statement statement,
                      receipts::statement_of(
                          *parts_->database, parts_->log_options, actor.tenant_id, id, now_ms));
    receipt = receipts::sign(statement, parts_->receipt_keys->key());
  }
  TUTELA_TRY(audit::record(
      *parts_->database, actor, now_ms, {"receipt.issue", "content:" + to_string(id), "", "ok"}));
  TUTELA_FAULT_POINT("vault_process.after_receipt_entry");
  Message reply;
  reply.set("media_type", "application/json");
  TUTELA_TRY(head(reply));
  return sink(as_bytes(receipt));
}

Message Keeper::receipt_keys() const {
  Message reply;
  reply.set("keys", parts_->receipt_keys->set());
  return reply;
}

}  // namespace tutela::vault_process
