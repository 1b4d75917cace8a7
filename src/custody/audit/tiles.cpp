#include "custody/audit/tiles.hpp"

#include <algorithm>
#include <cstdio>

#include "base/check.hpp"
#include "base/file.hpp"
#include "custody/audit/words.hpp"

namespace tutela::audit {

namespace {

constexpr std::size_t kFileBytesMax = kTileWidth * (kLeafBytesMax + 2);
constexpr std::size_t kHashBytes = std::tuple_size_v<Hash>;

Error damaged(std::string_view what) {
  return Error{ErrorKind::kCorrupted,
               "audit.damaged",
               "a file of the audit log is damaged: " + std::string(what) + ". " +
                   std::string(kHowToRebuild)};
}

}  // namespace

std::string tile_path(const std::string& level, std::uint64_t index, std::uint64_t width) {
  char digits[8];
  std::string name;
  do {
    std::snprintf(digits, sizeof digits, "%03u", static_cast<unsigned>(index % 1000));
    name = (name.empty() ? std::string(digits) : "x" + std::string(digits) + "/" + name);
    index /= 1000;
  } while (index > 0);
  if (width < kTileWidth) {
    name += ".p/" + std::to_string(width);
  }
  return "tile/" + level + "/" + name;
}

Result<std::vector<Hash>> parse_tile(ByteView bytes, std::uint64_t width) {
  if (bytes.size() % kHashBytes != 0 || bytes.size() < width * kHashBytes ||
      bytes.size() > kTileWidth * kHashBytes) {
    return damaged("a tile has another size than it should");
  }
  std::vector<Hash> hashes(width);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::ranges::copy(bytes.subspan(i * kHashBytes, kHashBytes), hashes[i].begin());
  }
  return hashes;
}

Result<std::vector<std::string>> parse_bundle(ByteView bytes, std::uint64_t width) {
  std::vector<std::string> leaves;
  while (!bytes.empty()) {
    const std::size_t size = bytes.size() < 2 ? bytes.size()
                                              : std::to_integer<std::size_t>(bytes[0]) << 8U |
                                                    std::to_integer<std::size_t>(bytes[1]);
    if (bytes.size() < 2 + size || leaves.size() == kTileWidth) {
      return damaged("a bundle of entries does not end where it should");
    }
    leaves.emplace_back(as_text(bytes.subspan(2, size)));
    bytes = bytes.subspan(2 + size);
  }
  if (leaves.size() < width) {
    return damaged("a bundle of entries is too short");
  }
  leaves.resize(width);
  return leaves;
}

void append_to_bundle(Bytes& bundle, std::string_view leaf) {
  TUTELA_CHECK(leaf.size() <= kLeafBytesMax);
  bundle.push_back(static_cast<std::byte>(leaf.size() >> 8U));
  bundle.push_back(static_cast<std::byte>(leaf.size() & 0xFFU));
  const ByteView bytes = as_bytes(leaf);
  bundle.insert(bundle.end(), bytes.begin(), bytes.end());
}

Result<Tree> Tree::open(const std::filesystem::path& folder, const TreeHead& head) {
  Tree tree(folder, head);
  for (unsigned level = 0; level < kTileLevels; ++level) {
    const std::uint64_t count = head.size >> (8 * level);
    if (count % kTileWidth != 0) {
      const std::uint64_t index = count / kTileWidth;
      const std::uint64_t width = count % kTileWidth;
      TUTELA_TRY_ASSIGN(const Bytes bytes, tree.read(std::to_string(level), index, width));
      TUTELA_TRY_ASSIGN(auto hashes, parse_tile(bytes, width));
      tree.edge_[level] = {index, std::move(hashes)};
    }
  }
  TUTELA_TRY_ASSIGN(const Hash root, root_of(head.size, tree.subtrees()));
  if (root != head.root) {
    return damaged("its newest tiles do not give the root of the checkpoint");
  }
  return tree;
}

// A partial tile goes when its full one is there; whoever came before that reads the full one.
Result<Bytes> Tree::read(const std::string& level, std::uint64_t index, std::uint64_t width) const {
  Result<Bytes> bytes = read_file(folder_ / tile_path(level, index, width), kFileBytesMax);
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound && width < kTileWidth) {
    bytes = read_file(folder_ / tile_path(level, index, kTileWidth), kFileBytesMax);
  }
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound) {
    return damaged("a tile or a bundle of entries is missing");
  }
  return bytes;
}

std::uint64_t Tree::width(unsigned level, std::uint64_t index) const noexcept {
  const std::uint64_t count = head_.size >> (8 * level);
  return count <= index * kTileWidth ? 0 : std::min(kTileWidth, count - index * kTileWidth);
}

Result<const std::vector<Hash>*> Tree::load(unsigned level, std::uint64_t index) {
  TUTELA_CHECK(level < kTileLevels && width(level, index) > 0);
  if (width(level, index) < kTileWidth) {
    return &edge_[level].hashes;
  }
  Loaded& loaded = full_[level];
  if (loaded.index == index) {
    return &loaded.hashes;
  }
  TUTELA_TRY_ASSIGN(const Bytes bytes, read(std::to_string(level), index, kTileWidth));
  TUTELA_TRY_ASSIGN(std::vector<Hash> hashes, parse_tile(bytes, kTileWidth));
  TUTELA_TRY_ASSIGN(const std::vector<Hash>* const above, load(level + 1, index / kTileWidth));
  if (root_above(hashes) != (*above)[index % kTileWidth]) {
    return damaged("the hashes of tile " + std::to_string(index) + " of level " +
                   std::to_string(level) + " are not those that were signed");
  }
  loaded = {index, std::move(hashes)};
  return &loaded.hashes;
}

Result<std::span<const Hash>> Tree::tile(unsigned level, std::uint64_t index) {
  TUTELA_TRY_ASSIGN(const std::vector<Hash>* const hashes, load(level, index));
  return std::span<const Hash>(*hashes);
}

Result<std::vector<std::string>> Tree::bundle(std::uint64_t index) {
  const std::uint64_t wanted = width(0, index);
  TUTELA_TRY_ASSIGN(const Bytes bytes, read("entries", index, wanted));
  return parse_bundle(bytes, wanted);
}

Result<Hash> Tree::subtree(unsigned level, std::uint64_t index) {
  const unsigned inside = level % 8;
  const std::uint64_t first = index << inside;
  TUTELA_TRY_ASSIGN(const std::span<const Hash> hashes, tile(level / 8, first / kTileWidth));
  return root_above(hashes.subspan(first % kTileWidth, std::size_t{1} << inside));
}

Subtrees Tree::subtrees() {
  return [this](unsigned level, std::uint64_t index) {
    return subtree(level, index);
  };
}

Result<Hash> Tree::root_at(std::uint64_t size) {
  TUTELA_CHECK(size <= head_.size);
  return root_of(size, subtrees());
}

Result<std::vector<Hash>> Tree::prove_inclusion(std::uint64_t index) {
  return inclusion_proof(index, head_.size, subtrees());
}

Result<std::vector<Hash>> Tree::prove_consistency(std::uint64_t old_size) {
  return consistency_proof(old_size, head_.size, subtrees());
}

}  // namespace tutela::audit
