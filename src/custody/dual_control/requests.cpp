#include "custody/dual_control/requests.hpp"

#include <algorithm>
#include <array>

#include "base/fault.hpp"
#include "custody/dual_control/text.hpp"

namespace tutela::dual_control {

namespace {

constexpr std::array<std::string_view, 4> kKinds = {
    "open_original", "export", "dispose", "release_report"};
constexpr std::array<std::string_view, 5> kStates = {
    "waiting", "approved", "refused", "used", "expired"};
// Those of opening::Purpose; a test there holds them together.
constexpr std::array<std::string_view, 6> kPurposes = {
    "review", "quality", "appeal", "report", "legal_request", "safety"};

bool is_case_ref(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

template <class Word, std::size_t kCount>
Result<Word> parse(const std::array<std::string_view, kCount>& words, std::string_view text) {
  const auto found = std::ranges::find(words, text);
  if (found == words.end()) {
    return Error{ErrorKind::kInvalidInput, "request.bad", "no such kind or state of a request"};
  }
  return static_cast<Word>(found - words.begin());
}

Result<Stored> stored_of(const store::Row& row) {
  Stored stored;
  Request& request = stored.request;
  TUTELA_TRY_ASSIGN(request.id, parse_uuid(row.text(0)));
  request.tenant_id = row.text(1);
  request.asked_by = row.text(2);
  TUTELA_TRY_ASSIGN(request.ask.kind, parse_kind(row.text(3)));
  request.ask.object = row.text(4);
  request.ask.case_ref = row.text(5);
  request.ask.purpose = row.text(6);
  request.ask.reason = row.text(7);
  request.solo = row.integer(8) != 0;
  TUTELA_TRY_ASSIGN(request.state, parse_state(row.text(9)));
  request.created_ms = row.integer(10);
  request.usable_from_ms = row.integer(11);
  stored.usable_from_passed_ms = row.integer(12);
  request.expires_ms = row.integer(13);
  stored.expires_passed_ms = row.integer(14);
  if (!row.is_null(15)) {
    request.decided_by = row.text(15);
  }
  if (!row.is_null(16)) {
    request.decided_ms = row.integer(16);
  }
  if (!row.is_null(17)) {
    request.used_ms = row.integer(17);
  }
  return stored;
}

}  // namespace

std::string_view to_string(Kind kind) noexcept {
  return kKinds[static_cast<std::size_t>(kind)];
}

Result<Kind> parse_kind(std::string_view text) {
  return parse<Kind>(kKinds, text);
}

std::string_view to_string(State state) noexcept {
  return kStates[static_cast<std::size_t>(state)];
}

Result<State> parse_state(std::string_view text) {
  return parse<State>(kStates, text);
}

bool is_object(Kind kind, std::string_view object) {
  constexpr std::string_view kCase = "case:";
  const std::string_view of_id = kind == Kind::kReleaseReport ? "report:" : "evidence:";
  if (object.starts_with(of_id)) {
    const Result<Uuid> id = parse_uuid(object.substr(of_id.size()));
    // One spelling, so that objects can be compared as text.
    return id && to_string(*id) == object.substr(of_id.size());
  }
  if (kind == Kind::kReleaseReport) {
    return false;
  }
  return kind != Kind::kOpenOriginal && object.starts_with(kCase) &&
         is_case_ref(object.substr(kCase.size()));
}

Status check_ask(const Ask& ask) {
  const bool of_case = !ask.object.starts_with("case:") || ask.object == "case:" + ask.case_ref;
  const bool known_purpose = std::ranges::find(kPurposes, ask.purpose) != kPurposes.end() ||
                             (ask.kind == Kind::kDispose && ask.purpose == "disposal");
  if (!is_object(ask.kind, ask.object) || !is_case_ref(ask.case_ref) || !of_case ||
      !known_purpose || !is_reason(ask.reason, 1)) {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad",
                 "a request names an object, its case, a purpose out of the list, and a reason of "
                 "1 to 1000 characters"};
  }
  return ok();
}

bool is_open(State state) noexcept {
  return state == State::kWaiting || state == State::kApproved;
}

bool is_over(const Stored& stored, const Moment& moment) noexcept {
  return moment.now_ms >= stored.request.expires_ms || moment.passed_ms >= stored.expires_passed_ms;
}

bool is_too_early(const Stored& stored, const Moment& moment) noexcept {
  return moment.now_ms < stored.request.usable_from_ms ||
         moment.passed_ms < stored.usable_from_passed_ms;
}

void set_bounds(Stored& stored, const Moment& moment, const Window& window) {
  stored.request.usable_from_ms = moment.now_ms + window.opens_after_ms;
  stored.request.expires_ms = stored.request.usable_from_ms + window.lasts_ms;
  stored.usable_from_passed_ms = moment.passed_ms + window.opens_after_ms;
  stored.expires_passed_ms = stored.usable_from_passed_ms + window.lasts_ms;
}

Error not_found() {
  return Error{ErrorKind::kNotFound, "request.not_found", "there is no such request"};
}

Status insert(store::Transaction& transaction, const Stored& stored) {
  const Request& request = stored.request;
  TUTELA_TRY(transaction.execute(
      "INSERT INTO dual_request (id, tenant_id, principal_id, kind, object, case_ref, purpose, "
      "reason, solo, state, created_ms, usable_from_ms, usable_from_passed_ms, expires_ms, "
      "expires_passed_ms) VALUES (:id, :tenant_id, :principal_id, :kind, :object, :case_ref, "
      ":purpose, :reason, :solo, :state, :created_ms, :usable_from_ms, :usable_from_passed_ms, "
      ":expires_ms, :expires_passed_ms)",
      {to_string(request.id),
       request.tenant_id,
       request.asked_by,
       std::string(to_string(request.ask.kind)),
       request.ask.object,
       request.ask.case_ref,
       request.ask.purpose,
       request.ask.reason,
       std::int64_t{request.solo ? 1 : 0},
       std::string(to_string(request.state)),
       request.created_ms,
       request.usable_from_ms,
       stored.usable_from_passed_ms,
       request.expires_ms,
       stored.expires_passed_ms}));
  return ok();
}

Status read_all(store::Transaction& transaction,
                std::string_view where,
                const std::vector<store::Value>& values,
                const std::function<Status(Stored)>& on_request) {
  return transaction.query(
      "SELECT id, tenant_id, principal_id, kind, object, case_ref, purpose, reason, solo, state, "
      "created_ms, usable_from_ms, usable_from_passed_ms, expires_ms, expires_passed_ms, "
      "decided_by, decided_ms, used_ms FROM dual_request WHERE " +
          std::string(where),
      values,
      [&](const store::Row& row) -> Status {
        Result<Stored> stored = stored_of(row);
        if (!stored) {
          return Error{ErrorKind::kCorrupted,
                       "request.corrupt",
                       "a stored request cannot be read; restore the last backup"};
        }
        return on_request(*std::move(stored));
      });
}

Result<Stored> read(store::Transaction& transaction, const std::string& tenant_id, const Uuid& id) {
  std::optional<Stored> found;
  TUTELA_TRY(read_all(transaction,
                      "id = :id AND tenant_id = :tenant_id",
                      {to_string(id), tenant_id},
                      [&](Stored stored) {
                        found = std::move(stored);
                        return ok();
                      }));
  if (!found) {
    return not_found();
  }
  return *std::move(found);
}

Result<bool> update(store::Transaction& transaction, const Stored& stored, State from) {
  const Request& request = stored.request;
  TUTELA_TRY_ASSIGN(
      const std::int64_t changed,
      transaction.execute(
          "UPDATE dual_request SET state = :state, usable_from_ms = :usable_from_ms, "
          "usable_from_passed_ms = :usable_from_passed_ms, expires_ms = :expires_ms, "
          "expires_passed_ms = :expires_passed_ms, decided_by = :decided_by, decided_ms = "
          ":decided_ms, used_ms = :used_ms WHERE id = :id AND tenant_id = :tenant_id AND state = "
          ":from",
          {std::string(to_string(request.state)),
           request.usable_from_ms,
           stored.usable_from_passed_ms,
           request.expires_ms,
           stored.expires_passed_ms,
           store::to_value(request.decided_by),
           store::to_value(request.decided_ms),
           store::to_value(request.used_ms),
           to_string(request.id),
           request.tenant_id,
           std::string(to_string(from))}));
  return changed == 1;
}

Result<bool> expire(store::Transaction& transaction, const Stored& stored, const Moment& moment) {
  const State from = stored.request.state;
  if (!is_open(from) || !is_over(stored, moment)) {
    return false;
  }
  Stored expired = stored;
  expired.request.state = State::kExpired;
  TUTELA_TRY_ASSIGN(const bool changed, update(transaction, expired, from));
  if (changed) {
    TUTELA_TRY(audit::add(transaction,
                          {stored.request.tenant_id, "system", "system"},
                          moment.now_ms,
                          entry_about(stored.request, "request.expire")));
    TUTELA_FAULT_POINT("dual_control.in_expire");
  }
  return changed;
}

audit::Entry entry_about(const Request& request, std::string action) {
  return {std::move(action), "request:" + to_string(request.id), request.ask.purpose, "ok"};
}

}  // namespace tutela::dual_control
