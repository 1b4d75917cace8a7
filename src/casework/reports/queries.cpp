// Reading: one report with everything, the register, the figures.
#include <algorithm>

#include <boost/json.hpp>

#include "base/bytes.hpp"
#include "casework/reports/rows.hpp"
#include "crypto/base64.hpp"

namespace tutela::reports {

namespace json = boost::json;
using store::Row;
using store::Transaction;
using store::Value;

namespace {

constexpr std::int64_t kPriorMax = 100;
constexpr std::int64_t kCasesMax = 200;

Result<std::vector<Note>> read_notes(Transaction& transaction, const Uuid& id) {
  std::vector<Note> notes;
  TUTELA_TRY(transaction.query(
      "SELECT id, kind, principal_id, text, at_ms FROM report_note WHERE report_id = :id ORDER BY "
      "id DESC LIMIT :limit",
      {to_string(id), kRowsMax},
      [&](const Row& row) -> Status {
        notes.push_back({row.integer(0), row.text(1), row.text(2), row.text(3), row.integer(4)});
        return ok();
      }));
  std::ranges::reverse(notes);
  return notes;
}

Error corrupted() {
  return {ErrorKind::kCorrupted,
          "report.corrupt",
          "a stored receipt cannot be read; restore the last backup"};
}

Result<Receipt> receipt_of(const Row& row) {
  Receipt receipt;
  const Result<Bytes> raw = crypto::parse_base64(row.text(0));
  boost::system::error_code error;
  const json::value ids = json::parse(row.text(2), error);
  if (!raw || error || !ids.is_array()) {
    return corrupted();
  }
  receipt.raw = as_text(*raw);
  receipt.authority_id = row.text(1);
  for (const json::value& id : ids.get_array()) {
    if (!id.is_string()) {
      return corrupted();
    }
    receipt.file_ids.emplace_back(id.get_string().c_str());
  }
  receipt.simulated = row.integer(3) != 0;
  receipt.how = row.text(4);
  receipt.at_ms = row.integer(5);
  return receipt;
}

Result<std::optional<Receipt>> read_receipt(Transaction& transaction, const Uuid& id) {
  std::optional<Receipt> found;
  TUTELA_TRY(transaction.query(
      "SELECT raw_base64, authority_id, file_ids, simulated, how, at_ms FROM report_receipt WHERE "
      "report_id = :id",
      {to_string(id)},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(found, receipt_of(row));
        return ok();
      }));
  return found;
}

/// One pass over what is open: drafts and debts.
Status count_open(Transaction& transaction,
                  const std::string& tenant_id,
                  UtcMs now_ms,
                  Counts& counts) {
  return transaction.query(
      "SELECT r.state, COUNT(*), SUM(CASE WHEN r.due_ms < :past THEN 1 ELSE 0 END), SUM(CASE WHEN "
      "r.due_ms >= :ahead AND 4 * (r.due_ms - :quarter) <= r.due_ms - r.at_ms THEN 1 ELSE 0 END), "
      "MIN(r.released_ms), MIN(r.due_ms) FROM report r WHERE r.tenant_id = :tenant AND r.state IN "
      "('draft', 'asked', 'released', 'waiting') GROUP BY r.state",
      {now_ms, now_ms, now_ms, tenant_id},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const State state, parse_state(row.text(0)));
        std::int64_t& count = state == State::kReleased  ? counts.released
                              : state == State::kWaiting ? counts.waiting
                                                         : counts.drafts;
        count += row.integer(1);
        counts.overdue += row.integer(2);
        counts.due_soon += row.integer(3);
        const auto earlier = [&](std::optional<UtcMs>& than, std::size_t column) {
          if (!row.is_null(column)) {
            than = std::min(than.value_or(row.integer(column)), row.integer(column));
          }
        };
        if (is_debt(state)) {
          earlier(counts.oldest_debt_ms, 4);
        }
        earlier(counts.next_due_ms, 5);
        return ok();
      });
}

}  // namespace

Result<Report> Reports::find(const std::string& tenant_id, const Uuid& id) {
  Stored stored;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(stored, read_report(transaction, tenant_id, id));
    return ok();
  }));
  return stored.of;
}

