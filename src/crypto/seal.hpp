// Sealed streams: bytes encrypted while they are written, opened while they are read.
//
// Each stream has a random key of its own, wrapped by the caller's key. libsodium secretstream
// (XChaCha20-Poly1305) in chunks of 64 KiB: truncation, reordering, appended and changed bytes
// are all detected. Streams are not thread-safe; one per object.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace tutela::crypto {

/// Encrypts. Output is appended to the caller's buffer: header with the wrapped key first.
class Sealer {
 public:
  explicit Sealer(const Key& wrapping_key);
  Sealer(Sealer&&) noexcept;
  Sealer& operator=(Sealer&&) noexcept;
  ~Sealer();

  /// Takes plain bytes of any size; appends whole sealed chunks to `out` as they fill.
  void update(ByteView plain, Bytes& out);
  /// Ends the stream; without it the object does not open.
  void finish(Bytes& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// How many bytes `plain_size_bytes` take when sealed.
[[nodiscard]] std::uint64_t sealed_size_bytes(std::uint64_t plain_size_bytes) noexcept;

/// Opens a whole sealed object held in memory.
/// Errors: kCorrupted "seal.corrupt" (any change, truncation, wrong key); kLimitExceeded
/// "seal.too_large" when the plain bytes would pass `size_bytes_max`.
Result<Bytes> open_sealed(const Key& wrapping_key, ByteView sealed, std::uint64_t size_bytes_max);

}  // namespace tutela::crypto
