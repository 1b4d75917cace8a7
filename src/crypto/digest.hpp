// Digests: MD5, SHA-1 and SHA-256 of one stream, in one pass.
//
// MD5 and SHA-1 are here because lists carry them, never for integrity or secrecy of our own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"

namespace tutela::crypto {

using Md5 = std::array<std::byte, 16>;
using Sha1 = std::array<std::byte, 20>;
using Sha256 = std::array<std::byte, 32>;

struct Digests {
  Md5 md5{};
  Sha1 sha1{};
  Sha256 sha256{};

  friend bool operator==(const Digests&, const Digests&) = default;
};

/// Feeds all three digests, or SHA-256 alone (the others stay 0). Not thread-safe; one per stream.
/// finish() may be called once.
class Digester {
 public:
  enum class Kinds : std::uint8_t { kAll, kSha256 };

  explicit Digester(Kinds kinds = Kinds::kAll);
  Digester(Digester&&) noexcept;
  Digester& operator=(Digester&&) noexcept;
  ~Digester();

  void update(ByteView bytes);
  [[nodiscard]] Digests finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 alone of one stream. Not thread-safe. finish() may be called once.
class Sha256Stream {
 public:
  Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  ~Sha256Stream();

  void update(ByteView bytes);
  [[nodiscard]] Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Digests digests_of(ByteView bytes);
[[nodiscard]] Sha256 sha256_of(ByteView bytes);
/// RFC 2104 with SHA-256.
[[nodiscard]] Sha256 hmac_sha256(ByteView key, ByteView message);

}  // namespace tutela::crypto
