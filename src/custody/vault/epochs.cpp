#include "custody/vault/epochs.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "crypto/wrap.hpp"

namespace tutela::vault {
namespace {

namespace format = evidence_format;

constexpr std::string_view kPrefix = "epoch-";
constexpr std::string_view kKeySuffix = ".key";
constexpr std::string_view kTombstoneSuffix = ".destroyed";
constexpr std::string_view kTombstoneLine = "tutela-epoch-destroyed 1 ";

std::filesystem::path key_path(const std::filesystem::path& folder, std::int64_t epoch) {
  return folder / (std::string(kPrefix) + std::to_string(epoch) + std::string(kKeySuffix));
}

std::filesystem::path tombstone_path(const std::filesystem::path& folder, std::int64_t epoch) {
  return folder / (std::string(kPrefix) + std::to_string(epoch) + std::string(kTombstoneSuffix));
}

std::optional<std::int64_t> parse_name(std::string_view name, std::string_view suffix) {
  if (!name.starts_with(kPrefix) || !name.ends_with(suffix)) {
    return std::nullopt;
  }
  const std::string_view digits =
      name.substr(kPrefix.size(), name.size() - kPrefix.size() - suffix.size());
  std::int64_t epoch = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), epoch);
  if (error != std::errc() || epoch < 1 || std::to_string(epoch) != digits ||
      end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return epoch;
}

Error bad_key(std::int64_t epoch) {
  return Error{ErrorKind::kCorrupted,
               "vault.bad_key",
               "the key-encryption key does not open the key of epoch " + std::to_string(epoch) +
                   ": it is not the key that wrapped it; give the vault the right key"};
}

Error differ(std::int64_t epoch) {
  return Error{ErrorKind::kConflict,
               "vault.epochs_differ",
               "the key folders do not belong together: epoch " + std::to_string(epoch) +
                   " has different keys; nothing was changed"};
}

// The key id that a tombstone names; nothing where there is none, or a damaged one.
std::optional<std::string> read_tombstone(const std::filesystem::path& path) {
  const Result<Bytes> bytes = read_file(path, 128);
  const std::string_view text = bytes ? as_text(*bytes) : std::string_view();
  if (!text.starts_with(kTombstoneLine) || text.size() != kTombstoneLine.size() + 17) {
    return std::nullopt;
  }
  return std::string(text.substr(kTombstoneLine.size(), 16));
}

Status overwrite_and_unlink(const std::filesystem::path& path) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid() && errno == ENOENT) {
    return ok();
  }

  struct stat info {};

  if (!fd.valid() || ::fstat(fd.get(), &info) != 0) {
    return system_error("file.write_failed", "open the key of an epoch to destroy it");
  }
  Bytes noise(std::min<std::size_t>(static_cast<std::size_t>(info.st_size), 1U << 16));
  crypto::random_bytes(noise);
  TUTELA_TRY(write_all(fd.get(), noise));
  if (::fsync(fd.get()) != 0) {
    return system_error("file.sync_failed", "fsync the key of an epoch");
  }
  TUTELA_FAULT_POINT("vault.epoch_overwritten");
  if (::unlink(path.c_str()) != 0) {
    return system_error("file.remove_failed", "remove the key of an epoch");
  }
  TUTELA_FAULT_POINT("vault.epoch_unlinked");
  return sync_folder(path.parent_path());
}

// With the wrap that names this key first. Error: kCorrupted where none opens.
Result<crypto::Key> unwrap(const format::EpochFile& file, KeyEncryptionKey& key) {
  for (const format::EpochWrap& wrap : file.wraps) {
    if (wrap.key_id == key.id()) {
      Result<crypto::Key> opened = key.unwrap(wrap.wrapped, format::epoch_purpose(file.epoch));
      if (opened || opened.error().kind != ErrorKind::kCorrupted) {
        return opened;
      }
    }
  }
  return bad_key(file.epoch);
}

}  // namespace

