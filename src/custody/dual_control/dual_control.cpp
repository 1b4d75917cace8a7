#include "custody/dual_control/dual_control.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "base/fault.hpp"
#include "custody/dual_control/moment.hpp"
#include "custody/dual_control/refusal.hpp"
#include "custody/dual_control/requests.hpp"
#include "custody/dual_control/text.hpp"

namespace tutela::dual_control {

namespace {

constexpr std::int64_t kWaitingMax = 20;
constexpr std::size_t kListMax = 200;
constexpr std::int64_t kSoloWaitLeastMs = 3'600'000;

Error forbidden(std::string_view code, std::string message) {
  return Error{ErrorKind::kForbidden, code, std::move(message)};
}

Error not_waiting() {
  return Error{
      ErrorKind::kConflict, "request.not_waiting", "somebody has answered this request already"};
}

Error not_a_person() {
  return forbidden("request.not_a_person",
                   "two people are needed: ask and approve as a person who signed in");
}

Status tell_trustee(store::Transaction& transaction,
                    const store::Actor& actor,
                    UtcMs now_ms,
                    const std::string& trustee,
                    std::string_view event,
                    const Request& request) {
  const std::string id = to_string(request.id);
  const boost::json::object payload = {{"trustee", trustee},
                                       {"event", event},
                                       {"request_id", id},
                                       {"kind", to_string(request.ask.kind)},
                                       {"object", request.ask.object},
                                       {"case_ref", request.ask.case_ref},
                                       {"purpose", request.ask.purpose},
                                       {"asked_by", request.asked_by},
                                       {"usable_from", to_rfc3339(request.usable_from_ms)},
                                       {"expires", to_rfc3339(request.expires_ms)}};
  return store::add_outbox(
      transaction, actor, now_ms, {"trustee.notice", id, 1, boost::json::serialize(payload)});
}

Status check_few_waiting(store::Transaction& transaction,
                         const store::Actor& actor,
                         const Moment& moment) {
  std::int64_t waiting = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM dual_request WHERE tenant_id = :tenant_id AND state = 'waiting' AND "
      "principal_id = :principal_id AND expires_ms > :now_ms AND expires_passed_ms > :passed_ms",
      {actor.tenant_id, actor.principal_id, moment.now_ms, moment.passed_ms},
      [&](const store::Row& row) {
        waiting = row.integer(0);
        return ok();
      }));
  if (waiting >= kWaitingMax) {
    return Error{ErrorKind::kLimitExceeded,
                 "request.too_many",
                 "20 requests of this person wait already; take some back or have them answered"};
  }
  return ok();
}

Status check_may_decide(const store::Actor& actor, const Request& request, State decision) {
  const bool own = actor.principal_id == request.asked_by;
  if (decision == State::kRefused && own) {
    return ok();
  }
  if (own) {
    return forbidden("request.own", "another person approves what somebody asked for");
  }
  if (decision == State::kApproved && request.ask.kind == Kind::kReleaseReport) {
    return forbidden("request.by_release", "read the report and release it; that is the approval");
  }
  if (!is_person(actor.principal_id) ||
      (decision == State::kApproved && !is_person(request.asked_by))) {
    return not_a_person();
  }
  return ok();
}

Status check_may_use(const store::Actor& actor,
                     const Stored& stored,
                     Kind kind,
                     std::string_view object,
                     bool solo,
                     const Moment& moment) {
  const Request& request = stored.request;
  if (request.asked_by != actor.principal_id) {
    return forbidden("request.other_person", "only who asked may use the approval");
  }
  if (request.ask.kind != kind || request.ask.object != object) {
    return forbidden("request.other_object", "the approval is for something else");
  }
  if (request.state == State::kUsed) {
    return forbidden("request.used", "an approval is used once; ask again");
  }
  if (request.state == State::kExpired || (is_open(request.state) && is_over(stored, moment))) {
    return forbidden("request.expired", "the time of the request is over; ask again");
  }
  const bool waiting_stands_in = request.state == State::kWaiting && solo && request.solo;
  if (request.state != State::kApproved && !waiting_stands_in) {
    return forbidden("request.not_approved", "another person has to approve the request first");
  }
  if (is_too_early(stored, moment)) {
    return forbidden("request.not_yet", "the waiting time is not over");
  }
  return ok();
}

}  // namespace

DualControl::DualControl(store::Database& database, const Clock& clock, Rules rules)
    : database_(database), clock_(clock), rules_(std::move(rules)) {
  rules_.solo_wait_ms = std::max(rules_.solo_wait_ms, kSoloWaitLeastMs);
}

