#include "engine/fingerprint/pdq.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "engine/fingerprint/pdq_sink.hpp"

namespace tutela::fingerprint {
namespace {

constexpr std::size_t kHashBytes = sizeof(Pdq256);

/// Null where the picture is too small to be hashed.
std::unique_ptr<RowSink> make_sink(std::uint32_t width, std::uint32_t height, PixelFormat format) {
  if (std::min(width, height) < kSideMin) {
    return nullptr;
  }
  const Kernel kernel = active_kernel();
  const bool unfiltered = width == kGrid && height == kGrid;
  if (kernel == Kernel::kScalar || unfiltered || std::max(width, height) > kStripSideMax) {
    return make_plane_sink(width, height, format);
  }
  return make_strip_sink(kernel, width, height, format);
}

}  // namespace

Result<Pdq256> parse_pdq(std::string_view hex) {
  std::array<std::byte, kHashBytes> bytes{};
  TUTELA_TRY(parse_hex(hex, bytes));
  Pdq256 hash;
  for (std::size_t i = 0; i < kHashBytes; ++i) {
    hash.words[i / 8] = hash.words[i / 8] << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return hash;
}

std::string to_hex(const Pdq256& hash) {
  std::array<std::byte, kHashBytes> bytes{};
  for (std::size_t i = 0; i < kHashBytes; ++i) {
    bytes[i] = static_cast<std::byte>(hash.words[i / 8] >> (56 - i % 8 * 8) & 0xFF);
  }
  return tutela::to_hex(bytes);
}

std::string_view to_string(Orientation orientation) noexcept {
  switch (orientation) {
    case Orientation::kOriginal:
      return "original";
    case Orientation::kRotate90:
      return "rotate_90";
    case Orientation::kRotate180:
      return "rotate_180";
    case Orientation::kRotate270:
      return "rotate_270";
    case Orientation::kFlipX:
      return "flip_x";
    case Orientation::kFlipY:
      return "flip_y";
    case Orientation::kFlipPlus1:
      return "flip_plus_1";
    case Orientation::kFlipMinus1:
      return "flip_minus_1";
  }
  return "";
}

struct PdqHasher::State {
  std::uint32_t rows_left;
  std::unique_ptr<RowSink> sink;
};

PdqHasher::PdqHasher(std::uint32_t width, std::uint32_t height, PixelFormat format)
    : state_(std::make_unique<State>(State{height, make_sink(width, height, format)})) {}

PdqHasher::PdqHasher(PdqHasher&&) noexcept = default;
PdqHasher& PdqHasher::operator=(PdqHasher&&) noexcept = default;
PdqHasher::~PdqHasher() = default;

void PdqHasher::add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) {
  TUTELA_CHECK(count <= state_->rows_left);
  state_->rows_left -= count;
  if (state_->sink != nullptr) {
    state_->sink->add_rows(rows, stride_bytes, count);
  }
}

PdqResult PdqHasher::finish() {
  TUTELA_CHECK(state_->rows_left == 0);
  if (state_->sink == nullptr) {
    return PdqResult{};
  }
  Samples samples;
  state_->sink->finish(samples);
  return hash_samples(samples);
}

PdqResult pdq_of(const std::uint8_t* pixels,
                 std::uint32_t width,
                 std::uint32_t height,
                 std::size_t stride_bytes,
                 PixelFormat format) {
  PdqHasher hasher(width, height, format);
  hasher.add_rows(pixels, stride_bytes, height);
  return hasher.finish();
}

}  // namespace tutela::fingerprint
