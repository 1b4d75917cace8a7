// Segment sources: where the signals of a new segment come from, in the order in which it holds
// them: collected ones, or those of other segments. Internal to match. One thread at a time, but
// for each_digest, which may be called for different kinds at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/match/digest_set.hpp"
#include "engine/match/segment.hpp"
#include "engine/match/segment_state.hpp"

namespace tutela::match {

class SegmentSource {
 public:
  using OnRow = std::function<void(std::int64_t signal_id, const fingerprint::Pdq256& value)>;
  using OnDigest = std::function<void(const DigestEntry& entry)>;

  virtual ~SegmentSource() = default;
  [[nodiscard]] virtual const std::vector<SegmentList>& lists() const = 0;
  [[nodiscard]] virtual std::size_t rows(std::size_t list) const = 0;
  [[nodiscard]] virtual std::size_t digests(std::size_t kind) const = 0;  // by place
  /// In the order of their ids.
  virtual void each_row(std::size_t list, const OnRow& on_row) const = 0;
  /// In the order of DigestEntry.
  virtual void each_digest(std::size_t kind, const OnDigest& on_digest) const = 0;
};

struct CollectedRow {
  std::uint32_t list = 0;
  std::int64_t signal_id = 0;
  fingerprint::Pdq256 value;
};

/// Signals that were collected in memory.
struct Collected {
  std::vector<SegmentList> lists;
  std::vector<CollectedRow> rows;
  std::array<std::vector<DigestEntry>, kDigestKinds> digests;

  void add(std::uint32_t list, std::int64_t signal_id, SignalKind kind, ByteView value);
  [[nodiscard]] std::size_t size() const noexcept;
  /// Into the order of a segment; the first `sorted` of each are in order already.
  void sort(std::size_t rows_sorted = 0, std::array<std::size_t, kDigestKinds> digests_sorted = {});
};

/// Sorted ones. Borrows them.
class CollectedSource final : public SegmentSource {
 public:
  explicit CollectedSource(const Collected& collected);
  [[nodiscard]] const std::vector<SegmentList>& lists() const override;
  [[nodiscard]] std::size_t rows(std::size_t list) const override;
  [[nodiscard]] std::size_t digests(std::size_t kind) const override;
  void each_row(std::size_t list, const OnRow& on_row) const override;
  void each_digest(std::size_t kind, const OnDigest& on_digest) const override;

 private:
  const Collected& collected_;
  std::vector<std::size_t> begin_;
};

/// Which signals of segments are taken. Empty functions let all pass.
struct SegmentFilter {
  std::function<bool(const Uuid& list)> keep_list;
  std::function<std::int64_t(const Uuid& list)> after_id;  // signals with greater ids
  std::function<bool(std::int64_t signal_id)> is_removed;
};

/// The signals of several segments, merged as they are read: memory for lists only.
class MergedSource final : public SegmentSource {
 public:
  MergedSource(std::vector<std::shared_ptr<const Segment>> segments, SegmentFilter filter);
  [[nodiscard]] const std::vector<SegmentList>& lists() const override;
  [[nodiscard]] std::size_t rows(std::size_t list) const override;
  [[nodiscard]] std::size_t digests(std::size_t kind) const override;
  void each_row(std::size_t list, const OnRow& on_row) const override;
  void each_digest(std::size_t kind, const OnDigest& on_digest) const override;

 private:
  /// Rows of one segment for one list.
  struct Cursor {
    const Segment::State* segment = nullptr;
    std::size_t row = 0;
    std::size_t end = 0;
  };

  [[nodiscard]] std::vector<Cursor> cursors(std::size_t list) const;
  [[nodiscard]] bool removed(std::int64_t id) const;
  void count();

  std::vector<std::shared_ptr<const Segment>> segments_;
  SegmentFilter filter_;
  std::vector<SegmentList> lists_;
  std::vector<std::int64_t> after_;                 // by list
  std::vector<std::vector<std::uint32_t>> number_;  // of a segment's list here; kNoList
  std::vector<std::size_t> rows_;
  std::array<std::size_t, kDigestKinds> digests_{};
};

}  // namespace tutela::match
