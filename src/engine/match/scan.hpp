// Scan: the linear search over rows of PDQ values, one definition and its SIMD kernels. Internal
// to match.
//
// A SIMD kernel compares the first 96 of the 256 bits, kept in three planes of 32 bits each: the
// distance of a part is at most the distance of the whole, so no row within the limit is lost, and
// few others remain (at a limit of 31, about 0.03 % of random rows). The caller compares all 256
// bits of what remains. All variants of a query are compared in one pass over memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/fingerprint/pdq.hpp"
#include "engine/match/match.hpp"

namespace tutela::match {

inline constexpr std::size_t kPlanes = 3;
/// Rows of one call at most, so that the candidates fit a small buffer.
inline constexpr std::size_t kScanRowsMax = 1024;
inline constexpr std::size_t kCandidatesMax = kScanRowsMax * fingerprint::kOrientations;
/// Kernels read whole vectors: the planes have this many entries more than there are rows.
inline constexpr std::size_t kPlanePadding = 16;

/// Where the rows of one call begin. Borrowed.
struct ScanRows {
  std::array<const std::uint32_t*, kPlanes> planes{};
  const fingerprint::Pdq256* values = nullptr;
  std::size_t count = 0;  // at most kScanRowsMax
};

/// A row that may lie within the limit of a variant. Without initialisers: arrays of it are not
/// cleared.
struct Candidate {
  std::uint32_t row;
  std::uint32_t variant;
};

/// `variants` are 1 or 8; `out` has room for kCandidatesMax. Returns how many were written, in no
/// particular order, each pair at most once.
using ScanFunction = std::size_t (*)(const ScanRows& rows,
                                     std::span<const fingerprint::Pdq256> variants,
                                     int limit,
                                     Candidate* out);

/// The first 96 bits as the planes hold them.
[[nodiscard]] constexpr std::array<std::uint32_t, kPlanes> plane_words(
    const fingerprint::Pdq256& value) noexcept {
  return {static_cast<std::uint32_t>(value.words[0] >> 32),
          static_cast<std::uint32_t>(value.words[0]),
          static_cast<std::uint32_t>(value.words[1] >> 32)};
}

std::size_t scan_scalar(const ScanRows& rows,
                        std::span<const fingerprint::Pdq256> variants,
                        int limit,
                        Candidate* out);
#if defined(__x86_64__)
std::size_t scan_avx2(const ScanRows& rows,
                      std::span<const fingerprint::Pdq256> variants,
                      int limit,
                      Candidate* out);
std::size_t scan_avx512(const ScanRows& rows,
                        std::span<const fingerprint::Pdq256> variants,
                        int limit,
                        Candidate* out);
#endif

/// The function of active_kernel().
[[nodiscard]] ScanFunction active_scan();

}  // namespace tutela::match
