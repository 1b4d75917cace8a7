// Keeper: everything that the vault process owns: keys, evidence, the log's signature, and the
// rules of who may open. It is the only process that can turn evidence into plain bytes.
//
// Thread-safe. Calls block.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/disclosure/disclosure.hpp"
#include "casework/preservation/preservation.hpp"
#include "custody/audit/log.hpp"
#include "custody/blobs/blobs.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "custody/opening/opening.hpp"
#include "custody/store/store.hpp"
#include "custody/vault/vault.hpp"
#include "service/auth/auth.hpp"
#include "service/config/config.hpp"
#include "service/vault_client/message.hpp"
#include "service/workers/workers.hpp"

namespace tutela::vault_process {

/// Takes plain bytes on their way to whoever asked.
using Sink = std::function<Status(ByteView)>;
/// Takes what is said before the bytes.
using Head = std::function<Status(const vault_client::Message&)>;

/// What somebody's rights let them open.
[[nodiscard]] opening::Requester requester_of(const auth::Principal& principal);

class Keeper {
 public:
  /// Opens keys, objects and log. Errors: those of vault::open_key, Vault::open, Log::open.
  static Result<std::unique_ptr<Keeper>> open(const config::Config& config, const Clock& clock);
  ~Keeper();

  /// The calls of people. `credential` is what they signed in with.
  Status view(const vault_client::Message& request, const Head& head, const Sink& sink);
  Status original(const vault_client::Message& request, const Head& head, const Sink& sink);
  Status break_glass(const vault_client::Message& request, const Head& head, const Sink& sink);
  Status package(const vault_client::Message& request, const Head& head, const Sink& sink);

  /// The call of the filer: a file of a released report, for the authority's upload. Nobody signs
  /// in for it: a living lease of the report is what allows it.
  Status report_file(const vault_client::Message& request, const Head& head, const Sink& sink);

  /// Who sent a notice: "name", "email" and "phone", for a purpose (answer, safety, legal_request,
  /// own_data) and a reason. The entry is durable before the box is opened. Errors: kForbidden
  /// "auth.missing_permission", "auth.not_fresh"; kInvalidInput "identity.bad_purpose",
  /// "identity.bad_reason"; kNotFound "notice.no_contact"; kUnavailable "identity.other_key".
  Result<vault_client::Message> identity(const vault_client::Message& request);

  /// A signed statement about an item of the ledger, after the entry that it is given out. The
  /// server says to whom, as it says who uploads.
  Status receipt(const vault_client::Message& request, const Head& head, const Sink& sink);
  [[nodiscard]] vault_client::Message receipt_keys() const;

  /// A content of the ledger that is kept from now on.
  Result<vault::Vault::Writer> seal(const vault_client::Message& request);
  [[nodiscard]] Result<vault_client::Message> status();

  /// The work of the background, each called from a thread of its own from time to time.
  Status follow_log(const std::function<bool()>& stop_requested);
  Status tick(const std::function<bool()>& stop_requested);
  Result<blobs::Scrub> scrub(const std::function<bool()>& stop_requested);

 private:
  struct Parts;
  explicit Keeper(std::unique_ptr<Parts> parts);
  Result<auth::Principal> principal_of(const vault_client::Message& request);
  /// With a second factor that is fresh, where they have the permission at all. Error: kForbidden
  /// "auth.not_fresh".
  Result<auth::Principal> fresh_principal_of(const vault_client::Message& request,
                                             auth::Permission permission);
  Status send_original(const Uuid& id,
                       const audit::Recorded& entry,
                       const store::Actor& actor,
                       const Head& head,
                       const Sink& sink);

  std::unique_ptr<Parts> parts_;
};

}  // namespace tutela::vault_process
