#include "custody/audit/log.hpp"

#include <algorithm>
#include <system_error>

#include "base/file.hpp"
#include "custody/audit/growth.hpp"
#include "custody/audit/rows.hpp"
#include "custody/audit/words.hpp"

namespace tutela::audit {

namespace {

constexpr std::uint64_t kChunk = 64 * kTileWidth;

Error changed(std::uint64_t index, std::string_view what) {
  return Error{
      ErrorKind::kCorrupted,
      "audit.changed",
      "entry " + std::to_string(index) + " " + std::string(what) + ". " + std::string(kWhatToDo)};
}

Error damaged_entry(std::uint64_t index, std::string_view what) {
  return Error{ErrorKind::kCorrupted,
               "audit.damaged",
               "entry " + std::to_string(index) + " " + std::string(what) + ". " +
                   std::string(kHowToRebuild)};
}

Error rolled_back(const std::string& what) {
  return Error{ErrorKind::kCorrupted,
               "audit.rolled_back",
               "the audit log was rolled back: " + what + ". " + std::string(kWhatToDo)};
}

/// The leaves of entries [first, end) as they are in the database, up to the first one missing.
struct Leaves {
  std::vector<std::string> found;
  Status missing = ok();
};

Leaves read_leaves(store::Database& database, std::uint64_t first, std::uint64_t end) {
  Leaves leaves;
  leaves.missing = database.read([&](store::Transaction& transaction) {
    leaves.found.clear();
    return read_entries(transaction, first, end - first, [&](const LoggedEntry& logged) {
      leaves.found.push_back(to_leaf(logged));
      return ok();
    });
  });
  if (leaves.missing && leaves.found.size() < end - first) {
    leaves.missing = rolled_back("the database ends before entry " +
                                 std::to_string(first + leaves.found.size()) + ", and " +
                                 std::to_string(end) + " entries were signed");
  }
  return leaves;
}

Result<std::vector<std::string>> read_all_leaves(store::Database& database,
                                                 std::uint64_t first,
                                                 std::uint64_t end) {
  Leaves leaves = read_leaves(database, first, end);
  TUTELA_TRY(std::move(leaves.missing));
  return std::move(leaves.found);
}

Result<std::string> read_note(const std::filesystem::path& path) {
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(path, kNoteBytesMax));
  return std::string(as_text(bytes));
}

}  // namespace

LogOptions LogOptions::in(const std::filesystem::path& store_folder) {
  LogOptions options;
  options.folder = store_folder / "audit";
  options.key_file = store_folder / "vault" / "audit.key";
  return options;
}

Result<std::uint64_t> count_entries(store::Database& database) {
  std::uint64_t count = 0;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(count, count_entries(transaction));
    return ok();
  }));
  return count;
}

Result<Log> Log::open(const LogOptions& options, store::Database& database) {
  std::string vkey = options.verifier_key;
  if (vkey.empty()) {
    auto read = read_note(options.folder / "vkey");
    if (!read && read.error().kind == ErrorKind::kNotFound) {
      return Error{ErrorKind::kNotFound,
                   "audit.no_log",
                   "nothing of the audit log is signed yet: tiles and checkpoints are made while "
                   "the vault process runs"};
    }
    TUTELA_TRY_ASSIGN(vkey, std::move(read));
  }
  TUTELA_TRY_ASSIGN(VerifierKey key, parse_verifier_key(vkey));
  auto note = read_note(options.folder / "checkpoint");
  if (!note && note.error().kind == ErrorKind::kNotFound) {
    return Error{
        ErrorKind::kCorrupted,
        "audit.damaged",
        "the checkpoint of the audit log is missing. Put the copy of it back in its place, "
        "if there is one. " +
            std::string(kWhatToDo)};
  }
  TUTELA_TRY_ASSIGN(std::string text, std::move(note));
  TUTELA_TRY_ASSIGN(Checkpoint checkpoint, open_checkpoint(text, key));
  TUTELA_TRY_ASSIGN(Tree tree, Tree::open(options.folder, checkpoint.head));
  Log log(options, database, std::move(key), std::move(tree));
  log.checkpoint_ = std::move(checkpoint);
  log.note_ = std::move(text);
  return log;
}

