// Log: the entries as an append-only Merkle tree with signed checkpoints (c2sp.org/tlog-tiles).
//
// The rows of the database are the log; tiles and checkpoints follow them (sequencer.hpp) and make
// it evident when rows are changed, removed or rolled back. A Log reads, with the public key only.
// It borrows the database, is not thread-safe, and shows the checkpoint that it was opened at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "custody/audit/note.hpp"
#include "custody/audit/tiles.hpp"
#include "custody/store/store.hpp"

namespace tutela::audit {

/// Where the log is.
struct LogOptions {
  std::filesystem::path folder;           // checkpoint, vkey and tiles
  std::filesystem::path key_file;         // of the signing key: the vault process alone reads it
  std::string origin;                     // of a new log; empty: tutela/<random>
  std::filesystem::path checkpoint_copy;  // a file elsewhere that gets every checkpoint; or empty
  std::string verifier_key;               // whom to believe; empty: the folder's own vkey

  /// <store_folder>/audit and <store_folder>/vault/audit.key.
  [[nodiscard]] static LogOptions in(const std::filesystem::path& store_folder);
};

/// What verify() found good.
struct Verified {
  std::uint64_t checked = 0;    // entries compared: row, bundle, hash and signature
  std::uint64_t sequenced = 0;  // entries that the checkpoint speaks of
  std::uint64_t waiting = 0;    // entries after it, which nothing proves yet
};

/// Entries [first, end); end is at most that of the checkpoint.
struct EntryRange {
  std::uint64_t first = 0;
  std::uint64_t end = ~std::uint64_t{0};
};

/// Told now and then; false stops.
using Progress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

class Log {
 public:
  /// Errors: kNotFound "audit.no_log" (nothing was sequenced yet), kCorrupted "audit.damaged",
  /// "audit.bad_note", "audit.bad_signature"; kInvalidInput "audit.bad_key"; "file.*".
  static Result<Log> open(const LogOptions& options, store::Database& database);

  [[nodiscard]] const Checkpoint& checkpoint() const noexcept { return checkpoint_; }

  [[nodiscard]] const std::string& note() const noexcept { return note_; }

  [[nodiscard]] const VerifierKey& key() const noexcept { return key_; }

  [[nodiscard]] Tree& tree() noexcept { return tree_; }

  /// Whether database, tiles and the copy of the checkpoint agree, as far as can be told at once:
  /// sizes, roots, and the newest entries. Errors: kCorrupted "audit.rolled_back" (fewer entries
  /// than were signed, or others), "audit.changed", "audit.other_log" (the copy is of another log).
  Status check();
  /// That an older or newer checkpoint of this log is one of this history.
  /// Errors: kCorrupted "audit.rolled_back", and those of open_checkpoint().
  Status check_against(std::string_view note);

  /// Compares entries with bundles, hashes and signature. A whole log takes seconds a million.
  /// The message names the first bad entry. Errors: kCorrupted "audit.changed", "audit.damaged",
  /// "audit.rolled_back"; kUnavailable "audit.stopped"; those of check() for a whole log.
  Result<Verified> verify(const EntryRange& range, const Progress& progress);

  /// Errors: kNotFound "audit.no_entry", kUnavailable "audit.not_sequenced", "audit.changed".
  Result<Proof> prove(std::uint64_t index);
  /// From an older size to the checkpoint's. Error: kInvalidInput "audit.bad_size".
  Result<std::vector<Hash>> prove_consistency(std::uint64_t old_size);

 private:
  Log(const LogOptions& options, store::Database& database, VerifierKey key, Tree tree)
      : options_(options), database_(&database), key_(std::move(key)), tree_(std::move(tree)) {}

  Status check_newest();
  Status check_copy();
  Status check_rows_after();
  Status verify_tile(std::uint64_t tile, std::uint64_t first, const std::vector<std::string>& rows);

  LogOptions options_;
  store::Database* database_;
  VerifierKey key_;
  Tree tree_;
  Checkpoint checkpoint_;
  std::string note_;
};

/// How many entries the database has, sequenced or not.
Result<std::uint64_t> count_entries(store::Database& database);

}  // namespace tutela::audit
