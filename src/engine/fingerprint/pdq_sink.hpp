// RowSink: takes the rows of one picture and gives its 64 x 64 samples; one class per kernel.
//
// Not thread-safe; one per picture. Rows are borrowed for the length of a call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/fingerprint/pdq.hpp"
#include "engine/fingerprint/pdq_stages.hpp"

namespace tutela::fingerprint {

class RowSink {
 public:
  RowSink() = default;
  RowSink(const RowSink&) = delete;
  RowSink& operator=(const RowSink&) = delete;
  virtual ~RowSink() = default;

  virtual void add_rows(const std::uint8_t* rows,
                        std::size_t stride_bytes,
                        std::uint32_t count) = 0;
  virtual void finish(Samples& samples) = 0;
};

/// The definition: whole planes, one stage after the other. Also takes pictures of exactly 64 x 64,
/// which are sampled without any filter.
std::unique_ptr<RowSink> make_plane_sink(std::uint32_t width,
                                         std::uint32_t height,
                                         PixelFormat format);

/// The strip kernels, for pictures of which neither side is longer than kStripSideMax and that are
/// not 64 x 64. `kernel` is kAvx2 or kAvx512 and supported by this CPU.
std::unique_ptr<RowSink> make_strip_sink(Kernel kernel,
                                         std::uint32_t width,
                                         std::uint32_t height,
                                         PixelFormat format);

/// Keeps the box's pixel counts (at most 2^13) far below the 2^21 up to which strip kernels divide
/// exactly, see Reciprocal.
inline constexpr std::uint32_t kStripSideMax = 1U << 20;

}  // namespace tutela::fingerprint
