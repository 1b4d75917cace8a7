// Lists: curated sets of signals, with source, purpose and what a match may do; their life from
// draft through dry run and consent to active; import, export, and loading into a generation.
//
// A list has one purpose out of a closed set (safeguards.md 7). It matches only when active, and
// becomes active after a dry run over a sample of content and the consent of two principals
// (safeguards.md 8); purposes test and canary need one. Thread-safe (the store is).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "engine/match/match.hpp"
#include "engine/match/signal_set.hpp"
#include "engine/policy/policy.hpp"

namespace tutela::lists {

enum class Purpose : std::uint8_t { kKnownCsam, kSelfReported, kTest, kCanary };
[[nodiscard]] std::string_view to_string(Purpose purpose) noexcept;  // "known_csam", ...
Result<Purpose> parse_purpose(std::string_view text);

enum class State : std::uint8_t { kInactive, kActive, kRemoved };
[[nodiscard]] std::string_view to_string(State state) noexcept;

struct NewList {
  std::string name;            // ^[a-z0-9][a-z0-9_-]{0,63}$
  std::string source;          // who curates it: "ncmec", "own"
  std::string provenance;      // how it came here
  std::string legal_process;   // reference, needed when a state gave the list
  std::string classification;  // "A1" "A2" "B1" "B2" "self_reported" "test" or a free label
  Purpose purpose = Purpose::kKnownCsam;
  policy::Action action = policy::Action::kHold;
  bool automation = false;
  int pdq_distance_max = match::kPdqDistanceDefault;
};

struct List {
  Uuid id;
  NewList spec;
  std::int64_t version = 0;  // grows with every change of its signals or settings
  State state = State::kInactive;
  std::int64_t signal_count = 0;
  UtcMs created_ms = 0;
  UtcMs updated_ms = 0;
};

/// What is stored of a list.
struct ListStats {
  List list;
  std::array<std::int64_t, 4> signals{};  // by SignalKind
  std::optional<UtcMs> newest_signal_ms;  // when the youngest was added
};

struct Signal {
  std::int64_t id = 0;
  match::SignalKind kind = match::SignalKind::kPdq;
  std::string value;  // lowercase hex
};

/// Bytes of a signal's value.
[[nodiscard]] constexpr std::size_t size_bytes_of(match::SignalKind kind) noexcept {
  switch (kind) {
    case match::SignalKind::kMd5:
      return 16;
    case match::SignalKind::kSha1:
      return 20;
    case match::SignalKind::kPdq:
    case match::SignalKind::kSha256:
      break;
  }
  return 32;
}

/// A signal as a search takes it.
struct PackedSignal {
  std::int64_t id = 0;
  match::SignalKind kind = match::SignalKind::kPdq;
  std::array<std::byte, 32> value{};  // as many bytes as the kind has
};

/// kAdded: signals; kRemoved: signals; kActivated, kDeactivated (or removed): the list; kSettings:
/// what a match does.
enum class ChangeKind : std::uint8_t { kAdded, kRemoved, kActivated, kDeactivated, kSettings };

/// One step of the lists' history, of all tenants.
struct Change {
  std::int64_t position = 0;
  std::string tenant_id;
  Uuid list_id;
  ChangeKind kind = ChangeKind::kAdded;
  std::int64_t first_id = 0;  // kAdded: signal ids; kRemoved: positions in the log of removals
  std::int64_t last_id = 0;
};

/// What a set of signals lacks.
struct Missing {
  std::int64_t position = 0;  // of the history, that the set reaches with `update`
  match::SignalUpdate update;
  bool too_many = false;  // more signals than asked for: `update` is empty
};

struct DryRun {
  Uuid id{};
  std::int64_t list_version = 0;
  std::int64_t sample_size = 0;
  std::int64_t matched = 0;
  std::int64_t unscannable = 0;
  UtcMs at_ms = 0;
};

/// One bad line of an import file.
struct BadLine {
  std::int64_t line = 0;
  std::string why;  // never the line's content
};

/// Reads text or CSV: one signal a line ("HEX", "KIND,HEX" or "HEX,KIND"; columns after the second
/// are ignored), hex digits of any case, "#" comments, blank lines, quoted fields, CRLF, a BOM and
/// a first line that names the columns ("type,value") allowed. A line's own kind comes first, then
/// `kind`, then the length: 32 digits are MD5, 40 SHA-1 and 64 PDQ (SHA-256 has 64 too: say so).
/// Calls `on_signal` with lowercase hex for each good line and `on_bad` for each other. Bounded:
/// lines of at most 1,024 characters. Pure; fuzzed.
void parse_signals(std::string_view text,
                   std::optional<match::SignalKind> kind,
                   const std::function<void(match::SignalKind, std::string hex)>& on_signal,
                   const std::function<void(BadLine)>& on_bad);

struct ImportOptions {
  bool skip_bad = false;                    // import the good lines of a file with bad ones
  std::optional<match::SignalKind> kind{};  // of lines that do not say
};

struct ImportReport {
  std::int64_t added = 0;
  std::int64_t already_there = 0;
  std::int64_t bad = 0;
  std::vector<BadLine> bad_lines;  // the first 100
  std::int64_t version = 0;        // of the list afterwards
};

/// How consent is asked for (safeguards.md 8 and 13).
struct ConsentRules {
  bool solo = false;  // one-person server: a wait instead of a second person
  std::int64_t solo_wait_ms = 24 * 3600 * 1000;
};

enum class ActivationState : std::uint8_t { kActive, kNeedsSecondPerson, kWaiting };

struct Activation {
  ActivationState state = ActivationState::kActive;
  UtcMs active_from_ms = 0;  // for kWaiting: when the same person may confirm
};

class Lists {
 public:
  Lists(store::Database& database, const Clock& clock, ConsentRules rules);

