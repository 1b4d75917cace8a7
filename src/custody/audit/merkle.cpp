#include "custody/audit/merkle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "base/check.hpp"

namespace tutela::audit {

namespace {

struct Range {
  std::uint64_t first;
  std::uint64_t end;

  [[nodiscard]] std::uint64_t size() const { return end - first; }

  /// Where RFC 6962 splits it: the greatest power of two below its size.
  [[nodiscard]] std::uint64_t split() const { return first + std::bit_floor(size() - 1); }
};

/// MTH of a range that begins at a multiple of a power of two not below its size.
Result<Hash> range_hash(Range range, const Subtrees& subtrees) {
  if (std::has_single_bit(range.size())) {
    const auto level = static_cast<unsigned>(std::countr_zero(range.size()));
    return subtrees(level, range.first >> level);
  }
  TUTELA_TRY_ASSIGN(const Hash left, range_hash({range.first, range.split()}, subtrees));
  TUTELA_TRY_ASSIGN(const Hash right, range_hash({range.split(), range.end}, subtrees));
  return node_hash(left, right);
}

}  // namespace

Hash leaf_hash(ByteView leaf) {
  // Leaves are short; this keeps them off the heap.
  std::array<std::byte, 1024> near{};
  if (leaf.size() < near.size()) {
    std::ranges::copy(leaf, near.begin() + 1);
    return crypto::sha256_of(ByteView(near).first(leaf.size() + 1));
  }
  Bytes bytes(leaf.size() + 1);
  std::ranges::copy(leaf, bytes.begin() + 1);
  return crypto::sha256_of(bytes);
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::byte, 65> bytes{std::byte{1}};
  std::ranges::copy(left, bytes.begin() + 1);
  std::ranges::copy(right, bytes.begin() + 33);
  return crypto::sha256_of(bytes);
}

Hash empty_root() {
  return crypto::sha256_of({});
}

Hash root_above(std::span<const Hash> nodes) {
  TUTELA_CHECK(!nodes.empty());
  if (nodes.size() == 1) {
    return nodes[0];
  }
  const std::size_t split = std::bit_floor(nodes.size() - 1);
  return node_hash(root_above(nodes.first(split)), root_above(nodes.subspan(split)));
}

Result<Hash> root_of(std::uint64_t size, const Subtrees& subtrees) {
  return size == 0 ? Result<Hash>(empty_root()) : range_hash({0, size}, subtrees);
}

Result<std::vector<Hash>> inclusion_proof(std::uint64_t index,
                                          std::uint64_t size,
                                          const Subtrees& subtrees) {
  TUTELA_CHECK(index < size);
  std::vector<Hash> proof;
  for (Range range{0, size}; range.size() > 1;) {
    const bool in_left = index < range.split();
    const Range left{range.first, range.split()};
    const Range right{range.split(), range.end};
    TUTELA_TRY_ASSIGN(const Hash other, range_hash(in_left ? right : left, subtrees));
    proof.push_back(other);
    range = in_left ? left : right;
  }
  std::ranges::reverse(proof);
  return proof;
}

Result<std::vector<Hash>> consistency_proof(std::uint64_t old_size,
                                            std::uint64_t size,
                                            const Subtrees& subtrees) {
  TUTELA_CHECK(old_size <= size);
  std::vector<Hash> proof;
  if (old_size == 0) {
    return proof;
  }
  Range range{0, size};
  bool old_tree_begins_here = true;
  while (range.end != old_size) {
    const bool in_left = old_size <= range.split();
    const Range left{range.first, range.split()};
    const Range right{range.split(), range.end};
    TUTELA_TRY_ASSIGN(const Hash other, range_hash(in_left ? right : left, subtrees));
    proof.push_back(other);
    old_tree_begins_here = old_tree_begins_here && in_left;
    range = in_left ? left : right;
  }
  if (!old_tree_begins_here) {
    TUTELA_TRY_ASSIGN(const Hash own, range_hash(range, subtrees));
    proof.push_back(own);
  }
  std::ranges::reverse(proof);
  return proof;
}

// RFC 9162, section 2.1.3.2.
std::optional<Hash> root_from_proof(const Hash& leaf,
                                    std::uint64_t index,
                                    std::uint64_t size,
                                    std::span<const Hash> proof) {
  if (index >= size) {
    return std::nullopt;
  }
  std::uint64_t at = index;
  std::uint64_t last = size - 1;
  Hash hash = leaf;
  for (const Hash& other : proof) {
    if (last == 0) {
      return std::nullopt;
    }
    if ((at & 1) == 1 || at == last) {
      hash = node_hash(other, hash);
      while ((at & 1) == 0 && at != 0) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, other);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 ? std::optional(hash) : std::nullopt;
}

// RFC 9162, section 2.1.4.2.
bool is_consistent(const TreeHead& old_head, const TreeHead& head, std::span<const Hash> proof) {
  if (old_head.size > head.size) {
    return false;
  }
  if (old_head.size == head.size || old_head.size == 0) {
    const bool empty_fits = old_head.size != 0 || old_head.root == empty_root();
    return proof.empty() && empty_fits && (old_head.size == 0 || old_head.root == head.root);
  }
  std::vector<Hash> path(proof.begin(), proof.end());
  if (std::has_single_bit(old_head.size)) {
    path.insert(path.begin(), old_head.root);
  }
  if (path.empty()) {
    return false;
  }
  std::uint64_t at = old_head.size - 1;
  std::uint64_t last = head.size - 1;
  while ((at & 1) == 1) {
    at >>= 1;
    last >>= 1;
  }
  Hash old_root = path[0];
  Hash root = path[0];
  for (const Hash& other : std::span(path).subspan(1)) {
    if (last == 0) {
      return false;
    }
    if ((at & 1) == 1 || at == last) {
      old_root = node_hash(other, old_root);
      root = node_hash(other, root);
      while ((at & 1) == 0 && at != 0) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      root = node_hash(root, other);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && old_root == old_head.root && root == head.root;
}

}  // namespace tutela::audit
