// Growth: a tree that leaves are appended to, and the files that this makes.
//
// A value; not thread-safe.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "custody/audit/merkle.hpp"
#include "custody/audit/tiles.hpp"

namespace tutela::audit {

/// A file under the folder of the log. Its bytes depend on its name and the leaves alone.
struct NewFile {
  std::string path;
  Bytes bytes;
};

class Growth {
 public:
  Growth() = default;

  /// Goes on where a tree ends. Error: kCorrupted "audit.damaged".
  static Result<Growth> of(Tree& tree);

  /// Needs a leaf of at most kLeafBytesMax.
  void append(std::string_view leaf);

  [[nodiscard]] TreeHead head() const;

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// Of the last leaf; zeros when there is none.
  [[nodiscard]] const Hash& last_leaf() const noexcept { return last_leaf_; }

  /// Full tiles and bundles since the last call, and the partial ones that changed.
  [[nodiscard]] std::vector<NewFile> take_files();

 private:
  void add(unsigned level, const Hash& hash);

  std::uint64_t size_ = 0;
  Hash last_leaf_{};
  std::array<std::vector<Hash>, kTileLevels> edge_;  // hashes of the partial tiles
  std::array<bool, kTileLevels> changed_{};
  Bytes bundle_;
  std::vector<NewFile> files_;
};

/// Writes them so that they are durable, under names that no checkpoint speaks of yet: a crash in
/// the middle leaves files that the next attempt writes again. Errors: "file.*".
Status write_durably(const std::filesystem::path& folder, const std::vector<NewFile>& files);

/// Removes the partial tiles that the full ones among `files` stand for.
void remove_partial_tiles(const std::filesystem::path& folder, const std::vector<NewFile>& files);

}  // namespace tutela::audit