// What one folder holds of an epoch's key.
struct Epochs::Found {
  std::optional<format::EpochFile> file;  // nothing: absent or damaged
};

Result<Epochs> Epochs::open(std::vector<std::filesystem::path> folders, KeyEncryptionKey& key) {
  if (folders.empty()) {
    return Error{ErrorKind::kInvalidInput, "vault.no_folder", "the vault needs a key folder"};
  }
  for (std::filesystem::path& folder : folders) {
    folder = std::filesystem::absolute(folder);
  }
  Epochs epochs(std::move(folders));
  TUTELA_TRY(epochs.lock());
  TUTELA_TRY(epochs.list());
  const auto destroyed = epochs.destroyed_;
  for (const auto& [epoch, key_id] : destroyed) {
    TUTELA_TRY(epochs.finish_destroying(epoch, key));
  }
  const auto living = epochs.living_;
  for (const auto& [epoch, entry] : living) {
    TUTELA_TRY(epochs.load(epoch, key));
  }
  return epochs;
}

Status Epochs::lock() {
  for (const std::filesystem::path& folder : folders_) {
    if (::mkdir(folder.c_str(), 0700) == 0) {
      TUTELA_TRY(sync_folder(folder.parent_path()));
    } else if (errno != EEXIST) {
      return system_error("file.write_failed", "make a key folder of the vault");
    }
    Fd fd(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd.valid()) {
      return system_error("file.write_failed", "open the lock of a key folder");
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      return errno == EWOULDBLOCK
                 ? Error{ErrorKind::kConflict,
                         "vault.in_use",
                         "another vault process has these key folders open; stop it first"}
                 : system_error("file.unreadable", "lock a key folder");
    }
    locks_.push_back(std::move(fd));
  }
  return ok();
}

// Every number that any folder names; keys of the living are loaded later.
Status Epochs::list() {
  for (const std::filesystem::path& folder : folders_) {
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
      const std::string name = entries->path().filename().string();
      if (name.find(".tmp-") != std::string::npos) {
        ::unlink(entries->path().c_str());
      } else if (const auto dead = parse_name(name, kTombstoneSuffix)) {
        const auto key_id = read_tombstone(entries->path());
        if (key_id && !destroyed_.emplace(*dead, *key_id).second && destroyed_[*dead] != *key_id) {
          return differ(*dead);
        }
      } else if (const auto epoch = parse_name(name, kKeySuffix)) {
        living_.try_emplace(*epoch);
      }
    }
    if (error) {
      return Error{ErrorKind::kUnavailable,
                   "file.unreadable",
                   "cannot list a key folder: " + error.message()};
    }
  }
  return ok();
}

// Only the very key that a tombstone names is destroyed: a folder of another vault that was given
// by mistake loses nothing.
Status Epochs::finish_destroying(std::int64_t epoch, KeyEncryptionKey& key) {
  const std::string key_id = destroyed_[epoch];
  for (const std::filesystem::path& folder : folders_) {
    const Result<Bytes> bytes = read_file(key_path(folder, epoch), format::kEpochFileSizeMax);
    const auto file = bytes ? format::parse_epoch_file(as_text(*bytes))
                            : Result<format::EpochFile>(bad_key(epoch));
    if (file) {
      TUTELA_TRY_ASSIGN(const crypto::Key found, unwrap(*file, key));
      if (crypto::key_id(found) != key_id) {
        return differ(epoch);
      }
    }
  }
  return destroy(epoch, key_id);
}