  // Errors of all: store's; "list.not_found", and where something changes kConflict "list.removed".
  // Every change writes its audit row in the same unit of work.

  /// The new list is inactive. A list whose source begins with "state:" needs a legal process
  /// (safeguards.md 7). Errors: "list.exists" (kConflict); kInvalidInput "list.bad_name",
  /// "list.bad_text", "list.bad_distance", "list.legal_process_missing", "list.bad_action" (only
  /// purposes test and canary may pass a match; self_reported holds or opens a case),
  /// "list.bad_automation" (of purpose self_reported).
  Result<List> create(const store::Actor& actor, const NewList& list);
  /// A removed list is found by its id only.
  Result<List> get(const store::Actor& actor, std::string_view name_or_id);
  /// Without removed ones, by name.
  Result<std::vector<List>> all(const store::Actor& actor);

  /// What may change without a new consent: the action. Everything else makes a new list.
  Result<List> set_action(const store::Actor& actor, const Uuid& id, policy::Action action);
  /// Deletes its signals and frees its name; the row stays, in state removed.
  Status remove(const store::Actor& actor, const Uuid& id);

  /// All good or nothing, unless skip_bad. Error: "list.bad_lines" (the report is filled then too).
  /// New signals of an active list count at once. One write transaction: other writers wait for it.
  Status import_signals(const store::Actor& actor,
                        const Uuid& id,
                        std::string_view text,
                        const ImportOptions& options,
                        ImportReport& report);
  /// Removes signals by value, of whatever kind. Returns how many were there.
  Result<std::int64_t> remove_signals(const store::Actor& actor,
                                      const Uuid& id,
                                      const std::vector<std::string>& values);
  /// Calls back in order of id, after `after_id`, at most `limit` rows. Errors:
  /// kForbidden "list.not_exportable" for lists whose source is an exchange: it begins with
  /// "exchange:" (safeguards.md 9). Each call is audited before the first row is given out.
  Status export_signals(const store::Actor& actor,
                        const Uuid& id,
                        std::int64_t after_id,
                        std::int64_t limit,
                        const std::function<Status(const Signal&)>& on_signal);

  /// Its id and time are set here. Errors: kConflict "list.changed" when it was made of another
  /// version; kInvalidInput "list.bad_dry_run" for impossible counts, and for an empty sample
  /// unless the purpose is test or canary.
  Result<DryRun> record_dry_run(const store::Actor& actor, const Uuid& id, const DryRun& run);
  Result<std::optional<DryRun>> latest_dry_run(const store::Actor& actor, const Uuid& id);
  /// Consents to activate the list at its latest dry run. The consents that count are for the same
  /// dry run: one for purposes test and canary; else those of two principals, or, on a solo server,
  /// two of the same principal with the wait between them. Errors: kConflict "list.no_dry_run" when
  /// none was made of the present version; kForbidden "list.no_consent" for an actor without a
  /// principal, or "system" outside test and canary.
  Result<Activation> activate(const store::Actor& actor, const Uuid& id);
  /// Consents given before count no more.
  Status deactivate(const store::Actor& actor, const Uuid& id);

  /// A generation of one list, active or not, for a dry run.
  Result<std::shared_ptr<const match::Generation>> load_generation(const Uuid& list_id);

  /// Grows with every change that a search must follow, of any tenant. Cheap.
  Result<std::int64_t> position();
  /// As position(), of what judges uploads: every list but those of canaries.
  Result<std::int64_t> position_of_judges();
  /// Of the last change of a list whose state is known (state.hpp); 0: of none.
  Result<std::int64_t> position_of(const Uuid& list_id);
  /// The most signals that an active list had since `from_ms`.
  Result<std::int64_t> most_signals(const List& list, UtcMs from_ms);

  /// The greatest ids that were given to signals and to removals of them.
  struct Last {
    std::int64_t signal = 0;
    std::int64_t removal = 0;
  };

  Result<Last> last();
  /// The greatest signal id that a set has of any list that there ever was.
  Result<std::int64_t> reach_of(const match::SignalSet& set);
  /// What brings the set to the present: read at one moment.
  Result<Missing> missing(const match::SignalSet& set, std::size_t signals_max);
  /// All active lists with their signals, at one moment; for a set that lacks too much.
  Status load_all(match::SegmentBuilder& builder);

  /// The history after a position, in order.
  Result<std::vector<Change>> changes_after(std::int64_t position, std::int64_t limit);
  /// Signals of an active list with first_id <= id <= last_id, in order of id, those that are still
  /// there, at most `limit`. Of a list that is not active: none.
  Status for_each_signal(const Uuid& list_id,
                         std::int64_t first_id,
                         std::int64_t last_id,
                         std::int64_t limit,
                         const std::function<Status(const PackedSignal&)>& on_signal);
  /// The ids of signals that were removed at these positions.
  Result<std::vector<std::int64_t>> removed_signals(std::int64_t first, std::int64_t last);

  /// Of one list, or of all but removed ones, by name. Walks an index of all their signals.
  Result<std::vector<ListStats>> stats(const store::Actor& actor,
                                       std::optional<Uuid> only_list = {});

 private:
  store::Database& database_;
  const Clock& clock_;
  ConsentRules rules_;
};

}  // namespace tutela::lists