Result<Whole> Reports::whole(const std::string& tenant_id, const Uuid& id) {
  Whole whole;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Stored stored, read_report(transaction, tenant_id, id));
    whole.of = stored.of;
    TUTELA_TRY_ASSIGN(whole.files, read_files(transaction, id));
    TUTELA_TRY_ASSIGN(whole.steps, read_steps(transaction, stored, kRowsMax));
    TUTELA_TRY_ASSIGN(whole.notes, read_notes(transaction, id));
    TUTELA_TRY_ASSIGN(whole.receipt, read_receipt(transaction, id));
    return ok();
  }));
  std::vector<Uuid> contents;
  for (const File& file : whole.files) {
    contents.push_back(file.content_id);
  }
  TUTELA_TRY_ASSIGN(whole.attestations, attestations(tenant_id, contents));
  if (whole.of.account) {
    TUTELA_TRY_ASSIGN(
        whole.prior, prior(tenant_id, *whole.of.account, whole.of.authority, whole.of.environment));
    // What came before it, not itself.
    std::erase(whole.prior, whole.of.authority_id);
  }
  return whole;
}

Result<Document> Reports::document(const std::string& tenant_id,
                                   const Uuid& id,
                                   std::int64_t number) {
  Document document;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY(read_report(transaction, tenant_id, id));
    TUTELA_TRY_ASSIGN(document, read_document(transaction, id, number));
    return ok();
  }));
  return document;
}

Result<Counts> Reports::counts(const std::string& tenant_id) {
  Counts counts;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY(count_open(transaction, tenant_id, clock_.now_ms(), counts));
    return transaction.query(
        "SELECT r.environment, r.simulated, COUNT(*) FROM report r WHERE r.tenant_id = :tenant AND "
        "r.finished_ms IS NOT NULL GROUP BY r.environment, r.simulated",
        {tenant_id},
        [&](const Row& row) -> Status {
          const bool filed =
              row.text(0) == to_string(Environment::kProduction) && row.integer(1) == 0;
          (filed ? counts.finished : counts.simulated) += row.integer(2);
          return ok();
        });
  }));
  return counts;
}

Result<std::vector<std::string>> Reports::prior(const std::string& tenant_id,
                                                const std::string& account,
                                                const std::string& authority,
                                                Environment environment) {
  // An id that a simulator gave is nobody else's.
  const std::int64_t any = environment == Environment::kSimulated ? 1 : 0;
  std::vector<std::string> ids;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT r.authority_id FROM report r WHERE r.tenant_id = :tenant AND r.account = :account "
        "AND r.authority = :authority AND r.environment = :environment AND r.finished_ms IS NOT "
        "NULL AND (r.simulated = 0 OR :any = 1) AND r.authority_id <> '' ORDER BY r.finished_ms "
        "DESC "
        "LIMIT :limit",
        {tenant_id, account, authority, std::string(to_string(environment)), any, kPriorMax},
        [&](const Row& row) -> Status {
          ids.push_back(row.text(0));
          return ok();
        });
  }));
  return ids;
}

// The modules of casework do not depend on each other; these few columns are what is read here.
Result<std::vector<Uuid>> Reports::cases_without_report(const std::string& tenant_id,
                                                        std::size_t limit,
                                                        std::optional<Environment> environment) {
  std::vector<Uuid> cases;
  std::vector<Value> values = {tenant_id};
  std::string of_environment;
  if (environment) {
    of_environment = " AND (p.environment = 'production' OR p.environment = :environment)";
    values.emplace_back(std::string(to_string(*environment)));
  }
  values.emplace_back(std::min(static_cast<std::int64_t>(limit), kCasesMax));
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT c.id FROM review_case c WHERE c.tenant_id = :tenant AND c.report_due_ms IS NOT "
        "NULL AND c.reported_ms IS NULL AND c.state = 'closed' AND c.outcome = 'confirmed' AND NOT "
        "EXISTS (SELECT 1 FROM report p WHERE p.tenant_id = c.tenant_id AND p.case_id = c.id AND "
        "p.state <> 'withdrawn'" +
            of_environment + ") ORDER BY c.report_due_ms LIMIT :limit",
        values,
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
          cases.push_back(id);
          return ok();
        });
  }));
  return cases;
}

}  // namespace tutela::reports
