#include <algorithm>
#include <string>

#include "watch/canaries/canaries.hpp"

namespace tutela::canaries {
namespace {

using fingerprint::PdqResult;

/// Two pictures have nothing in common: about 128 bits differ by chance.
constexpr int kFarBits = 90;
constexpr std::uint32_t kSide = 512;

PdqResult hash_of(const Seed& seed) {
  const auto pixels = draw(seed, kSide, kSide);
  return fingerprint::pdq_of(
      pixels.data(), kSide, kSide, std::size_t{3} * kSide, fingerprint::PixelFormat::kRgb24);
}

/// In whatever orientation.
bool is_far(const PdqResult& left, const PdqResult& right) {
  return std::ranges::all_of(left.hashes, [&](const fingerprint::Pdq256& hash) {
    return fingerprint::distance(hash, right.hashes[0]) > kFarBits;
  });
}

}  // namespace

Seeds::Seeds(const crypto::Key& key) {
  for (std::size_t which = 0, attempt = 0; which < kPositives; ++attempt) {
    const std::string name = "tutela canary picture " + std::to_string(attempt);
    seeds_[which] = crypto::hmac_sha256(key.bytes(), as_bytes(name));
    hashes_[which] = hash_of(seeds_[which]);
    const bool far = std::all_of(hashes_.begin(),
                                 hashes_.begin() + static_cast<std::ptrdiff_t>(which),
                                 [&](const auto& other) { return is_far(hashes_[which], other); });
    which += far ? 1 : 0;
  }
}

Seed Seeds::negative() const {
  while (true) {
    Seed seed{};
    crypto::random_bytes(seed);
    const PdqResult hash = hash_of(seed);
    if (std::ranges::all_of(hashes_, [&](const auto& other) { return is_far(hash, other); })) {
      return seed;
    }
  }
}

}  // namespace tutela::canaries
