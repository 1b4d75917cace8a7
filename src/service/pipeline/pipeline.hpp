// Pipeline: the walk of one item from bytes to verdict, and the only place that knows the order of
// the stages. Doors and commands use it; it owns store, spool, workers, lists and ledger.
//
// Thread-safe. Calls block (disk, worker); servers call it from threads of their own.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/spool/spool.hpp"
#include "custody/store/store.hpp"
#include "engine/match/match.hpp"
#include "engine/match/signal_set.hpp"
#include "engine/policy/policy.hpp"
#include "exchange/lists/lists.hpp"
#include "service/config/config.hpp"
#include "service/pipeline/rescan.hpp"
#include "service/vault_client/client.hpp"
#include "service/workers/workers.hpp"
#include "watch/content_index/content_index.hpp"
#include "watch/groups/groups.hpp"
#include "watch/ledger/coverage.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::pipeline {

/// Where an item came from, as its door tells it.
struct Origin {
  store::Actor actor;
  std::string door;
  std::string source;
  std::optional<std::string> external_id;
  std::optional<std::string> idempotency_key;
  /// Who uploaded, as the service names them: 1 to 256 bytes of UTF-8, which the door has checked.
  std::optional<std::string> account = {};
};

/// Durations of one scan, for metrics, in microseconds.
struct StageTimes {
  std::int64_t receive_us = 0;
  std::int64_t decode_us = 0;
  std::int64_t match_us = 0;
  std::int64_t commit_us = 0;
};

/// What one call of Pipeline::catch_up() did.
struct CatchUp {
  bool elsewhere = false;    // another process does it now
  bool rebuilding = false;   // the content index was damaged, and is made again
  std::size_t followed = 0;  // verdicts that went into content index and groups
  std::size_t finished = 0;  // rescans that came to their end
};

/// Owed items of every process and door; those of doors that scan are worked off.
struct Backlog {
  std::int64_t owed = 0;
  UtcMs oldest_ms = 0;                    // when it arrived; 0 when none is owed
  std::int64_t done = 0;                  // since the backlog began
  double per_second = 0;                  // over the last minute
  std::optional<UtcMs> finished_ms = {};  // when it will be, at this rate
  std::int64_t made_up = 0;               // of every backlog since this process began: only grows
};

/// Sampling audits: items without a match that were matched again, another way.
struct SampleCounts {
  std::int64_t same = 0;  // these three: since the start of this process
  std::int64_t different = 0;
  std::int64_t failed = 0;  // no result: the bytes were lost, or could not be decoded again
  std::int64_t owed = 0;
  UtcMs oldest_owed_ms = 0;         // 0 when none
  UtcMs last_ms = 0;                // 0: none yet
  std::int64_t different_open = 0;  // of the store: nobody has looked into them
};

/// What the set of signals that is searched is made of.
struct IndexStats {
  std::int64_t position = 0;  // of the lists' history
  match::SignalSet::Stats signals;
  std::string refused;  // why the file of the index was not used at start; empty when it was
  std::optional<content_index::Stats> contents;  // absent where another process keeps them
};

class Pipeline;
struct Internals;
class Posted;

/// One item while it arrives. Bounded by limits.size_bytes_max. Not thread-safe. Dropping it before
/// finish() leaves nothing behind.
class Intake {
 public:
  Intake(Intake&&) noexcept;
  Intake& operator=(Intake&&) noexcept;
  ~Intake();

  /// Errors: kLimitExceeded "media.too_large", "spool.full".
  Status append(ByteView bytes);

  /// Makes the item durable and owed: spool synced, then the owed row committed. From here on it is
  /// answered for. Returns its id, or that of the earlier item with this idempotency key (then
  /// `repeated()` is true and scan() only reads its state).
  /// Errors: kConflict "idempotency.mismatch"; kInvalidInput "media.empty".
  Result<Uuid> finish();
  [[nodiscard]] bool repeated() const noexcept;

