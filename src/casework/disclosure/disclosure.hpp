// Disclosure: evidence of a case for law enforcement, as a package encrypted to the agency's key.
//
// One person asks, which fixes objects, agency and key; another, who sees the key's fingerprint,
// approves; the first has the package made, once. Every object in it is an access with an audit
// entry of its own before its first byte. Nothing is ever written in clear.
//
// Thread-safe. Borrows what it is given. The law: standards of 18 U.S.C. 2258A(g)(4) and the like;
// whether a request is lawful, people decide.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/disclosure/package.hpp"
#include "casework/disclosure/recipient.hpp"
#include "custody/audit/entry.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "custody/store/store.hpp"

namespace tutela::disclosure {

enum class State : std::uint8_t { kAsked, kRunning, kFinished, kFailed };
[[nodiscard]] std::string_view to_string(State state) noexcept;

struct Ask {
  std::string case_ref;
  std::vector<Uuid> objects;  // of the case, at most 1000; none: all that is preserved of it
  std::string agency;         // 1 to 100 characters, as are the next two
  std::string reference;      // the agency's own
  std::string legal_basis;
  std::string reason;  // for the person who approves: 1 to 300 characters
  RecipientKind recipient_kind = RecipientKind::kAge;
  std::string recipient;  // the key's text
};

struct Disclosure {
  Uuid id;
  std::string tenant_id;
  std::string asked_by;
  Uuid request_id;  // of dual_control
  std::string case_ref;
  std::string agency;
  std::string reference;
  std::string legal_basis;
  RecipientKind recipient_kind = RecipientKind::kAge;
  std::string recipient;
  std::string fingerprint;  // for the approver to compare with the agency's, by another channel
  State state = State::kAsked;
  std::string failure;  // the code of the error, "disclosure.abandoned" after a crash
  std::uint64_t objects = 0;
  std::optional<std::uint64_t> package_bytes;
  std::string package_sha256;  // hex; to be told to the agency by another channel
  UtcMs created_ms = 0;
  std::optional<UtcMs> started_ms;
  std::optional<UtcMs> finished_ms;
};

/// Where an encrypted package goes. One that is destroyed before finish() leaves nothing that looks
/// like a whole package.
class Output {
 public:
  virtual ~Output() = default;
  virtual Status write(ByteView bytes) = 0;
  /// After the last byte; returns when the package is durable where it belongs.
  virtual Status finish() = 0;

  /// Takes back what finish() did, as far as that goes: the package does not count.
  virtual void discard() {}
};

/// `<folder>/<name>`: a temporary file until finish() puts it in place. Errors: "file.*".
Result<std::unique_ptr<Output>> create_file(const std::filesystem::path& folder,
                                            const std::string& name);

/// What the vault gives a disclosure.
struct Access {
  /// Opens an original against the durable entry of this access: Vault::read().
  std::function<Result<Read>(const Uuid& evidence_id, const audit::Recorded& entry)> open;
  Proofs* proofs = nullptr;
  std::vector<Receipt> receipts;  // of reports made about the case
};

class Disclosures {
 public:
  Disclosures(store::Database& database,
              dual_control::DualControl& dual_control,
              const Clock& clock);

  /// Errors: kInvalidInput "disclosure.bad_ask", those of Recipient::parse; kNotFound
  /// "evidence.not_found" (also another tenant's, or of another case), "evidence.destroyed",
  /// "disclosure.empty" (nothing is preserved of the case); kLimitExceeded
  /// "disclosure.too_many"; those of DualControl::ask.
  Result<Disclosure> ask(const store::Actor& actor, const Ask& ask);

  /// Makes the package with an approved request, once: what fails is failed and needs another
  /// approval. Errors: kNotFound "disclosure.not_found"; kConflict "disclosure.not_asked";
  /// kForbidden "request.*"; kNotFound "evidence.destroyed" before any byte; those of the key
  /// (expired since), of Package and of `access` and `output`.
  Result<Disclosure> run(const store::Actor& actor,
                         const Uuid& request_id,
                         const Access& access,
                         Output& output);
  /// The same into `<folder>/<id>.tar.age` or ".tar.pgp", mode 0600. The file is there exactly if
  /// the disclosure is finished.
  Result<Disclosure> run_to_folder(const store::Actor& actor,
                                   const Uuid& request_id,
                                   const Access& access,
                                   const std::filesystem::path& folder);

  /// kNotFound "disclosure.not_found", also where it is another tenant's.
  Result<Disclosure> find(const std::string& tenant_id, const Uuid& id);
  /// For the desk of who approves.
  Result<Disclosure> find_by_request(const std::string& tenant_id, const Uuid& request_id);
  Result<std::vector<Uuid>> objects_of(const std::string& tenant_id, const Uuid& id);
  /// The newest first, at most 200.
  Result<std::vector<Disclosure>> list(const std::string& tenant_id, std::size_t limit);

  /// At the start of the only process that runs disclosures: what a crash left running is failed,
  /// with an entry, and its files in `folder` are removed (none where it is empty, because packages
  /// went elsewhere). Returns how many.
  Result<std::size_t> recover(const std::filesystem::path& folder);

 private:
  struct Plan;

  Result<Plan> plan(const store::Actor& actor, const Uuid& request_id);
  Status start(const store::Actor& actor, const Plan& plan);
  Contents contents_of(const store::Actor& actor, const Plan& plan, const Access& access);

  store::Database& database_;
  dual_control::DualControl& dual_control_;
  const Clock& clock_;
};

}  // namespace tutela::disclosure
