#include "bench_ledger_rows.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "watch/ledger/coverage.hpp"

namespace tutela::cli {
namespace {

using store::Transaction;
using store::Value;

constexpr std::int64_t kItemsAtOnce = 100'000;

Status run(store::Database& database, std::string_view sql, const std::vector<Value>& values = {}) {
  return database.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(sql, values));
    return ok();
  });
}

Status add_lists(store::Database& database, UtcMs now_ms) {
  TUTELA_TRY(run(database,
                 "INSERT INTO list (id, tenant_id, principal_id, name, source, provenance, "
                 "legal_process, classification, purpose, action, automation, pdq_distance_max, "
                 "version, state, signal_count, created_ms, updated_ms) WITH RECURSIVE n(i) AS "
                 "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :lists) SELECT "
                 "printf('00000000-0000-7000-8000-%012x', i), 'default', 'system', 'list-' || i, "
                 "'own', 'bench', '', 'test', 'test', 'hold', 0, 31, 1, 'active', 1, 1, 1 FROM n",
                 {kBenchLists}));
  TUTELA_TRY(run(database,
                 "INSERT INTO list_change (tenant_id, principal_id, list_id, kind, first_id, "
                 "last_id, at_ms) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                 "WHERE i < :positions) SELECT 'default', 'system', "
                 "printf('00000000-0000-7000-8000-%012x', i % :lists + 1), 'added', i, i, :now "
                 "FROM n",
                 {kBenchPositions, kBenchLists, now_ms}));
  // Some run, of no item that is here: compaction leaves what a rescan is to look at.
  return run(database,
             "INSERT INTO rescan (id, tenant_id, principal_id, cause, list_id, since_ms, "
             "after_change, through_change, state, index_id, at_part, at_segment, at_offset, "
             "end_segment, end_offset, signals, contents, examined, found, created_ms, updated_ms, "
             "finished_ms) SELECT printf('00000000-0000-7000-8001-%012x', id), 'default', "
             "'system', 'list_grew', list_id, :since, id - 1, id, CASE WHEN id > :running THEN "
             "'running' ELSE 'done' END, '00000000-0000-0000-0000-000000000000', 0, 0, 0, 0, 0, 1, "
             "1, 1, 0, 1, 1, 1 FROM list_change",
             {now_ms, kBenchPositions - 3});
}

/// Items by number: which verdict, door and type one has is a matter of its number.
constexpr std::string_view kContents =
    "INSERT INTO content (id, tenant_id, principal_id, door, source, external_id, size_bytes, md5, "
    "sha1, sha256, received_ms, instance_id, attempts, verdict, reason, decided_ms, media_type, "
    "width, height, frames_total, decoder, damaged, partial, quality_low, action, rule, labels, "
    "decision_reason, policy_version, dry_run, spooled, lists_position, revision, canary) "
    "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last), "
    "t(i, at_ms, verdict) AS (SELECT i, :start + i * :span / :items, "
    "CASE WHEN i >= :owed_from THEN 'owed' WHEN i % 500 = 0 THEN 'match' "
    "WHEN i % 50 = 1 THEN 'unscannable' ELSE 'no_match' END FROM n) "
    "SELECT printf('%08x-%04x-7%03x-8%03x-%012x', at_ms >> 16, at_ms & 65535, i & 4095, 0, i), "
    "'default', 'token:bench', CASE i % 3 WHEN 0 THEN 'cli' ELSE 'http' END, 'post', "
    "'upload-' || i, 100000 + i % 900000, lower(hex(randomblob(16))), lower(hex(randomblob(20))), "
    "lower(hex(randomblob(32))), at_ms, 'bench', 1, verdict, "
    "CASE verdict WHEN 'unscannable' THEN CASE i % 4 WHEN 0 THEN 'damaged' WHEN 1 THEN "
    "'media.corrupt' WHEN 2 THEN 'partial' ELSE 'media.unknown_type' END ELSE '' END, "
    "at_ms + 40 + i % 200, CASE WHEN verdict IN ('owed', 'unscannable') THEN NULL ELSE "
    "'image/type-' || (i % 7) END, 1600, 1004, 1, 'libvips 8', 0, 0, 0, 'pass', 'default', '', "
    "'nothing matched', '1-bench', '', CASE verdict WHEN 'owed' THEN 1 ELSE 0 END, "
    "1 + i * :positions / :items_again, 1, CASE WHEN i % 2000 = 7 THEN 1 ELSE 0 END FROM t";

constexpr std::string_view kReceived =
    "INSERT INTO ledger (tenant_id, principal_id, content_id, event, detail, at_ms) "
    "SELECT tenant_id, principal_id, id, 'received', door, received_ms FROM content "
    "WHERE rowid > :first AND rowid <= :last";

