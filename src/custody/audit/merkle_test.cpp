#include "custody/audit/merkle.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace tutela::audit {
namespace {

Bytes from_hex(std::string_view hex) {
  Bytes bytes(hex.size() / 2);
  EXPECT_TRUE(parse_hex(hex, bytes));
  return bytes;
}

std::vector<Hash> some_leaves(std::size_t count) {
  std::vector<Hash> hashes;
  for (std::size_t i = 0; i < count; ++i) {
    hashes.push_back(leaf_hash(as_bytes("leaf " + std::to_string(i))));
  }
  return hashes;
}

/// Subtrees by the definition: RFC 6962's MTH over the leaves.
Subtrees over(const std::vector<Hash>& leaves) {
  return [&leaves](unsigned level, std::uint64_t index) -> Result<Hash> {
    return root_above(std::span(leaves).subspan(static_cast<std::size_t>(index << level),
                                                std::size_t{1} << level));
  };
}

// The vectors of Certificate Transparency's own tests.
TEST(MerkleTest, GivesTheRootsOfCertificateTransparency) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
      {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
      {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
      {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
      {"606162636465666768696a6b6c6d6e6f",
       "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}};
  std::vector<Hash> leaves;
  for (const auto& [leaf, root] : vectors) {
    leaves.push_back(leaf_hash(from_hex(leaf)));
    EXPECT_EQ(to_hex(root_above(leaves)), root);
    EXPECT_EQ(to_hex(*root_of(leaves.size(), over(leaves))), root);
  }
  EXPECT_EQ(to_hex(empty_root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(MerkleTest, HashesLongLeavesLikeShortOnes) {
  for (const std::size_t size : {1022U, 1023U, 1024U, 1025U, 70'000U}) {
    Bytes leaf(size, std::byte{7});
    Bytes prefixed(1, std::byte{0});
    prefixed.insert(prefixed.end(), leaf.begin(), leaf.end());
    EXPECT_EQ(leaf_hash(leaf), crypto::sha256_of(prefixed)) << size;
  }
}

TEST(MerkleTest, EveryInclusionProofHoldsForItsLeafAlone) {
  for (std::size_t size = 1; size <= 70; ++size) {
    const std::vector<Hash> leaves = some_leaves(size);
    const Hash root = root_above(leaves);
    for (std::size_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, over(leaves));
      ASSERT_TRUE(proof);
      EXPECT_EQ(root_from_proof(leaves[index], index, size, *proof), root);
      EXPECT_NE(root_from_proof(leaves[(index + 1) % size], index, size, *proof),
                size == 1 ? std::nullopt : std::optional(root));
      EXPECT_NE(root_from_proof(leaves[index], index + 1, size, *proof), std::optional(root));
      if (!proof->empty()) {
        EXPECT_EQ(root_from_proof(leaves[index], index, size, std::span(*proof).subspan(1)) == root,
                  false);
      }
    }
  }
}

TEST(MerkleTest, EveryConsistencyProofHoldsForItsHeadsAlone) {
  const std::vector<Hash> leaves = some_leaves(70);
  const auto head = [&](std::size_t size) {
    return TreeHead{size, size == 0 ? empty_root() : root_above(std::span(leaves).first(size))};
  };
  for (std::size_t size = 0; size <= 70; ++size) {
    for (std::size_t old_size = 0; old_size <= size; ++old_size) {
      const auto proof = consistency_proof(old_size, size, over(leaves));
      ASSERT_TRUE(proof);
      EXPECT_TRUE(is_consistent(head(old_size), head(size), *proof)) << old_size << " " << size;
      TreeHead other = head(old_size);
      other.root[3] ^= std::byte{1};
      EXPECT_FALSE(is_consistent(other, head(size), *proof)) << old_size << " " << size;
      for (std::size_t i = 0; i < proof->size(); ++i) {
        std::vector<Hash> bad = *proof;
        bad[i][0] ^= std::byte{1};
        EXPECT_FALSE(is_consistent(head(old_size), head(size), bad));
      }
      if (old_size != 0 && old_size != size) {
        std::vector<Hash> longer = *proof;
        longer.push_back(empty_root());
        EXPECT_FALSE(is_consistent(head(old_size), head(size), longer));
        EXPECT_FALSE(is_consistent(head(size), head(old_size), *proof));
      }
    }
  }
}

}  // namespace
}  // namespace tutela::audit
