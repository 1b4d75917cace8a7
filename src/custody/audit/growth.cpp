#include "custody/audit/growth.hpp"

#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "custody/audit/folder.hpp"
#include "custody/audit/words.hpp"

namespace tutela::audit {

namespace {

/// Up to here files are synced one by one; beyond, the whole file system at once is quicker.
constexpr std::size_t kSyncedAloneMax = 16;

Bytes bytes_of(const std::vector<Hash>& hashes) {
  Bytes bytes;
  bytes.reserve(hashes.size() * sizeof(Hash));
  for (const Hash& hash : hashes) {
    bytes.insert(bytes.end(), hash.begin(), hash.end());
  }
  return bytes;
}

/// Makes a folder and what it lies in; those that got a new name in them join `changed`.
Status make_folder(const std::filesystem::path& folder, std::set<std::filesystem::path>& changed) {
  if (::mkdir(folder.c_str(), kFolderMode) == 0) {
    changed.insert(folder.parent_path());
    return ok();
  }
  if (errno == ENOENT) {
    TUTELA_TRY(make_folder(folder.parent_path(), changed));
    return make_folder(folder, changed);
  }
  return errno == EEXIST ? ok() : Status(system_error("file.write_failed", "make a folder"));
}

Status sync_all(const std::filesystem::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::syncfs(fd.get()) != 0) {
    return system_error("file.sync_failed", "syncfs");
  }
  return ok();
}

}  // namespace

Result<Growth> Growth::of(Tree& tree) {
  Growth growth;
  growth.size_ = tree.head().size;
  if (growth.size_ == 0) {
    return growth;
  }
  for (unsigned level = 0; level < kTileLevels; ++level) {
    const std::uint64_t count = growth.size_ >> (8 * level);
    if (count % kTileWidth != 0) {
      TUTELA_TRY_ASSIGN(const auto hashes, tree.tile(level, count / kTileWidth));
      growth.edge_[level].assign(hashes.begin(), hashes.end());
    }
  }
  const std::uint64_t last = growth.size_ - 1;
  TUTELA_TRY_ASSIGN(const auto leaves, tree.tile(0, last / kTileWidth));
  growth.last_leaf_ = leaves[last % kTileWidth];
  if (growth.size_ % kTileWidth != 0) {
    TUTELA_TRY_ASSIGN(const auto bundle, tree.bundle(last / kTileWidth));
    for (std::size_t i = 0; i < bundle.size(); ++i) {
      if (leaf_hash(as_bytes(bundle[i])) != growth.edge_[0][i]) {
        return Error{ErrorKind::kCorrupted,
                     "audit.damaged",
                     "the newest bundle of entries is damaged. " + std::string(kHowToRebuild)};
      }
      append_to_bundle(growth.bundle_, bundle[i]);
    }
  }
  return growth;
}

void Growth::append(std::string_view leaf) {
  append_to_bundle(bundle_, leaf);
  last_leaf_ = leaf_hash(as_bytes(leaf));
  ++size_;
  if (size_ % kTileWidth == 0) {
    files_.push_back({tile_path("entries", size_ / kTileWidth - 1, kTileWidth),
                      std::exchange(bundle_, Bytes())});
  }
  add(0, last_leaf_);
}

void Growth::add(unsigned level, const Hash& hash) {
  TUTELA_CHECK(level < kTileLevels);
  std::vector<Hash>& hashes = edge_[level];
  hashes.push_back(hash);
  changed_[level] = hashes.size() < kTileWidth;
  if (hashes.size() == kTileWidth) {
    const std::uint64_t index = (size_ >> (8 * (level + 1))) - 1;
    files_.push_back({tile_path(std::to_string(level), index, kTileWidth), bytes_of(hashes)});
    const Hash above = root_above(hashes);
    hashes.clear();
    add(level + 1, above);
  }
}

TreeHead Growth::head() const {
  // A row of whole subtrees with the incomplete one at its end has the same root as their leaves.
  std::vector<Hash> nodes;
  for (const std::vector<Hash>& hashes : edge_) {
    std::vector<Hash> row = hashes;
    row.insert(row.end(), nodes.begin(), nodes.end());
    nodes = row.empty() ? std::move(row) : std::vector{root_above(row)};
  }
  return {size_, nodes.empty() ? empty_root() : nodes.front()};
}

std::vector<NewFile> Growth::take_files() {
  std::vector<NewFile> files = std::exchange(files_, {});
  for (unsigned level = 0; level < kTileLevels; ++level) {
    if (!std::exchange(changed_[level], false)) {
      continue;
    }
    const std::uint64_t index = size_ >> (8 * (level + 1));
    const std::vector<Hash>& hashes = edge_[level];
    files.push_back({tile_path(std::to_string(level), index, hashes.size()), bytes_of(hashes)});
    if (level == 0) {
      files.push_back({tile_path("entries", index, hashes.size()), bundle_});
    }
  }
  return files;
}

Status write_durably(const std::filesystem::path& folder, const std::vector<NewFile>& files) {
  const bool alone = files.size() <= kSyncedAloneMax;
  std::set<std::filesystem::path> changed;
  for (const NewFile& file : files) {
    const std::filesystem::path path = folder / file.path;
    TUTELA_TRY(make_folder(path.parent_path(), changed));
    changed.insert(path.parent_path());
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
    if (!fd.valid()) {
      return system_error("file.write_failed", "create a tile");
    }
    TUTELA_TRY(write_all(fd.get(), file.bytes));
    if (alone && ::fsync(fd.get()) != 0) {
      return system_error("file.sync_failed", "fsync a tile");
    }
  }
  if (!alone) {
    return sync_all(folder);
  }
  for (const std::filesystem::path& one : changed) {
    TUTELA_TRY(sync_folder(one));
  }
  return ok();
}

void remove_partial_tiles(const std::filesystem::path& folder, const std::vector<NewFile>& files) {
  for (const NewFile& file : files) {
    if (file.path.find(".p/") == std::string::npos) {
      std::error_code ignored;  // they only take room
      std::filesystem::remove_all(folder / (file.path + ".p"), ignored);
    }
  }
}

}  // namespace tutela::audit
