// Merkle: the tree of RFC 6962 (section 2.1, SHA-256): hashes, roots, proofs and their checks.
//
// Pure functions. Whoever makes proofs says where hashes of whole subtrees come from.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/digest.hpp"

namespace tutela::audit {

using Hash = crypto::Sha256;

[[nodiscard]] Hash leaf_hash(ByteView leaf);
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);
/// The root of a tree without leaves.
[[nodiscard]] Hash empty_root();
/// The root above a row of nodes that is not empty.
[[nodiscard]] Hash root_above(std::span<const Hash> nodes);

/// The hash of the subtree of leaves [index << level, (index + 1) << level), all of them there.
using Subtrees = std::function<Result<Hash>(unsigned level, std::uint64_t index)>;

Result<Hash> root_of(std::uint64_t size, const Subtrees& subtrees);
/// That leaf `index` is in the tree of `size` leaves; needs index < size.
Result<std::vector<Hash>> inclusion_proof(std::uint64_t index,
                                          std::uint64_t size,
                                          const Subtrees& subtrees);
/// That the tree of `old_size` leaves is the beginning of that of `size`; needs old_size <= size.
Result<std::vector<Hash>> consistency_proof(std::uint64_t old_size,
                                            std::uint64_t size,
                                            const Subtrees& subtrees);

/// The root that an inclusion proof leads to; nothing when its length does not fit.
[[nodiscard]] std::optional<Hash> root_from_proof(const Hash& leaf,
                                                  std::uint64_t index,
                                                  std::uint64_t size,
                                                  std::span<const Hash> proof);

struct TreeHead {
  std::uint64_t size = 0;
  Hash root{};

  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

[[nodiscard]] bool is_consistent(const TreeHead& old_head,
                                 const TreeHead& head,
                                 std::span<const Hash> proof);

}  // namespace tutela::audit
