// Identity: who sent a notice. The one place that opens what doors sealed.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/fault.hpp"
#include "casework/intake/notices.hpp"
#include "crypto/sealed_box.hpp"
#include "custody/audit/entry.hpp"
#include "custody/dual_control/refusal.hpp"
#include "custody/dual_control/text.hpp"
#include "service/contact/contact.hpp"
#include "service/vault_process/keeper.hpp"
#include "service/vault_process/parts.hpp"

namespace tutela::vault_process {

using auth::Permission;
using vault_client::Message;

namespace {

constexpr std::size_t kReasonLeast = 10;
constexpr std::array<std::string_view, 4> kPurposes = {
    "answer", "safety", "legal_request", "own_data"};

Status check_words(std::string_view purpose, std::string_view reason) {
  if (std::ranges::find(kPurposes, purpose) == kPurposes.end()) {
    return Error{ErrorKind::kInvalidInput,
                 "identity.bad_purpose",
                 "a purpose is answer, safety, legal_request or own_data"};
  }
  if (!dual_control::is_reason(reason, kReasonLeast)) {
    return Error{ErrorKind::kInvalidInput,
                 "identity.bad_reason",
                 "say in 10 to 1000 characters why you need to know who sent it"};
  }
  return ok();
}

/// What people at the notice see of it. The reason is theirs to read; the log has the purpose.
Status note(store::Transaction& transaction,
            const store::Actor& actor,
            const Uuid& notice_id,
            const boost::json::object& detail,
            UtcMs now_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO notice_event (notice_id, tenant_id, principal_id, kind, detail, at_ms) "
      "VALUES (:notice_id, :tenant_id, :principal_id, 'identity', :detail, :at_ms)",
      {to_string(notice_id),
       actor.tenant_id,
       actor.principal_id,
       boost::json::serialize(detail),
       now_ms}));
  return ok();
}

}  // namespace

Result<Message> Keeper::identity(const Message& request) {
  TUTELA_TRY_ASSIGN(const auth::Principal principal,
                    fresh_principal_of(request, Permission::kNoticeIdentity));
  const store::Actor& actor = principal.actor;
  TUTELA_TRY_ASSIGN(const Uuid id, request.id("notice_id"));
  const std::string purpose(request.get("purpose"));
  const std::string reason(request.get("reason"));
  TUTELA_TRY(check_words(purpose, reason));
  const UtcMs now_ms = parts_->clock.now_ms();
  audit::Entry entry{"notice.identity", "notice:" + to_string(id), purpose, "ok"};
  intake::SealedContact sealed;
  const auto recorded = audit::record(
      *parts_->database, actor, now_ms, entry, [&](store::Transaction& transaction) -> Status {
        if (!principal.permissions.has(Permission::kNoticeIdentity)) {
          return Error{
              ErrorKind::kForbidden, "auth.missing_permission", "this needs notice_identity"};
        }
        TUTELA_TRY_ASSIGN(sealed, intake::contact_of(transaction, actor.tenant_id, id));
        TUTELA_FAULT_POINT("vault_process.in_identity");
        return note(transaction, actor, id, {{"purpose", purpose}, {"reason", reason}}, now_ms);
      });
  if (!recorded) {
    if (dual_control::is_refusal(recorded.error())) {
      entry.result = "refused";
      TUTELA_TRY(audit::record(*parts_->database, actor, now_ms, entry));
    }
    return recorded.error();
  }
  TUTELA_FAULT_POINT("vault_process.after_identity_entry");
  if (sealed.key_id != parts_->intake_key_id) {
    return Error{ErrorKind::kUnavailable,
                 "identity.other_key",
                 "it was sealed for a key that is not in the vault's folder now; put the "
                 "intake.key of that time back"};
  }
  TUTELA_TRY_ASSIGN(const Bytes plain, crypto::open_box(*parts_->intake_key, sealed.sealed));
  TUTELA_TRY_ASSIGN(const contact::Contact found, contact::parse(plain));
  Message reply;
  reply.set("name", found.name).set("email", found.email).set("phone", found.phone);
  return reply;
}

}  // namespace tutela::vault_process
