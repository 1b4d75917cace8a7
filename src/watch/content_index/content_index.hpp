// ContentIndex: the fingerprints of everything that was scanned, all eight orientations, in segment
// files that are streamed past the signals that a list has gained.
//
// Derived data: it can be made again from the database, so it holds no links to people and no
// tenant. It never misses in silence: a torn tail is cut off, and its entries come again because
// position() goes back with them; any other damage is an error.
//
// A folder holds a lock and the files segment-00000000, -00000001, ... . A file is a header and
// blocks; append() writes one block: a header of 40 bytes, then columns: ids (16 bytes a content),
// digest prefixes (24), number of frames (4), hashes (256 a frame). A content of one frame takes
// 300 bytes, and its share of the block's header.
//
// Thread-safe: one append() at a time, any number of search() and for_each() beside it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/digest.hpp"
#include "engine/fingerprint/pdq.hpp"
#include "engine/match/match.hpp"
#include "engine/match/stream_index.hpp"
#include "watch/content_index/digest_prefixes.hpp"

namespace tutela::content_index {

/// The hashes of a frame, in the order of fingerprint::Orientation.
using Hashes = std::array<fingerprint::Pdq256, fingerprint::kOrientations>;

struct Entry {
  Uuid content_id;
  crypto::Digests digests;
  std::vector<Hashes> frames;  // only those fit for matching, in their order; may be none
};

/// A place between two blocks. Valid in the index whose id() it was taken with, and after every
/// restart; the default is the beginning.
struct Mark {
  std::uint32_t segment = 0;
  std::uint64_t offset = 0;

  friend constexpr auto operator<=>(const Mark&, const Mark&) = default;
};

struct Stats {
  std::uint64_t contents = 0;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint32_t segments = 0;
};

struct Options {
  std::filesystem::path folder;  // made where it is absent
  /// A file that has reached this gets no further block.
  std::uint64_t segment_bytes_max = std::uint64_t{256} << 20;
  match::RunSteps run_steps;  // threads for search(); empty: the caller's alone
};

/// What is looked for: either may be absent.
struct Query {
  const match::StreamIndex* pdq = nullptr;
  const DigestPrefixes* digests = nullptr;
};

/// A content that the query hits, once per content and block. By PDQ it is certain; by a digest
/// only the first 8 bytes were compared, so that the caller looks again.
using OnHit = std::function<void(const Uuid& content_id)>;
/// All blocks before `done` are searched and their hits were given; a search that begins there goes
/// on without a gap. `contents` counts them from the search's beginning. False ends the search.
using OnProgress = std::function<bool(Mark done, std::uint64_t contents)>;
/// `first` is the original-orientation hash of the first frame; null without frames.
using OnEntry = std::function<bool(const Uuid& content_id, const fingerprint::Pdq256* first)>;

/// Which of these contents are kept, in their order.
using KeepsOf = std::function<Result<std::vector<bool>>(std::span<const Uuid> content_ids)>;

/// Bytes of one block at most: one append() of about 220,000 frames.
inline constexpr std::uint64_t kBlockBytesMax = std::uint64_t{64} << 20;

class ContentIndex {
 public:
  /// Opens or makes the index of a folder for this process alone, and reads the last segment.
  /// Errors: kConflict "content_index.locked" (another process has it); kCorrupted
  /// "content_index.corrupt" (damage other than a torn tail: remove the folder, open it again, and
  /// append from position 0); kUnavailable "content_index.io", and kLimitExceeded for a full disk.
  static Result<std::unique_ptr<ContentIndex>> open(Options options);
  ~ContentIndex();

  /// Tells this index from one that was made again in its place. Marks belong to it.
  [[nodiscard]] const Uuid& id() const noexcept;
  /// The caller's position (a sequence of its database) as of the last durable append; 0 when
  /// empty.
  [[nodiscard]] std::int64_t position() const;
  /// Where the next block will be.
  [[nodiscard]] Mark end() const;
  [[nodiscard]] Stats stats() const;

  /// Writes one block; durable and visible to searches when it returns. `position` never goes back;
  /// entries may be none. After an error nothing of it is there.
  /// Errors: kInvalidInput "content_index.position"; kLimitExceeded
  /// "content_index.block_too_large"; kUnavailable "content_index.io"; kLimitExceeded for a full
  /// disk.
  Status append(std::span<const Entry> entries, std::int64_t position);

  /// Streams the blocks in [from, to) past the query. Calls back from the threads of run_steps, one
  /// call at a time; a slow callback slows the search. A hit may come again after a crash or in a
  /// later block, never not at all. Errors: kInvalidInput "content_index.no_such_mark"; kCorrupted
  /// "content_index.corrupt"; kUnavailable "content_index.io".
  Status search(Mark from,
                Mark to,
                const Query& query,
                const OnHit& on_hit,
                const OnProgress& on_progress) const;

  /// Each entry in [from, to), in order, in the caller's thread, until `on_entry` returns false.
  /// Errors as of search().
  Status for_each(Mark from, Mark to, const OnEntry& on_entry) const;

  /// Appends what is kept of [from, to) to another index, which has then come as far; small blocks
  /// become larger ones. False when it was stopped before. Errors as of search() and append(), and
  /// those of `keeps`.
  Result<bool> copy_to(ContentIndex& other,
                       Mark from,
                       Mark to,
                       const KeepsOf& keeps,
                       const std::function<bool()>& stop_requested) const;

 private:
  struct State;
  explicit ContentIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::content_index
