#include "watch/content_index/block.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <numeric>
#include <string>

#include <xxhash.h>

#include "base/check.hpp"

namespace tutela::content_index {
namespace {

static_assert(std::endian::native == std::endian::little, "the magic would refuse these files");

// "TUTELACI" and "TUTELACB" as they lie in a file.
constexpr std::uint64_t kSegmentMagic = 0x4943414C45545554;
constexpr std::uint64_t kBlockMagic = 0x4243414C45545554;
constexpr std::uint32_t kVersion = 1;
/// The checksum covers what follows it.
constexpr std::size_t kUnchecked = offsetof(BlockHeader, bytes);

static_assert(offsetof(SegmentHeader, id) == kUnchecked);

std::uint64_t checksum_of(ByteView bytes, std::uint64_t seed) {
  const ByteView checked = bytes.subspan(kUnchecked);
  return XXH3_64bits_withSeed(checked.data(), checked.size(), seed);
}

std::uint64_t seed_of(const Uuid& index, Mark place) {
  std::uint64_t seed = 0;
  // The last 8 bytes of an id are random.
  std::memcpy(&seed, index.bytes.data() + sizeof seed, sizeof seed);
  return seed ^ (std::uint64_t{place.segment} << 40) ^ place.offset;
}

template <typename Header>
Header read_header(ByteView bytes) {
  TUTELA_CHECK(bytes.size() >= sizeof(Header));
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

/// Where the columns of a block begin; all are multiples of 8.
struct Layout {
  Layout(std::uint64_t contents, std::uint64_t frames)
      : prefixes(ids + contents * sizeof(Uuid)),
        frame_counts(prefixes + contents * sizeof(Prefixes)),
        hashes(frame_counts + (contents * sizeof(std::uint32_t) + 7) / 8 * 8),
        end(hashes + frames * sizeof(Hashes)) {}

  std::uint64_t ids = sizeof(BlockHeader);
  std::uint64_t prefixes;
  std::uint64_t frame_counts;
  std::uint64_t hashes;
  std::uint64_t end;
};

template <typename T>
std::span<const T> column(ByteView bytes, std::uint64_t offset, std::size_t count) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): plain values, aligned, in bounds.
  return {reinterpret_cast<const T*>(bytes.data() + offset), count};
}

}  // namespace

Error corrupt(const char* what) {
  return Error{
      ErrorKind::kCorrupted,
      "content_index.corrupt",
      std::string(what) + ": remove the content index, it is made again from the database"};
}

Bytes encode_segment_header(SegmentHeader header) {
  header.magic = kSegmentMagic;
  header.version = kVersion;
  Bytes bytes(sizeof header);
  std::memcpy(bytes.data(), &header, sizeof header);
  header.checksum = checksum_of(bytes, 0);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

Result<SegmentHeader> parse_segment_header(ByteView bytes, std::uint32_t segment) {
  if (bytes.size() != sizeof(SegmentHeader)) {
    return corrupt("a segment has no whole header");
  }
  const auto header = read_header<SegmentHeader>(bytes);
  if (header.magic != kSegmentMagic || header.version != kVersion) {
    return corrupt("a segment of another kind or version");
  }
  if (header.checksum != checksum_of(bytes, 0) || header.segment != segment) {
    return corrupt("the header of a segment is damaged");
  }
  return header;
}

void Columns::add(const Entry& entry) {
  ids.push_back(entry.content_id);
  prefixes.push_back(prefixes_of(entry.digests));
  frame_counts.push_back(static_cast<std::uint32_t>(entry.frames.size()));
  frames.insert(frames.end(), entry.frames.begin(), entry.frames.end());
}

void Columns::add(const BlockView& block, const std::vector<bool>& keep) {
  std::size_t frame = 0;
  for (std::size_t i = 0; i < block.ids.size(); ++i) {
    const auto its = block.frames.subspan(frame, block.frame_counts[i]);
    frame += its.size();
    if (keep[i]) {
      ids.push_back(block.ids[i]);
      prefixes.push_back(block.prefixes[i]);
      frame_counts.push_back(block.frame_counts[i]);
      frames.insert(frames.end(), its.begin(), its.end());
    }
  }
}

Result<Bytes> encode_block(const Columns& columns,
                           std::int64_t position,
                           const Uuid& index,
                           Mark place) {
  const Layout layout(columns.ids.size(), columns.frames.size());
  if (layout.end > kBlockBytesMax) {
    return Error{ErrorKind::kLimitExceeded,
                 "content_index.block_too_large",
                 "one append of more than 64 MiB: append fewer entries at a time"};
  }
  Bytes bytes(layout.end);
  BlockHeader header;
  header.magic = kBlockMagic;
  header.bytes = layout.end;
  header.contents = static_cast<std::uint32_t>(columns.ids.size());
  header.frames = static_cast<std::uint32_t>(columns.frames.size());
  header.position = position;
  std::memcpy(bytes.data(), &header, sizeof header);
  const auto put = [&bytes](std::uint64_t offset, const auto& column) {
    if (!column.empty()) {
      std::memcpy(bytes.data() + offset, column.data(), column.size() * sizeof column[0]);
    }
  };
  put(layout.ids, columns.ids);
  put(layout.prefixes, columns.prefixes);
  put(layout.frame_counts, columns.frame_counts);
  put(layout.hashes, columns.frames);
  seal_block(bytes, index, place);
  return bytes;
}

BlockHeader header_of(ByteView bytes) {
  return read_header<BlockHeader>(bytes);
}

Result<std::uint64_t> block_bytes(ByteView bytes) {
  if (bytes.size() < sizeof(BlockHeader)) {
    return corrupt("a block has no whole header");
  }
  const auto header = read_header<BlockHeader>(bytes);
  if (header.magic != kBlockMagic || header.bytes > kBlockBytesMax ||
      header.bytes != Layout(header.contents, header.frames).end) {
    return corrupt("the header of a block is damaged");
  }
  return header.bytes;
}

Result<BlockView> parse_block(ByteView bytes, const Uuid& index, Mark place) {
  TUTELA_TRY_ASSIGN(const std::uint64_t length, block_bytes(bytes));
  const auto header = read_header<BlockHeader>(bytes);
  if (length != bytes.size() || header.checksum != checksum_of(bytes, seed_of(index, place))) {
    return corrupt("a block is damaged");
  }
  const Layout layout(header.contents, header.frames);
  BlockView view{header,
                 column<Uuid>(bytes, layout.ids, header.contents),
                 column<Prefixes>(bytes, layout.prefixes, header.contents),
                 column<std::uint32_t>(bytes, layout.frame_counts, header.contents),
                 column<Hashes>(bytes, layout.hashes, header.frames)};
  const auto& counts = view.frame_counts;
  if (std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) != header.frames) {
    return corrupt("the frames of a block do not add up");
  }
  return view;
}

void seal_block(std::span<std::byte> bytes, const Uuid& index, Mark place) {
  const std::uint64_t checksum = checksum_of(bytes, seed_of(index, place));
  std::memcpy(bytes.data() + offsetof(BlockHeader, checksum), &checksum, sizeof checksum);
}

}  // namespace tutela::content_index
