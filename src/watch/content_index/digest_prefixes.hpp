// DigestPrefixes: the first 8 bytes of a few digests that very many contents are compared with.
//
// Digests are evenly spread, so a prefix is its own hash: a bitmap of 64 bits a digest or more
// refuses nearly all, what is left is looked up. Immutable; searched by many threads.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/digest.hpp"
#include "engine/match/match.hpp"

namespace tutela::content_index {

/// The prefixes of MD5, SHA-1 and SHA-256, in this order.
using Prefixes = std::array<std::uint64_t, 3>;
[[nodiscard]] Prefixes prefixes_of(const crypto::Digests& digests) noexcept;

struct Digest {
  match::SignalKind kind = match::SignalKind::kSha256;  // not kPdq
  ByteView value;                                       // of its kind's length
};

class DigestPrefixes {
 public:
  explicit DigestPrefixes(std::span<const Digest> digests);

  /// True if any of the three is among them.
  [[nodiscard]] bool any_of(const Prefixes& prefixes) const noexcept;

 private:
  struct Set {
    std::vector<std::uint64_t> sorted;
    std::vector<std::uint64_t> bitmap;
    int shift = 0;
  };

  static bool contains(const Set& set, std::uint64_t prefix) noexcept;

  std::array<Set, 3> sets_;
};

}  // namespace tutela::content_index
