// What people of ours do with a notice: each one unit of work on the version that they read.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/intake/rows.hpp"

namespace tutela::intake {

using store::Transaction;

namespace {

Status check_words(std::string_view field, std::string_view text, std::size_t most, bool needed) {
  if (fits(text, most) && !(needed && is_blank(text))) {
    return ok();
  }
  return Error{ErrorKind::kInvalidInput,
               "notice.bad_text",
               std::string(field) + ": " + (needed ? "1" : "0") + " to " + std::to_string(most) +
                   " characters of text, none of them a control character"};
}

using Change = std::function<Status(Transaction&, Stored&, UtcMs now_ms)>;

struct Asked {
  store::Database& database;
  const Clock& clock;
  const store::Actor& actor;
  const Uuid& id;
  Command command;
};

/// `change` writes what is beside the row; the row is written after it.
Result<Notice> run(const Asked& asked, const Happening& what, const Change& change) {
  Notice of;
  TUTELA_TRY(asked.database.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = asked.clock.now_ms();
    TUTELA_TRY_ASSIGN(Stored stored, read_notice(transaction, asked.actor.tenant_id, asked.id));
    if (stored.of.version != asked.command.version) {
      return Error{ErrorKind::kConflict,
                   "notice.changed",
                   "the notice changed since you read it; read it again and decide anew"};
    }
    if (!is_waiting(stored.of.state)) {
      return Error{ErrorKind::kConflict,
                   "notice.not_waiting",
                   "the notice is answered, withdrawn or closed; nobody waits for us"};
    }
    TUTELA_TRY(change(transaction, stored, now_ms));
    TUTELA_TRY(update_notice(transaction, stored));
    TUTELA_TRY(record(transaction, asked.actor, stored.of, what, now_ms));
    of = std::move(stored.of);
    return ok();
  }));
  return of;
}

/// Whoever does something with it has looked at it.
void look(Stored& stored, const store::Actor& actor, UtcMs now_ms) {
  if (!stored.taken_ms) {
    stored.taken_ms = now_ms;
    stored.of.taken_by = actor.principal_id;
  }
}

Status check_outcome(Transaction& transaction, const Notice& of, Outcome outcome) {
  TUTELA_TRY_ASSIGN(const Body body, read_body(transaction, of.id));
  const std::vector<Outcome> may = outcomes_of(of, body);
  if (std::ranges::find(may, outcome) == may.end()) {
    std::string words;
    for (const Outcome each : may) {
      words += " " + std::string(to_string(each));
    }
    return Error{ErrorKind::kInvalidInput,
                 "notice.bad_outcome",
                 "outcome: this notice may be told one of" + words};
  }
  if (outcome == Outcome::kDone && of.verified != Verified::kVerified) {
    return Error{ErrorKind::kConflict,
                 "notice.not_verified",
                 "verify who asks first; nothing is done for a request before that"};
  }
  return ok();
}

Status give_answer(Transaction& transaction,
                   Stored& stored,
                   Outcome outcome,
                   std::string_view words,
                   UtcMs now_ms) {
  Notice& of = stored.of;
  TUTELA_TRY_ASSIGN(const UtcMs from_ms, promised_from(transaction, of.id));
  const bool kept = now_ms <= of.due_ms;
  TUTELA_TRY(add_tally(transaction,
                       of.tenant_id,
                       of.queue,
                       from_ms,
                       {.kept = kept ? 1 : 0,
                        .broken = kept ? 0 : 1,
                        .took_ms = std::max<std::int64_t>(0, now_ms - from_ms)}));
  of.state = State::kAnswered;
  of.outcome = outcome;
  of.answer = words;
  of.answered_ms = now_ms;
  return ok();
}

