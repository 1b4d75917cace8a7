// What whoever has number and PIN may do: follow, add, withdraw.
//
// All three are one unit of work that first looks up a number, makes one HMAC, and compares. Where
// that fails it changes one row and waits until that is durable, whichever it is: the notice's own,
// or the one whose number comes next. So neither the answer nor its time says whether there is such
// a notice. SQLite writes nothing where an UPDATE changes nothing: that is why pin_tries holds,
// above the tries, how often it was written.
#include <algorithm>

#include <boost/json.hpp>

#include "base/fault.hpp"
#include "casework/intake/rows.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;

namespace {

constexpr std::int64_t kLockMs = 3'600'000;
constexpr std::int64_t kTries = 256;  // pin_tries: writes * kTries + wrong PINs
// Of nobody: what is no number or PIN is looked up all the same.
constexpr std::string_view kNoNumber = "T-0000-0000-0001";
constexpr std::string_view kNoPin = "none";

Error unknown() {
  return {ErrorKind::kNotFound,
          "notice.unknown",
          "number or PIN is wrong; after many wrong ones, try again in an hour"};
}

Error over() {
  return {ErrorKind::kConflict,
          "notice.over",
          "this is withdrawn or closed; report anew if there is more"};
}

struct Candidate {
  Uuid id;
  std::string tenant_id;
  std::string number;
  std::string pin_hash;
  std::int64_t writes = 0;
  std::int64_t tries = 0;
  std::optional<UtcMs> locked_until_ms;
};

Status query_candidate(Transaction& transaction,
                       std::string_view number,
                       std::optional<Candidate>& found) {
  return transaction.query(
      "SELECT id, tenant_id, number, pin_hash, pin_tries, pin_locked_until_ms FROM notice WHERE "
      "number >= :number ORDER BY number LIMIT 1",
      {std::string(number)},
      [&](const Row& row) -> Status {
        Candidate& candidate = found.emplace();
        TUTELA_TRY_ASSIGN(candidate.id, parse_uuid(row.text(0)));
        candidate.tenant_id = row.text(1);
        candidate.number = row.text(2);
        candidate.pin_hash = row.text(3);
        candidate.writes = row.integer(4) / kTries;
        candidate.tries = row.integer(4) % kTries;
        if (!row.is_null(5)) {
          candidate.locked_until_ms = row.integer(5);
        }
        return ok();
      });
}

/// The notice with this number, or the next one; none where there is no notice at all.
Result<std::optional<Candidate>> candidate_of(Transaction& transaction, std::string_view number) {
  std::optional<Candidate> found;
  TUTELA_TRY(query_candidate(transaction, number, found));
  if (!found) {
    TUTELA_TRY(query_candidate(transaction, "", found));
  }
  return found;
}

Status write_tries(Transaction& transaction, const Candidate& candidate) {
  TUTELA_TRY(transaction.execute(
      "UPDATE notice SET pin_tries = :tries, pin_locked_until_ms = :until WHERE id = :id",
      {(candidate.writes + 1) * kTries + candidate.tries,
       store::to_value(candidate.locked_until_ms),
       to_string(candidate.id)}));
  TUTELA_FAULT_POINT("intake.after_try");
  return ok();
}

struct Credentials {
  std::string number;
  std::string hash;
};

Credentials credentials_of(const crypto::Key& key, std::string_view number, std::string_view pin) {
  std::string normal = parse_number(number).value_or(std::string(kNoNumber));
  std::string hash = pin_hash_of(key, normal, parse_pin(pin).value_or(std::string(kNoPin)));
  return {std::move(normal), std::move(hash)};
}

/// None where the sender may not: the caller commits what was counted, and says unknown().
Result<std::optional<Stored>> open_notice(Transaction& transaction,
                                          const Credentials& credentials,
                                          std::uint32_t tries_max,
                                          UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(std::optional<Candidate> candidate,
                    candidate_of(transaction, credentials.number));
  if (!candidate) {
    return std::optional<Stored>();
  }
  const bool same_number = candidate->number == credentials.number;
  const bool same_pin =
      crypto::equal_constant_time(as_bytes(candidate->pin_hash), as_bytes(credentials.hash));
  const bool locked = candidate->locked_until_ms.value_or(0) > now_ms;
  if (same_number && same_pin && !locked) {
    if (candidate->tries != 0) {
      candidate->tries = 0;
      TUTELA_TRY(write_tries(transaction, *candidate));
    }
    TUTELA_TRY_ASSIGN(Stored stored, read_notice(transaction, candidate->tenant_id, candidate->id));
    return std::optional(std::move(stored));
  }
  if (same_number && !locked) {
    ++candidate->tries;
    if (candidate->tries >= std::clamp<std::int64_t>(tries_max, 1, kTries - 1)) {
      candidate->tries = 0;
      candidate->locked_until_ms = now_ms + kLockMs;
    }
  }
  TUTELA_TRY(write_tries(transaction, *candidate));
  return std::optional<Stored>();
}

/// What they were told before they added something: they have read it, and it stays true.
Status read_earlier(Transaction& transaction, const Uuid& id, Followed& followed) {
  return transaction.query(
      "SELECT detail, at_ms FROM notice_event WHERE notice_id = :id AND kind = 'answered' ORDER BY "
      "id DESC LIMIT 1",
      {to_string(id)},
      [&](const Row& row) -> Status {
        boost::system::error_code failed;
        const boost::json::value detail = boost::json::parse(row.text(0), failed);
        const boost::json::object* const object = failed ? nullptr : detail.if_object();
        const boost::json::value* const found =
            object == nullptr ? nullptr : object->if_contains("outcome");
        if (found == nullptr || !found->is_string()) {
          return Error{ErrorKind::kInternal,
                       "notice.bad_event",
                       "an answer was noted without its outcome; check the database"};
        }
        TUTELA_TRY_ASSIGN(followed.earlier, parse_outcome(found->get_string()));
        followed.earlier_ms = row.integer(1);
        return ok();
      });
}

Result<Followed> followed_of(Transaction& transaction, const Stored& stored) {
  const Notice& of = stored.of;
  Followed followed{.id = of.id,
                    .number = of.number,
                    .state = of.state,
                    .received_ms = of.received_ms,
                    .due_ms = of.due_ms,
                    .looked_at = stored.taken_ms.has_value(),
                    .imminent = of.imminent,
                    .language = of.language,
                    .outcome = of.outcome,
                    .answer = of.answer,
                    .answered_ms = of.answered_ms,
                    .earlier = {},
                    .earlier_ms = {},
                    .messages = {}};
  if (!of.outcome) {
    TUTELA_TRY(read_earlier(transaction, of.id, followed));
  }
  TUTELA_TRY_ASSIGN(followed.messages, read_messages(transaction, of.id));
  for (Message& message : followed.messages) {
    message.principal_id.clear();
  }
  return followed;
}

using Change = std::function<Status(Transaction&, Stored&, UtcMs now_ms)>;

struct Sent {
  store::Database& database;
  const Clock& clock;
  const crypto::Key& key;
  std::uint32_t tries_max;
  std::string_view number;
  std::string_view pin;
};

Result<Followed> run(const Sent& sent, const Change& change) {
  const Credentials credentials = credentials_of(sent.key, sent.number, sent.pin);
  std::optional<Followed> followed;
  TUTELA_TRY(sent.database.write([&](Transaction& transaction) -> Status {
    followed.reset();
    const UtcMs now_ms = sent.clock.now_ms();
    TUTELA_TRY_ASSIGN(std::optional<Stored> stored,
                      open_notice(transaction, credentials, sent.tries_max, now_ms));
    if (!stored) {
      return ok();
    }
    TUTELA_TRY(change(transaction, *stored, now_ms));
    TUTELA_TRY_ASSIGN(followed, followed_of(transaction, *stored));
    return ok();
  }));
  if (!followed) {
    return unknown();
  }
  return *std::move(followed);
}

Status check_additions(Transaction& transaction, const Uuid& id, std::uint32_t most) {
  std::int64_t additions = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM notice_event WHERE notice_id = :id AND kind IN ('added', 'reopened')",
      {to_string(id)},
      [&](const Row& row) -> Status {
        additions = row.integer(0);
        return ok();
      }));
  if (additions >= static_cast<std::int64_t>(most)) {
    return Error{ErrorKind::kLimitExceeded,
                 "notice.too_many_additions",
                 "nothing more can be added to this; report anew if there is more"};
  }
  return ok();
}

