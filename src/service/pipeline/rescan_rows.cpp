#include <algorithm>
#include <array>

#include "custody/audit/entry.hpp"
#include "service/pipeline/rescan.hpp"

namespace tutela::pipeline {
namespace {

using store::Row;
using store::Transaction;

constexpr std::array<std::string_view, 3> kCauses = {"list_grew", "list_withdrawn", "asked"};
constexpr std::array<std::string_view, 2> kStates = {"running", "done"};

constexpr std::string_view kColumns =
    "SELECT id, cause, list_id, since_ms, state, signals, contents, examined, found, created_ms, "
    "updated_ms, finished_ms, after_change, through_change, index_id, at_part, at_segment, "
    "at_offset, end_segment, end_offset, tenant_id, principal_id FROM rescan ";

Error corrupt() {
  return {ErrorKind::kCorrupted,
          "store.corrupt",
          "a row of a rescan holds what this program never writes: restore a backup"};
}

Result<Rescan> rescan_of(const Row& row) {
  Rescan rescan;
  const auto cause = std::ranges::find(kCauses, row.text(1));
  const auto state = std::ranges::find(kStates, row.text(4));
  if (cause == kCauses.end() || state == kStates.end()) {
    return corrupt();
  }
  TUTELA_TRY_ASSIGN(rescan.id, parse_uuid(row.text(0)));
  rescan.cause = static_cast<RescanCause>(cause - kCauses.begin());
  TUTELA_TRY_ASSIGN(rescan.list_id, parse_uuid(row.text(2)));
  rescan.since_ms = row.integer(3);
  rescan.state = static_cast<RescanState>(state - kStates.begin());
  rescan.signals = row.integer(5);
  rescan.contents = row.integer(6);
  rescan.examined = row.integer(7);
  rescan.found = row.integer(8);
  rescan.created_ms = row.integer(9);
  rescan.updated_ms = row.integer(10);
  rescan.finished_ms = row.integer(11);
  rescan.after_change = row.integer(12);
  rescan.through_change = row.integer(13);
  TUTELA_TRY_ASSIGN(rescan.index_id, parse_uuid(row.text(14)));
  rescan.part = row.integer(15);
  rescan.at = {static_cast<std::uint32_t>(row.integer(16)),
               static_cast<std::uint64_t>(row.integer(17))};
  rescan.end = {static_cast<std::uint32_t>(row.integer(18)),
                static_cast<std::uint64_t>(row.integer(19))};
  rescan.actor = {row.text(20), row.text(21)};
  return rescan;
}

Result<std::vector<Rescan>> read(store::Database& database,
                                 std::string_view where,
                                 const std::vector<store::Value>& values) {
  std::vector<Rescan> found;
  TUTELA_TRY(database.read([&](Transaction& transaction) {
    return transaction.query(
        std::string(kColumns) + std::string(where), values, [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(Rescan rescan, rescan_of(row));
          found.push_back(rescan);
          return ok();
        });
  }));
  return found;
}

store::Value finished_value(const Rescan& rescan) {
  return rescan.finished_ms == 0 ? store::Value{} : store::Value{rescan.finished_ms};
}

Status insert(Transaction& transaction, const Rescan& rescan) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO rescan (id, tenant_id, principal_id, cause, list_id, since_ms, after_change, "
      "through_change, state, index_id, at_part, at_segment, at_offset, end_segment, end_offset, "
      "signals, contents, examined, found, created_ms, updated_ms, finished_ms) VALUES (:id, "
      ":tenant, :principal, :cause, :list, :since, :after_change, :through_change, :state, "
      ":index, :part, :at_segment, :at_offset, :end_segment, :end_offset, :signals, :contents, "
      ":examined, :found, :created, :updated, :finished)",
      {to_string(rescan.id),
       rescan.actor.tenant_id,
       rescan.actor.principal_id,
       std::string(to_string(rescan.cause)),
       to_string(rescan.list_id),
       rescan.since_ms,
       rescan.after_change,
       rescan.through_change,
       std::string(to_string(rescan.state)),
       to_string(rescan.index_id),
       rescan.part,
       std::int64_t{rescan.at.segment},
       static_cast<std::int64_t>(rescan.at.offset),
       std::int64_t{rescan.end.segment},
       static_cast<std::int64_t>(rescan.end.offset),
       rescan.signals,
       rescan.contents,
       rescan.examined,
       rescan.found,
       rescan.created_ms,
       rescan.updated_ms,
       finished_value(rescan)}));
  const std::string purpose(to_string(rescan.cause));
  return audit::add(transaction,
                    rescan.actor,
                    rescan.created_ms,
                    {"rescan.start", "rescan:" + to_string(rescan.id), purpose, "ok"});
}

}  // namespace

std::string_view to_string(RescanCause cause) noexcept {
  return kCauses[static_cast<std::size_t>(cause)];
}

std::string_view to_string(RescanState state) noexcept {
  return kStates[static_cast<std::size_t>(state)];
}

