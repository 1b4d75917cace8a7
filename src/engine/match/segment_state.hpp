// Segment::State: what a segment is made of, over one block of memory or one mapped file, and the
// search in it. Internal to match. Immutable once made, read by many threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/match/digest_set.hpp"
#include "engine/match/huge_array.hpp"
#include "engine/match/index.hpp"
#include "engine/match/match.hpp"
#include "engine/match/scan.hpp"
#include "engine/match/segment.hpp"
#include "engine/match/segment_format.hpp"

namespace tutela::match {

/// A part of a file in memory. Owns the mapping; moves, does not copy.
class Mapping {
 public:
  Mapping() = default;
  /// `offset` is a multiple of the page. Empty where the system refuses (errno says why).
  Mapping(int fd, std::uint64_t offset, std::uint64_t size, bool writable);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  [[nodiscard]] std::byte* data() const noexcept { return data_; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Which file it is: another one at the same path differs.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// What a linear search needs beside the rows. Not cleared: each scan writes what is read of it.
struct LinearBuffers {
  std::array<Candidate, kCandidatesMax> candidates;
  std::array<std::array<std::uint32_t, kScanRowsMax + kPlanePadding>, kPlanes> planes;
};

/// How one segment is to be searched: of each of its lists the greatest distance, negative where it
/// does not match, and its number in the hits.
struct ListView {
  std::span<const int> limits;
  std::span<const std::uint32_t> numbers;
};

/// The number of a list that does not match.
inline constexpr std::uint32_t kNoList = 0xFFFFFFFF;

struct Segment::State {
  HugeArray<std::byte> memory;  // one of these two
  Mapping mapping;
  FileIdentity file;

  SegmentCounts counts;
  std::vector<SegmentList> lists;
  std::int64_t removed_through = 0;

  // PDQ rows by list, then signal id. The limits of the lists' rows are copied.
  std::vector<std::size_t> list_begin;  // rows of list i: [list_begin[i], list_begin[i + 1])
  std::span<const fingerprint::Pdq256> values;
  std::span<const std::int64_t> signal_ids;
  std::array<std::vector<std::uint32_t>, kPlanes> planes;  // kPlanePadding longer; without index
  std::optional<Index> index;
  std::array<DigestSet, kDigestKinds> digests;
  std::array<std::vector<std::size_t>, kDigestKinds> digests_of_list;

  /// Makes the views over a block whose sections are as written. Digests are counted by the caller.
  void attach(const std::byte* base, const SegmentLayout& layout);

  /// Signals of one list.
  [[nodiscard]] std::size_t size_of(SignalKind kind, std::size_t list) const;
  /// Appends the hits of PDQ, in the order of this segment's lists.
  void search(const PdqQuery& query, const ListView& view, std::vector<Hit>& hits) const;

 private:
  void fill_planes();
  void search_rows(std::size_t begin,
                   std::size_t end,
                   int limit,
                   const PdqQuery& query,
                   LinearBuffers& buffers,
                   std::vector<NearRow>& near) const;
  void append_hits(std::vector<NearRow>& near,
                   const PdqQuery& query,
                   const ListView& view,
                   std::vector<Hit>& hits) const;
};

/// The place of a digest kind in arrays of kDigestKinds.
[[nodiscard]] constexpr std::size_t digest_place(SignalKind kind) {
  return static_cast<std::size_t>(kind) - static_cast<std::size_t>(SignalKind::kMd5);
}

}  // namespace tutela::match
