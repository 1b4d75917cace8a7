#include "watch/content_index/digest_prefixes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.hpp"

namespace tutela::content_index {
namespace {

constexpr std::size_t kBitsADigest = 64;
constexpr std::size_t kBitsMin = 4096;

std::uint64_t prefix_of(ByteView digest) noexcept {
  std::uint64_t prefix = 0;
  std::memcpy(&prefix, digest.data(), sizeof prefix);
  return prefix;
}

/// The place of a kind in Prefixes, and the length of its digests.
struct KindOf {
  std::size_t set;
  std::size_t bytes;
};

KindOf kind_of(match::SignalKind kind) {
  switch (kind) {
    case match::SignalKind::kMd5:
      return {0, sizeof(crypto::Md5)};
    case match::SignalKind::kSha1:
      return {1, sizeof(crypto::Sha1)};
    case match::SignalKind::kSha256:
      return {2, sizeof(crypto::Sha256)};
    case match::SignalKind::kPdq:
      break;
  }
  return {3, 0};
}

}  // namespace

Prefixes prefixes_of(const crypto::Digests& digests) noexcept {
  return {prefix_of(digests.md5), prefix_of(digests.sha1), prefix_of(digests.sha256)};
}

DigestPrefixes::DigestPrefixes(std::span<const Digest> digests) {
  for (const Digest& digest : digests) {
    const KindOf kind = kind_of(digest.kind);
    TUTELA_CHECK(kind.set < sets_.size() && digest.value.size() == kind.bytes);
    sets_[kind.set].sorted.push_back(prefix_of(digest.value));
  }
  for (Set& set : sets_) {
    std::ranges::sort(set.sorted);
    const std::size_t bits = std::bit_ceil(std::max(kBitsMin, set.sorted.size() * kBitsADigest));
    set.shift = 64 - std::countr_zero(bits);
    set.bitmap.assign(bits / 64, 0);
    for (const std::uint64_t prefix : set.sorted) {
      const std::uint64_t bit = prefix >> set.shift;
      set.bitmap[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
  }
}

bool DigestPrefixes::contains(const Set& set, std::uint64_t prefix) noexcept {
  const std::uint64_t bit = prefix >> set.shift;
  return (set.bitmap[bit / 64] >> (bit % 64) & 1U) != 0 &&
         std::ranges::binary_search(set.sorted, prefix);
}

bool DigestPrefixes::any_of(const Prefixes& prefixes) const noexcept {
  bool any = false;
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    any = any || contains(sets_[i], prefixes[i]);
  }
  return any;
}

}  // namespace tutela::content_index
