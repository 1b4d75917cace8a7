#include "casework/disclosure/disclosure.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>

#include <sys/stat.h>

#include "base/fault.hpp"
#include "base/file.hpp"
#include "casework/disclosure/rows.hpp"
#include "custody/dual_control/text.hpp"

namespace tutela::disclosure {
namespace {

constexpr std::string_view kPurpose = "legal_request";
constexpr std::size_t kLineMax = 100;
constexpr std::size_t kReasonMax = 300;

// UTF-8 of at most `most` characters, not blank.
bool is_text(std::string_view text, std::size_t most) {
  return dual_control::is_reason(text, 1) && !dual_control::is_reason(text, most + 1);
}

bool is_line(std::string_view text) {
  return is_text(text, kLineMax) && text.find_first_of("\r\n\t") == std::string_view::npos;
}

Status check(const Ask& ask) {
  if (!is_line(ask.agency) || !is_line(ask.reference) || !is_line(ask.legal_basis) ||
      !is_text(ask.reason, kReasonMax)) {
    return Error{ErrorKind::kInvalidInput,
                 "disclosure.bad_ask",
                 "agency, reference and legal basis are 1 to 100 characters on one line each, the "
                 "reason 1 to 300"};
  }
  if (std::set(ask.objects.begin(), ask.objects.end()).size() != ask.objects.size()) {
    return Error{
        ErrorKind::kInvalidInput, "disclosure.bad_ask", "an object is named more than once"};
  }
  return ok();
}

// What the approver must see, whatever shows them the request.
std::string reason_of(const Ask& ask, const Recipient& recipient, std::size_t objects) {
  return "To " + ask.agency + ", reference " + ask.reference + ", by " + ask.legal_basis + ": " +
         std::to_string(objects) + (objects == 1 ? " object" : " objects") + ", key " +
         recipient.fingerprint() + ". " + ask.reason;
}

std::string audit_object(const Disclosure& disclosure) {
  return "disclosure:" + to_string(disclosure.id);
}

std::string approved_object(const std::string& case_ref) {
  return "case:" + case_ref;
}

std::string file_name(const Disclosure& disclosure) {
  return to_string(disclosure.id) +
         (disclosure.recipient_kind == RecipientKind::kAge ? ".tar.age" : ".tar.pgp");
}

// Ends a row that runs, with its entry.
Status end_row(store::Transaction& transaction,
               const store::Actor& actor,
               const Disclosure& disclosure) {
  TUTELA_TRY_ASSIGN(
      const std::int64_t changed,
      transaction.execute(
          "UPDATE disclosure SET state = :state, failure = :failure, package_bytes = :bytes, "
          "package_sha256 = :sha256, finished_ms = :now WHERE id = :id AND state = 'running'",
          {std::string(to_string(disclosure.state)),
           disclosure.failure,
           store::to_value(disclosure.package_bytes
                               ? std::optional(static_cast<std::int64_t>(*disclosure.package_bytes))
                               : std::nullopt),
           disclosure.package_sha256,
           store::to_value(disclosure.finished_ms),
           to_string(disclosure.id)}));
  if (changed != 1) {
    return Error{
        ErrorKind::kConflict, "disclosure.not_running", "somebody has ended this disclosure"};
  }
  return audit::add(transaction,
                    actor,
                    disclosure.finished_ms.value_or(0),
                    {"disclosure.end",
                     audit_object(disclosure),
                     std::string(kPurpose),
                     std::string(to_string(disclosure.state))});
}

Status remove_files(const std::filesystem::path& folder, const Disclosure& disclosure) {
  if (folder.empty()) {
    return ok();
  }
  const std::string name = file_name(disclosure);
  for (const std::string& one : {name, partial_name(name)}) {
    std::error_code error;
    std::filesystem::remove(folder / one, error);
    if (error) {
      return Error{ErrorKind::kUnavailable,
                   "file.remove_failed",
                   "cannot remove an unfinished package: " + error.message()};
    }
  }
  return ok();
}

}  // namespace

std::string_view to_string(State state) noexcept {
  switch (state) {
    case State::kAsked:
      return "asked";
    case State::kRunning:
      return "running";
    case State::kFinished:
      return "finished";
    case State::kFailed:
      return "failed";
  }
  return "";
}

struct Disclosures::Plan {
  Disclosure disclosure;
  std::vector<Object> objects;
  Recipient recipient;
  std::string approved_by;
};

Disclosures::Disclosures(store::Database& database,
                         dual_control::DualControl& dual_control,
                         const Clock& clock)
    : database_(database), dual_control_(dual_control), clock_(clock) {}

Result<Disclosure> Disclosures::ask(const store::Actor& actor, const Ask& ask) {
  TUTELA_TRY(check(ask));
  const UtcMs now_ms = clock_.now_ms();
  TUTELA_TRY_ASSIGN(const Recipient recipient,
                    Recipient::parse(ask.recipient_kind, ask.recipient, now_ms));
  std::vector<Object> objects;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    std::vector<Uuid> ids = ask.objects;
    if (ids.empty()) {
      TUTELA_TRY_ASSIGN(ids, preserved_objects(transaction, actor.tenant_id, ask.case_ref));
    }
    if (ids.size() > kObjectsMax) {
      return Error{ErrorKind::kLimitExceeded,
                   "disclosure.too_many",
                   "a package holds at most 1000 objects; name them, and make several"};
    }
    for (const Uuid& id : ids) {
      TUTELA_TRY_ASSIGN(Object object, find_object(transaction, actor.tenant_id, ask.case_ref, id));
      objects.push_back(std::move(object));
    }
    return ok();
  }));
  if (objects.empty()) {
    return Error{ErrorKind::kNotFound,
                 "disclosure.empty",
                 "nothing is preserved of this case, or not yours"};
  }
  TUTELA_TRY_ASSIGN(const dual_control::Request request,
                    dual_control_.ask(actor,
                                      {dual_control::Kind::kExport,
                                       approved_object(ask.case_ref),
                                       ask.case_ref,
                                       std::string(kPurpose),
                                       reason_of(ask, recipient, objects.size())}));
  Disclosure disclosure;
  disclosure.id = new_uuid(now_ms);
  disclosure.tenant_id = actor.tenant_id;
  disclosure.asked_by = actor.principal_id;
  disclosure.request_id = request.id;
  disclosure.case_ref = ask.case_ref;
  disclosure.agency = ask.agency;
  disclosure.reference = ask.reference;
  disclosure.legal_basis = ask.legal_basis;
  disclosure.recipient_kind = ask.recipient_kind;
  disclosure.recipient = recipient.key();
  disclosure.fingerprint = recipient.fingerprint();
  disclosure.objects = objects.size();
  disclosure.created_ms = now_ms;
  TUTELA_FAULT_POINT("disclosure.after_request");
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(insert_disclosure(transaction, actor, disclosure, objects));
    return audit::add(transaction,
                      actor,
                      now_ms,
                      {"disclosure.ask", audit_object(disclosure), std::string(kPurpose), "ok"});
  }));
  return disclosure;
}

