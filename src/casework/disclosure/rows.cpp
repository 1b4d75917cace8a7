#include "casework/disclosure/rows.hpp"

#include "custody/store/columns.hpp"

namespace tutela::disclosure {
namespace {

constexpr std::int64_t kHistoryMax = 10'000;

constexpr std::string_view kColumns =
    "id, tenant_id, principal_id, request_id, case_ref, agency, reference, legal_basis, "
    "recipient_kind, recipient, fingerprint, state, failure, objects, package_bytes, "
    "package_sha256, created_ms, started_ms, finished_ms";

Error corrupt() {
  return Error{
      ErrorKind::kCorrupted, "store.corrupt", "a row of a disclosure or of evidence is damaged"};
}

Result<State> parse_state(std::string_view text) {
  for (const State state : {State::kAsked, State::kRunning, State::kFinished, State::kFailed}) {
    if (text == to_string(state)) {
      return state;
    }
  }
  return corrupt();
}

Result<Disclosure> to_disclosure(const store::Row& row) {
  Disclosure disclosure;
  TUTELA_TRY_ASSIGN(disclosure.id, parse_uuid(row.text(0)));
  disclosure.tenant_id = row.text(1);
  disclosure.asked_by = row.text(2);
  TUTELA_TRY_ASSIGN(disclosure.request_id, parse_uuid(row.text(3)));
  disclosure.case_ref = row.text(4);
  disclosure.agency = row.text(5);
  disclosure.reference = row.text(6);
  disclosure.legal_basis = row.text(7);
  TUTELA_TRY_ASSIGN(disclosure.recipient_kind, parse_recipient_kind(row.text(8)));
  disclosure.recipient = row.text(9);
  disclosure.fingerprint = row.text(10);
  TUTELA_TRY_ASSIGN(disclosure.state, parse_state(row.text(11)));
  disclosure.failure = row.text(12);
  disclosure.objects = static_cast<std::uint64_t>(row.integer(13));
  if (const auto bytes = optional_integer(row, 14)) {
    disclosure.package_bytes = static_cast<std::uint64_t>(*bytes);
  }
  disclosure.package_sha256 = row.text(15);
  disclosure.created_ms = row.integer(16);
  disclosure.started_ms = optional_integer(row, 17);
  disclosure.finished_ms = optional_integer(row, 18);
  return disclosure;
}

Result<std::vector<Disclosure>> select(store::Transaction& transaction,
                                       std::string_view where,
                                       const std::vector<store::Value>& values) {
  std::vector<Disclosure> found;
  TUTELA_TRY(transaction.query(
      "SELECT " + std::string(kColumns) + " FROM disclosure WHERE " + std::string(where),
      values,
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(Disclosure disclosure, to_disclosure(row));
        found.push_back(std::move(disclosure));
        return ok();
      }));
  return found;
}

}  // namespace

Status insert_disclosure(store::Transaction& transaction,
                         const store::Actor& actor,
                         const Disclosure& disclosure,
                         const std::vector<Object>& objects) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO disclosure (id, tenant_id, principal_id, request_id, case_ref, agency, "
      "reference, legal_basis, recipient_kind, recipient, fingerprint, state, failure, objects, "
      "created_ms) VALUES (:id, :tenant_id, :principal_id, :request_id, :case_ref, :agency, "
      ":reference, :legal_basis, :recipient_kind, :recipient, :fingerprint, :state, '', :objects, "
      ":created_ms)",
      {to_string(disclosure.id),
       actor.tenant_id,
       actor.principal_id,
       to_string(disclosure.request_id),
       disclosure.case_ref,
       disclosure.agency,
       disclosure.reference,
       disclosure.legal_basis,
       std::string(to_string(disclosure.recipient_kind)),
       disclosure.recipient,
       disclosure.fingerprint,
       std::string(to_string(disclosure.state)),
       static_cast<std::int64_t>(objects.size()),
       disclosure.created_ms}));
  for (std::size_t i = 0; i < objects.size(); ++i) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO disclosure_object (disclosure_id, position, tenant_id, principal_id, "
        "evidence_id) VALUES (:disclosure_id, :position, :tenant_id, :principal_id, :evidence_id)",
        {to_string(disclosure.id),
         static_cast<std::int64_t>(i),
         actor.tenant_id,
         actor.principal_id,
         to_string(objects[i].id)}));
  }
  return ok();
}

Result<Disclosure> find_disclosure(store::Transaction& transaction,
                                   std::string_view column,
                                   const std::string& tenant_id,
                                   const Uuid& id) {
  TUTELA_TRY_ASSIGN(std::vector<Disclosure> found,
                    select(transaction,
                           std::string(column) + " = :id AND tenant_id = :tenant_id",
                           {to_string(id), tenant_id}));
  if (found.empty()) {
    return Error{ErrorKind::kNotFound, "disclosure.not_found", "there is no such disclosure"};
  }
  return std::move(found.front());
}

