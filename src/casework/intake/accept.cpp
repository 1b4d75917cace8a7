// Accepting: one short unit of work. Whatever can be made ready before it is.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/intake/rows.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;
using store::Value;

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::size_t kKeyMax = 128;
constexpr std::size_t kSourceMax = 128;
constexpr std::size_t kSealedMax = std::size_t{8} * 1024;  // base64 of 4 KiB and its seal

bool is_visible(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

Error bad(std::string_view code, std::string message) {
  return {ErrorKind::kInvalidInput, code, std::move(message)};
}

Error too_many_files(std::uint32_t most) {
  return {ErrorKind::kLimitExceeded,
          "notice.too_many_files",
          "a notice takes at most " + std::to_string(most) + " files at a time"};
}

Status check_notice(const NewNotice& notice, const Limits& limits) {
  const auto letters = [](std::string_view text, char from, char to) {
    return text.size() == 2 &&
           std::ranges::all_of(text, [&](char c) { return c >= from && c <= to; });
  };
  TUTELA_TRY(check(notice.body, !notice.files.empty()));
  if (notice.files.size() > limits.files_max) {
    return too_many_files(limits.files_max);
  }
  if (!letters(notice.language, 'a', 'z')) {
    return bad("notice.bad_language", "language: two small letters, ISO 639-1");
  }
  if (!notice.country.empty() && !letters(notice.country, 'A', 'Z')) {
    return bad("notice.bad_country", "country: two capital letters, ISO 3166-1");
  }
  if (notice.reference &&
      (!fits(*notice.reference, kReferenceMax) || is_blank(*notice.reference))) {
    return bad("notice.bad_reference",
               "reference: at most " + std::to_string(kReferenceMax) + " characters of text");
  }
  if (notice.contact && (!is_visible(notice.contact->key_id, 64) ||
                         !is_visible(notice.contact->sealed, kSealedMax))) {
    return bad("notice.bad_contact", "contact: at most 4096 bytes");
  }
  if (notice.idempotency_key && !is_visible(*notice.idempotency_key, kKeyMax)) {
    return bad("idempotency.bad_key", "an idempotency key is 1 to 128 visible ASCII characters");
  }
  if (!notice.source.empty() && !is_visible(notice.source, kSourceMax)) {
    return bad("notice.bad_source", "a source is at most 128 visible ASCII characters");
  }
  return ok();
}

/// Whether this source sent so many within the last hour that further ones wait by themselves.
/// Never counts further than it has to, so that a flood makes nothing slower.
Result<bool> is_flood(Transaction& transaction,
                      const store::Actor& actor,
                      const NewNotice& notice,
                      const Limits& limits,
                      UtcMs now_ms) {
  if (notice.source.empty()) {
    return false;
  }
  // Without proof of work, twice as early.
  const std::int64_t others =
      std::max<std::int64_t>(1, limits.per_source_hour / (notice.proved ? 1U : 2U));
  const std::int64_t most = notice.imminent ? limits.imminent_per_source_hour : others;
  std::int64_t sent = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM (SELECT 1 FROM notice WHERE tenant_id = :tenant AND source = :source "
      "AND imminent IN (1, :imminent) AND received_ms > :since LIMIT :most) AS sent",
      {actor.tenant_id,
       notice.source,
       std::int64_t{notice.imminent ? 1 : 0},
       now_ms - kHourMs,
       most},
      [&](const Row& row) -> Status {
        sent = row.integer(0);
        return ok();
      }));
  return sent >= most;
}

struct Ready {
  const store::Actor& actor;
  const NewNotice& notice;
  std::string body;
  std::string pin_hash;
  std::vector<Uuid> files;
  std::vector<Subject> subjects;
};

Notice notice_of(const Ready& ready, const Accepted& accepted, UtcMs now_ms) {
  const NewNotice& given = ready.notice;
  Notice of;
  of.id = accepted.id;
  of.tenant_id = ready.actor.tenant_id;
  of.version = 1;
  of.number = accepted.number;
  of.channel = given.channel;
  of.kind = given.kind;
  of.sender = given.sender;
  of.queue = accepted.queue;
  of.imminent = given.imminent;
  of.language = given.language;
  of.country = given.country;
  of.reference = given.reference;
  of.partner_id = given.partner_id;
  of.proved = given.proved;
  of.received_ms = now_ms;
  of.due_ms = accepted.due_ms;
  of.verified = given.kind == Kind::kLawRequest ? Verified::kUnverified : Verified::kNone;
  if (accepted.queue == Queue::kFlood) {
    of.flood_key = given.source;
  }
  return of;
}

