// Ledger: every item that arrived, what is owed, and the one verdict it got.
//
// An item is `owed` from before it is answered for until its verdict commits. The verdict, the
// ledger event, the content index row, the matches, the audit row and the outbox message are one
// unit of work, with the counts (coverage.hpp). An item never gets two verdicts from its scan; it
// gets another when lists change, or when a sampling audit finds that the scan was wrong.
// Thread-safe (the store is).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/digest.hpp"
#include "custody/store/store.hpp"
#include "engine/inspect/inspect.hpp"
#include "engine/match/match.hpp"
#include "engine/policy/policy.hpp"

namespace tutela::ledger {

/// The door of what people outside sent us with what they told us. Whatever its verdict, it is a
/// finding, its bytes are evidence, and it counts for no figure of what is usual.
inline constexpr std::string_view kIntakeDoor = "intake";

/// What is known of an item when it has arrived whole.
struct Arrival {
  Uuid id;
  std::string door;    // "http", "cli"
  std::string source;  // the caller's word for where it was posted
  std::optional<std::string> external_id;
  std::optional<std::string> idempotency_key;
  /// Who uploaded, as the service names them; 1 to 256 bytes of UTF-8. A row of its own, which can
  /// be deleted without the content (safeguards.md 10); never read back into an Arrival.
  std::optional<std::string> account;
  std::uint64_t size_bytes = 0;
  crypto::Digests digests;
  UtcMs received_ms = 0;
};

struct MatchRow {
  Uuid id;
  Uuid list_id;
  std::string list_name;  // filled when read
  std::int64_t list_version = 0;
  std::int64_t signal_id = 0;
  match::SignalKind kind = match::SignalKind::kPdq;
  int distance = 0;
  fingerprint::Orientation orientation = fingerprint::Orientation::kOriginal;
  std::uint32_t frame = 0;
  policy::Strength strength = policy::Strength::kNear;
};

/// What the scan of one item found.
struct Outcome {
  policy::Verdict verdict = policy::Verdict::kOwed;
  std::string reason;                             // of unscannable, or a note; else empty
  std::optional<inspect::Inspection> inspection;  // absent when it could not be decoded
  bool quality_low = false;                       // a frame's PDQ was below 50 and was not matched
  std::vector<MatchRow> matches;
  policy::Decision decision;
  bool keep_bytes = false;          // the spool keeps them: held, matched or unscannable
  std::int64_t lists_position = 0;  // of the lists' history that it was searched in
  /// Of a canary's item that matched nothing else: nobody is told, and it counts nowhere.
  bool canary = false;
};

/// One item as it stands.
struct Content {
  Arrival arrival;
  std::string tenant_id;
  std::string principal_id;
  std::uint32_t attempts = 0;
  UtcMs decided_ms = 0;
  std::int64_t revision = 0;  // grows with every verdict
  bool canary = false;
  bool let_through = false;  // answered before it had a verdict
  Outcome outcome;
};

/// A step of the ledger at which an item got its first verdict.
struct Verdicted {
  std::int64_t position = 0;
  Uuid id;
};

/// What is known of an item besides its verdict, as whoever opens a case asks for it.
struct Provenance {
  std::optional<std::string> external_id;
  std::optional<std::string> account;
  std::string sha256;  // hex
  std::string door;
};

/// Error: kNotFound "content.not_found".
Result<Provenance> provenance_of(store::Transaction& transaction, const Uuid& id);

struct OwedItem {
  Uuid id;
  store::Actor actor;
  std::string door;
  UtcMs received_ms = 0;
  std::uint32_t attempts = 0;
};

/// Where a page of owed items begins: after this one.
struct OwedAfter {
  UtcMs received_ms = 0;
  Uuid id;
};

struct Page {
  std::string after;         // id of the last one seen; empty for the first page
  std::int64_t limit = 100;  // at most 1,000
};

/// What matched, or came through kIntakeDoor: its bytes are to go into the vault.
struct Kept {
  Uuid id;
  store::Actor actor;
  std::uint64_t size_bytes = 0;
  std::string media_type;  // empty when unknown
};

/// Lets the spool's bytes of an item without a match go, if nothing has changed since `revision`.
/// Returns whether it did.
Result<bool> drop_bytes(store::Transaction& transaction, const Uuid& id, std::int64_t revision);

class Ledger {
 public:
  /// `instance_id` names this process; its owed items are its own while it lives.
  Ledger(store::Database& database, const Clock& clock, std::string instance_id);