constexpr std::string_view kJudged =
    "INSERT INTO ledger (tenant_id, principal_id, content_id, event, detail, at_ms) "
    "SELECT tenant_id, principal_id, id, CASE canary WHEN 1 THEN 'canary' ELSE 'verdict' END, "
    "verdict || ' pass', decided_ms FROM content WHERE rowid > :first AND rowid <= :last "
    "AND verdict <> 'owed'";

constexpr std::string_view kMatches =
    "INSERT INTO content_match (id, content_id, tenant_id, principal_id, list_id, list_version, "
    "signal_id, kind, distance, orientation, frame, strength, at_ms) SELECT id, id, "
    "tenant_id, principal_id, printf('00000000-0000-7000-8000-%012x', rowid % :lists + 1), 1, "
    "rowid, 'pdq', 12, 'original', 0, 'near', decided_ms FROM content "
    "WHERE rowid > :first AND rowid <= :last AND verdict = 'match'";

/// The counts of what is there, as the ledger would have counted.
constexpr std::string_view kCounts[] = {
    "INSERT INTO coverage_hour SELECT tenant_id, 'system', received_ms - received_ms % 3600000, "
    "door, '', 'arrived', '', COUNT(*), SUM(size_bytes), 0, 0, 0, MAX(received_ms) FROM content "
    "WHERE canary = 0 GROUP BY tenant_id, received_ms - received_ms % 3600000, door",
    "INSERT INTO coverage_hour SELECT tenant_id, 'system', received_ms - received_ms % 3600000, "
    "door, COALESCE(media_type, ''), verdict, reason, COUNT(*), SUM(size_bytes), "
    "SUM(decided_ms - received_ms), MAX(decided_ms - received_ms), 0, MAX(received_ms) "
    "FROM content WHERE canary = 0 AND verdict <> 'owed' GROUP BY tenant_id, "
    "received_ms - received_ms % 3600000, door, COALESCE(media_type, ''), verdict, reason",
    "INSERT INTO match_hour SELECT c.tenant_id, 'system', c.received_ms - c.received_ms % 3600000, "
    "m.list_id, c.door, COALESCE(c.media_type, ''), COUNT(*) FROM content_match m "
    "JOIN content c ON c.id = m.content_id WHERE c.canary = 0 GROUP BY c.tenant_id, "
    "c.received_ms - c.received_ms % 3600000, m.list_id, c.door, COALESCE(c.media_type, '')",
    "INSERT INTO judged_at SELECT tenant_id, 'system', lists_position, COUNT(*) FROM content "
    "WHERE canary = 0 AND verdict <> 'owed' GROUP BY tenant_id, lists_position",
};

struct Index {
  std::string name;
  std::string sql;
};

/// Indexes are sorted once at the end: that is how many rows go in fast.
Result<std::vector<Index>> drop_indexes(store::Database& database) {
  std::vector<Index> indexes;
  TUTELA_TRY(database.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' "
        "AND sql IS NOT NULL AND tbl_name IN ('content', 'ledger', "
        "'content_match')",
        {},
        [&](const store::Row& row) {
          indexes.push_back({row.text(0), row.text(1)});
          return ok();
        });
  }));
  for (const Index& index : indexes) {
    TUTELA_TRY(run(database, "DROP INDEX " + index.name));
  }
  return indexes;
}

}  // namespace

Status fill_ledger(store::Database& database,
                   std::int64_t items,
                   UtcMs now_ms,
                   const std::function<void(std::int64_t done)>& on_progress) {
  TUTELA_TRY(add_lists(database, now_ms));
  TUTELA_TRY_ASSIGN(const std::vector<Index> indexes, drop_indexes(database));
  const std::int64_t span_ms = kBenchDays * ledger::kDayMs;
  for (std::int64_t done = 0; done < items; done += kItemsAtOnce) {
    on_progress(done);
    const std::int64_t end = std::min(items, done + kItemsAtOnce);
    TUTELA_TRY(database.write([&](Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute(kContents,
                                     {done,
                                      end - 1,
                                      now_ms - span_ms,
                                      span_ms,
                                      items,
                                      items - items / kBenchOwedShare,
                                      kBenchPositions,
                                      items}));
      TUTELA_TRY(transaction.execute(kReceived, {done, end}));
      TUTELA_TRY(transaction.execute(kJudged, {done, end}));
      TUTELA_TRY(transaction.execute(kMatches, {kBenchLists, done, end}));
      return ok();
    }));
  }
  for (const Index& index : indexes) {
    on_progress(items);
    TUTELA_TRY(run(database, index.sql));
  }
  for (const std::string_view sql : kCounts) {
    on_progress(items);
    TUTELA_TRY(run(database, sql));
  }
  return ok();
}

}  // namespace tutela::cli
