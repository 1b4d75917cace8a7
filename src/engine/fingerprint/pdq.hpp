// PDQ: the 256-bit perceptual hash of a picture at full resolution, its quality, and the hashes of
// its eight orientations.
//
// Definition: Facebook/Meta, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing
// algorithm" (2019), and the vectors of its reference core without pre-resize: what pytx, HMA and
// the Java implementation compute. EXIF rotation is not applied. Plain values, no heap, no locks.
//
// Where that core leaves a choice: a side below 5 pixels gives the zero hash and quality 0 in every
// orientation. A picture of exactly 64 x 64 is not blurred, as in the core's plain hash; all eight
// orientations and the quality then come from the same unblurred samples (the core's dihedral
// function blurs them, so that its first hash is not its plain one).
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tutela::fingerprint {

/// words[0] holds the first 16 hex digits, most significant first.
struct Pdq256 {
  std::array<std::uint64_t, 4> words{};

  friend constexpr auto operator<=>(const Pdq256&, const Pdq256&) = default;
};

static_assert(sizeof(Pdq256) == 32);

/// Number of differing bits, 0..256. Smaller is more similar.
[[nodiscard]] constexpr int distance(const Pdq256& left, const Pdq256& right) noexcept {
  int bits = 0;
  for (std::size_t i = 0; i < left.words.size(); ++i) {
    bits += std::popcount(left.words[i] ^ right.words[i]);
  }
  return bits;
}

/// 32 bytes in the order of the hex digits.
[[nodiscard]] constexpr Pdq256 pdq_from_bytes(const std::array<std::byte, 32>& bytes) noexcept {
  Pdq256 hash;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    hash.words[i / 8] = hash.words[i / 8] << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return hash;
}

/// Reads 64 hex digits. Errors: kInvalidInput "hex.bad_length", "hex.bad_digit".
Result<Pdq256> parse_pdq(std::string_view hex);
/// 64 lowercase digits.
[[nodiscard]] std::string to_hex(const Pdq256& hash);

/// The orientations in the order of every array of eight hashes in this project.
enum class Orientation : std::uint8_t {
  kOriginal,
  kRotate90,
  kRotate180,
  kRotate270,
  kFlipX,
  kFlipY,
  kFlipPlus1,
  kFlipMinus1,
};
inline constexpr std::size_t kOrientations = 8;
/// "original", "rotate_90", ..., "flip_x", "flip_plus_1": the names in the API.
[[nodiscard]] std::string_view to_string(Orientation orientation) noexcept;

/// The hash as it would be in another orientation if the median stayed where it is. It moves: the
/// hash of the turned picture (PdqResult) differs by up to 28 bits, so a search in lists takes that
/// one. But this is a rearrangement of bits, which keeps distances: the least distance of one hash
/// to all eight forms of another is the same from both sides.
[[nodiscard]] Pdq256 reoriented(const Pdq256& hash, Orientation orientation) noexcept;

struct PdqResult {
  std::array<Pdq256, kOrientations> hashes{};
  std::uint8_t quality = 0;  // 0..100; below 50 the hash is not fit for matching

  friend bool operator==(const PdqResult&, const PdqResult&) = default;
};

/// kRgb24: luma is 0.299 R + 0.587 G + 0.114 B in floats. kGrey8: luma is the value itself, as in
/// the core's function for grey and in pytx; the same picture as R = G = B differs in the last bit
/// of some lumas, so decoders pass grey pictures as grey.
enum class PixelFormat : std::uint8_t { kGrey8, kRgb24 };

/// Hashes one picture whose rows arrive from top to bottom, in strips of any height, so that a
/// decoder can feed it without a whole picture in memory. Not thread-safe; one per picture.
class PdqHasher {
 public:
  /// Width and height in pixels, each at least 1; the caller has bounded their product.
  PdqHasher(std::uint32_t width, std::uint32_t height, PixelFormat format);
  PdqHasher(PdqHasher&&) noexcept;
  PdqHasher& operator=(PdqHasher&&) noexcept;
  ~PdqHasher();

  /// `rows` points at `count` rows of `stride_bytes` each; fastest are strips of 16 rows or a
  /// multiple. More rows than the height end the process.
  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count);

  /// Call once, after exactly `height` rows; fewer end the process.
  [[nodiscard]] PdqResult finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// All rows at once.
[[nodiscard]] PdqResult pdq_of(const std::uint8_t* pixels,
                               std::uint32_t width,
                               std::uint32_t height,
                               std::size_t stride_bytes,
                               PixelFormat format);

/// The implementations, all giving the same bits. The best one that the CPU supports is chosen
/// once; the environment variable TUTELA_PDQ_KERNEL=scalar|avx2|avx512 forces one (a name that this
/// CPU does not support is ignored). Matching has its own (TUTELA_MATCH_KERNEL).
enum class Kernel : std::uint8_t { kScalar, kAvx2, kAvx512 };
[[nodiscard]] std::vector<Kernel> supported_kernels();
[[nodiscard]] Kernel active_kernel();
[[nodiscard]] std::string_view to_string(Kernel kernel) noexcept;
/// For tests and benchmarks: what hashers made after this call use. The CPU must support it.
void force_kernel(Kernel kernel);

}  // namespace tutela::fingerprint
