// Release: who says that a report goes out, and with whom.
#include "base/fault.hpp"
#include "casework/reports/command.hpp"
#include "casework/reports/rows.hpp"

namespace tutela::reports {

using dual_control::Request;
using store::Transaction;

namespace {

constexpr auto kKind = dual_control::Kind::kReleaseReport;

Status check_release(const Person& person, const Stored& stored, std::int64_t body_checked) {
  TUTELA_TRY(check_role(person, stored.of.minor));
  if (stored.of.state != State::kDraft && stored.of.state != State::kAsked) {
    return Error{ErrorKind::kConflict, "report.not_draft", "the report is no draft any more"};
  }
  if (stored.of.document != body_checked) {
    return Error{ErrorKind::kConflict,
                 "report.changed",
                 "the report has a newer document than the one that was read; read it again"};
  }
  return ok();
}

void set_released(Stored& stored, UtcMs now_ms) {
  stored.of.state = State::kReleased;
  stored.of.released_ms = now_ms;
  stored.of.next_at_ms = now_ms;
}

/// A release by a command, where something else is written in the same unit of work.
struct Release {
  const Person& person;
  const Asked& asked;
  std::int64_t body_checked = 0;
  const Clock& clock;

  Status operator()(Transaction& transaction,
                    Report& of,
                    const std::function<void(Stored&, UtcMs)>& change,
                    std::string_view action) const {
    const UtcMs now_ms = clock.now_ms();
    TUTELA_TRY_ASSIGN(Begun begun, begin_command(transaction, asked));
    TUTELA_TRY(check_release(person, begun.stored, body_checked));
    change(begun.stored, now_ms);
    TUTELA_TRY(update_report(transaction, begun.stored));
    TUTELA_TRY(record(transaction, person.actor, action, asked.id, now_ms));
    TUTELA_TRY(end_command(transaction, asked, now_ms));
    of = std::move(begun.stored.of);
    return ok();
  }
};

Error in_words_of_reports(Error why) {
  if (why.code == "request.not_yet") {
    why.code = "report.not_yet";
  } else if (why.code == "request.own") {
    why.code = "report.own";
  }
  return why;
}

// Another person's, or after the waiting time of a one-person server the asker's.
Result<Report> release_asked(dual_control::DualControl& dual_control,
                             const Release& release,
                             const Request& request) {
  const store::Actor& actor = release.person.actor;
  const bool own = request.asked_by == actor.principal_id;
  if (own && !request.solo) {
    return Error{ErrorKind::kForbidden, "report.own", "another person releases it too"};
  }
  Report of;
  const auto inside = [&](Transaction& transaction, const Request& used) {
    return release(
        transaction,
        of,
        [&](Stored& stored, UtcMs now_ms) {
          set_released(stored, now_ms);
          stored.of.released_by = used.asked_by;
          if (!own) {
            stored.of.approved_by = actor.principal_id;
          }
        },
        "report.release");
  };
  const std::string object = object_name(release.asked.id);
  Result<audit::Recorded> used =
      own ? dual_control.use(actor, request.id, kKind, object, inside)
          : dual_control.consent(actor, request.id, kKind, object, inside);
  if (!used) {
    return in_words_of_reports(std::move(used).error());
  }
  return of;
}

Result<Report> ask_for_release(dual_control::DualControl& dual_control,
                               const Release& release,
                               const Stored& seen) {
  const std::string of_case = to_string(seen.of.case_id.value_or(seen.of.id));
  Report of;
  TUTELA_TRY(
      dual_control.ask(release.person.actor,
                       {kKind, object_name(seen.of.id), of_case, "report", "release of a report"},
                       [&](Transaction& transaction, const Request& request) {
                         return release(
                             transaction,
                             of,
                             [&](Stored& stored, UtcMs) {
                               stored.of.state = State::kAsked;
                               stored.of.released_by = release.person.actor.principal_id;
                               stored.request_id = request.id;
                             },
                             "report.ask");
                       }));
  return of;
}

}  // namespace

Result<Report> Reports::release(const Person& person,
                                const Uuid& id,
                                const Command& command,
                                std::int64_t body_checked) {
  const Asked asked{person.actor, id, command, "release " + std::to_string(body_checked)};
  const Release release{person, asked, body_checked, clock_};
  if (!rules_.second_person) {
    return run_command(
        database_,
        clock_,
        asked,
        [&](Transaction& transaction, Stored& stored, UtcMs now_ms) -> Status {
          TUTELA_TRY(check_release(person, stored, body_checked));
          TUTELA_TRY(take_back_request(transaction, dual_control_, person.actor, stored));
          set_released(stored, now_ms);
          stored.of.released_by = person.actor.principal_id;
          TUTELA_TRY(update_report(transaction, stored));
          return record(transaction, person.actor, "report.release", id, now_ms);
        });
  }
  // What is to be done depends on the request; the unit of work that does it looks again.
  Begun seen;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(seen, begin_command(transaction, asked));
    return ok();
  }));
  if (seen.done_before) {
    return seen.stored.of;
  }
  TUTELA_TRY(check_release(person, seen.stored, body_checked));
  if (seen.stored.of.state == State::kAsked && seen.stored.request_id) {
    TUTELA_TRY_ASSIGN(const Request request,
                      dual_control_.find(person.actor.tenant_id, *seen.stored.request_id));
    // One that was refused, or that nobody answered in time, is asked for anew.
    if (request.state == dual_control::State::kWaiting) {
      return release_asked(dual_control_, release, request);
    }
  }
  return ask_for_release(dual_control_, release, seen.stored);
}

Result<Report> Reports::release_automatically(const Uuid& id, std::int64_t body_checked) {
  Stored stored;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    std::string tenant_id;
    TUTELA_TRY(transaction.query("SELECT tenant_id FROM report WHERE id = :id",
                                 {to_string(id)},
                                 [&](const store::Row& row) -> Status {
                                   tenant_id = row.text(0);
                                   return ok();
                                 }));
    TUTELA_TRY_ASSIGN(stored, read_report(transaction, tenant_id, id));
    const Person nobody{system_actor(tenant_id), true, false};
    TUTELA_TRY(check_release(nobody, stored, body_checked));
    if (stored.of.state != State::kDraft) {
      return Error{
          ErrorKind::kConflict, "report.not_draft", "a person has taken the report in hand"};
    }
    set_released(stored, now_ms);
    stored.of.automatic = true;
    TUTELA_TRY(update_report(transaction, stored));
    return record(transaction, nobody.actor, "report.release", id, now_ms, "automatic");
  }));
  return stored.of;
}

Result<Report> Reports::retry(const Person& person, const Uuid& id, const Command& command) {
  TUTELA_TRY(check_role(person, false));
  return run_command(
      database_,
      clock_,
      {person.actor, id, command, "retry"},
      [&](Transaction& transaction, Stored& stored, UtcMs now_ms) -> Status {
        if (stored.of.state != State::kWaiting) {
          return Error{ErrorKind::kConflict,
                       "report.not_waiting",
                       "the report does not wait for a person; it is tried by itself"};
        }
        TUTELA_TRY_ASSIGN(const std::vector<StepRow> last, read_steps(transaction, stored, 1));
        stored.retried_step = last.empty() ? 0 : last.back().id;
        stored.of.state = State::kReleased;
        stored.of.next_at_ms = now_ms;
        stored.of.attempts = 0;
        stored.of.failing_since_ms.reset();
        stored.of.failure.clear();
        TUTELA_TRY(update_report(transaction, stored));
        return record(transaction, person.actor, "report.retry", id, now_ms);
      });
}

}  // namespace tutela::reports