Result<std::vector<Disclosure>> newest_disclosures(store::Transaction& transaction,
                                                   const std::string& tenant_id,
                                                   std::size_t limit) {
  return select(transaction,
                "tenant_id = :tenant_id ORDER BY id DESC LIMIT :limit",
                {tenant_id, static_cast<std::int64_t>(limit)});
}

Result<std::vector<Disclosure>> running_disclosures(store::Transaction& transaction) {
  return select(transaction, "state = 'running' ORDER BY id", {});
}

Result<std::vector<Uuid>> disclosure_objects(store::Transaction& transaction, const Uuid& id) {
  std::vector<Uuid> ids;
  TUTELA_TRY(transaction.query(
      "SELECT evidence_id FROM disclosure_object WHERE disclosure_id = :id ORDER BY position",
      {to_string(id)},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid object, parse_uuid(row.text(0)));
        ids.push_back(object);
        return ok();
      }));
  return ids;
}

Result<Object> find_object(store::Transaction& transaction,
                           const std::string& tenant_id,
                           const std::string& case_ref,
                           const Uuid& id) {
  std::optional<Object> found;
  std::string state;
  TUTELA_TRY(transaction.query(
      "SELECT e.content_id, e.media_type, e.size_bytes, e.md5, e.sha1, e.sha256, e.sealed_ms, "
      "e.state, COALESCE(c.verdict, '') FROM evidence e LEFT JOIN content c ON c.id = e.content_id "
      "WHERE e.id = :id AND e.tenant_id = :tenant_id AND e.case_ref = :case_ref",
      {to_string(id), tenant_id, case_ref},
      [&](const store::Row& row) -> Status {
        Object object;
        object.id = id;
        if (!row.is_null(0)) {
          TUTELA_TRY_ASSIGN(object.content_id, parse_uuid(row.text(0)));
        }
        object.media_type = row.text(1);
        object.size_bytes = static_cast<std::uint64_t>(row.integer(2));
        if (!parse_hex(row.text(3), object.digests.md5) ||
            !parse_hex(row.text(4), object.digests.sha1) ||
            !parse_hex(row.text(5), object.digests.sha256) || row.integer(2) < 0) {
          return corrupt();
        }
        object.sealed_ms = row.integer(6);
        state = row.text(7);
        object.verdict = row.text(8);
        found = std::move(object);
        return ok();
      }));
  if (!found) {
    return Error{ErrorKind::kNotFound,
                 "evidence.not_found",
                 "there is no such object in this case, or not any more"};
  }
  if (state != "kept" && state != "held" && state != "due") {
    return Error{ErrorKind::kNotFound,
                 "evidence.destroyed",
                 "an object was destroyed or is being destroyed; ask for the others"};
  }
  return *std::move(found);
}

Result<std::vector<Uuid>> preserved_objects(store::Transaction& transaction,
                                            const std::string& tenant_id,
                                            const std::string& case_ref) {
  std::vector<Uuid> ids;
  TUTELA_TRY(transaction.query(
      "SELECT id FROM evidence WHERE tenant_id = :tenant_id AND case_ref = :case_ref AND state IN "
      "('kept', 'held', 'due') ORDER BY id LIMIT :limit",
      {tenant_id, case_ref, static_cast<std::int64_t>(kObjectsMax + 1)},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
        ids.push_back(id);
        return ok();
      }));
  return ids;
}

Result<std::vector<Entry>> history_of(store::Transaction& transaction, const Object& object) {
  std::vector<Entry> entries;
  const std::string evidence = "evidence:" + to_string(object.id);
  const std::string content =
      object.content_id ? "content:" + to_string(*object.content_id) : evidence;
  TUTELA_TRY(transaction.query(
      "SELECT id, at_ms, principal_id, role, action, object, purpose, result FROM audit WHERE "
      "object IN (:evidence, :content) ORDER BY id LIMIT :limit",
      {evidence, content, kHistoryMax + 1},
      [&](const store::Row& row) {
        entries.push_back({row.integer(0) - 1,
                           row.integer(1),
                           row.text(2),
                           row.text(3),
                           row.text(4),
                           row.text(5),
                           row.text(6),
                           row.text(7)});
        return ok();
      }));
  if (entries.size() > static_cast<std::size_t>(kHistoryMax)) {
    return Error{ErrorKind::kLimitExceeded,
                 "disclosure.long_history",
                 "the log holds over 10 000 entries about one object; the chain of custody would "
                 "not be whole; find out who reads it so often"};
  }
  return entries;
}

}  // namespace tutela::disclosure
