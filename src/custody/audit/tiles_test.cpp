#include "custody/audit/tiles.hpp"

#include <map>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "custody/audit/growth.hpp"
#include "support/folder.hpp"

namespace tutela::audit {
namespace {

TEST(TilePathTest, ReadsAsTheSpecificationSays) {
  EXPECT_EQ(tile_path("0", 0, 256), "tile/0/000");
  EXPECT_EQ(tile_path("0", 5, 7), "tile/0/005.p/7");
  EXPECT_EQ(tile_path("1", 1000, 256), "tile/1/x001/000");
  EXPECT_EQ(tile_path("entries", 1'234'067, 256), "tile/entries/x001/x234/067");
  EXPECT_EQ(tile_path("entries", 1'234'067, 8), "tile/entries/x001/x234/067.p/8");
}

TEST(BundleTest, ReadsBackWhatWasAppended) {
  Bytes bundle;
  const std::vector<std::string> leaves = {
      "", "a", std::string(300, 'b'), std::string(65'535, 'c')};
  for (const std::string& leaf : leaves) {
    append_to_bundle(bundle, leaf);
  }
  EXPECT_EQ(*parse_bundle(bundle, 4), leaves);
  EXPECT_EQ(*parse_bundle(bundle, 2), std::vector<std::string>(leaves.begin(), leaves.begin() + 2));
  EXPECT_EQ(parse_bundle(bundle, 5).error().code, "audit.damaged");
  for (const std::size_t cut : {1U, 2U, 65'536U, 65'537U + 301U}) {
    const auto refused = parse_bundle(ByteView(bundle).first(bundle.size() - cut), 4);
    EXPECT_FALSE(refused) << cut;
  }
  EXPECT_FALSE(parse_bundle(Bytes(2 * 257, std::byte{0}), 256)) << "257 empty leaves";
}

TEST(TileTest, HasWholeHashesOnly) {
  EXPECT_TRUE(parse_tile(Bytes(96), 3));
  EXPECT_EQ(parse_tile(Bytes(96), 2)->size(), 2U);
  EXPECT_FALSE(parse_tile(Bytes(95), 2));
  EXPECT_FALSE(parse_tile(Bytes(96), 4));
  EXPECT_FALSE(parse_tile(Bytes(257 * 32), 256));
}

/// A tree of 70,000 leaves, as the specification counts its tiles.
class TreeTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kSize = 70'000;

  void SetUp() override {
    for (std::uint64_t i = 0; i < kSize; ++i) {
      const std::string leaf = "leaf " + std::to_string(i);
      growth_.append(leaf);
      leaves_.push_back(leaf_hash(as_bytes(leaf)));
    }
    ASSERT_TRUE(write_durably(folder_.path(), growth_.take_files()));
  }

  testing::TemporaryFolder folder_;
  Growth growth_;
  std::vector<Hash> leaves_;
};

TEST_F(TreeTest, HasTheTilesAndTheRootOfTheSpecification) {
  EXPECT_EQ(growth_.head().root, root_above(leaves_));
  std::map<std::string, int> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / "tile")) {
    if (entry.is_regular_file()) {
      const std::string name = entry.path().lexically_relative(folder_.path() / "tile").string();
      const bool partial = name.find(".p/") != std::string::npos;
      ++files[name.substr(0, name.find('/')) + (partial ? " partial" : "")];
      if (partial) {
        ++files[name];
      }
    }
  }
  EXPECT_EQ(files["0"], 273);
  EXPECT_EQ(files["entries"], 273);
  EXPECT_EQ(files["0/273.p/112"], 1);
  EXPECT_EQ(files["entries/273.p/112"], 1);
  EXPECT_EQ(files["1"], 1);
  EXPECT_EQ(files["1/001.p/17"], 1);
  EXPECT_EQ(files["2/000.p/1"], 1);
  EXPECT_EQ(files["0 partial"] + files["1 partial"] + files["2 partial"], 3);
}

TEST_F(TreeTest, ProvesFromTilesWhatTheLeavesProve) {
  auto tree = Tree::open(folder_.path(), growth_.head());
  ASSERT_TRUE(tree) << tree.error().message;
  for (const std::uint64_t index : {0U, 1U, 255U, 256U, 65'535U, 65'536U, 69'887U, 69'999U}) {
    const auto proof = tree->prove_inclusion(index);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_EQ(root_from_proof(leaves_[index], index, kSize, *proof), growth_.head().root) << index;
  }
  for (const std::uint64_t size : {0U, 1U, 255U, 256U, 300U, 65'535U, 65'536U, 65'793U, 70'000U}) {
    const auto root = tree->root_at(size);
    ASSERT_TRUE(root);
    EXPECT_EQ(*root, size == 0 ? empty_root() : root_above(std::span(leaves_).first(size)));
    const auto proof = tree->prove_consistency(size);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(is_consistent({size, *root}, growth_.head(), *proof)) << size;
  }
}

TEST_F(TreeTest, GoesOnFromItsFilesAsIfItHadNeverStopped) {
  auto tree = Tree::open(folder_.path(), growth_.head());
  ASSERT_TRUE(tree);
  auto again = Growth::of(*tree);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->head(), growth_.head());
  EXPECT_EQ(again->last_leaf(), leaves_.back());
  for (int i = 0; i < 300; ++i) {
    again->append("more " + std::to_string(i));
    growth_.append("more " + std::to_string(i));
  }
  EXPECT_EQ(again->head(), growth_.head());
  const auto files = again->take_files();
  const auto expected = growth_.take_files();
  ASSERT_EQ(files.size(), expected.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ(files[i].path, expected[i].path);
    EXPECT_EQ(files[i].bytes, expected[i].bytes);
  }
}

TEST_F(TreeTest, GivesNothingThatWasNotSigned) {
  const auto damage = [&](const std::string& name) {
    const std::filesystem::path path = folder_.path() / name;
    auto bytes = *read_file(path, 1U << 20);
    bytes[100 % bytes.size()] ^= std::byte{4};
    EXPECT_TRUE(write_file_atomic(path, bytes));
  };
  damage("tile/0/007");
  auto tree = Tree::open(folder_.path(), growth_.head());
  ASSERT_TRUE(tree) << "the newest tiles are whole";
  EXPECT_TRUE(tree->prove_inclusion(65'536));
  EXPECT_EQ(tree->prove_inclusion(7 * 256).error().code, "audit.damaged");
  damage("tile/1/000");
  EXPECT_EQ(Tree::open(folder_.path(), growth_.head())->prove_inclusion(0).error().code,
            "audit.damaged");
  damage("tile/1/001.p/17");
  EXPECT_EQ(Tree::open(folder_.path(), growth_.head()).error().code, "audit.damaged");
}

TEST_F(TreeTest, ReadsTheFullTileWhereThePartialOneIsGone) {
  const TreeHead before = growth_.head();
  for (int i = 0; i < 256; ++i) {
    growth_.append("more");
  }
  const auto files = growth_.take_files();
  ASSERT_TRUE(write_durably(folder_.path(), files));
  remove_partial_tiles(folder_.path(), files);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "tile/0/273.p"));
  auto old = Tree::open(folder_.path(), before);
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_TRUE(old->prove_inclusion(69'999));
  EXPECT_EQ(old->bundle(273)->size(), 112U);
}

}  // namespace
}  // namespace tutela::audit
