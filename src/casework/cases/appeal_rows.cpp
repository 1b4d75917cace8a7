#include "casework/cases/appeal_rows.hpp"

#include <algorithm>

#include "custody/store/columns.hpp"

namespace tutela::cases {
namespace {

Result<AppealState> parse_appeal_state(std::string_view text) {
  for (const AppealState state : {AppealState::kOffered,
                                  AppealState::kAsked,
                                  AppealState::kUpheld,
                                  AppealState::kOverturned,
                                  AppealState::kExpired}) {
    if (text == to_string(state)) {
      return state;
    }
  }
  return Error{ErrorKind::kCorrupted, "store.corrupt", "a row of an appeal is damaged"};
}

Result<AppealRow> to_appeal(const store::Row& row, const Rules& rules, UtcMs now_ms) {
  AppealRow found;
  Appeal& appeal = found.appeal;
  TUTELA_TRY_ASSIGN(appeal.id, parse_uuid(row.text(0)));
  TUTELA_TRY_ASSIGN(appeal.case_id, parse_uuid(row.text(1)));
  TUTELA_TRY_ASSIGN(appeal.state, parse_appeal_state(row.text(2)));
  appeal.statement = row.text(3);
  appeal.asked_ms = optional_integer(row, 4);
  appeal.due_ms = optional_integer(row, 5);
  if (!row.is_null(6)) {
    appeal.decided_by = row.text(6);
  }
  appeal.decided_ms = optional_integer(row, 7);
  appeal.reason = row.text(8);
  found.tenant_id = row.text(9);
  TUTELA_TRY_ASSIGN(found.decision_id, parse_uuid(row.text(10)));
  // Nobody was told yet where a delay runs: the time to appeal begins then.
  const bool told = row.is_null(12);
  if (appeal.state == AppealState::kOffered && told &&
      row.integer(11) + rules.appeal_open_ms <= now_ms) {
    appeal.state = AppealState::kExpired;
  }
  return found;
}

}  // namespace

Error appeal_not_found() {
  return {ErrorKind::kNotFound, "appeal.not_found", "there is no such appeal"};
}

Error appeal_closed() {
  return {ErrorKind::kConflict,
          "appeal.closed",
          "this appeal was asked for before, is decided, or its time is over"};
}

std::size_t characters_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Result<std::vector<AppealRow>> read_appeals(store::Transaction& transaction,
                                            const Rules& rules,
                                            UtcMs now_ms,
                                            std::string_view where,
                                            const std::vector<store::Value>& values) {
  std::vector<AppealRow> rows;
  TUTELA_TRY(transaction.query(
      "SELECT id, case_id, state, statement, asked_ms, due_ms, decided_by, decided_ms, reason, "
      "tenant_id, decision_id, at_ms, tell_after_ms FROM case_appeal WHERE " +
          std::string(where),
      values,
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(AppealRow one, to_appeal(row, rules, now_ms));
        rows.push_back(std::move(one));
        return ok();
      }));
  return rows;
}

Result<AppealRow> read_appeal(store::Transaction& transaction,
                              const Rules& rules,
                              UtcMs now_ms,
                              std::string_view where,
                              const std::vector<store::Value>& values) {
  TUTELA_TRY_ASSIGN(std::vector<AppealRow> rows,
                    read_appeals(transaction, rules, now_ms, where, values));
  if (rows.empty()) {
    return appeal_not_found();
  }
  return std::move(rows.front());
}

}  // namespace tutela::cases
