// Segment: an immutable set of signals, in memory or mapped from a file, and how one is made.
//
// The file is one: header, table of sections, sections that begin at multiples of 4,096 bytes, each
// with its checksum. It is written beside its place, synced, and renamed over it, so that a reader
// finds the old or the new one and never a part. Everything in it can be computed again from the
// store: a file that is torn, corrupt or of another version is refused and rebuilt.
//
// A file is used where it is mapped, not copied. Where the file system keeps large folios (ext4
// from Linux 6.16 on, XFS), the kernel maps nearly all of it by huge pages, and a search takes as
// long as in huge pages of memory (10 million signals: p50 within 3 %); with pages of 4 KiB it
// takes about 1.3 to 1.9 times as long. A copy would be as fast everywhere, but would double the
// memory while a merge goes from the old file to the new one, could not be given back under
// pressure, nor shared by processes. A file that is cut while it is mapped ends the process: nobody
// else writes it.
//
// A Segment may be searched by many threads. A builder belongs to one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "engine/match/match.hpp"

namespace tutela::match {

/// A list as far as a segment has it.
struct SegmentList {
  Uuid id;
  std::int64_t through_id = 0;  // the greatest signal id that was looked at
};

class Segment {
 public:
  ~Segment();

  /// Maps a file and checks all of it. Errors: kNotFound "index.none"; kCorrupted "index.corrupt"
  /// (torn, damaged, or of another version); kUnavailable "index.unreadable".
  static Result<std::shared_ptr<const Segment>> open(const std::filesystem::path& file,
                                                     const RunSteps& run_steps = {});

  [[nodiscard]] const std::vector<SegmentList>& lists() const noexcept;
  /// The caller's position in its log of removals when this was made.
  [[nodiscard]] std::int64_t removed_through() const noexcept;
  [[nodiscard]] std::size_t size(SignalKind kind) const noexcept;
  /// Of the signals and what finds them, wherever they lie.
  [[nodiscard]] std::size_t size_bytes() const noexcept;

  struct State;

  [[nodiscard]] const State& state() const noexcept { return *state_; }  // for match's own sources

  explicit Segment(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

/// Collects signals of lists. Any order; 48 bytes a signal.
class SegmentBuilder {
 public:
  SegmentBuilder();
  SegmentBuilder(SegmentBuilder&&) noexcept;
  SegmentBuilder& operator=(SegmentBuilder&&) noexcept;
  ~SegmentBuilder();

  /// Returns the list's index for add().
  std::uint32_t add_list(const SegmentList& list);
  void set_through(std::uint32_t list, std::int64_t through_id);
  void set_removed_through(std::int64_t position);
  /// `value` has the length of its kind; PDQ is 32 bytes, most significant first.
  void add(std::uint32_t list, std::int64_t signal_id, SignalKind kind, ByteView value);
  void add_pdq(std::uint32_t list, std::int64_t signal_id, const fingerprint::Pdq256& value);
  [[nodiscard]] std::size_t size() const noexcept;

  /// In memory; PDQ gets an index from options.index_signals_min signals on.
  [[nodiscard]] std::shared_ptr<const Segment> build(const BuildOptions& options = {}) &&;
  /// As a file, atomically. Fails on the disk's errors: "file.write_failed".
  Status write(const std::filesystem::path& file, const BuildOptions& options = {}) &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes one file with the signals of several segments, without those that `is_removed` names and
/// without lists that `keep_list` refuses. A signal is in at most one of them. Memory beyond the
/// segments: what the bands need while they are built, nothing a signal.
Status merge_segments(std::span<const std::shared_ptr<const Segment>> segments,
                      const std::function<bool(std::int64_t signal_id)>& is_removed,
                      const std::function<bool(const Uuid& list)>& keep_list,
                      std::int64_t removed_through,
                      const std::filesystem::path& file,
                      const BuildOptions& options = {});

}  // namespace tutela::match
