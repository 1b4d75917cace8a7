#include <optional>
#include <string>

#include "exchange/lists/rows.hpp"

namespace tutela::lists {
namespace {

using store::Transaction;

Result<std::optional<DryRun>> find_latest_dry_run(Transaction& transaction, const Uuid& list) {
  std::optional<DryRun> latest;
  TUTELA_TRY(transaction.query(
      "SELECT id, list_version, sample_size, matched, unscannable, at_ms FROM list_dry_run "
      "WHERE list_id = :list_id ORDER BY id DESC LIMIT 1",
      {to_string(list)},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
        latest = DryRun{.id = id,
                        .list_version = row.integer(1),
                        .sample_size = row.integer(2),
                        .matched = row.integer(3),
                        .unscannable = row.integer(4),
                        .at_ms = row.integer(5)};
        return ok();
      }));
  return latest;
}

Status check_dry_run(const List& list, const DryRun& run) {
  if (run.list_version != list.version) {
    return Error{
        ErrorKind::kConflict, "list.changed", "the list changed during the dry run; make another"};
  }
  const bool counts_fit = run.matched >= 0 && run.unscannable >= 0 &&
                          run.matched <= run.sample_size &&
                          run.unscannable <= run.sample_size - run.matched;
  if (!counts_fit || (run.sample_size == 0 && !is_trial(list.spec.purpose))) {
    return Error{ErrorKind::kInvalidInput,
                 "list.bad_dry_run",
                 "a dry run counts matches and failures of a sample that is not empty"};
  }
  return ok();
}

/// What is known of the consents to one dry run.
struct Consents {
  std::int64_t others = 0;         // of other principals
  std::optional<UtcMs> own_at_ms;  // of this one, given before
};

Result<Consents> find_consents(Transaction& transaction,
                               const store::Actor& actor,
                               const DryRun& run) {
  Consents consents;
  TUTELA_TRY(transaction.query(
      "SELECT principal_id, at_ms FROM list_consent WHERE dry_run_id = :dry_run_id",
      {to_string(run.id)},
      [&](const store::Row& row) {
        if (row.text(0) == actor.principal_id) {
          consents.own_at_ms = row.integer(1);
        } else {
          ++consents.others;
        }
        return ok();
      }));
  return consents;
}

Status add_consent(Transaction& transaction,
                   const store::Actor& actor,
                   const List& list,
                   const DryRun& run,
                   UtcMs at_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO list_consent (id, tenant_id, principal_id, list_id, dry_run_id, at_ms) VALUES "
      "(:id, :tenant_id, :principal_id, :list_id, :dry_run_id, :at_ms)",
      {to_string(new_uuid(at_ms)),
       actor.tenant_id,
       actor.principal_id,
       to_string(list.id),
       to_string(run.id),
       at_ms}));
  return audit(transaction, actor, list, at_ms, "list.consent");
}

Status check_may_consent(const store::Actor& actor, const List& list) {
  const bool nobody = actor.principal_id.empty() ||
                      (actor.principal_id == "system" && !is_trial(list.spec.purpose));
  if (nobody) {
    return Error{ErrorKind::kForbidden,
                 "list.no_consent",
                 "only a person can consent to the activation of a list"};
  }
  return ok();
}

/// What a consent given now comes to, after those that were given before.
Activation weigh(const List& list,
                 const Consents& before,
                 const ConsentRules& rules,
                 UtcMs now_ms) {
  if (is_trial(list.spec.purpose)) {
    return {ActivationState::kActive, 0};
  }
  if (rules.solo) {
    // A second account stands for the same person here, so only the wait counts.
    const UtcMs from_ms = before.own_at_ms.value_or(now_ms) + rules.solo_wait_ms;
    const bool waited = before.own_at_ms.has_value() && now_ms >= from_ms;
    return {waited ? ActivationState::kActive : ActivationState::kWaiting, waited ? 0 : from_ms};
  }
  return {before.others > 0 ? ActivationState::kActive : ActivationState::kNeedsSecondPerson, 0};
}

}  // namespace

Result<DryRun> Lists::record_dry_run(const store::Actor& actor, const Uuid& id, const DryRun& run) {
  DryRun recorded = run;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const List list, find_kept_list(transaction, actor, id));
    TUTELA_TRY(check_dry_run(list, run));
    recorded.at_ms = clock_.now_ms();
    recorded.id = new_uuid(recorded.at_ms);
    TUTELA_TRY(transaction.execute(
        "INSERT INTO list_dry_run (id, tenant_id, principal_id, list_id, list_version, "
        "sample_size, matched, unscannable, at_ms) VALUES (:id, :tenant_id, :principal_id, "
        ":list_id, :list_version, :sample_size, :matched, :unscannable, :at_ms)",
        {to_string(recorded.id),
         actor.tenant_id,
         actor.principal_id,
         to_string(id),
         recorded.list_version,
         recorded.sample_size,
         recorded.matched,
         recorded.unscannable,
         recorded.at_ms}));
    return audit(transaction, actor, list, recorded.at_ms, "list.dry_run");
  }));
  return recorded;
}

Result<std::optional<DryRun>> Lists::latest_dry_run(const store::Actor& actor, const Uuid& id) {
  std::optional<DryRun> latest;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY(find_list(transaction, actor, id));
    TUTELA_TRY_ASSIGN(latest, find_latest_dry_run(transaction, id));
    return ok();
  }));
  return latest;
}

Result<Activation> Lists::activate(const store::Actor& actor, const Uuid& id) {
  Activation activation;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(List list, find_kept_list(transaction, actor, id));
    TUTELA_TRY(check_may_consent(actor, list));
    if (list.state == State::kActive) {
      return ok();
    }
    TUTELA_TRY_ASSIGN(const auto run, find_latest_dry_run(transaction, id));
    if (!run || run->list_version != list.version) {
      return Error{
          ErrorKind::kConflict, "list.no_dry_run", "make a dry run of the present version first"};
    }
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(const Consents before, find_consents(transaction, actor, *run));
    if (!before.own_at_ms) {
      TUTELA_TRY(add_consent(transaction, actor, list, *run, now_ms));
    }
    activation = weigh(list, before, rules_, now_ms);
    if (activation.state != ActivationState::kActive) {
      return ok();
    }
    list.state = State::kActive;
    list.updated_ms = now_ms;
    TUTELA_TRY(update_list(transaction, list));
    TUTELA_TRY(add_change(transaction, actor, list, now_ms, ChangeKind::kActivated));
    const bool alone = rules_.solo && !is_trial(list.spec.purpose);
    return audit(transaction, actor, list, now_ms, alone ? "list.activate_solo" : "list.activate");
  }));
  return activation;
}

Status Lists::deactivate(const store::Actor& actor, const Uuid& id) {
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(List list, find_kept_list(transaction, actor, id));
    TUTELA_TRY(
        transaction.execute("DELETE FROM list_consent WHERE list_id = :list_id", {to_string(id)}));
    if (list.state == State::kInactive) {
      return ok();
    }
    list.state = State::kInactive;
    list.updated_ms = clock_.now_ms();
    TUTELA_TRY(update_list(transaction, list));
    TUTELA_TRY(add_change(transaction, actor, list, list.updated_ms, ChangeKind::kDeactivated));
    return audit(transaction, actor, list, list.updated_ms, "list.deactivate");
  });
}

}  // namespace tutela::lists