/// What was answered waits again, with a new promise; its words stay readable as a message,
/// its outcome as an event.
Status reopen(Transaction& transaction, Stored& stored, const Promises& promises, UtcMs now_ms) {
  Notice& of = stored.of;
  if (!is_blank(of.answer)) {
    std::string author = "system";
    TUTELA_TRY(transaction.query(
        "SELECT principal_id FROM notice_event WHERE notice_id = :id AND kind = 'answered' ORDER "
        "BY id DESC LIMIT 1",
        {to_string(of.id)},
        [&](const Row& row) -> Status {
          author = row.text(0);
          return ok();
        }));
    TUTELA_TRY(insert_message(transaction,
                              {of.tenant_id, author, "service"},
                              of.id,
                              author,
                              of.answer,
                              of.answered_ms.value_or(now_ms)));
  }
  const Due due = due_of(promises, of.queue, now_ms);
  of.due_ms = due.due_ms;
  stored.escalate_ms = due.escalate_ms;
  of.escalated_ms.reset();
  of.escalated_to.reset();
  of.outcome.reset();
  of.answer.clear();
  of.answered_ms.reset();
  return add_tally(transaction, of.tenant_id, of.queue, now_ms, Tally{.received = 1});
}

Status check_addition(std::string_view text, const std::vector<Uuid>& files, std::uint32_t most) {
  if (!is_text(text)) {
    return Error{ErrorKind::kInvalidInput,
                 "notice.bad_text",
                 "text: give UTF-8 text without control characters"};
  }
  if (!fits(text, kMessageMax)) {
    return Error{ErrorKind::kInvalidInput,
                 "notice.too_long",
                 "text: at most " + std::to_string(kMessageMax) + " characters"};
  }
  if (files.empty() && is_blank(text)) {
    return Error{ErrorKind::kInvalidInput, "notice.empty", "text: write something, or add a file"};
  }
  if (files.size() > most) {
    return Error{ErrorKind::kLimitExceeded,
                 "notice.too_many_files",
                 "at most " + std::to_string(most) + " files at a time"};
  }
  return ok();
}

