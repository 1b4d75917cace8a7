// Segment format: where the parts of a segment lie, in memory and in a file, the file's header and
// its checksums. Internal to match. Plain values.
//
// A file is a header of 4,096 bytes, then the sections in the order of Section, each at a multiple
// of 4,096 and padded with zeros up to the next. The header holds the counts from which all sizes
// follow, the table of sections and a checksum of each (XXH3, 128 bits, of the padded section), and
// ends with a checksum of itself. Numbers are little-endian.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "engine/match/index.hpp"
#include "engine/match/match.hpp"

namespace tutela::match {

/// To be raised whenever the bytes of a section, a band or a digest set mean something else.
inline constexpr std::uint32_t kSegmentVersion = 1;
inline constexpr std::size_t kFilePage = 4096;
inline constexpr std::size_t kDigestKinds = 3;
inline constexpr std::array<SignalKind, kDigestKinds> kDigestKindOf = {
    SignalKind::kMd5, SignalKind::kSha1, SignalKind::kSha256};
inline constexpr bool kLittleEndian = std::endian::native == std::endian::little;

/// Sections by number: the fixed ones, a digest set a kind, a band of the index each.
inline constexpr std::size_t kSectionLists = 0;      // ListRecord each
inline constexpr std::size_t kSectionListBegin = 1;  // u64, one more than lists: first PDQ row
inline constexpr std::size_t kSectionValues = 2;     // Pdq256 a row
inline constexpr std::size_t kSectionIds = 3;        // i64 a row
inline constexpr std::size_t kSectionDigests = 4;
inline constexpr std::size_t kSectionBands = kSectionDigests + kDigestKinds;
inline constexpr std::size_t kSections = kSectionBands + kBands;

struct ListRecord {
  Uuid id;
  std::int64_t through_id = 0;
};

static_assert(sizeof(ListRecord) == 24);

/// What all sizes follow from.
struct SegmentCounts {
  std::uint64_t lists = 0;
  std::uint64_t rows = 0;  // PDQ
  std::array<std::uint64_t, kDigestKinds> digests{};
  std::uint64_t indexed = 0;  // 1: bands, 0: none

  friend bool operator==(const SegmentCounts&, const SegmentCounts&) = default;
};

/// True if sizes can be computed and rows be counted as the index and the digest sets do.
[[nodiscard]] bool within_limits(const SegmentCounts& counts);

struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  friend bool operator==(const Extent&, const Extent&) = default;
};

struct SegmentLayout {
  /// In memory sections are aligned to cache lines, and there is no header.
  static SegmentLayout in_memory(const SegmentCounts& counts);
  static SegmentLayout in_file(const SegmentCounts& counts);

  std::array<Extent, kSections> sections{};
  std::uint64_t end = 0;

 private:
  SegmentLayout(const SegmentCounts& counts, std::uint64_t first, std::uint64_t alignment);
};

/// The bytes of a section with its padding.
[[nodiscard]] constexpr std::uint64_t padded(std::uint64_t size) {
  return (size + kFilePage - 1) / kFilePage * kFilePage;
}

struct Checksum {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  friend bool operator==(const Checksum&, const Checksum&) = default;
};

/// Checks pieces, in order. One thread.
class Checksummer {
 public:
  Checksummer();
  ~Checksummer();
  Checksummer(const Checksummer&) = delete;
  Checksummer& operator=(const Checksummer&) = delete;

  void add(ByteView bytes);
  /// With zeros up to the page, as the section of so many bytes has in the file.
  [[nodiscard]] Checksum finish_padded();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Checksum checksum_of(ByteView bytes);

struct SectionEntry {
  Extent extent;
  Checksum checksum;
};

/// The first page of a file.
struct SegmentHeader {
  std::array<char, 8> magic{'T', 'U', 'T', 'E', 'L', 'A', 'S', 'G'};
  std::uint32_t version = kSegmentVersion;
  std::uint32_t section_count = kSections;
  std::int64_t removed_through = 0;
  SegmentCounts counts;
  std::array<SectionEntry, kSections> table{};
  std::array<std::byte,
             kFilePage - 24 - sizeof(SegmentCounts) - kSections * sizeof(SectionEntry) -
                 sizeof(Checksum)>
      zeros{};
  Checksum checksum;  // of all before it
};

static_assert(sizeof(SegmentHeader) == kFilePage);

[[nodiscard]] Checksum header_checksum(const SegmentHeader& header);

/// Error: kCorrupted "index.corrupt", unless every field is what a writer of this version makes of
/// these counts, and the file has the size.
Status check_header(const SegmentHeader& header, std::uint64_t file_size);

/// kCorrupted "index.corrupt".
[[nodiscard]] Error corrupt_segment(const char* what);

}  // namespace tutela::match
