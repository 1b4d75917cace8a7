// Files of a content index that someone else wrote: the input is a segment's blocks and what
// follows them, with right magic numbers, lengths where they were left plausible, and checksums
// that the harness puts right, so that the reader's own bounds are what is tested. It may refuse
// them; it may not crash, read beyond a block, or show a search other contents than a full reading.
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "watch/content_index/block.hpp"
#include "watch/content_index/content_index.hpp"
#include "watch/content_index/reader.hpp"

namespace {

using namespace tutela;
using namespace tutela::content_index;

constexpr std::size_t kInputMax = 64 * 1024;

const std::filesystem::path& folder() {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("tutela-fuzz-" + std::to_string(::getpid()));
  return path;
}

/// Seals what looks like blocks, one after the other; `mode` says whether their lengths and
/// frame counts are put right too.
void seal_blocks(std::span<std::byte> bytes, const Uuid& index, std::uint8_t mode) {
  std::uint64_t offset = sizeof(SegmentHeader);
  while (bytes.size() >= sizeof(BlockHeader)) {
    BlockHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    const Bytes empty = *encode_block({}, header.position, index, {0, offset});
    std::memcpy(&header.magic, empty.data(), sizeof header.magic);
    if ((mode & 1U) != 0) {
      header.contents %= 8;
      header.frames %= 8;
      header.bytes = sizeof header + header.contents * (sizeof(Uuid) + sizeof(Prefixes)) +
                     (header.contents * sizeof(std::uint32_t) + 7) / 8 * 8 +
                     header.frames * sizeof(Hashes);
    }
    std::memcpy(bytes.data(), &header, sizeof header);
    const std::uint64_t length = header.bytes;
    if (length < sizeof header || length > bytes.size()) {
      return;
    }
    if ((mode & 2U) != 0 && header.contents > 0) {  // frame counts that add up
      const std::size_t counts =
          sizeof header + header.contents * (sizeof(Uuid) + sizeof(Prefixes));
      for (std::uint32_t i = 0; i < header.contents && counts + 4 * i + 4 <= length; ++i) {
        const std::uint32_t count = i == 0 ? header.frames : 0;
        std::memcpy(bytes.data() + counts + std::size_t{4} * i, &count, sizeof count);
      }
    }
    seal_block(bytes.first(length), index, {0, offset});
    offset += length;
    bytes = bytes.subspan(length);
  }
}

void read_all(const ContentIndex& index) {
  std::uint64_t entries = 0;
  volatile std::uint64_t touched = 0;
  const Status read = index.for_each({}, index.end(), [&](const Uuid&, const auto* first) {
    touched = first == nullptr ? 0 : first->words[3];
    ++entries;
    return true;
  });
  TUTELA_CHECK(read);  // open() has checked the last segment, which is the only one
  TUTELA_CHECK(entries == index.stats().contents);
  const match::StreamIndex pdq({{}}, 31);
  const crypto::Sha256 zero{};
  const Digest digest{match::SignalKind::kSha256, zero};
  const DigestPrefixes digests({&digest, 1});
  std::uint64_t contents = 0;
  TUTELA_CHECK(index.search(
      {},
      index.end(),
      {&pdq, &digests},
      [](const Uuid&) {},
      [&](Mark, std::uint64_t done) {
        contents = done;
        return true;
      }));
  TUTELA_CHECK(contents == entries);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > kInputMax) {
    return 0;
  }
  SegmentHeader header;
  header.id = {};
  Bytes file = encode_segment_header(header);
  std::vector<std::uint64_t> body(size / 8 + 1);  // aligned as a block is
  const auto bytes = std::as_writable_bytes(std::span(body)).first(size - 1);
  std::memcpy(bytes.data(), data + 1, bytes.size());
  if ((data[0] & 4U) == 0) {
    seal_blocks(bytes, header.id, data[0]);
  }
  file.insert(file.end(), bytes.begin(), bytes.end());
  std::filesystem::create_directories(folder());
  const std::filesystem::path path = segment_path(folder(), 0);
  TUTELA_CHECK(write_file_atomic(path, file));
  if (const auto index = ContentIndex::open({folder(), 1U << 20, {}})) {
    read_all(**index);
    TUTELA_CHECK((*index)->end().offset <= file.size());
  }
  std::filesystem::remove(path);
  return 0;
}