Status insert_addition(Transaction& transaction,
                       const store::Actor& actor,
                       const Uuid& id,
                       std::string_view text,
                       const std::vector<Uuid>& files,
                       UtcMs now_ms) {
  if (!is_blank(text)) {
    TUTELA_TRY(insert_message(transaction, actor, id, kSenderName, text, now_ms));
  }
  TUTELA_TRY(insert_files(transaction, actor, id, files, now_ms));
  return insert_subjects(transaction, actor, id, subjects_of({}, files));
}

}  // namespace

Result<Followed> Notices::follow(std::string_view number, std::string_view pin) {
  const std::uint32_t tries_max = rules_().limits.pin_tries_max;
  return run({database_, clock_, key_, tries_max, number, pin},
             [](Transaction&, Stored&, UtcMs) { return ok(); });
}

Result<Followed> Notices::add(std::string_view number,
                              std::string_view pin,
                              std::string_view text,
                              const std::vector<Uuid>& files) {
  const Rules rules = rules_();
  TUTELA_TRY(check_addition(text, files, rules.limits.files_max));
  return run({database_, clock_, key_, rules.limits.pin_tries_max, number, pin},
             [&](Transaction& transaction, Stored& stored, UtcMs now_ms) -> Status {
               Notice& of = stored.of;
               if (of.state == State::kWithdrawn || of.state == State::kClosed) {
                 return over();
               }
               const store::Actor actor = sender_actor(of.tenant_id);
               TUTELA_TRY(check_additions(transaction, of.id, rules.limits.additions_max));
               const bool reopened = of.state == State::kAnswered;
               if (reopened) {
                 TUTELA_TRY(reopen(transaction, stored, rules.promises, now_ms));
               }
               TUTELA_TRY(insert_addition(transaction, actor, of.id, text, files, now_ms));
               of.state = State::kOpen;
               if (!files.empty()) {
                 of.sorted_ms.reset();  // they belong to its case, too
               }
               TUTELA_TRY(update_notice(transaction, stored));
               return record(transaction,
                             actor,
                             of,
                             {.event = reopened ? "reopened" : "added", .action = "notice.add"},
                             now_ms);
             });
}

Result<Followed> Notices::withdraw(std::string_view number, std::string_view pin) {
  const std::uint32_t tries_max = rules_().limits.pin_tries_max;
  return run({database_, clock_, key_, tries_max, number, pin},
             [&](Transaction& transaction, Stored& stored, UtcMs now_ms) -> Status {
               Notice& of = stored.of;
               if (of.state == State::kWithdrawn || of.state == State::kClosed) {
                 return over();
               }
               if (is_waiting(of.state)) {
                 TUTELA_TRY_ASSIGN(const UtcMs from_ms, promised_from(transaction, of.id));
                 TUTELA_TRY(add_tally(
                     transaction, of.tenant_id, of.queue, from_ms, Tally{.withdrawn = 1}));
               }
               TUTELA_TRY(erase_contact(transaction, of.id));
               of.has_contact = false;
               of.state = State::kWithdrawn;
               of.closed_ms = now_ms;
               TUTELA_TRY(update_notice(transaction, stored));
               return record(transaction,
                             sender_actor(of.tenant_id),
                             of,
                             {.event = "withdrawn", .action = "notice.withdraw"},
                             now_ms);
             });
}

}  // namespace tutela::intake