Result<Disclosures::Plan> Disclosures::plan(const store::Actor& actor, const Uuid& request_id) {
  TUTELA_TRY_ASSIGN(Disclosure disclosure, find_by_request(actor.tenant_id, request_id));
  if (disclosure.state != State::kAsked) {
    return Error{ErrorKind::kConflict,
                 "disclosure.not_asked",
                 "an approval makes one package, once; ask again"};
  }
  TUTELA_TRY_ASSIGN(const dual_control::Request request,
                    dual_control_.find(actor.tenant_id, request_id));
  TUTELA_TRY_ASSIGN(
      Recipient recipient,
      Recipient::parse(disclosure.recipient_kind, disclosure.recipient, clock_.now_ms()));
  std::vector<Object> objects;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::vector<Uuid> ids, disclosure_objects(transaction, disclosure.id));
    for (const Uuid& id : ids) {
      TUTELA_TRY_ASSIGN(Object object,
                        find_object(transaction, actor.tenant_id, disclosure.case_ref, id));
      objects.push_back(std::move(object));
    }
    return ok();
  }));
  if (objects.empty() || objects.size() != disclosure.objects ||
      recipient.fingerprint() != disclosure.fingerprint) {
    return Error{
        ErrorKind::kCorrupted, "store.corrupt", "the row of this disclosure is damaged; ask again"};
  }
  return Plan{std::move(disclosure),
              std::move(objects),
              std::move(recipient),
              request.decided_by.value_or("")};
}

Status Disclosures::start(const store::Actor& actor, const Plan& plan) {
  const UtcMs now_ms = clock_.now_ms();
  const Result<audit::Recorded> used = dual_control_.use(
      actor,
      plan.disclosure.request_id,
      dual_control::Kind::kExport,
      approved_object(plan.disclosure.case_ref),
      [&](store::Transaction& transaction, const dual_control::Request&) -> Status {
        TUTELA_TRY_ASSIGN(
            const std::int64_t changed,
            transaction.execute("UPDATE disclosure SET state = 'running', started_ms = :now WHERE "
                                "id = :id AND state = 'asked'",
                                {now_ms, to_string(plan.disclosure.id)}));
        if (changed != 1) {
          return Error{ErrorKind::kConflict,
                       "disclosure.not_asked",
                       "an approval makes one package, once; ask again"};
        }
        return audit::add(
            transaction,
            actor,
            now_ms,
            {"disclosure.begin", audit_object(plan.disclosure), std::string(kPurpose), "ok"});
      });
  if (!used) {
    return used.error();
  }
  return ok();
}

