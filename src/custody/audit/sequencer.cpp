#include "custody/audit/sequencer.hpp"

#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/fault.hpp"
#include "crypto/secret.hpp"
#include "custody/audit/folder.hpp"
#include "custody/audit/rows.hpp"
#include "custody/audit/words.hpp"

namespace tutela::audit {

namespace {

/// Entries that become durable and signed together.
constexpr std::uint64_t kStep = 64 * kTileWidth;

Error corrupted(std::string_view code, const std::string& what) {
  return Error{ErrorKind::kCorrupted, code, what + ". " + std::string(kWhatToDo)};
}

std::string random_origin() {
  std::array<std::byte, 8> id{};
  crypto::random_bytes(id);
  return "tutela/" + to_hex(id);
}

Result<std::string> read_line(const std::filesystem::path& path) {
  TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(path, 1024));
  std::string text(as_text(bytes));
  return text.substr(0, text.find('\n'));
}

/// The log as far as it is signed has not changed under us: its newest entry is still there.
Status check_last(store::Database& database, const Growth& growth) {
  if (growth.size() == 0) {
    return ok();
  }
  bool same = false;
  const Status read = database.read([&](store::Transaction& transaction) {
    return read_entries(transaction, growth.size() - 1, 1, [&](const LoggedEntry& logged) {
      same = leaf_hash(as_bytes(to_leaf(logged))) == growth.last_leaf();
      return ok();
    });
  });
  if (!read && read.error().code != "audit.changed") {
    return read;
  }
  return same ? ok()
              : Status(corrupted("audit.rolled_back",
                                 "the audit log was rolled back while Tutela ran: the newest entry "
                                 "that was signed is not in the database any more"));
}

}  // namespace

Result<std::unique_ptr<Sequencer>> Sequencer::open(const LogOptions& options,
                                                   store::Database& database) {
  TUTELA_TRY(make_folders(options.folder));
  TUTELA_TRY(make_folders(options.key_file.parent_path()));
  TUTELA_TRY_ASSIGN(Fd lock, lock_folder(options.folder));
  TUTELA_TRY_ASSIGN(crypto::Key seed, crypto::load_or_create_key(options.key_file));
  TUTELA_FAULT_POINT("audit.after_key");
  std::unique_ptr<Sequencer> sequencer(
      new Sequencer(options, database, std::move(lock), crypto::SigningKey(std::move(seed))));
  TUTELA_TRY(sequencer->make_log());
  TUTELA_TRY_ASSIGN(const std::string vkey, read_line(options.folder / "vkey"));
  TUTELA_TRY_ASSIGN(const VerifierKey key, parse_verifier_key(vkey));
  if (key.key != sequencer->key_.public_key()) {
    return corrupted("audit.other_key",
                     "the signing key is not that of this audit log; put it back from your backup "
                     "of keys");
  }
  if (!options.origin.empty() && key.name != options.origin &&
      !key.name.starts_with(options.origin + "/")) {
    return Error{
        ErrorKind::kConflict,
        "audit.origin",
        "audit.origin was changed, and a log keeps its name; put the old one back. \"tutela "
        "audit recover --reason WORD\" begins a new log under the new name"};
  }
  LogOptions own = options;
  own.verifier_key = vkey;
  std::error_code error;
  if (!std::filesystem::exists(options.folder / "tile", error)) {
    TUTELA_TRY_ASSIGN(const Bytes note, read_file(options.folder / "checkpoint", kNoteBytesMax));
    TUTELA_TRY_ASSIGN(const Checkpoint checkpoint, open_checkpoint(as_text(note), key));
    TUTELA_TRY(sequencer->make_tiles_again(checkpoint));
  }
  TUTELA_TRY_ASSIGN(Log log, Log::open(own, database));
  TUTELA_TRY(log.check());
  TUTELA_TRY_ASSIGN(sequencer->growth_, Growth::of(log.tree()));
  sequencer->origin_ = key.name;
  sequencer->note_ = log.note();
  remove_temporaries(options);
  return sequencer;
}

// The checkpoint of nothing first: a folder with a public key and no checkpoint has lost it.
Status Sequencer::make_log() {
  std::error_code error;
  const bool has_key = std::filesystem::exists(options_.folder / "vkey", error);
  const bool has_checkpoint = std::filesystem::exists(options_.folder / "checkpoint", error);
  if (has_key) {
    return ok();
  }
  if (has_checkpoint) {
    TUTELA_TRY_ASSIGN(const std::string origin, read_line(options_.folder / "checkpoint"));
    return write_key(origin);
  }
  auto origin = read_line(options_.folder / "origin");  // what recover() asks for
  if (!origin) {
    origin = options_.origin.empty() ? random_origin() : options_.origin;
  }
  if (!is_origin(*origin)) {
    return Error{
        ErrorKind::kInvalidInput,
        "audit.bad_origin",
        "audit.origin is 1 to 128 printable ASCII characters without blanks and plus signs"};
  }
  const std::string note = sign_checkpoint({*origin, {0, empty_root()}}, key_);
  TUTELA_TRY(write_file_atomic(options_.folder / "checkpoint", as_bytes(note), kFileMode));
  TUTELA_FAULT_POINT("audit.after_first_checkpoint");
  return write_key(*origin);
}

