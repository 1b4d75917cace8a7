#include "casework/reports/command.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/fault.hpp"
#include "crypto/digest.hpp"

namespace tutela::reports {

using store::Row;
using store::Transaction;

namespace {

constexpr std::size_t kKeyLengthMax = 128;
constexpr std::int64_t kKeptMs = 7LL * 24 * 3'600'000;

std::string all_words_of(const Asked& asked) {
  return asked.words + " " + to_string(asked.id) + " " + std::to_string(asked.command.version);
}

Result<bool> was_done(Transaction& transaction, const Asked& asked) {
  const std::string& key = asked.command.key;
  if (key.empty()) {
    return false;
  }
  if (key.size() > kKeyLengthMax ||
      !std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7F; })) {
    return Error{ErrorKind::kInvalidInput,
                 "idempotency.bad_key",
                 "an idempotency key is 1 to 128 visible ASCII characters"};
  }
  bool found = false;
  TUTELA_TRY(transaction.query(
      "SELECT command FROM report_command WHERE tenant_id = :tenant AND principal_id = :principal "
      "AND key = :key",
      {asked.actor.tenant_id, asked.actor.principal_id, key},
      [&](const Row& row) -> Status {
        if (row.text(0) != all_words_of(asked)) {
          return Error{ErrorKind::kConflict,
                       "idempotency.mismatch",
                       "this idempotency key was used for another command; use a new one"};
        }
        found = true;
        return ok();
      }));
  return found;
}

}  // namespace

std::string digest_of(std::string_view text) {
  return to_hex(crypto::sha256_of(as_bytes(text)));
}

Result<Begun> begin_command(Transaction& transaction, const Asked& asked) {
  Begun begun;
  TUTELA_TRY_ASSIGN(begun.done_before, was_done(transaction, asked));
  TUTELA_TRY_ASSIGN(begun.stored, read_report(transaction, asked.actor.tenant_id, asked.id));
  if (!begun.done_before && begun.stored.of.version != asked.command.version) {
    return Error{ErrorKind::kConflict,
                 "report.changed",
                 "the report changed since you read it; read it again and decide anew"};
  }
  return begun;
}

Status end_command(Transaction& transaction, const Asked& asked, UtcMs now_ms) {
  if (asked.command.key.empty()) {
    return ok();
  }
  TUTELA_TRY(
      transaction.execute("DELETE FROM report_command WHERE at_ms < :before", {now_ms - kKeptMs}));
  TUTELA_TRY(transaction.execute(
      "INSERT INTO report_command (tenant_id, principal_id, key, command, at_ms) VALUES (:tenant, "
      ":principal, :key, :command, :at)",
      {asked.actor.tenant_id,
       asked.actor.principal_id,
       asked.command.key,
       all_words_of(asked),
       now_ms}));
  TUTELA_FAULT_POINT("reports.after_answer");
  return ok();
}

Result<Report> run_command(store::Database& database,
                           const Clock& clock,
                           const Asked& asked,
                           const Change& change) {
  Report of;
  TUTELA_TRY(database.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock.now_ms();
    TUTELA_TRY_ASSIGN(Begun begun, begin_command(transaction, asked));
    if (!begun.done_before) {
      TUTELA_TRY(change(transaction, begun.stored, now_ms));
      TUTELA_TRY(end_command(transaction, asked, now_ms));
    }
    of = std::move(begun.stored.of);
    return ok();
  }));
  return of;
}

}  // namespace tutela::reports
