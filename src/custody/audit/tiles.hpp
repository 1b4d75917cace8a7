// Tiles: the tree and its entries in files (c2sp.org/tlog-tiles), written and read with proof.
//
// <folder>/tile/<level>/<n>[.p/<width>] holds hashes, <folder>/tile/entries/<n>[.p/<width>] leaves.
// A Tree is not thread-safe; each user opens one of its own.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "custody/audit/merkle.hpp"

namespace tutela::audit {

inline constexpr std::uint64_t kTileWidth = 256;
inline constexpr unsigned kTileLevels = 7;  // enough for kSizeMax leaves
inline constexpr std::size_t kLeafBytesMax = 65'535;

/// "tile/0/x001/234" or "tile/0/x001/234.p/5"; bundles where `level` is "entries".
[[nodiscard]] std::string tile_path(const std::string& level,
                                    std::uint64_t index,
                                    std::uint64_t width);

/// The first `width` hashes of a file that holds as many or more.
/// Error: kCorrupted "audit.damaged".
Result<std::vector<Hash>> parse_tile(ByteView bytes, std::uint64_t width);
/// The first `width` leaves of a file that holds as many or more.
/// Error: kCorrupted "audit.damaged".
Result<std::vector<std::string>> parse_bundle(ByteView bytes, std::uint64_t width);
/// Needs a leaf of at most kLeafBytesMax.
void append_to_bundle(Bytes& bundle, std::string_view leaf);

/// Reads a tree whose head is known: whatever it gives is what the head stands for.
class Tree {
 public:
  /// Reads the tiles at the right edge and compares them with the head.
  /// Errors: kCorrupted "audit.damaged", "file.*".
  static Result<Tree> open(const std::filesystem::path& folder, const TreeHead& head);

  [[nodiscard]] const TreeHead& head() const noexcept { return head_; }

  /// How many hashes the tile has in this tree.
  [[nodiscard]] std::uint64_t width(unsigned level, std::uint64_t index) const noexcept;
  /// Hashes of a tile that the tree has; valid until the next call.
  Result<std::span<const Hash>> tile(unsigned level, std::uint64_t index);
  /// Of level 0 and not compared with its hashes: the caller does that.
  Result<std::vector<std::string>> bundle(std::uint64_t index);

  /// The hash of a whole subtree that the tree has.
  Result<Hash> subtree(unsigned level, std::uint64_t index);
  /// The root that the log had when it was smaller.
  Result<Hash> root_at(std::uint64_t size);
  Result<std::vector<Hash>> prove_inclusion(std::uint64_t index);
  Result<std::vector<Hash>> prove_consistency(std::uint64_t old_size);

 private:
  struct Loaded {
    std::uint64_t index = ~std::uint64_t{0};
    std::vector<Hash> hashes;
  };

  Tree(std::filesystem::path folder, const TreeHead& head)
      : folder_(std::move(folder)), head_(head) {}

  [[nodiscard]] Result<Bytes> read(const std::string& level,
                                   std::uint64_t index,
                                   std::uint64_t width) const;
  Result<const std::vector<Hash>*> load(unsigned level, std::uint64_t index);
  [[nodiscard]] Subtrees subtrees();

  std::filesystem::path folder_;
  TreeHead head_;
  std::array<Loaded, kTileLevels> edge_;  // partial tiles, compared with the head in open()
  std::array<Loaded, kTileLevels> full_;  // the last one of each level that was used
};

}  // namespace tutela::audit