Result<Request> DualControl::ask(const store::Actor& actor, const Ask& ask, const Beside& with) {
  TUTELA_TRY(check_ask(ask));
  if (!is_person(actor.principal_id) && !(rules_.solo && is_operator(actor.principal_id))) {
    return not_a_person();
  }
  if (rules_.solo && rules_.trustee.empty()) {
    return forbidden("request.no_trustee", "name a trustee in the configuration first");
  }
  Stored stored;
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Moment moment, look(transaction, clock_));
    TUTELA_TRY(check_few_waiting(transaction, actor, moment));
    Request& request = stored.request;
    request.id = new_uuid(moment.now_ms);
    request.tenant_id = actor.tenant_id;
    request.asked_by = actor.principal_id;
    request.ask = ask;
    request.solo = rules_.solo;
    request.created_ms = moment.now_ms;
    set_bounds(
        stored,
        moment,
        rules_.solo ? Window{rules_.solo_wait_ms, rules_.usable_ms} : Window{0, rules_.waits_ms});
    TUTELA_TRY(insert(transaction, stored));
    TUTELA_TRY(audit::add(transaction, actor, moment.now_ms, entry_about(request, "request.ask")));
    if (rules_.solo) {
      TUTELA_TRY(
          audit::add(transaction, actor, moment.now_ms, entry_about(request, "request.solo_wait")));
      TUTELA_TRY(tell_trustee(transaction, actor, moment.now_ms, rules_.trustee, "asked", request));
    }
    if (with) {
      TUTELA_TRY(with(transaction, request));
    }
    TUTELA_FAULT_POINT("dual_control.in_ask");
    return ok();
  }));
  TUTELA_FAULT_POINT("dual_control.after_ask");
  return std::move(stored.request);
}

Result<Request> DualControl::approve(const store::Actor& actor, const Uuid& id) {
  return decide(actor, id, State::kApproved);
}

Result<Request> DualControl::refuse(const store::Actor& actor, const Uuid& id) {
  return decide(actor, id, State::kRefused);
}

Result<Request> DualControl::decide(const store::Actor& actor, const Uuid& id, State decision) {
  const std::string action = decision == State::kApproved ? "request.approve" : "request.refuse";
  Stored stored;
  audit::Entry entry{action, "request:" + to_string(id), {}, "ok"};
  Status status = database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Moment moment, look(transaction, clock_));
    TUTELA_TRY_ASSIGN(stored, read(transaction, actor.tenant_id, id));
    Request& request = stored.request;
    entry = entry_about(request, action);
    TUTELA_TRY(check_may_decide(actor, request, decision));
    if (request.state == State::kExpired || (is_open(request.state) && is_over(stored, moment))) {
      return Error{
          ErrorKind::kConflict, "request.expired", "the time of the request is over; ask again"};
    }
    if (request.state != State::kWaiting) {
      return not_waiting();
    }
    request.state = decision;
    request.decided_by = actor.principal_id;
    request.decided_ms = moment.now_ms;
    if (decision == State::kApproved) {
      set_bounds(stored, moment, {0, rules_.usable_ms});
    }
    TUTELA_TRY_ASSIGN(const bool changed, update(transaction, stored, State::kWaiting));
    if (!changed) {
      return not_waiting();
    }
    TUTELA_TRY(audit::add(transaction, actor, moment.now_ms, entry));
    TUTELA_FAULT_POINT("dual_control.in_decide");
    return ok();
  });
  if (!status) {
    return refused(actor, id, std::move(entry), std::move(status).error());
  }
  TUTELA_FAULT_POINT("dual_control.after_decide");
  return std::move(stored.request);
}

Status DualControl::take(store::Transaction& transaction,
                         const store::Actor& actor,
                         const Request& request,
                         Kind kind,
                         std::string_view object) {
  TUTELA_TRY_ASSIGN(const Moment moment, look(transaction, clock_));
  TUTELA_TRY_ASSIGN(Stored stored, read(transaction, actor.tenant_id, request.id));
  TUTELA_TRY(check_may_use(actor, stored, kind, object, rules_.solo, moment));
  const State from = stored.request.state;
  stored.request.state = State::kUsed;
  stored.request.used_ms = moment.now_ms;
  TUTELA_TRY_ASSIGN(const bool changed, update(transaction, stored, from));
  if (!changed) {
    return forbidden("request.used", "an approval is used once; ask again");
  }
  if (from == State::kWaiting) {
    TUTELA_TRY(audit::add(transaction,
                          actor,
                          moment.now_ms,
                          {std::string(to_string(kind)) + "_solo",
                           std::string(object),
                           stored.request.ask.purpose,
                           "ok"}));
  }
  if (stored.request.solo) {
    TUTELA_TRY(
        tell_trustee(transaction, actor, moment.now_ms, rules_.trustee, "used", stored.request));
  }
  return ok();
}