Status Epochs::load(std::int64_t epoch, KeyEncryptionKey& key) {
  std::vector<Found> found;
  Epoch& entry = living_[epoch];
  for (const std::filesystem::path& folder : folders_) {
    const Result<Bytes> bytes = read_file(key_path(folder, epoch), format::kEpochFileSizeMax);
    if (!bytes && bytes.error().kind == ErrorKind::kUnavailable) {
      return bytes.error();
    }
    auto file = bytes ? format::parse_epoch_file(as_text(*bytes))
                      : Result<format::EpochFile>(bad_key(epoch));
    found.emplace_back();
    if (!file || file->epoch != epoch) {
      continue;
    }
    TUTELA_TRY_ASSIGN(crypto::Key opened, unwrap(*file, key));
    if (entry.key != nullptr && !crypto::equal_constant_time(opened.bytes(), entry.key->bytes())) {
      return differ(epoch);
    }
    entry.created_ms = file->created_ms;
    entry.key_id = crypto::key_id(opened);
    entry.key = std::make_shared<const crypto::Key>(std::move(opened));
    found.back().file = *std::move(file);
  }
  if (entry.key == nullptr) {
    return Error{ErrorKind::kNotFound,
                 "vault.epoch_missing",
                 "no key folder has a whole file of epoch " + std::to_string(epoch) +
                     "; restore epoch-" + std::to_string(epoch) + ".key from a copy"};
  }
  return heal(epoch, found, key);
}

// Files that are missing or damaged, or that an interrupted change of keys left with two wraps.
Status Epochs::heal(std::int64_t epoch, const std::vector<Found>& found, KeyEncryptionKey& key) {
  const bool whole = std::ranges::all_of(found, [](const Found& each) {
    return each.file.has_value() && each.file->wraps.size() == 1;
  });
  return whole ? ok() : write(epoch, {&key});
}

// The epoch's key, wrapped by each of `keys`, to every folder.
Status Epochs::write(std::int64_t epoch, const std::vector<KeyEncryptionKey*>& keys) {
  const Epoch& entry = living_.at(epoch);
  format::EpochFile file{epoch, entry.created_ms, {}};
  for (KeyEncryptionKey* const key : keys) {
    TUTELA_TRY_ASSIGN(Bytes wrapped, key->wrap(*entry.key, format::epoch_purpose(epoch)));
    file.wraps.push_back({key->id(), std::move(wrapped)});
  }
  const std::string text = format::encode(file);
  for (const std::filesystem::path& folder : folders_) {
    TUTELA_TRY(write_file_atomic(key_path(folder, epoch), as_bytes(text)));
    TUTELA_FAULT_POINT("vault.epoch_written");
  }
  return ok();
}

Status Epochs::create(std::int64_t epoch, UtcMs created_ms, KeyEncryptionKey& key) {
  auto fresh = std::make_shared<const crypto::Key>(crypto::Key::random());
  living_[epoch] = {created_ms, crypto::key_id(*fresh), fresh};
  Status written = write(epoch, {&key});
  if (!written) {
    living_.erase(epoch);
    for (const std::filesystem::path& folder : folders_) {
      ::unlink(key_path(folder, epoch).c_str());
    }
  }
  return written;
}

Status Epochs::destroy(std::int64_t epoch, const std::string& key_id) {
  living_.erase(epoch);
  destroyed_[epoch] = key_id;
  const std::string text = std::string(kTombstoneLine) + key_id + "\n";
  for (const std::filesystem::path& folder : folders_) {
    if (read_tombstone(tombstone_path(folder, epoch)) != key_id) {
      TUTELA_TRY(write_file_atomic(tombstone_path(folder, epoch), as_bytes(text)));
      TUTELA_FAULT_POINT("vault.tombstone_written");
    }
  }
  for (const std::filesystem::path& folder : folders_) {
    TUTELA_TRY(overwrite_and_unlink(key_path(folder, epoch)));
  }
  return ok();
}

Status Epochs::change_key(KeyEncryptionKey& present, KeyEncryptionKey& next) {
  for (const auto& [epoch, entry] : living_) {
    TUTELA_TRY(write(epoch, {&present, &next}));
  }
  for (const auto& [epoch, entry] : living_) {
    TUTELA_TRY(write(epoch, {&next}));
  }
  return ok();
}

}  // namespace tutela::vault
