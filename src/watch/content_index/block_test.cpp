#include "watch/content_index/block.hpp"

#include <cstring>

#include <gtest/gtest.h>

#include "watch/content_index/test_entries.hpp"

namespace tutela::content_index {
namespace {

const Uuid kIndex = entry_of(99).content_id;
constexpr Mark kPlace{3, 4096};

/// At an address as a Chunk has it.
struct Aligned {
  explicit Aligned(ByteView from) : words(from.size() / 8 + 1), size(from.size()) {
    std::memcpy(words.data(), from.data(), from.size());
  }

  std::span<std::byte> bytes() { return std::as_writable_bytes(std::span(words)).first(size); }

  std::vector<std::uint64_t> words;
  std::size_t size;
};

Columns columns_of(std::span<const Entry> entries) {
  Columns columns;
  for (const Entry& entry : entries) {
    columns.add(entry);
  }
  return columns;
}

Aligned block_of(std::span<const Entry> entries, std::int64_t position = 7) {
  const auto bytes = encode_block(columns_of(entries), position, kIndex, kPlace);
  EXPECT_TRUE(bytes);
  return Aligned(*bytes);
}

TEST(Block, GivesBackWhatWasWritten) {
  for (const std::uint64_t count : {0U, 1U, 2U, 5U, 100U}) {
    const auto entries = entries_of(0, count);
    Aligned block = block_of(entries, 41);
    const auto view = parse_block(block.bytes(), kIndex, kPlace);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->header.position, 41);
    ASSERT_EQ(view->ids.size(), count);
    std::size_t frame = 0;
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(view->ids[i], entries[i].content_id);
      EXPECT_EQ(view->prefixes[i], prefixes_of(entries[i].digests));
      ASSERT_EQ(view->frame_counts[i], entries[i].frames.size());
      for (const Hashes& hashes : entries[i].frames) {
        EXPECT_EQ(view->frames[frame++], hashes);
      }
    }
    EXPECT_EQ(view->frames.size(), frame);
  }
}

TEST(Block, TakesThreeHundredBytesAContentOfOneFrame) {
  Random random(1);
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < 1000; ++i) {
    entries.push_back(random_entry(random, 1));
  }
  EXPECT_EQ(block_of(entries).size, 1000U * 300 + 40);
  EXPECT_EQ(block_of(std::span(entries).first(1)).size, 304U + 40);
}

TEST(Block, FindsEachFlippedBit) {
  Aligned block = block_of(entries_of(0, 4));
  for (std::size_t bit = 0; bit < block.size * 8; ++bit) {
    block.bytes()[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const auto view = parse_block(block.bytes(), kIndex, kPlace);
    ASSERT_FALSE(view) << "bit " << bit;
    EXPECT_EQ(view.error().code, "content_index.corrupt");
    block.bytes()[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
}

TEST(Block, IsRefusedInAnotherPlaceOrIndex) {
  Aligned block = block_of(entries_of(0, 4));
  EXPECT_TRUE(parse_block(block.bytes(), kIndex, kPlace));
  EXPECT_FALSE(parse_block(block.bytes(), kIndex, {kPlace.segment, kPlace.offset + 8}));
  EXPECT_FALSE(parse_block(block.bytes(), kIndex, {kPlace.segment + 1, kPlace.offset}));
  EXPECT_FALSE(parse_block(block.bytes(), new_uuid(0), kPlace));
}

TEST(Block, IsRefusedWhenCutOrWhenItsCountsLie) {
  const Aligned whole = block_of(entries_of(0, 8));
  for (std::size_t size = 0; size < whole.size; ++size) {
    Aligned cut(std::as_bytes(std::span(whole.words)).first(size));
    EXPECT_FALSE(parse_block(cut.bytes(), kIndex, kPlace)) << size;
  }
  // With a right checksum: what an attacker who can write the file could do.
  const auto refused_with = [&](std::size_t offset, auto number) {
    Aligned block = whole;
    std::memcpy(block.bytes().data() + offset, &number, sizeof number);
    seal_block(block.bytes(), kIndex, kPlace);
    return !parse_block(block.bytes(), kIndex, kPlace);
  };
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{39}, ~std::uint64_t{0}}) {
    EXPECT_TRUE(refused_with(offsetof(BlockHeader, bytes), length));
  }
  for (const std::uint32_t count : {0U, 7U, 9U, 0xFFFFFFFFU}) {
    EXPECT_TRUE(refused_with(offsetof(BlockHeader, contents), count));
    EXPECT_TRUE(refused_with(offsetof(BlockHeader, frames), count));
  }
  const std::size_t counts = sizeof(BlockHeader) + 8 * (sizeof(Uuid) + sizeof(Prefixes));
  for (const std::uint32_t count : {1U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    EXPECT_TRUE(refused_with(counts, count));
  }
  EXPECT_FALSE(refused_with(counts, 0U)) << "the first has no frame";
}

TEST(Block, IsBounded) {
  Random random(1);
  std::vector<Entry> entries(1);
  entries[0].frames.resize(kBlockBytesMax / sizeof(Hashes));
  const auto bytes = encode_block(columns_of(entries), 0, kIndex, kPlace);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, "content_index.block_too_large");
}

TEST(SegmentHeader, GivesBackWhatWasWrittenAndFindsEachFlippedBit) {
  SegmentHeader header;
  header.id = kIndex;
  header.segment = 5;
  header.previous_bytes = 123;
  header.contents_before = 9;
  header.frames_before = 11;
  header.position = 77;
  Bytes bytes = encode_segment_header(header);
  const auto read = parse_segment_header(bytes, 5);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, kIndex);
  EXPECT_EQ(read->previous_bytes, 123U);
  EXPECT_EQ(read->contents_before, 9U);
  EXPECT_EQ(read->frames_before, 11U);
  EXPECT_EQ(read->position, 77);
  EXPECT_FALSE(parse_segment_header(bytes, 4)) << "a file under another's name";
  EXPECT_FALSE(parse_segment_header(ByteView(bytes).first(71), 5));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(parse_segment_header(bytes, 5)) << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
}

}  // namespace
}  // namespace tutela::content_index