// The approval has no window of its own: it is used as it is given.
Status DualControl::approve_and_take(store::Transaction& transaction,
                                     const store::Actor& actor,
                                     const Request& request,
                                     Kind kind,
                                     std::string_view object) {
  TUTELA_TRY_ASSIGN(const Moment moment, look(transaction, clock_));
  TUTELA_TRY_ASSIGN(Stored stored, read(transaction, actor.tenant_id, request.id));
  if (stored.request.asked_by == actor.principal_id) {
    return forbidden("request.own", "another person approves what somebody asked for");
  }
  if (!is_person(actor.principal_id) || !is_person(stored.request.asked_by)) {
    return not_a_person();
  }
  if (stored.request.ask.kind != kind || stored.request.ask.object != object) {
    return forbidden("request.other_object", "the approval is for something else");
  }
  if (stored.request.state == State::kExpired ||
      (is_open(stored.request.state) && is_over(stored, moment))) {
    return forbidden("request.expired", "the time of the request is over; ask again");
  }
  if (stored.request.state != State::kWaiting) {
    return not_waiting();
  }
  stored.request.state = State::kUsed;
  stored.request.decided_by = actor.principal_id;
  stored.request.decided_ms = moment.now_ms;
  stored.request.used_ms = moment.now_ms;
  TUTELA_TRY_ASSIGN(const bool changed, update(transaction, stored, State::kWaiting));
  if (!changed) {
    return not_waiting();
  }
  TUTELA_TRY(audit::add(
      transaction, actor, moment.now_ms, entry_about(stored.request, "request.approve")));
  if (stored.request.solo) {
    TUTELA_TRY(
        tell_trustee(transaction, actor, moment.now_ms, rules_.trustee, "used", stored.request));
  }
  return ok();
}

Result<audit::Recorded> DualControl::use(const store::Actor& actor,
                                         const Uuid& id,
                                         Kind kind,
                                         std::string_view object,
                                         const Beside& with) {
  return use_by(actor, id, kind, object, with, &DualControl::take);
}

Result<audit::Recorded> DualControl::consent(const store::Actor& actor,
                                             const Uuid& id,
                                             Kind kind,
                                             std::string_view object,
                                             const Beside& with) {
  if (kind != Kind::kReleaseReport) {
    return Error{ErrorKind::kInvalidInput, "request.bad", "this is used by who asked for it"};
  }
  return use_by(actor, id, kind, object, with, &DualControl::approve_and_take);
}

Status DualControl::lapse(store::Transaction& transaction,
                          const store::Actor& actor,
                          const Uuid& id) {
  TUTELA_TRY_ASSIGN(const Moment moment, look(transaction, clock_));
  TUTELA_TRY_ASSIGN(Stored stored, read(transaction, actor.tenant_id, id));
  const State from = stored.request.state;
  if (!is_open(from)) {
    return ok();
  }
  stored.request.state = State::kRefused;
  stored.request.decided_by = actor.principal_id;
  stored.request.decided_ms = moment.now_ms;
  TUTELA_TRY(update(transaction, stored, from));
  return audit::add(
      transaction, actor, moment.now_ms, entry_about(stored.request, "request.refuse"));
}

Result<audit::Recorded> DualControl::use_by(const store::Actor& actor,
                                            const Uuid& id,
                                            Kind kind,
                                            std::string_view object,
                                            const Beside& with,
                                            Taking taking) {
  if (!is_object(kind, object)) {
    return Error{ErrorKind::kInvalidInput, "request.bad", "this is no object of such a request"};
  }
  audit::Entry entry{std::string(to_string(kind)), std::string(object), {}, "ok"};
  // What a request is for never changes, so the entry can be made before the unit of work.
  Result<Request> request = find(actor.tenant_id, id);
  if (!request) {
    return refused(actor, id, std::move(entry), std::move(request).error());
  }
  entry.purpose = request->ask.purpose;
  Result<audit::Recorded> recorded = audit::record(
      database_, actor, clock_.now_ms(), entry, [&](store::Transaction& transaction) -> Status {
        TUTELA_TRY((this->*taking)(transaction, actor, *request, kind, object));
        if (with) {
          TUTELA_TRY(with(transaction, *request));
        }
        TUTELA_FAULT_POINT("dual_control.in_use");
        return ok();
      });
  if (!recorded) {
    return refused(actor, id, std::move(entry), std::move(recorded).error());
  }
  TUTELA_FAULT_POINT("dual_control.after_use");
  return recorded;
}