/// The promise goes with it: it counts where it waits, and is near its end for other people.
Status change_queue(Transaction& transaction,
                    Stored& stored,
                    Queue queue,
                    const Promises& promises) {
  Notice& of = stored.of;
  TUTELA_TRY_ASSIGN(const UtcMs from_ms, promised_from(transaction, of.id));
  TUTELA_TRY(add_tally(transaction, of.tenant_id, of.queue, from_ms, Tally{.received = -1}));
  TUTELA_TRY(add_tally(transaction, of.tenant_id, queue, from_ms, Tally{.received = 1}));
  const Due due = due_of(promises, queue, from_ms);
  if (of.queue != queue) {
    of.escalated_ms.reset();
    of.escalated_to.reset();
  }
  of.queue = queue;
  of.due_ms = std::min(of.due_ms, due.due_ms);
  stored.escalate_ms = std::min(stored.escalate_ms, due.escalate_ms);
  return ok();
}

}  // namespace

Result<Notice> Notices::take(const store::Actor& actor, const Uuid& id, Command command) {
  return run({database_, clock_, actor, id, command},
             {.event = "taken", .action = "notice.take"},
             [&](Transaction&, Stored& stored, UtcMs now_ms) -> Status {
               look(stored, actor, now_ms);
               stored.of.taken_by = actor.principal_id;
               return ok();
             });
}

Result<Notice> Notices::ask(const store::Actor& actor,
                            const Uuid& id,
                            Command command,
                            std::string_view question) {
  TUTELA_TRY(check_words("question", question, kMessageMax, true));
  return run({database_, clock_, actor, id, command},
             {.event = "asked", .action = "notice.ask"},
             [&](Transaction& transaction, Stored& stored, UtcMs now_ms) -> Status {
               look(stored, actor, now_ms);
               stored.of.state = State::kQuestion;
               return insert_message(transaction, actor, id, actor.principal_id, question, now_ms);
             });
}

Result<Notice> Notices::answer(const store::Actor& actor,
                               const Uuid& id,
                               Command command,
                               Outcome outcome,
                               std::string_view words) {
  TUTELA_TRY(check_words("words", words, kWordsMax, false));
  return run({database_, clock_, actor, id, command},
             {.event = "answered",
              .action = "notice.answer",
              .detail = detail_of({{"outcome", to_string(outcome)}})},
             [&](Transaction& transaction, Stored& stored, UtcMs now_ms) -> Status {
               TUTELA_TRY(check_outcome(transaction, stored.of, outcome));
               look(stored, actor, now_ms);
               return give_answer(transaction, stored, outcome, words, now_ms);
             });
}

Result<Notice> Notices::move(const store::Actor& actor,
                             const Uuid& id,
                             Command command,
                             Queue queue,
                             std::string_view reason) {
  TUTELA_TRY(check_words("reason", reason, kReasonMax, true));
  const Promises promises = rules_().promises;
  return run({database_, clock_, actor, id, command},
             {.event = "moved",
              .action = "notice.move",
              .detail = detail_of({{"queue", to_string(queue)}, {"reason", reason}})},
             [&](Transaction& transaction, Stored& stored, UtcMs) -> Status {
               if (stored.of.queue == queue) {
                 return ok();
               }
               return change_queue(transaction, stored, queue, promises);
             });
}

Result<Notice> Notices::verify(const store::Actor& actor,
                               const Uuid& id,
                               Command command,
                               bool verified,
                               std::string_view how) {
  TUTELA_TRY(check_words("how", how, kReasonMax, true));
  return run({database_, clock_, actor, id, command},
             {.event = verified ? "verified" : "refused",
              .action = verified ? "notice.verify" : "notice.refuse",
              .detail = detail_of({{"how", how}})},
             [&](Transaction&, Stored& stored, UtcMs now_ms) -> Status {
               if (stored.of.kind != Kind::kLawRequest) {
                 return Error{ErrorKind::kInvalidInput,
                              "notice.not_a_request",
                              "only requests of authorities are verified"};
               }
               look(stored, actor, now_ms);
               stored.of.verified = verified ? Verified::kVerified : Verified::kRefused;
               stored.of.verified_by = actor.principal_id;
               stored.verified_ms = now_ms;
               return ok();
             });
}

}  // namespace tutela::intake
