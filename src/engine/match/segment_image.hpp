// Segment image: the block of memory, or the file, that a new segment is written into. Internal to
// match.
//
// A file is written beside its place, synced and renamed over it by finish(); one that is not
// finished leaves the old file as it was. One writer of a file at a time.
//
// One thread, but write_block for different sections may run at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "engine/match/segment_format.hpp"
#include "engine/match/segment_source.hpp"
#include "engine/match/segment_state.hpp"

namespace tutela::match {

class SegmentImage {
 public:
  static SegmentImage in_memory(const SegmentCounts& counts);
  /// Error: "file.write_failed".
  static Result<SegmentImage> in_file(const SegmentCounts& counts,
                                      const std::filesystem::path& file);
  SegmentImage(SegmentImage&&) = default;
  SegmentImage& operator=(SegmentImage&&) = delete;
  ~SegmentImage();

  /// Writes `bytes` into a section.
  Status put(std::size_t section, std::uint64_t offset, ByteView bytes);
  /// The checksum of a section that was put in pieces.
  void set_checksum(std::size_t section, const Checksum& checksum);
  /// Lets `fill` fill a whole section: in place, or in memory of its own.
  Status write_block(std::size_t section,
                     const std::function<void(std::span<std::byte> block)>& fill);
  /// What was put there.
  Result<std::span<const fingerprint::Pdq256>> values();
  /// Unmaps the pages of values(), or of the block of a digest set, that were read or written: a
  /// page that is mapped counts as memory of the process. One that is touched again is mapped
  /// again, with what was written. In memory nothing happens.
  void forget_pages(ByteView bytes) const;

  /// Of memory.
  [[nodiscard]] std::unique_ptr<Segment::State> take_state();
  /// Of a file: makes it durable, then puts it in its place.
  Status finish(std::int64_t removed_through);

  [[nodiscard]] bool is_file() const noexcept { return fd_.valid(); }

  [[nodiscard]] const SegmentCounts& counts() const noexcept { return counts_; }

 private:
  explicit SegmentImage(const SegmentCounts& counts, const SegmentLayout& layout);
  Status write_mapped(std::size_t section,
                      const std::function<void(std::span<std::byte> block)>& fill);

  SegmentCounts counts_;
  SegmentLayout layout_;
  HugeArray<std::byte> memory_;
  Fd fd_;
  std::filesystem::path file_;
  std::filesystem::path temporary_;
  Mapping values_;
  std::vector<Checksum> checksums_;
};

/// Writes all that a source has, but does not finish a file.
Status write_sections(const SegmentSource& source,
                      const BuildOptions& options,
                      SegmentImage& image);

[[nodiscard]] SegmentCounts counts_of(const SegmentSource& source, const BuildOptions& options);

/// run_steps, or one after the other where that is empty.
void run_all(const RunSteps& run_steps,
             std::size_t count,
             const std::function<void(std::size_t)>& step);

/// A segment in memory.
[[nodiscard]] std::shared_ptr<const Segment> build_segment(const SegmentSource& source,
                                                           std::int64_t removed_through,
                                                           const BuildOptions& options);
/// A segment in a file.
Status write_segment(const SegmentSource& source,
                     std::int64_t removed_through,
                     const std::filesystem::path& file,
                     const BuildOptions& options);

}  // namespace tutela::match
