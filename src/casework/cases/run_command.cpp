// How a command runs: idempotency, visibility, version, one unit of work.
#include <algorithm>

#include "base/bytes.hpp"
#include "base/fault.hpp"
#include "casework/cases/rows.hpp"
#include "crypto/digest.hpp"

namespace tutela::cases {

using store::Row;
using store::Transaction;

namespace {

constexpr std::size_t kKeyLengthMax = 128;
constexpr std::int64_t kKeptMs = 7LL * 24 * 3'600'000;

bool is_key(const std::string& key) {
  return key.size() <= kKeyLengthMax &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

std::string digest_of(std::string_view text) {
  return to_hex(crypto::sha256_of(as_bytes(text)));
}

Result<std::optional<Uuid>> earlier_answer(Transaction& transaction,
                                           const store::Actor& actor,
                                           const std::string& key,
                                           std::string_view words) {
  std::optional<Uuid> found;
  if (key.empty()) {
    return found;
  }
  if (!is_key(key)) {
    return Error{ErrorKind::kInvalidInput,
                 "idempotency.bad_key",
                 "an idempotency key is 1 to 128 visible ASCII characters"};
  }
  TUTELA_TRY(transaction.query(
      "SELECT command, answer FROM case_command WHERE tenant_id = :tenant AND principal_id = "
      ":principal AND key = :key",
      {actor.tenant_id, actor.principal_id, key},
      [&](const Row& row) -> Status {
        if (row.text(0) != words) {
          return Error{ErrorKind::kConflict,
                       "idempotency.mismatch",
                       "this idempotency key was used for another command; use a new one"};
        }
        const std::string answer = row.text(1);
        TUTELA_TRY_ASSIGN(found, parse_uuid(answer.substr(0, answer.find(' '))));
        return ok();
      }));
  return found;
}

Status keep_answer(Transaction& transaction,
                   const store::Actor& actor,
                   const std::string& key,
                   std::string_view words,
                   const Case& answer,
                   UtcMs now_ms) {
  if (key.empty()) {
    return ok();
  }
  TUTELA_TRY(
      transaction.execute("DELETE FROM case_command WHERE at_ms < :before", {now_ms - kKeptMs}));
  TUTELA_TRY(transaction.execute(
      "INSERT INTO case_command (tenant_id, principal_id, key, command, answer, at_ms) VALUES "
      "(:tenant, :principal, :key, :command, :answer, :at)",
      {actor.tenant_id,
       actor.principal_id,
       key,
       std::string(words),
       to_string(answer.id) + " " + std::to_string(answer.version),
       now_ms}));
  TUTELA_FAULT_POINT("cases.after_answer");
  return ok();
}

Result<Case> run_command(store::Database& database,
                         const Clock& clock,
                         const Person& person,
                         const Uuid& id,
                         const Command& command,
                         std::string_view words,
                         const Change& change) {
  const std::string all_words =
      std::string(words) + " " + to_string(id) + " " + std::to_string(command.version);
  Case of;
  TUTELA_TRY(database.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock.now_ms();
    TUTELA_TRY_ASSIGN(const std::optional<Uuid> earlier,
                      earlier_answer(transaction, person.actor, command.key, all_words));
    TUTELA_TRY_ASSIGN(of, read_visible(transaction, person, earlier.value_or(id)));
    if (earlier) {
      return ok();
    }
    if (of.version != command.version) {
      return changed_since(transaction, id);
    }
    TUTELA_TRY(change(transaction, of, now_ms));
    return keep_answer(transaction, person.actor, command.key, all_words, of, now_ms);
  }));
  return of;
}

}  // namespace tutela::cases
