#include "exchange/lists/state.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "crypto/digest.hpp"
#include "crypto/secret.hpp"
#include "exchange/lists/rows.hpp"

namespace tutela::lists {
namespace {

constexpr std::size_t kSaltBytes = 32;

/// Of the list's latest step; empty where there is none, or one from before there were digests.
Result<std::string> latest_digest(store::Transaction& transaction, const Uuid& list_id) {
  std::string digest;
  TUTELA_TRY(transaction.query(
      "SELECT digest FROM list_state WHERE list_id = :list_id ORDER BY position DESC LIMIT 1",
      {to_string(list_id)},
      [&](const store::Row& row) {
        digest = row.text(0);
        return ok();
      }));
  return digest;
}

}  // namespace

std::string state_digest(const StateStep& step, std::vector<PackedSignal> changed) {
  // In the order of their lines as bytes.
  std::ranges::sort(changed, {}, [](const PackedSignal& signal) {
    return std::tuple(match::to_string(signal.kind), signal.value);
  });
  crypto::Sha256Stream stream;
  const std::string head =
      "tutela list state v1\n" + step.previous + "\n" + step.salt + "\n" + to_string(step.list_id) +
      "\n" + std::string(to_string(step.kind)) + "\n" + std::to_string(step.version) + "\n" +
      (step.active ? "active" : "inactive") + "\n" + std::to_string(step.signals) + "\n";
  stream.update(as_bytes(head));
  for (const PackedSignal& signal : changed) {
    const std::string line = std::string(match::to_string(signal.kind)) + " " +
                             to_hex(ByteView(signal.value).first(size_bytes_of(signal.kind))) +
                             "\n";
    stream.update(as_bytes(line));
  }
  return to_hex(stream.finish());
}

Status add_state(store::Transaction& transaction,
                 const store::Actor& actor,
                 const List& list,
                 std::int64_t position,
                 UtcMs at_ms,
                 ChangeKind kind,
                 std::vector<PackedSignal> changed) {
  TUTELA_TRY_ASSIGN(std::string previous, latest_digest(transaction, list.id));
  std::array<std::byte, kSaltBytes> salt{};
  crypto::random_bytes(salt);
  const StateStep step{.previous = std::move(previous),
                       .salt = to_hex(salt),
                       .list_id = list.id,
                       .kind = kind,
                       .version = list.version,
                       .active = list.state == State::kActive,
                       .signals = list.signal_count};
  TUTELA_TRY(transaction.execute(
      "INSERT INTO list_state (position, tenant_id, principal_id, list_id, version, active, "
      "signals, salt, digest, at_ms) VALUES (:position, :tenant_id, :principal_id, :list_id, "
      ":version, :active, :signals, :salt, :digest, :at_ms)",
      {position,
       actor.tenant_id,
       actor.principal_id,
       to_string(list.id),
       step.version,
       std::int64_t{step.active},
       step.signals,
       step.salt,
       state_digest(step, std::move(changed)),
       at_ms}));
  return ok();
}

}  // namespace tutela::lists