Status insert_notice(Transaction& transaction,
                     const Ready& ready,
                     const Notice& of,
                     UtcMs escalate_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO notice (id, tenant_id, principal_id, version, number, pin_hash, channel, kind, "
      "sender, queue, state, imminent, language, country, reference, partner_id, idempotency_key, "
      "body, source, proved, flood_key, received_ms, due_ms, escalate_ms, verified, waiting) "
      "VALUES (:id, :tenant, :principal, 1, :number, :pin_hash, :channel, :kind, :sender, :queue, "
      "'open', :imminent, :language, :country, :reference, :partner, :key, :body, :source, "
      ":proved, :flood_key, :received, :due, :escalate, :verified, 1)",
      {to_string(of.id),
       of.tenant_id,
       ready.actor.principal_id,
       of.number,
       ready.pin_hash,
       std::string(to_string(of.channel)),
       std::string(to_string(of.kind)),
       std::string(to_string(of.sender)),
       std::string(to_string(of.queue)),
       std::int64_t{of.imminent ? 1 : 0},
       of.language,
       of.country,
       store::to_value(of.reference),
       of.partner_id ? Value(to_string(*of.partner_id)) : Value(),
       store::to_value(ready.notice.idempotency_key),
       ready.body,
       ready.notice.source.empty() ? Value() : Value(ready.notice.source),
       std::int64_t{of.proved ? 1 : 0},
       store::to_value(of.flood_key),
       of.received_ms,
       of.due_ms,
       escalate_ms,
       std::string(to_string(of.verified))}));
  TUTELA_FAULT_POINT("intake.after_row");
  return ok();
}

Status insert_contact(Transaction& transaction, const Ready& ready, const Uuid& id) {
  if (!ready.notice.contact) {
    return ok();
  }
  TUTELA_TRY(transaction.execute(
      "INSERT INTO notice_contact (notice_id, tenant_id, principal_id, key_id, sealed) VALUES "
      "(:id, :tenant, :principal, :key, :sealed)",
      {to_string(id),
       ready.actor.tenant_id,
       ready.actor.principal_id,
       ready.notice.contact->key_id,
       ready.notice.contact->sealed}));
  TUTELA_FAULT_POINT("intake.after_contact");
  return ok();
}

Status insert_all(Transaction& transaction,
                  const Ready& ready,
                  const Notice& of,
                  UtcMs escalate_ms) {
  TUTELA_TRY(insert_notice(transaction, ready, of, escalate_ms));
  TUTELA_TRY(insert_subjects(transaction, ready.actor, of.id, ready.subjects));
  TUTELA_TRY(insert_files(transaction, ready.actor, of.id, ready.files, of.received_ms));
  TUTELA_TRY(insert_contact(transaction, ready, of.id));
  TUTELA_TRY(add_tally(transaction, of.tenant_id, of.queue, of.received_ms, Tally{.received = 1}));
  return record(transaction,
                ready.actor,
                of,
                {.event = "received",
                 .action = "notice.receive",
                 .detail = detail_of({{"queue", to_string(of.queue)}})},
                of.received_ms);
}

std::vector<Uuid> each_once(std::vector<Uuid> files) {
  std::ranges::sort(files);
  const auto rest = std::ranges::unique(files);
  files.erase(rest.begin(), rest.end());
  return files;
}

}  // namespace

Result<Accepted> Notices::accept(const store::Actor& actor, const NewNotice& notice) {
  const Rules rules = rules_();
  TUTELA_TRY(check_notice(notice, rules.limits));
  const UtcMs now_ms = clock_.now_ms();
  Accepted made{.id = new_uuid(now_ms), .number = random_number(), .pin = random_pin()};
  made.has_contact = notice.contact.has_value();
  const Ready ready{actor,
                    notice,
                    to_json(notice.body),
                    pin_hash_of(key_, made.number, made.pin),
                    each_once(notice.files),
                    subjects_of(notice.body, notice.files)};
  Accepted accepted;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::optional<Accepted> before,
                      find_repeated(transaction, actor, notice, ready.body));
    if (before) {
      accepted = *before;
      return ok();
    }
    accepted = made;
    TUTELA_TRY_ASSIGN(const bool flood, is_flood(transaction, actor, notice, rules.limits, now_ms));
    accepted.queue = queue_of(notice.kind, notice.sender, notice.imminent, flood);
    const Due due = due_of(rules.promises, accepted.queue, now_ms);
    accepted.due_ms = due.due_ms;
    return insert_all(transaction, ready, notice_of(ready, accepted, now_ms), due.escalate_ms);
  }));
  return accepted;
}

}  // namespace tutela::intake
