// Match: exact search of fingerprints in lists of signals.
//
// A Generation is immutable: searched by many threads, replaced whole. It is made of the lists that
// match, of one or more segments (segment.hpp), and of the ids that were removed from them. Search
// is exact: every signal within its list's distance is found (recall 1.0), whatever the kernel. Few
// PDQ signals are searched one after the other, many through an index whose cost grows far slower
// (see index.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/digest.hpp"
#include "engine/fingerprint/pdq.hpp"

namespace tutela::match {

enum class SignalKind : std::uint8_t { kPdq, kMd5, kSha1, kSha256 };
[[nodiscard]] std::string_view to_string(SignalKind kind) noexcept;  // "pdq", "md5", ...
Result<SignalKind> parse_signal_kind(std::string_view text);

/// Bits, 0..63. A list's own; the default is PDQ's confident-match threshold. Above 31 an index
/// reads 8 to 41 times the buckets: bench/README.md says what that costs.
inline constexpr int kPdqDistanceDefault = 31;
inline constexpr int kPdqDistanceMax = 63;
/// PDQ below this quality is not matched (Meta's recommendation; 49 and less are discarded).
inline constexpr int kPdqQualityMin = 50;

/// What a search needs to know of a list.
struct ListEntry {
  Uuid id;
  std::int64_t version = 0;
  int pdq_distance_max = kPdqDistanceDefault;
};

struct Hit {
  std::uint32_t list = 0;  // index into Generation::lists()
  std::int64_t signal_id = 0;
  SignalKind kind = SignalKind::kPdq;
  int distance = 0;         // 0 for digests
  std::uint32_t frame = 0;  // of the content; 0 for digests
  fingerprint::Orientation orientation = fingerprint::Orientation::kOriginal;

  friend bool operator==(const Hit&, const Hit&) = default;
};

/// One picture or frame. The search covers the eight orientations unless told not to.
struct PdqQuery {
  std::span<const fingerprint::Pdq256> variants;  // 1 or 8, in the order of Orientation
  std::uint32_t frame = 0;
};

class Segment;

class Generation {
 public:
  ~Generation();

  /// Of segments, in which the lists are found by their ids. Signals of other lists, and those
  /// whose ids are in `removed`, sorted, or null, are not found.
  [[nodiscard]] static std::shared_ptr<const Generation> of_segments(
      std::vector<ListEntry> lists,
      const std::vector<std::shared_ptr<const Segment>>& segments,
      std::shared_ptr<const std::vector<std::int64_t>> removed);

  /// All hits of one picture; for a signal within reach in several orientations only the nearest
  /// (the first of equals). Ordered by list, then signal id. `distance_max` narrows every list's
  /// own.
  [[nodiscard]] std::vector<Hit> search_pdq(const PdqQuery& query,
                                            std::optional<int> distance_max = {}) const;
  /// Exact digests.
  [[nodiscard]] std::vector<Hit> search_digests(const crypto::Digests& digests) const;
  /// One digest given by kind and bytes (for lookups by hash). Wrong length finds nothing.
  [[nodiscard]] std::vector<Hit> search_digest(SignalKind kind, ByteView digest) const;

  [[nodiscard]] const std::vector<ListEntry>& lists() const noexcept;
  /// Signals of lists that match; those that were removed count until they are merged away.
  [[nodiscard]] std::size_t size(SignalKind kind) const noexcept;
  [[nodiscard]] std::size_t size_bytes() const noexcept;

 private:
  friend class GenerationBuilder;
  struct State;
  explicit Generation(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// From so many PDQ signals on a generation holds an index. It takes 4 MiB and 84 bytes a signal
/// more than the linear search, and below this is not faster.
inline constexpr std::size_t kIndexSignalsMin = 65'536;

/// Runs step(0) to step(count - 1), at once or in any order, and returns when all have ended.
using RunSteps =
    std::function<void(std::size_t count, const std::function<void(std::size_t)>& step)>;

struct BuildOptions {
  std::size_t index_signals_min = kIndexSignalsMin;  // 0: always an index
  RunSteps run_steps;  // empty: one after the other. The module itself starts no threads
};

/// Collects signals and makes a generation. Not thread-safe.
class GenerationBuilder {
 public:
  GenerationBuilder();
  ~GenerationBuilder();

  /// Returns the list's index for add_*.
  std::uint32_t add_list(ListEntry list);
  void add_pdq(std::uint32_t list, std::int64_t signal_id, const fingerprint::Pdq256& value);
  /// The digest's length must be that of its kind.
  void add_digest(std::uint32_t list, std::int64_t signal_id, SignalKind kind, ByteView digest);

  [[nodiscard]] std::shared_ptr<const Generation> build(const BuildOptions& options = {}) &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Holds the current generation; readers keep theirs alive. Thread-safe.
class CurrentGeneration {
 public:
  [[nodiscard]] std::shared_ptr<const Generation> get() const;
  void replace(std::shared_ptr<const Generation> generation);

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const Generation> generation_ TUTELA_GUARDED_BY(mutex_);
};

/// Implementations of both searches; TUTELA_MATCH_KERNEL=scalar|avx2|avx512 forces one.
enum class Kernel : std::uint8_t { kScalar, kAvx2, kAvx512 };
[[nodiscard]] std::vector<Kernel> supported_kernels();
[[nodiscard]] Kernel active_kernel();
[[nodiscard]] std::string_view to_string(Kernel kernel) noexcept;
void force_kernel(Kernel kernel);

}  // namespace tutela::match