 private:
  friend class Pipeline;
  struct State;
  explicit Intake(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What the server needs to know to say it is ready.
struct Readiness {
  bool store_up = false;
  bool workers_up = false;
  std::size_t active_lists = 0;  // without those of canaries
  std::size_t signals = 0;
  std::int64_t position = 0;  // of the lists' history, that is searched
  std::string policy_version;

  [[nodiscard]] bool ready() const noexcept { return store_up && workers_up && active_lists > 0; }
};

class Pipeline {
 public:
  /// Opens everything in config.store.folder (created when absent, mode 0700), loads policy and
  /// lists, starts the workers. Does not yet touch owed items: see finish_owed().
  static Result<std::unique_ptr<Pipeline>> open(const config::Config& config, const Clock& clock);
  ~Pipeline();

  Result<Intake> receive(const Origin& origin);

  /// Scans a finished intake and commits its verdict. On an error of ours the item stays owed and
  /// the error says so ("workers.down", "store.*"): never a no_match.
  Result<ledger::Content> scan(Intake intake, StageTimes* times = nullptr);

  /// Makes up the scans that are owed, in order of arrival and several at once, by workers of low
  /// priority, and removes spool files that nothing keeps. Items of a door that does not scan stay
  /// owed. Returns how many got their verdict. Called at start and from time to time.
  Result<std::size_t> finish_owed(const std::function<bool()>& stop_requested);
  /// Makes up the scan of one item now, before what was owed earlier. Does nothing where it has its
  /// verdict, or is in work. Error: kNotFound "content.not_found"; those of scan().
  Status finish(const store::Actor& actor, const Uuid& id);
  [[nodiscard]] Backlog backlog() const;

  /// Does the sampling audits that are owed; a process that calls this chooses samples from then
  /// on. Returns how many were done. Called every second or so from a thread of low priority.
  Result<std::size_t> audit_samples(const std::function<bool()>& stop_requested);
  [[nodiscard]] Result<SampleCounts> sample_counts() const;
  /// Somebody has looked into the differences that audits found: they are kept no longer for it.
  Status settle_differences(const store::Actor& actor);

  /// Brings content index, groups and rescans up to date, until there is nothing left to do or
  /// `stop_requested`. Called every second or so; `on_progress` tells of a rescan that went on.
  Result<CatchUp> catch_up(const std::function<bool()>& stop_requested,
                           const std::function<void(const Rescan&)>& on_progress = {});
  /// Asks for a search of everything that was judged for all signals of an active list. catch_up()
  /// does it, here or in another process. Errors: kConflict "list.not_active"; "list.not_found".
  Result<Uuid> ask_rescan(const store::Actor& actor, const Uuid& list_id, UtcMs since_ms);
  [[nodiscard]] Rescans rescans() noexcept;
  /// The group of near-duplicates that a content is in.
  Result<groups::Group> group_of(const store::Actor& actor,
                                 const Uuid& content_id,
                                 std::size_t limit);
  /// Merges what is new into the files of the indexes when it is much. Blocks; everything else
  /// goes on meanwhile. Called from a thread of its own from time to time.
  Status merge_indexes();
  /// Removes what is kept no longer (ledger.keep_days, canaries' items), and once a day its
  /// fingerprints from the content index; counts stay. Called from a thread of its own from time to
  /// time.
  Result<ledger::Compacted> compact(const std::function<bool()>& stop_requested);
  [[nodiscard]] IndexStats index_stats() const;

  /// Swaps in a new generation if lists changed (also by another process). Cheap when not.
  Status refresh_generation();
  /// Reads the policy file again and takes limits, doors and watch for the items that arrive from
  /// now on (where limits change, the workers are replaced; scans in progress keep theirs). On an
  /// error everything stays as it is.
  Status reload(const config::Config& next);

  /// Items of these media types ("image/jpeg") get no `no_match` from now on: canaries were missed,
  /// so that nothing found says nothing. They stay owed ("detection.distrusted"); matches are
  /// matches. Until it is called without them.
  void distrust(std::set<std::string> media_types);

  [[nodiscard]] Readiness readiness() const;

  /// Dry run of one list over files: decodes, matches, decides nothing, keeps nothing.
  struct DryRunItem {
    std::string label;
    bool matched = false;
    std::string unscannable_reason;
    int distance = 0;
  };

  Result<lists::DryRun> dry_run(const store::Actor& actor,
                                const Uuid& list_id,
                                const std::vector<std::filesystem::path>& files,
                                const std::function<void(const DryRunItem&)>& on_item);
  /// Dry run of one list over the content index: every stored fingerprint of the last `limit`
  /// contents, without bytes.
  Result<lists::DryRun> dry_run_on_index(const store::Actor& actor,
                                         const Uuid& list_id,
                                         std::int64_t limit);

  /// Hands what matched over to the vault and then removes it from the spool. Returns how many.
  /// Called every second or so. An error of the vault leaves everything where it is.
  Result<std::size_t> keep_evidence(const vault_client::Client& vault,
                                    const std::function<bool()>& stop_requested);

  [[nodiscard]] store::Database& database() noexcept;
  [[nodiscard]] lists::Lists& lists() noexcept;
  [[nodiscard]] ledger::Ledger& ledger() noexcept;
  [[nodiscard]] std::shared_ptr<workers::Workers> workers() const;
  [[nodiscard]] spool::Spool& spool() noexcept;
  [[nodiscard]] std::shared_ptr<const match::Generation> generation() const;
  [[nodiscard]] std::shared_ptr<const policy::Policy> policy() const;
  /// Of this process, among those that share the data folder; and whether one of them still runs.
  [[nodiscard]] const std::string& instance_id() const noexcept;
  [[nodiscard]] bool is_alive(std::string_view instance_id) const;
  [[nodiscard]] const Clock& clock() const noexcept;

 private:
  explicit Pipeline(std::unique_ptr<Internals> state);
  std::unique_ptr<Internals> state_;
  std::unique_ptr<Posted> posted_;
};

}  // namespace tutela::pipeline