Contents Disclosures::contents_of(const store::Actor& actor,
                                  const Plan& plan,
                                  const Access& access) {
  Contents contents;
  contents.about = {plan.disclosure.id,
                    plan.disclosure.agency,
                    plan.disclosure.reference,
                    plan.disclosure.legal_basis,
                    plan.disclosure.case_ref,
                    plan.disclosure.asked_by,
                    plan.approved_by,
                    clock_.now_ms(),
                    plan.disclosure.recipient_kind,
                    plan.disclosure.fingerprint};
  contents.objects = plan.objects;
  contents.receipts = access.receipts;
  contents.proofs = access.proofs;
  contents.open = [this, &actor, &plan, &access](const Object& object) -> Result<Read> {
    // The entry, and that the object is still there to be disclosed, in one unit of work.
    TUTELA_TRY_ASSIGN(
        const audit::Recorded entry,
        audit::record(
            database_,
            actor,
            clock_.now_ms(),
            {"evidence.export", "evidence:" + to_string(object.id), std::string(kPurpose), "ok"},
            [&](store::Transaction& transaction) -> Status {
              TUTELA_TRY(
                  find_object(transaction, actor.tenant_id, plan.disclosure.case_ref, object.id));
              return ok();
            }));
    return access.open(object.id, entry);
  };
  contents.history = [this](const Object& object) -> Result<std::vector<Entry>> {
    std::vector<Entry> entries;
    TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(entries, history_of(transaction, object));
      return ok();
    }));
    return entries;
  };
  return contents;
}

Result<Disclosure> Disclosures::run(const store::Actor& actor,
                                    const Uuid& request_id,
                                    const Access& access,
                                    Output& output) {
  TUTELA_TRY_ASSIGN(Plan plan, this->plan(actor, request_id));
  TUTELA_TRY(start(actor, plan));
  Package package(contents_of(actor, plan, access));
  crypto::Sha256Stream sha256;
  std::uint64_t size_bytes = 0;
  const auto make = [&]() -> Status {
    TUTELA_FAULT_POINT("disclosure.after_begin");
    TUTELA_TRY(plan.recipient.encrypt([&](Bytes& out) { return package.more(out); },
                                      [&](ByteView bytes) {
                                        sha256.update(bytes);
                                        size_bytes += bytes.size();
                                        return output.write(bytes);
                                      },
                                      clock_.now_ms()));
    TUTELA_FAULT_POINT("disclosure.before_finish");
    TUTELA_TRY(output.finish());
    TUTELA_FAULT_POINT("disclosure.after_finish");
    return ok();
  };
  const Status made = make();
  Disclosure& ended = plan.disclosure;
  ended.state = made ? State::kFinished : State::kFailed;
  ended.finished_ms = clock_.now_ms();
  if (made) {
    ended.package_bytes = size_bytes;
    ended.package_sha256 = to_hex(sha256.finish());
  } else {
    ended.failure = made.error().code;
  }
  const Status written = database_.write(
      [&](store::Transaction& transaction) { return end_row(transaction, actor, ended); });
  if (!made || !written) {
    output.discard();
  }
  TUTELA_TRY(made);
  TUTELA_TRY(written);
  return find(actor.tenant_id, ended.id);
}

Result<Disclosure> Disclosures::run_to_folder(const store::Actor& actor,
                                              const Uuid& request_id,
                                              const Access& access,
                                              const std::filesystem::path& folder) {
  TUTELA_TRY_ASSIGN(const Disclosure asked, find_by_request(actor.tenant_id, request_id));
  if (asked.state != State::kAsked) {
    return Error{ErrorKind::kConflict,
                 "disclosure.not_asked",
                 "an approval makes one package, once; ask again"};
  }
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_error("file.write_failed", "make the folder of packages");
  }
  TUTELA_TRY_ASSIGN(const std::unique_ptr<Output> file, create_file(folder, file_name(asked)));
  return run(actor, request_id, access, *file);
}

Result<std::size_t> Disclosures::recover(const std::filesystem::path& folder) {
  std::vector<Disclosure> running;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(running, running_disclosures(transaction));
    return ok();
  }));
  for (Disclosure& disclosure : running) {
    TUTELA_TRY(remove_files(folder, disclosure));
    TUTELA_FAULT_POINT("disclosure.in_recover");
    disclosure.state = State::kFailed;
    disclosure.failure = "disclosure.abandoned";
    disclosure.finished_ms = clock_.now_ms();
    TUTELA_TRY(database_.write([&](store::Transaction& transaction) {
      return end_row(transaction, {disclosure.tenant_id, "system", "system"}, disclosure);
    }));
  }
  return running.size();
}

}  // namespace tutela::disclosure