Status Log::check() {
  TUTELA_TRY(check_newest());
  return check_copy();
}

// The newest two tiles: a database that is older than the checkpoint, also one that has grown
// since, has none of these rows.
Status Log::check_newest() {
  const std::uint64_t size = checkpoint_.head.size;
  TUTELA_TRY_ASSIGN(const std::uint64_t count, count_entries(*database_));
  if (count < size) {
    return rolled_back("the database holds " + std::to_string(count) + " entries, and " +
                       std::to_string(size) + " were signed");
  }
  if (size == 0) {
    return ok();
  }
  const std::uint64_t newest = (size - 1) / kTileWidth;
  const std::uint64_t begin = (newest == 0 ? 0 : newest - 1) * kTileWidth;
  TUTELA_TRY_ASSIGN(const auto leaves, read_all_leaves(*database_, begin, size));
  std::vector<bool> same(leaves.size());
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const std::uint64_t index = begin + i;
    TUTELA_TRY_ASSIGN(const auto hashes, tree_.tile(0, index / kTileWidth));
    same[i] = leaf_hash(as_bytes(leaves[i])) == hashes[index % kTileWidth];
  }
  const auto first = std::ranges::find(same, false);
  if (first == same.end()) {
    return ok();
  }
  const std::uint64_t index = begin + static_cast<std::uint64_t>(first - same.begin());
  if (std::find(first, same.end(), true) == same.end()) {
    return rolled_back("from entry " + std::to_string(index) +
                       " on the database holds others than were signed");
  }
  return changed(index, "is not what was signed; somebody changed it");
}

Status Log::check_copy() {
  if (options_.checkpoint_copy.empty()) {
    return ok();
  }
  auto note = read_note(options_.checkpoint_copy);
  if (!note && note.error().kind == ErrorKind::kNotFound) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const std::string text, std::move(note));
  Status same = check_against(text);
  if (!same && same.error().code != "audit.rolled_back" &&
      same.error().kind == ErrorKind::kCorrupted) {
    return Error{
        ErrorKind::kCorrupted,
        "audit.other_log",
        "the copy of the checkpoint is not of this log, or is damaged. " + std::string(kWhatToDo)};
  }
  return same;
}

Status Log::check_against(std::string_view note) {
  TUTELA_TRY_ASSIGN(const Checkpoint other, open_checkpoint(note, key_));
  const std::string known = "a checkpoint of " + std::to_string(other.head.size) + " entries";
  if (other.head.size <= checkpoint_.head.size) {
    TUTELA_TRY_ASSIGN(const Hash root, tree_.root_at(other.head.size));
    return root == other.head.root ? ok() : Status(rolled_back(known + " has another root"));
  }
  // Newer than ours: the folder is older than the database, or both were rolled back.
  TUTELA_TRY_ASSIGN(Growth growth, Growth::of(tree_));
  while (growth.size() < other.head.size) {
    const std::uint64_t end = std::min(growth.size() + kChunk, other.head.size);
    TUTELA_TRY_ASSIGN(const auto leaves, read_all_leaves(*database_, growth.size(), end));
    for (const std::string& leaf : leaves) {
      growth.append(leaf);
    }
    static_cast<void>(growth.take_files());
  }
  return growth.head() == other.head ? ok() : Status(rolled_back(known + " has another root"));
}

Status Log::verify_tile(std::uint64_t tile,
                        std::uint64_t first,
                        const std::vector<std::string>& rows) {
  TUTELA_TRY_ASSIGN(const auto hashes, tree_.tile(0, tile));
  TUTELA_TRY_ASSIGN(const auto bundle, tree_.bundle(tile));
  const std::uint64_t begin = std::max(first, tile * kTileWidth);
  const std::uint64_t end = std::min(first + rows.size(), tile * kTileWidth + hashes.size());
  for (std::uint64_t index = begin; index < end; ++index) {
    const std::string& row = rows[index - first];
    const std::size_t at = index % kTileWidth;
    if (leaf_hash(as_bytes(row)) != hashes[at]) {
      return changed(index, "is not what was signed; somebody changed it in the database");
    }
    if (bundle[at] != row) {
      return damaged_entry(index, "is damaged in its bundle; in the database it is whole");
    }
  }
  return ok();
}

