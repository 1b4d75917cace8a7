#include "exchange/lists/rows.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <optional>
#include <utility>

#include "custody/audit/entry.hpp"
#include "exchange/lists/state.hpp"

namespace tutela::lists {
namespace {

constexpr std::array<std::string_view, 4> kPurposes = {
    "known_csam", "self_reported", "test", "canary"};
constexpr std::array<std::string_view, 3> kStates = {"inactive", "active", "removed"};

constexpr std::array<std::string_view, 5> kChangeKinds = {
    "added", "removed", "activated", "deactivated", "settings"};

/// A removed list's name makes room for another: "<name>~<id>", which no name can be.
constexpr char kRemovedMark = '~';

std::string stored_name(const List& list) {
  return list.state == State::kRemoved ? list.spec.name + kRemovedMark + to_string(list.id)
                                       : list.spec.name;
}

Error corrupt() {
  return {ErrorKind::kCorrupted,
          "list.corrupt",
          "a stored list cannot be read; restore the database from a backup"};
}

}  // namespace

std::string_view to_string(Purpose purpose) noexcept {
  return kPurposes[static_cast<std::size_t>(purpose)];
}

Result<Purpose> parse_purpose(std::string_view text) {
  const auto found = std::ranges::find(kPurposes, text);
  if (found == kPurposes.end()) {
    return Error{ErrorKind::kInvalidInput,
                 "list.bad_purpose",
                 "a purpose is known_csam, self_reported, test or canary"};
  }
  return static_cast<Purpose>(found - kPurposes.begin());
}

std::string_view to_string(ChangeKind kind) noexcept {
  return kChangeKinds[static_cast<std::size_t>(kind)];
}

Result<ChangeKind> parse_change_kind(std::string_view text) {
  const auto found = std::ranges::find(kChangeKinds, text);
  if (found == kChangeKinds.end()) {
    return corrupt();
  }
  return static_cast<ChangeKind>(found - kChangeKinds.begin());
}

std::string_view to_string(State state) noexcept {
  return kStates[static_cast<std::size_t>(state)];
}

Result<List> list_of(const store::Row& row) {
  const auto id = parse_uuid(row.text(0));
  const auto purpose = parse_purpose(row.text(6));
  const auto action = policy::parse_action(row.text(7));
  const std::string state_name = row.text(11);
  const auto state = std::ranges::find(kStates, state_name);
  if (!id || !purpose || !action || state == kStates.end()) {
    return corrupt();
  }
  List list;
  list.id = *id;
  list.spec.name = row.text(1).substr(0, row.text(1).find(kRemovedMark));
  list.spec.source = row.text(2);
  list.spec.provenance = row.text(3);
  list.spec.legal_process = row.text(4);
  list.spec.classification = row.text(5);
  list.spec.purpose = *purpose;
  list.spec.action = *action;
  list.spec.automation = row.integer(8) != 0;
  list.spec.pdq_distance_max = static_cast<int>(row.integer(9));
  list.version = row.integer(10);
  list.state = static_cast<State>(state - kStates.begin());
  list.signal_count = row.integer(12);
  list.created_ms = row.integer(13);
  list.updated_ms = row.integer(14);
  return list;
}

Result<List> find_list(store::Transaction& transaction, const store::Actor& actor, const Uuid& id) {
  std::optional<List> found;
  TUTELA_TRY(transaction.query("SELECT " + std::string(kListColumns) +
                                   " FROM list WHERE tenant_id = :tenant_id AND id = :id",
                               {actor.tenant_id, to_string(id)},
                               [&](const store::Row& row) -> Status {
                                 TUTELA_TRY_ASSIGN(found, list_of(row));
                                 return ok();
                               }));
  if (!found) {
    return Error{ErrorKind::kNotFound, "list.not_found", "there is no such list"};
  }
  return *std::move(found);
}

Result<List> find_kept_list(store::Transaction& transaction,
                            const store::Actor& actor,
                            const Uuid& id) {
  TUTELA_TRY_ASSIGN(List list, find_list(transaction, actor, id));
  if (list.state == State::kRemoved) {
    return Error{ErrorKind::kConflict, "list.removed", "the list was removed; make a new one"};
  }
  return list;
}

Status insert_list(store::Transaction& transaction, const store::Actor& actor, const List& list) {
  const NewList& spec = list.spec;
  TUTELA_TRY(transaction.execute(
      "INSERT INTO list (id, tenant_id, principal_id, name, source, provenance, legal_process, "
      "classification, purpose, action, automation, pdq_distance_max, version, state, "
      "signal_count, created_ms, updated_ms) VALUES (:id, :tenant_id, :principal_id, :name, "
      ":source, :provenance, :legal_process, :classification, :purpose, :action, :automation, "
      ":pdq_distance_max, :version, :state, :signal_count, :created_ms, :updated_ms)",
      {to_string(list.id),
       actor.tenant_id,
       actor.principal_id,
       spec.name,
       spec.source,
       spec.provenance,
       spec.legal_process,
       spec.classification,
       std::string(to_string(spec.purpose)),
       std::string(policy::to_string(spec.action)),
       std::int64_t{spec.automation},
       std::int64_t{spec.pdq_distance_max},
       list.version,
       std::string(to_string(list.state)),
       list.signal_count,
       list.created_ms,
       list.updated_ms}));
  return ok();
}

Status update_list(store::Transaction& transaction, const List& list) {
  TUTELA_TRY(transaction.execute(
      "UPDATE list SET name = :name, action = :action, version = :version, state = :state, "
      "signal_count = :signal_count, updated_ms = :updated_ms WHERE id = :id",
      {stored_name(list),
       std::string(policy::to_string(list.spec.action)),
       list.version,
       std::string(to_string(list.state)),
       list.signal_count,
       list.updated_ms,
       to_string(list.id)}));
  return ok();
}

Status add_change(store::Transaction& transaction,
                  const store::Actor& actor,
                  const List& list,
                  UtcMs at_ms,
                  ChangeKind kind,
                  std::int64_t first_id,
                  std::int64_t last_id,
                  std::vector<PackedSignal> removed) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO list_change (tenant_id, principal_id, list_id, kind, first_id, last_id, at_ms) "
      "VALUES (:tenant_id, :principal_id, :list_id, :kind, :first_id, :last_id, :at_ms)",
      {actor.tenant_id,
       actor.principal_id,
       to_string(list.id),
       std::string(to_string(kind)),
       first_id,
       last_id,
       at_ms}));
  TUTELA_TRY_ASSIGN(const std::int64_t position, transaction.last_insert_id());
  std::vector<PackedSignal> changed = std::move(removed);
  if (kind == ChangeKind::kAdded) {
    TUTELA_TRY(for_each_of(transaction,
                           to_string(list.id),
                           first_id,
                           last_id,
                           std::numeric_limits<std::int64_t>::max(),
                           [&](const PackedSignal& signal) {
                             changed.push_back(signal);
                             return ok();
                           }));
  }
  return add_state(transaction, actor, list, position, at_ms, kind, std::move(changed));
}

Status audit(store::Transaction& transaction,
             const store::Actor& actor,
             const List& list,
             UtcMs at_ms,
             std::string_view action,
             std::string_view result) {
  return audit::add(transaction,
                    actor,
                    at_ms,
                    {.action = std::string(action),
                     .object = "list:" + to_string(list.id),
                     .purpose = std::string(to_string(list.spec.purpose)),
                     .result = std::string(result)});
}

bool source_begins_with(const NewList& list, std::string_view prefix) {
  const auto lower = [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  };
  return list.source.size() >= prefix.size() &&
         std::ranges::equal(
             std::string_view(list.source).substr(0, prefix.size()), prefix, {}, lower);
}

}  // namespace tutela::lists
