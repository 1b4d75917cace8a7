#include <string_view>
#include <utility>

#include "custody/audit/note.hpp"
#include "custody/audit/rows.hpp"
#include "watch/receipts/receipts.hpp"

namespace tutela::receipts {
namespace {

using store::Transaction;

Status read_content(Transaction& transaction,
                    const std::string& tenant_id,
                    const std::string& content_id,
                    Statement& statement) {
  Status found =
      Error{ErrorKind::kNotFound, "content.not_found", "there is no such item in the ledger"};
  TUTELA_TRY(transaction.query(
      "SELECT sha256, door, received_ms, decided_ms, verdict, policy_version, lists_position, "
      "canary FROM content WHERE id = :id AND tenant_id = :tenant_id",
      {content_id, tenant_id},
      [&](const store::Row& row) {
        statement.content_id = content_id;
        statement.sha256 = row.text(0);
        statement.door = row.text(1);
        statement.received_ms = row.integer(2);
        statement.decided_ms = row.integer(3);
        statement.verdict = row.text(4);
        statement.policy_version = row.text(5);
        statement.lists_position = row.integer(6);
        if (row.integer(7) != 0) {
          found = Error{ErrorKind::kConflict,
                        "receipt.canary",
                        "this item is one of Tutela's own canaries; nobody sent it"};
        } else if (statement.verdict == "owed") {
          found = Error{ErrorKind::kConflict,
                        "receipt.owed",
                        "this item is not scanned yet; ask again when it has a verdict"};
        } else {
          found = ok();
        }
        return ok();
      }));
  return found;
}

/// The lists that were active at a position of their history. Their states are read where there
/// are; before, only that a list was active is known.
Status read_lists(Transaction& transaction, const std::string& tenant_id, Statement& statement) {
  return transaction.query(
      "SELECT l.id, s.version, s.digest FROM list l LEFT JOIN list_state s ON s.position = "
      "(SELECT MAX(p.position) FROM list_state p WHERE p.list_id = l.id AND "
      "p.position <= :position) WHERE l.tenant_id = :tenant_id AND CASE WHEN s.position IS NULL "
      "THEN (SELECT c.kind FROM list_change c WHERE c.list_id = l.id AND c.id <= :change AND "
      "c.kind IN ('activated', 'deactivated') ORDER BY c.id DESC LIMIT 1) = 'activated' "
      "ELSE s.active = 1 END ORDER BY l.id",
      {statement.lists_position, tenant_id, statement.lists_position},
      [&](const store::Row& row) -> Status {
        if (statement.lists.size() == kListsMax) {
          return Error{ErrorKind::kLimitExceeded,
                       "receipt.too_many_lists",
                       "more lists were searched than a receipt can name"};
        }
        statement.lists.push_back({row.text(0), row.integer(1), row.text(2)});
        return ok();
      });
}

/// Entries have ids in order of their commits, and the newest of this item is of its present
/// verdict: both were written in one unit of work, and are read at one moment.
Status read_entry(Transaction& transaction, Statement& statement) {
  TUTELA_TRY_ASSIGN(
      const std::optional<std::uint64_t> index,
      audit::newest_entry(transaction, "content:" + statement.content_id, "content.verdict"));
  if (!index) {
    return Error{ErrorKind::kCorrupted,
                 "receipt.no_entry",
                 "the audit log has no entry of this item's verdict; see tutela audit verify"};
  }
  statement.audit_index = static_cast<std::int64_t>(*index);
  return ok();
}

}  // namespace

Result<Statement> statement_of(store::Database& database,
                               const audit::LogOptions& log,
                               const std::string& tenant_id,
                               const Uuid& content_id,
                               UtcMs now_ms) {
  Statement statement;
  statement.issued_ms = now_ms;
  TUTELA_TRY(database.read([&](Transaction& transaction) -> Status {
    statement.lists.clear();
    TUTELA_TRY(read_content(transaction, tenant_id, to_string(content_id), statement));
    TUTELA_TRY(read_lists(transaction, tenant_id, statement));
    return read_entry(transaction, statement);
  }));
  TUTELA_TRY_ASSIGN(audit::Log opened, audit::Log::open(log, database));
  statement.issuer = opened.key().name;
  const auto proof = opened.prove(static_cast<std::uint64_t>(statement.audit_index));
  if (proof) {
    statement.audit_proof = audit::to_text(*proof);
  } else if (proof.error().code != "audit.not_sequenced") {
    return proof.error();
  }
  return statement;
}

}  // namespace tutela::receipts