// What nothing has signed yet: numbered without a gap all the same.
Status Log::check_rows_after() {
  std::uint64_t strange = 0;
  TUTELA_TRY(database_->read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT (SELECT COUNT(*) FROM audit WHERE id < 1) + (SELECT COALESCE(MAX(id), :size) FROM "
        "audit) - :same_size - (SELECT COUNT(*) FROM audit WHERE id > :after)",
        {static_cast<std::int64_t>(checkpoint_.head.size),
         static_cast<std::int64_t>(checkpoint_.head.size),
         static_cast<std::int64_t>(checkpoint_.head.size)},
        [&](const store::Row& row) {
          strange = static_cast<std::uint64_t>(row.integer(0));
          return ok();
        });
  }));
  return strange == 0 ? ok()
                      : Status(changed(checkpoint_.head.size,
                                       "or a later one is missing, or a row "
                                       "has a number that none can have"));
}

Result<Verified> Log::verify(const EntryRange& range, const Progress& progress) {
  const std::uint64_t size = checkpoint_.head.size;
  const bool whole = range.first == 0 && range.end >= size;
  const EntryRange wanted{range.first, std::min(range.end, size)};
  if (wanted.first > wanted.end) {
    return Error{ErrorKind::kInvalidInput,
                 "audit.bad_range",
                 "the range begins after its end, or after the " + std::to_string(size) +
                     " entries that are signed"};
  }
  if (whole) {
    TUTELA_TRY(check_copy());
  }
  const std::uint64_t total = wanted.end - wanted.first;
  for (std::uint64_t at = wanted.first; at < wanted.end;) {
    const std::uint64_t end = std::min((at / kChunk + 1) * kChunk, wanted.end);
    Leaves rows = read_leaves(*database_, at, end);
    const std::uint64_t found_end = at + rows.found.size();
    for (std::uint64_t tile = at / kTileWidth; tile * kTileWidth < found_end; ++tile) {
      TUTELA_TRY(verify_tile(tile, at, rows.found));
    }
    TUTELA_TRY(std::move(rows.missing));
    at = end;
    if (progress && !progress(at - wanted.first, total)) {
      return Error{ErrorKind::kUnavailable,
                   "audit.stopped",
                   "stopped after entry " + std::to_string(at - 1) + "; so far all is good"};
    }
  }
  if (whole) {
    TUTELA_TRY(check_rows_after());
  }
  TUTELA_TRY_ASSIGN(const std::uint64_t count, count_entries(*database_));
  return Verified{total, size, count < size ? 0 : count - size};
}

Result<Proof> Log::prove(std::uint64_t index) {
  if (index >= checkpoint_.head.size) {
    TUTELA_TRY_ASSIGN(const std::uint64_t count, count_entries(*database_));
    if (index >= count) {
      return Error{ErrorKind::kNotFound,
                   "audit.no_entry",
                   "there are " + std::to_string(count) + " entries, counted from 0"};
    }
    return Error{ErrorKind::kUnavailable,
                 "audit.not_sequenced",
                 "the entry is in the database and not signed yet; try again in a second, and see "
                 "that the vault process runs"};
  }
  TUTELA_TRY_ASSIGN(const auto leaves, read_all_leaves(*database_, index, index + 1));
  TUTELA_TRY_ASSIGN(auto path, tree_.prove_inclusion(index));
  Proof proof{leaves.front(), index, std::move(path), note_};
  if (!check_proof(proof, key_)) {
    return changed(index, "is not what was signed; somebody changed it in the database");
  }
  return proof;
}

Result<std::vector<Hash>> Log::prove_consistency(std::uint64_t old_size) {
  if (old_size > checkpoint_.head.size) {
    return Error{ErrorKind::kInvalidInput,
                 "audit.bad_size",
                 "the checkpoint is of " + std::to_string(checkpoint_.head.size) + " entries"};
  }
  return tree_.prove_consistency(old_size);
}

}  // namespace tutela::audit
