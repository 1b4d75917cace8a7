#include "watch/canaries/canaries.hpp"

#include <algorithm>
#include <utility>

namespace tutela::canaries {
namespace {

using store::Row;
using store::Transaction;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kKeptMs = 24 * kHourMs;
/// Rows forgotten in one unit of work, so that nobody waits for it.
constexpr std::int64_t kForgottenAtOnce = 1000;
constexpr std::size_t kHoursMax = 100'000;

Result<Expected> parse_expected(std::string_view text) {
  for (const Expected expected : {Expected::kMatch, Expected::kNoMatch}) {
    if (to_string(expected) == text) {
      return expected;
    }
  }
  return Error{ErrorKind::kCorrupted, "store.corrupt", "a canary's row has an unknown word"};
}

std::optional<std::int64_t> number_or_none(const Row& row, std::size_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

Result<Canary> canary_of(const Row& row) {
  Canary canary;
  TUTELA_TRY_ASSIGN(canary.id, parse_uuid(row.text(0)));
  canary.door = row.text(1);
  canary.format = row.text(2);
  TUTELA_TRY_ASSIGN(canary.expected, parse_expected(row.text(3)));
  canary.registered_ms = row.integer(4);
  if (!row.is_null(5)) {
    TUTELA_TRY_ASSIGN(canary.content_id, parse_uuid(row.text(5)));
  }
  if (!row.is_null(6)) {
    canary.verdict = row.text(6);
  }
  canary.decided_ms = number_or_none(row, 7);
  canary.echoed_ms = number_or_none(row, 8);
  return canary;
}

}  // namespace

std::string_view to_string(Expected expected) noexcept {
  return expected == Expected::kMatch ? "match" : "no_match";
}

Result<bool> claim(Transaction& transaction,
                   const std::string& tenant_id,
                   const Uuid& content_id,
                   const crypto::Sha256& sha256,
                   UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(
      const std::int64_t claimed,
      transaction.execute("UPDATE canary SET content_id = :content, used_ms = :used "
                          "WHERE sha256 = :sha256 AND tenant_id = :tenant AND used_ms IS NULL "
                          "AND expires_ms > :now",
                          {to_string(content_id), now_ms, to_hex(sha256), tenant_id, now_ms}));
  return claimed == 1;
}

Status note_verdict(Transaction& transaction,
                    const Uuid& content_id,
                    std::string_view verdict,
                    UtcMs now_ms) {
  TUTELA_TRY(
      transaction.execute("UPDATE canary SET verdict = :verdict, decided_ms = :at "
                          "WHERE content_id = :content AND verdict IS NULL",
                          {std::string(verdict), now_ms, to_string(content_id)}));
  return ok();
}

Status note_echo(Transaction& transaction, const Uuid& content_id, UtcMs now_ms) {
  TUTELA_TRY(
      transaction.execute("UPDATE canary SET echoed_ms = :at "
                          "WHERE content_id = :content AND echoed_ms IS NULL",
                          {now_ms, to_string(content_id)}));
  return ok();
}

Canaries::Canaries(store::Database& database, const Clock& clock, std::string instance_id)
    : database_(database), clock_(clock), instance_id_(std::move(instance_id)) {}

Result<Uuid> Canaries::add(const store::Actor& actor,
                           std::string_view door,
                           std::string_view format,
                           Expected expected,
                           const crypto::Sha256& sha256,
                           std::int64_t valid_ms) {
  const UtcMs now_ms = clock_.now_ms();
  const Uuid id = new_uuid(now_ms);
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO canary (id, tenant_id, principal_id, instance_id, door, format, expected, "
        "sha256, registered_ms, expires_ms) VALUES (:id, :tenant, :principal, :instance, :door, "
        ":format, :expected, :sha256, :registered, :expires)",
        {to_string(id),
         actor.tenant_id,
         actor.principal_id,
         instance_id_,
         std::string(door),
         std::string(format),
         std::string(to_string(expected)),
         to_hex(sha256),
         now_ms,
         now_ms + valid_ms}));
    return ok();
  }));
  return id;
}

Result<Canary> Canaries::get(const Uuid& id) {
  std::optional<Canary> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT id, door, format, expected, registered_ms, content_id, verdict, decided_ms, "
        "echoed_ms FROM canary WHERE id = :id",
        {to_string(id)},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(found, canary_of(row));
          return ok();
        });
  }));
  if (!found) {
    return Error{ErrorKind::kNotFound, "canary.not_found", "no canary has this id"};
  }
  return *std::move(found);
}

Status Canaries::settle(const Uuid& id, bool good, std::int64_t took_ms) {
  const std::int64_t took = good ? std::max<std::int64_t>(took_ms, 0) : 0;
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO canary_hour (tenant_id, principal_id, hour_ms, door, format, expected, sent, "
        "good, took_ms, took_ms_max) SELECT tenant_id, 'system', registered_ms - registered_ms % "
        "3600000, door, format, expected, 1, :good, :took, :longest FROM canary WHERE id = :id "
        "ON CONFLICT (tenant_id, hour_ms, door, format, expected) DO UPDATE SET "
        "sent = canary_hour.sent + excluded.sent, good = canary_hour.good + excluded.good, "
        "took_ms = canary_hour.took_ms + excluded.took_ms, "
        "took_ms_max = CASE WHEN canary_hour.took_ms_max > excluded.took_ms_max "
        "THEN canary_hour.took_ms_max ELSE excluded.took_ms_max END",
        {std::int64_t{good ? 1 : 0}, took, took, to_string(id)}));
    return ok();
  });
}

Result<std::vector<HourRow>> Canaries::hours(const std::string& tenant_id,
                                             UtcMs from_ms,
                                             UtcMs until_ms) {
  std::vector<HourRow> rows;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT hour_ms, door, format, expected, sent, good, took_ms, took_ms_max "
        "FROM canary_hour WHERE tenant_id = :tenant AND hour_ms >= :from AND hour_ms < :until "
        "ORDER BY hour_ms, door, format, expected LIMIT :limit",
        {tenant_id, from_ms, until_ms, static_cast<std::int64_t>(kHoursMax)},
        [&](const Row& row) -> Status {
          HourRow hour{.hour_ms = row.integer(0), .door = row.text(1), .format = row.text(2)};
          TUTELA_TRY_ASSIGN(hour.expected, parse_expected(row.text(3)));
          hour.sent = row.integer(4);
          hour.good = row.integer(5);
          hour.took_ms = row.integer(6);
          hour.took_ms_max = row.integer(7);
          rows.push_back(std::move(hour));
          return ok();
        });
  }));
  return rows;
}

Status Canaries::forget_old() {
  const UtcMs before_ms = clock_.now_ms() - kKeptMs;
  for (std::int64_t gone = kForgottenAtOnce; gone == kForgottenAtOnce;) {
    TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(
          gone,
          transaction.execute("DELETE FROM canary WHERE id IN (SELECT id FROM canary "
                              "WHERE registered_ms < :before ORDER BY registered_ms LIMIT :limit)",
                              {before_ms, kForgottenAtOnce}));
      return ok();
    }));
  }
  return ok();
}

}  // namespace tutela::canaries
