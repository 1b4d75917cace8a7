// Block: what one append() writes, and the header of a segment file. Internal to content_index.
//
// Numbers lie as the machine has them, least significant byte first (the magic tells). A checksum
// is XXH3 with a seed that names the index, the segment and the offset: a block in a wrong place is
// a damaged one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "watch/content_index/content_index.hpp"

namespace tutela::content_index {

struct SegmentHeader {
  std::uint64_t magic = 0;
  std::uint64_t checksum = 0;  // of what follows
  Uuid id;                     // of the index
  std::uint32_t version = 0;
  std::uint32_t segment = 0;
  std::uint64_t previous_bytes = 0;   // of the file before
  std::uint64_t contents_before = 0;  // in all files before
  std::uint64_t frames_before = 0;
  std::int64_t position = 0;  // when this file was begun
};

static_assert(sizeof(SegmentHeader) == 72);

struct BlockHeader {
  std::uint64_t magic = 0;
  std::uint64_t checksum = 0;  // of what follows, to the block's end
  std::uint64_t bytes = 0;     // of the block with this header
  std::uint32_t contents = 0;
  std::uint32_t frames = 0;
  std::int64_t position = 0;
};

static_assert(sizeof(BlockHeader) == 40);

/// The columns of a block. Borrowed.
struct BlockView {
  BlockHeader header;
  std::span<const Uuid> ids;
  std::span<const Prefixes> prefixes;
  std::span<const std::uint32_t> frame_counts;
  std::span<const Hashes> frames;
};

/// The same, owned.
struct Columns {
  std::vector<Uuid> ids;
  std::vector<Prefixes> prefixes;
  std::vector<std::uint32_t> frame_counts;
  std::vector<Hashes> frames;

  void add(const Entry& entry);
  /// Those of a block that are to be kept: one word for each of its contents.
  void add(const BlockView& block, const std::vector<bool>& keep);
};

/// "content_index.corrupt".
[[nodiscard]] Error corrupt(const char* what);

[[nodiscard]] Bytes encode_segment_header(SegmentHeader header);
/// `bytes` are sizeof(SegmentHeader), the first of a file.
Result<SegmentHeader> parse_segment_header(ByteView bytes, std::uint32_t segment);

/// Errors: kLimitExceeded "content_index.block_too_large".
Result<Bytes> encode_block(const Columns& columns,
                           std::int64_t position,
                           const Uuid& index,
                           Mark place);

/// `bytes` are a block that was checked or just made.
[[nodiscard]] BlockHeader header_of(ByteView bytes);

/// The length that the block's header claims, at most kBlockBytesMax; not yet checked.
Result<std::uint64_t> block_bytes(ByteView bytes);

/// Checks a whole block. `bytes` are aligned for 8-byte numbers.
Result<BlockView> parse_block(ByteView bytes, const Uuid& index, Mark place);

/// Puts the right checksum into a block's header; for encode_block() and for tests.
void seal_block(std::span<std::byte> bytes, const Uuid& index, Mark place);

}  // namespace tutela::content_index