Status Rescans::add(std::span<const Rescan> rescans) {
  return database_.write([&](Transaction& transaction) -> Status {
    for (const Rescan& rescan : rescans) {
      TUTELA_TRY(insert(transaction, rescan));
    }
    return ok();
  });
}

Status Rescans::update(const Rescan& rescan) {
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "UPDATE rescan SET state = :state, index_id = :index, at_part = :part, "
        "at_segment = :at_segment, at_offset = :at_offset, end_segment = :end_segment, "
        "end_offset = :end_offset, signals = :signals, contents = :contents, "
        "examined = :examined, updated_ms = :updated, finished_ms = :finished "
        "WHERE id = :id",
        {std::string(to_string(rescan.state)),
         to_string(rescan.index_id),
         rescan.part,
         std::int64_t{rescan.at.segment},
         static_cast<std::int64_t>(rescan.at.offset),
         std::int64_t{rescan.end.segment},
         static_cast<std::int64_t>(rescan.end.offset),
         rescan.signals,
         rescan.contents,
         rescan.examined,
         rescan.updated_ms,
         finished_value(rescan),
         to_string(rescan.id)}));
    return ok();
  });
}

Status Rescans::add_finding(Transaction& transaction,
                            const Rescan& rescan,
                            const Finding& finding) {
  TUTELA_TRY_ASSIGN(
      const std::int64_t added,
      transaction.execute(
          "INSERT INTO rescan_finding (rescan_id, content_id, tenant_id, principal_id, "
          "verdict_before, verdict_after, at_ms) VALUES (:rescan, :content, :tenant, 'system', "
          ":before, :after, :at) ON CONFLICT (rescan_id, content_id) DO NOTHING",
          {to_string(rescan.id),
           to_string(finding.content_id),
           rescan.actor.tenant_id,
           std::string(policy::to_string(finding.before)),
           std::string(policy::to_string(finding.after)),
           finding.at_ms}));
  if (added == 0) {
    return ok();
  }
  TUTELA_TRY(transaction.execute("UPDATE rescan SET found = found + 1 WHERE id = :id",
                                 {to_string(rescan.id)}));
  return ok();
}

Result<std::optional<Rescan>> Rescans::latest_of(const Uuid& list_id, RescanCause cause) {
  TUTELA_TRY_ASSIGN(const std::vector<Rescan> found,
                    read(database_,
                         "WHERE list_id = :list AND cause = :cause ORDER BY id DESC LIMIT 1",
                         {to_string(list_id), std::string(to_string(cause))}));
  return found.empty() ? std::nullopt : std::optional(found.front());
}

Result<std::vector<Rescan>> Rescans::running() {
  return read(database_, "WHERE state = 'running' ORDER BY created_ms, id", {});
}

Result<std::int64_t> Rescans::covered() {
  std::int64_t position = 0;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT MAX(through_change) FROM rescan WHERE cause <> 'asked'", {}, [&](const Row& row) {
          position = row.integer(0);
          return ok();
        });
  }));
  return position;
}

Result<std::vector<Rescan>> Rescans::latest(const store::Actor& actor, std::int64_t limit) {
  return read(database_,
              "WHERE tenant_id = :tenant ORDER BY id DESC LIMIT :limit",
              {actor.tenant_id, std::clamp<std::int64_t>(limit, 1, 1000)});
}

Result<Rescan> Rescans::get(const store::Actor& actor, const Uuid& id) {
  TUTELA_TRY_ASSIGN(
      const std::vector<Rescan> found,
      read(database_, "WHERE tenant_id = :tenant AND id = :id", {actor.tenant_id, to_string(id)}));
  if (found.empty()) {
    return Error{ErrorKind::kNotFound, "rescan.not_found", "no rescan has this id"};
  }
  return found.front();
}

Result<std::vector<Finding>> Rescans::findings(const store::Actor& actor,
                                               const Uuid& id,
                                               std::string_view after_content,
                                               std::int64_t limit) {
  std::vector<Finding> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT content_id, verdict_before, verdict_after, at_ms FROM rescan_finding WHERE "
        "rescan_id = :id AND tenant_id = :tenant AND content_id > :after ORDER BY content_id "
        "LIMIT :limit",
        {to_string(id),
         actor.tenant_id,
         std::string(after_content),
         std::clamp<std::int64_t>(limit, 1, 1000)},
        [&](const Row& row) -> Status {
          Finding finding;
          TUTELA_TRY_ASSIGN(finding.content_id, parse_uuid(row.text(0)));
          TUTELA_TRY_ASSIGN(finding.before, policy::parse_verdict(row.text(1)));
          TUTELA_TRY_ASSIGN(finding.after, policy::parse_verdict(row.text(2)));
          finding.at_ms = row.integer(3);
          found.push_back(finding);
          return ok();
        });
  }));
  return found;
}

}  // namespace tutela::pipeline
