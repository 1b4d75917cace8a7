#include "exchange/lists/lists.hpp"

#include <algorithm>
#include <utility>

#include "exchange/lists/rows.hpp"

namespace tutela::lists {
namespace {

using policy::Action;
using store::Transaction;

constexpr std::size_t kSourceCharsMax = 128;
constexpr std::size_t kClassificationCharsMax = 64;
constexpr std::size_t kTextCharsMax = 1000;

Error invalid(std::string_view code, std::string message) {
  return {ErrorKind::kInvalidInput, code, std::move(message)};
}

bool is_name(std::string_view text) {
  static constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyz0123456789";
  static constexpr std::string_view kRest = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  return !text.empty() && text.size() <= 64 && kFirst.find(text[0]) != std::string_view::npos &&
         text.find_first_not_of(kRest) == std::string_view::npos && !parse_uuid(text);
}

/// Short, of one line, and not begun by a space, which would hide a prefix of the source.
bool is_line(std::string_view text, std::size_t chars_max) {
  return text.size() <= chars_max && !text.starts_with(' ') &&
         std::ranges::none_of(text, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7F;
         });
}

Status check_action(Purpose purpose, Action action) {
  if (action == Action::kPass && !is_trial(purpose)) {
    return invalid("list.bad_action", "only lists of purpose test or canary may pass a match");
  }
  if (action == Action::kQuarantine && purpose == Purpose::kSelfReported) {
    return invalid("list.bad_action", "a self-reported match is held or becomes a case");
  }
  return ok();
}

Status check_new(const NewList& list) {
  if (!is_name(list.name)) {
    return invalid("list.bad_name",
                   "a list's name is 1 to 64 of a-z 0-9 _ -, begins with a letter or digit, and is "
                   "not an id");
  }
  if (list.source.empty() || list.classification.empty() ||
      !is_line(list.source, kSourceCharsMax) ||
      !is_line(list.classification, kClassificationCharsMax) ||
      !is_line(list.provenance, kTextCharsMax) || !is_line(list.legal_process, kTextCharsMax)) {
    return invalid("list.bad_text",
                   "source (1 to 128 characters), classification (1 to 64), provenance and legal "
                   "process (at most 1,000) are texts of one line that do not begin with a space");
  }
  if (list.pdq_distance_max < 0 || list.pdq_distance_max > match::kPdqDistanceMax) {
    return invalid("list.bad_distance",
                   "a PDQ distance is 0 to " + std::to_string(match::kPdqDistanceMax));
  }
  if (source_begins_with(list, "state:") && list.legal_process.empty()) {
    return invalid("list.legal_process_missing",
                   "a list given by a state needs a reference to the legal process");
  }
  if (list.automation && list.purpose == Purpose::kSelfReported) {
    return invalid("list.bad_automation", "self-reported matches always ask a person");
  }
  return check_action(list.purpose, list.action);
}

Status check_name_free(Transaction& transaction,
                       const store::Actor& actor,
                       const std::string& name) {
  bool taken = false;
  TUTELA_TRY(transaction.query("SELECT id FROM list WHERE tenant_id = :tenant_id AND name = :name",
                               {actor.tenant_id, name},
                               [&](const store::Row&) {
                                 taken = true;
                                 return ok();
                               }));
  if (taken) {
    return Error{ErrorKind::kConflict, "list.exists", "a list of this name exists"};
  }
  return ok();
}

Result<Uuid> id_of_name(Transaction& transaction,
                        const store::Actor& actor,
                        std::string_view name) {
  Result<Uuid> id = Error{ErrorKind::kNotFound, "list.not_found", "there is no such list"};
  TUTELA_TRY(transaction.query("SELECT id FROM list WHERE tenant_id = :tenant_id AND name = :name",
                               {actor.tenant_id, std::string(name)},
                               [&](const store::Row& row) -> Status {
                                 id = parse_uuid(row.text(0));
                                 return ok();
                               }));
  return id;
}

}  // namespace

Lists::Lists(store::Database& database, const Clock& clock, ConsentRules rules)
    : database_(database), clock_(clock), rules_(rules) {}

Result<List> Lists::create(const store::Actor& actor, const NewList& list) {
  TUTELA_TRY(check_new(list));
  List created;
  created.created_ms = clock_.now_ms();
  created.updated_ms = created.created_ms;
  created.id = new_uuid(created.created_ms);
  created.spec = list;
  created.version = 1;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(check_name_free(transaction, actor, list.name));
    TUTELA_TRY(insert_list(transaction, actor, created));
    return audit(transaction, actor, created, created.created_ms, "list.create");
  }));
  return created;
}

Result<List> Lists::get(const store::Actor& actor, std::string_view name_or_id) {
  Result<Uuid> id = parse_uuid(name_or_id);
  if (!id && !is_name(name_or_id)) {
    return Error{ErrorKind::kNotFound, "list.not_found", "there is no such list"};
  }
  List list;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    if (!id) {
      id = id_of_name(transaction, actor, name_or_id);
      TUTELA_TRY(id);
    }
    TUTELA_TRY_ASSIGN(list, find_list(transaction, actor, *id));
    return ok();
  }));
  return list;
}

Result<std::vector<List>> Lists::all(const store::Actor& actor) {
  std::vector<List> lists;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT " + std::string(kListColumns) +
            " FROM list WHERE tenant_id = :tenant_id AND state <> 'removed' ORDER BY name",
        {actor.tenant_id},
        [&](const store::Row& row) -> Status {
          TUTELA_TRY_ASSIGN(List list, list_of(row));
          lists.push_back(std::move(list));
          return ok();
        });
  }));
  return lists;
}

Result<List> Lists::set_action(const store::Actor& actor, const Uuid& id, Action action) {
  List list;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(list, find_kept_list(transaction, actor, id));
    TUTELA_TRY(check_action(list.spec.purpose, action));
    if (list.spec.action == action) {
      return ok();
    }
    list.spec.action = action;
    list.version += 1;
    list.updated_ms = clock_.now_ms();
    TUTELA_TRY(update_list(transaction, list));
    TUTELA_TRY(add_change(transaction, actor, list, list.updated_ms, ChangeKind::kSettings));
    return audit(transaction, actor, list, list.updated_ms, "list.set_action");
  }));
  return list;
}

Status Lists::remove(const store::Actor& actor, const Uuid& id) {
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(List list, find_kept_list(transaction, actor, id));
    TUTELA_TRY(
        transaction.execute("DELETE FROM signal WHERE list_id = :list_id", {to_string(list.id)}));
    list.state = State::kRemoved;
    list.version += 1;
    list.signal_count = 0;
    list.updated_ms = clock_.now_ms();
    TUTELA_TRY(update_list(transaction, list));
    TUTELA_TRY(add_change(transaction, actor, list, list.updated_ms, ChangeKind::kDeactivated));
    return audit(transaction, actor, list, list.updated_ms, "list.remove");
  });
}

}  // namespace tutela::lists