  /// Asked in the unit of work in which an item becomes owed.
  using IsCanary = std::function<Result<bool>(store::Transaction&)>;

  struct Added {
    Uuid id;
    bool canary = false;  // of a new item
  };

  /// Commits the owed row, and counts it unless it is a canary's. With an idempotency key that this
  /// principal used before: the earlier content's id comes back instead (nothing is written), or
  /// kConflict "idempotency.mismatch" when that one had other bytes.
  Result<Added> add_owed(const store::Actor& actor,
                         const Arrival& arrival,
                         const IsCanary& is_canary = {});

  /// Marks and counts, once, that an item was answered for before it had a verdict, because its
  /// door allows what it cannot scan. Error: kNotFound "content.not_found".
  Status let_through(const store::Actor& actor, const Uuid& id);

  /// Adds to the unit of work of a verdict.
  using InSameUnit = std::function<Status(store::Transaction&)>;

  /// Commits the verdict and counts it. A canary's item whose outcome is not a canary's is an
  /// ordinary item from then on. Errors: kConflict "ledger.already_decided" when it has a verdict;
  /// kInternal "ledger.not_a_canary".
  Status decide(const store::Actor& actor,
                const Uuid& id,
                const Outcome& outcome,
                const InSameUnit& in_same_unit = {});

  /// Commits another verdict than `before`: `cause` is "list_grew" or "list_withdrawn", because
  /// lists changed, or "sample_audit". Its count moves to the new verdict.
  /// Error: kConflict "ledger.already_decided" when the item has got another one meanwhile.
  Status redecide(const Content& before,
                  const Outcome& outcome,
                  std::string_view cause,
                  const InSameUnit& in_same_unit = {});

  /// First verdicts in the order of their commits, after a position (0: from the first).
  Result<std::vector<Verdicted>> verdicts_after(std::int64_t position, std::int64_t limit);
  /// Which of these contents of any tenant are there, in their order.
  Result<std::vector<bool>> has(std::span<const Uuid> ids);
  /// Contents of any tenant; ids that are not there are left out.
  Result<std::vector<Content>> contents(std::span<const Uuid> ids);
  /// Contents of any tenant with a match that names this signal, or this list.
  Result<std::vector<Uuid>> resting_on_signal(std::int64_t signal_id);
  Result<std::vector<Uuid>> resting_on_list(const Uuid& list_id);

  /// Takes over the owed items of processes that are gone. `is_alive` answers for an instance id.
  Status adopt_owed(const std::function<bool(std::string_view)>& is_alive);

  /// This instance's owed items in order of arrival.
  Result<std::vector<OwedItem>> owed(const OwedAfter& after, std::int64_t limit);

  /// An attempt is counted before it is made, so that an item which takes the process down with it
  /// is noticed; it is forgiven when it failed for a reason of ours.
  Status begin_attempt(const Uuid& id);
  Status forgive_attempt(const Uuid& id);

  /// Errors: kNotFound "content.not_found".
  Result<Content> get(const store::Actor& actor, const Uuid& id);
  Result<std::vector<Content>> with_matches(const store::Actor& actor, const Page& page);
  /// The content that this external id got last. kNotFound when none.
  Result<Content> by_external_id(const store::Actor& actor, std::string_view external_id);

  struct Counts {
    std::int64_t owed = 0;
    UtcMs oldest_owed_ms = 0;  // 0 when none
  };

  Result<Counts> owed_counts();

  /// Whether the spool is to keep this item's bytes. False for ids that are not in the ledger.
  Result<bool> keeps_bytes(const Uuid& id);

  /// What of any tenant is to go into the vault and the spool still has, in order of ids, after
  /// `after` (an id; empty for the first): the vault is owed them.
  Result<std::vector<Kept>> to_keep(std::string_view after, std::int64_t limit);
  /// The spool's bytes are needed no longer: the vault has them ("kept"), or they are "lost".
  Status release_bytes(const Kept& item, std::string_view why);

  /// Fingerprints of the latest contents, newest first, for the dry run of a list. `frames` is
  /// empty for items that could not be decoded.
  struct Indexed {
    crypto::Digests digests;
    std::vector<inspect::FrameFingerprint> frames;
  };

  Status for_each_indexed(const store::Actor& actor,
                          std::int64_t limit,
                          const std::function<Status(const Indexed&)>& on_item);

 private:
  Result<std::vector<Uuid>> content_ids(std::string_view where,
                                        const std::vector<store::Value>& values);

  store::Database& database_;
  const Clock& clock_;
  std::string instance_id_;
};

}  // namespace tutela::ledger
