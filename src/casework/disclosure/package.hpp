// Package: what an agency gets, as the plain bytes of a tar archive, made bit by bit while it is
// encrypted. The format is spec/disclosure-package.md.
//
// manifest.json is the last entry: an archive without it is a part, and says so by that. Not
// thread-safe. Borrows what its contents refer to.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/disclosure/recipient.hpp"
#include "casework/disclosure/tar.hpp"
#include "crypto/digest.hpp"

namespace tutela::disclosure {

/// A preserved object, as its row says.
struct Object {
  Uuid id;
  std::optional<Uuid> content_id;
  std::string media_type;
  std::uint64_t size_bytes = 0;
  crypto::Digests digests;
  UtcMs sealed_ms = 0;
  std::string verdict;  // of its content: "match", "suspected"; empty where it has none
};

/// One entry of the audit log about an object.
struct Entry {
  std::int64_t index = 0;  // in the log, counted from 0
  UtcMs at_ms = 0;
  std::string principal_id;
  std::string role;
  std::string action;
  std::string object;
  std::string purpose;
  std::string result;
};

/// An entry as the log hashes it, and its proof of inclusion in the checkpoint, in the log's
/// format.
struct Proof {
  std::string entry;
  std::string inclusion;
};

/// What the audit log can prove; whoever has the log fills it in.
class Proofs {
 public:
  virtual ~Proofs() = default;
  /// A signed checkpoint of at least `size` entries; the proofs that follow are for it.
  virtual Result<std::string> checkpoint(std::int64_t size) = 0;
  virtual Result<Proof> prove(std::int64_t index) = 0;
};

/// Up to `out.size()` plain bytes of an object, 0 at its end.
using Read = std::function<Result<std::size_t>(std::span<std::byte> out)>;

struct Receipt {
  std::string name;  // 1 to 64 of A-Z a-z 0-9 . _ -, not "." or ".."
  std::string body;
};

/// What stands on the package.
struct About {
  Uuid id;
  std::string agency;
  std::string reference;
  std::string legal_basis;
  std::string case_ref;
  std::string asked_by;
  std::string approved_by;  // empty on a one-person server, where a waiting time stood in
  UtcMs created_ms = 0;
  RecipientKind recipient_kind = RecipientKind::kAge;
  std::string fingerprint;
};

struct Contents {
  About about;
  std::vector<Object> objects;
  std::vector<Receipt> receipts;
  /// Records the access, then opens the original.
  std::function<Result<Read>(const Object&)> open;
  /// The entries of the log about an object, the access of this package among them.
  std::function<Result<std::vector<Entry>>(const Object&)> history;
  Proofs* proofs = nullptr;  // none where the log proves nothing
};

class Package {
 public:
  explicit Package(Contents contents);
  Package(const Package&) = delete;
  Package& operator=(const Package&) = delete;

  /// The next plain bytes; false when they were the last. After an error it gives nothing more.
  /// Errors: kCorrupted "disclosure.changed" (an object is not what its row says), kInvalidInput
  /// "disclosure.bad_receipt", those of `contents`.
  Result<bool> more(Bytes& out);

 private:
  /// Does a part of one step; true when the step is done.
  using Step = std::function<Result<bool>()>;

  Status add_file(const std::string& path, std::string_view body);
  Result<bool> add_media_part(const Object& object);
  Status add_receipts();
  Status add_custody();
  Status add_end();

  Contents contents_;
  Tar tar_;
  std::deque<Step> steps_;
  std::optional<Read> reading_;
  crypto::Sha256Stream sha256_;
  std::uint64_t missing_bytes_ = 0;
  Bytes buffer_;
  std::string sums_;  // SHA256SUMS
};

}  // namespace tutela::disclosure
