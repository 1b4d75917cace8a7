// What every store of blobs shares: which names are good, and the footer that ends each blob.
//
// The bytes in a file or an S3 object are the blob's bytes, then 48 bytes:
//
//   0  16  "tutela-blob-1" and three zero bytes
//   16  8  size of the blob without the footer, little-endian
//   24 16  XXH3-128 of the blob's bytes, in XXH's canonical order (big-endian)
//   40  8  XXH3-64 of the 40 bytes above, canonical
//
// The checksum finds rot and truncation, not malice: the vault authenticates what it opens. XXH3 is
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. Nothing here is thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::blobs {

inline constexpr std::size_t kFooterSize = 48;
inline constexpr std::size_t kNameSizeMax = 128;
inline constexpr std::size_t kReplaceSizeMax = std::size_t{64} << 10;

/// Error: kInvalidInput "blob.bad_name".
Status check_name(std::string_view name);

using Footer = std::array<std::byte, kFooterSize>;

/// The checksum of a stream.
class Checksum {
 public:
  Checksum();
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;
  ~Checksum();

  void update(ByteView bytes);
  /// Of what was fed until now.
  [[nodiscard]] Footer footer() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::uint64_t size_ = 0;
};

/// The size that a footer names. Error: kCorrupted "blob.corrupt".
Result<std::uint64_t> footer_size_bytes(ByteView footer);

/// The bytes and their footer: what a small blob is stored as.
[[nodiscard]] Bytes with_footer(ByteView bytes);

[[nodiscard]] Error missing();
[[nodiscard]] Error corrupt();
[[nodiscard]] Error full();
[[nodiscard]] Error exists();
[[nodiscard]] Error too_large();
[[nodiscard]] Error ended();

}  // namespace tutela::blobs
