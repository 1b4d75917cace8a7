#include "custody/store/store.hpp"

namespace tutela::store {

Value to_value(const std::optional<std::int64_t>& number) {
  if (number) {
    return *number;
  }
  return std::monostate();
}

Value to_value(const std::optional<std::string>& text) {
  if (text) {
    return *text;
  }
  return std::monostate();
}

Status add_outbox(Transaction& transaction,
                  const Actor& actor,
                  UtcMs at_ms,
                  const OutboxMessage& message) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO outbox (tenant_id, principal_id, topic, key, payload_version, payload, "
      "attempts, next_at_ms, created_ms) VALUES (:tenant_id, :principal_id, :topic, :key, "
      ":payload_version, :payload, 0, :next_at_ms, :created_ms)",
      {actor.tenant_id,
       actor.principal_id,
       message.topic,
       message.key,
       std::int64_t{message.payload_version},
       message.payload,
       at_ms,
       at_ms}));
  return ok();
}

}  // namespace tutela::store