Status Sequencer::write_key(const std::string& origin) {
  const std::string vkey = to_text(VerifierKey{origin, key_.public_key()});
  TUTELA_TRY(write_file_atomic(options_.folder / "vkey", as_bytes(vkey + "\n"), kFileMode));
  TUTELA_FAULT_POINT("audit.after_vkey");
  return ok();
}

// Beside the log, and in its place only when it is what was signed.
Status Sequencer::make_tiles_again(const Checkpoint& checkpoint) {
  if (checkpoint.head.size == 0) {
    return ok();
  }
  const std::filesystem::path beside = options_.folder / "rebuild";
  std::error_code error;
  std::filesystem::remove_all(beside, error);
  TUTELA_TRY(make_folders(beside));
  Growth growth;
  while (growth.size() < checkpoint.head.size) {
    const std::uint64_t before = growth.size();
    TUTELA_TRY(read_on(growth, std::min(before + kStep, checkpoint.head.size)));
    if (growth.size() == before) {
      return corrupted("audit.rolled_back",
                       "the audit log was rolled back: the database holds " +
                           std::to_string(before) + " entries, and " +
                           std::to_string(checkpoint.head.size) + " were signed");
    }
    TUTELA_TRY(write_durably(beside, growth.take_files()));
  }
  if (growth.head() != checkpoint.head) {
    std::filesystem::remove_all(beside, error);
    return corrupted("audit.changed",
                     "the tiles made from the database do not give the root that was signed: "
                     "entries were changed");
  }
  TUTELA_FAULT_POINT("audit.after_rebuild");
  if (::rename((beside / "tile").c_str(), (options_.folder / "tile").c_str()) != 0) {
    return system_error("file.write_failed", "rename the folder of tiles");
  }
  TUTELA_TRY(sync_folder(options_.folder));
  std::filesystem::remove_all(beside, error);
  return ok();
}

/// Appends what the database has up to entry `end`.
Status Sequencer::read_on(Growth& growth, std::uint64_t end) const {
  return database_->read([&](store::Transaction& transaction) {
    const std::uint64_t first = growth.size();
    return read_entries(transaction, first, end - first, [&](const LoggedEntry& logged) -> Status {
      const std::string leaf = to_leaf(logged);
      if (leaf.size() > kLeafBytesMax) {
        return corrupted(
            "audit.changed",
            "entry " + std::to_string(logged.index) + " is longer than any entry can be");
      }
      growth.append(leaf);
      return ok();
    });
  });
}

Result<std::uint64_t> Sequencer::follow(const std::function<bool()>& stop) {
  TUTELA_TRY(check_last(*database_, growth_));
  bool more = true;
  while (more) {
    TUTELA_TRY_ASSIGN(more, sign_some());
    more = more && !(stop && stop());
  }
  TUTELA_TRY(copy_checkpoint());
  return growth_.size();
}

/// One step; true when there may be more to do.
Result<bool> Sequencer::sign_some() {
  Growth next = growth_;
  TUTELA_TRY(read_on(next, next.size() + kStep));
  const std::uint64_t added = next.size() - growth_.size();
  if (added == 0) {
    return false;
  }
  const std::vector<NewFile> files = next.take_files();
  TUTELA_TRY(write_durably(options_.folder, files));
  TUTELA_FAULT_POINT("audit.after_tiles");
  std::string note = sign_checkpoint({origin_, next.head()}, key_);
  TUTELA_TRY(write_file_atomic(options_.folder / "checkpoint", as_bytes(note), kFileMode));
  growth_ = std::move(next);
  note_ = std::move(note);
  TUTELA_FAULT_POINT("audit.after_checkpoint");
  remove_partial_tiles(options_.folder, files);
  return added == kStep;
}

Status Sequencer::copy_checkpoint() {
  if (options_.checkpoint_copy.empty() || copied_ == note_) {
    return ok();
  }
  if (const Status copied = write_file_atomic(options_.checkpoint_copy, as_bytes(note_)); !copied) {
    return Error{ErrorKind::kUnavailable,
                 "audit.copy_failed",
                 "the copy of the checkpoint of the audit log could not be written (" +
                     copied.error().message + "); see to audit.checkpoint_copy"};
  }
  copied_ = note_;
  TUTELA_FAULT_POINT("audit.after_copy");
  return ok();
}

}  // namespace tutela::audit
