#include "engine/match/segment_format.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <xxhash.h>

#include "base/check.hpp"
#include "engine/match/digest_set.hpp"

namespace tutela::match {

struct Checksummer::State {
  struct Free {
    void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
  };

  std::unique_ptr<XXH3_state_t, Free> xxh3;
  std::uint64_t size = 0;
};

Checksummer::Checksummer() : state_(std::make_unique<State>()) {
  state_->xxh3.reset(XXH3_createState());
  TUTELA_CHECK(state_->xxh3 != nullptr);
  XXH3_128bits_reset(state_->xxh3.get());
}

Checksummer::~Checksummer() = default;

void Checksummer::add(ByteView bytes) {
  XXH3_128bits_update(state_->xxh3.get(), bytes.data(), bytes.size());
  state_->size += bytes.size();
}

Checksum Checksummer::finish_padded() {
  static constexpr std::array<std::byte, kFilePage> kZeros{};
  add(ByteView(kZeros).first(padded(state_->size) - state_->size));
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh3.get());
  return {hash.low64, hash.high64};
}

Checksum checksum_of(ByteView bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

bool within_limits(const SegmentCounts& counts) {
  constexpr std::uint64_t kCountMax = std::numeric_limits<std::uint32_t>::max() - 1;
  return counts.lists <= kCountMax && counts.rows <= kCountMax && counts.indexed <= 1 &&
         std::ranges::all_of(counts.digests, [](std::uint64_t n) { return n <= kCountMax; });
}

SegmentLayout::SegmentLayout(const SegmentCounts& counts,
                             std::uint64_t first,
                             std::uint64_t alignment) {
  sections[kSectionLists].size = counts.lists * sizeof(ListRecord);
  sections[kSectionListBegin].size = (counts.lists + 1) * sizeof(std::uint64_t);
  sections[kSectionValues].size = counts.rows * sizeof(fingerprint::Pdq256);
  sections[kSectionIds].size = counts.rows * sizeof(std::int64_t);
  for (std::size_t i = 0; i < kDigestKinds; ++i) {
    sections[kSectionDigests + i].size =
        counts.digests[i] == 0 ? 0 : digest_block_bytes(kDigestKindOf[i], counts.digests[i]);
  }
  for (std::size_t band = 0; band < kBands; ++band) {
    sections[kSectionBands + band].size = counts.indexed == 0 ? 0 : band_bytes(counts.rows);
  }
  end = first;
  for (Extent& section : sections) {
    section.offset = end;
    end += (section.size + alignment - 1) / alignment * alignment;
  }
}

SegmentLayout SegmentLayout::in_memory(const SegmentCounts& counts) {
  return {counts, 0, 64};
}

SegmentLayout SegmentLayout::in_file(const SegmentCounts& counts) {
  return {counts, kFilePage, kFilePage};
}

Checksum header_checksum(const SegmentHeader& header) {
  return checksum_of(
      std::as_bytes(std::span(&header, 1)).first(sizeof(header) - sizeof(header.checksum)));
}

Error corrupt_segment(const char* what) {
  return Error{
      ErrorKind::kCorrupted,
      "index.corrupt",
      std::string("the index file is not used (") + what + "); it is written again from the store"};
}

Status check_header(const SegmentHeader& header, std::uint64_t file_size) {
  if (header.magic != SegmentHeader().magic) {
    return corrupt_segment("not an index");
  }
  if (header.version != kSegmentVersion || header.section_count != kSections) {
    return corrupt_segment("another version");
  }
  if (header.checksum != header_checksum(header)) {
    return corrupt_segment("damaged header");
  }
  if (!within_limits(header.counts)) {
    return corrupt_segment("impossible counts");
  }
  const SegmentLayout layout = SegmentLayout::in_file(header.counts);
  if (!std::ranges::equal(layout.sections, header.table, {}, {}, &SectionEntry::extent)) {
    return corrupt_segment("impossible table");
  }
  if (layout.end != file_size) {
    return corrupt_segment("another size");
  }
  return ok();
}

}  // namespace tutela::match