// What was refused left nothing of its unit of work, so the entry of the refusal is one of its own.
Error DualControl::refused(const store::Actor& actor,
                           const Uuid& id,
                           audit::Entry entry,
                           Error why) {
  if (!is_refusal(why)) {
    return why;
  }
  entry.result = "refused";
  Status noted = database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Moment moment, look(transaction, clock_));
    const Result<Stored> stored = read(transaction, actor.tenant_id, id);
    if (stored) {
      TUTELA_TRY(expire(transaction, *stored, moment));
    } else if (stored.error().kind != ErrorKind::kNotFound) {
      return stored.error();
    }
    TUTELA_TRY(audit::add(transaction, actor, moment.now_ms, entry));
    TUTELA_FAULT_POINT("dual_control.in_refusal");
    return ok();
  });
  return noted ? std::move(why) : std::move(noted).error();
}

Result<Request> DualControl::find(const std::string& tenant_id, const Uuid& id) {
  Stored stored;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Moment moment, glance(transaction, clock_));
    TUTELA_TRY_ASSIGN(stored, read(transaction, tenant_id, id));
    if (is_open(stored.request.state) && is_over(stored, moment)) {
      stored.request.state = State::kExpired;
    }
    return ok();
  }));
  return std::move(stored.request);
}

Result<std::vector<Request>> DualControl::list(const std::string& tenant_id,
                                               bool waiting_only,
                                               std::size_t limit) {
  std::vector<Request> requests;
  const auto limit_rows = static_cast<std::int64_t>(std::min(limit, kListMax));
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Moment moment, glance(transaction, clock_));
    const auto add = [&](Stored stored) {
      if (is_open(stored.request.state) && is_over(stored, moment)) {
        stored.request.state = State::kExpired;
      }
      requests.push_back(std::move(stored.request));
      return ok();
    };
    constexpr std::string_view kOrder = "ORDER BY created_ms DESC, id DESC LIMIT :limit_rows";
    if (waiting_only) {
      return read_all(transaction,
                      "tenant_id = :tenant_id AND state = 'waiting' AND expires_ms > :now_ms AND "
                      "expires_passed_ms > :passed_ms " +
                          std::string(kOrder),
                      {tenant_id, moment.now_ms, moment.passed_ms, limit_rows},
                      add);
    }
    return read_all(
        transaction, "tenant_id = :tenant_id " + std::string(kOrder), {tenant_id, limit_rows}, add);
  }));
  return requests;
}

Result<std::int64_t> DualControl::count_waiting(const std::string& tenant_id) {
  std::int64_t waiting = 0;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Moment moment, glance(transaction, clock_));
    return transaction.query(
        "SELECT COUNT(*) FROM dual_request WHERE tenant_id = :tenant_id AND state = 'waiting' AND "
        "expires_ms > :now_ms AND expires_passed_ms > :passed_ms",
        {tenant_id, moment.now_ms, moment.passed_ms},
        [&](const store::Row& row) {
          waiting = row.integer(0);
          return ok();
        });
  }));
  return waiting;
}

Result<std::size_t> DualControl::expire_due(std::size_t limit) {
  std::size_t expired = 0;
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Moment moment, look(transaction, clock_));
    std::vector<Stored> due;
    TUTELA_TRY(read_all(
        transaction,
        "state IN ('waiting', 'approved') AND (expires_ms <= :now_ms OR "
        "expires_passed_ms <= :passed_ms) ORDER BY expires_ms, id "
        "LIMIT :limit_rows",
        {moment.now_ms, moment.passed_ms, static_cast<std::int64_t>(std::min(limit, kListMax))},
        [&](Stored stored) {
          due.push_back(std::move(stored));
          return ok();
        }));
    for (const Stored& stored : due) {
      TUTELA_TRY_ASSIGN(const bool changed, expire(transaction, stored, moment));
      expired += changed ? 1 : 0;
    }
    return ok();
  }));
  return expired;
}

}  // namespace tutela::dual_control
