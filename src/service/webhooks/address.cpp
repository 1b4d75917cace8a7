#include "service/webhooks/address.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

namespace tutela::webhooks {

namespace {

template <class Address>
struct Prefix {
  Address address;
  unsigned bits;
};

template <class Address>
bool lies_in(const Address& address, const Prefix<Address>& prefix) noexcept {
  for (std::size_t i = 0; i * 8 < prefix.bits; ++i) {
    const std::size_t left = prefix.bits - i * 8;
    const unsigned mask = left >= 8 ? 0xFFU : (0xFF00U >> left) & 0xFFU;
    if (((address[i] ^ prefix.address[i]) & mask) != 0) {
      return false;
    }
  }
  return true;
}

template <class Address>
bool lies_in_any(const Address& address, std::span<const Prefix<Address>> prefixes) noexcept {
  return std::any_of(
      prefixes.begin(), prefixes.end(), [&](const auto& one) { return lies_in(address, one); });
}

constexpr Prefix<V4> kNotPublicV4[] = {
    {{0, 0, 0, 0}, 8},        // this network
    {{10, 0, 0, 0}, 8},       // private
    {{100, 64, 0, 0}, 10},    // shared by carriers
    {{127, 0, 0, 0}, 8},      // this machine
    {{169, 254, 0, 0}, 16},   // link-local
    {{172, 16, 0, 0}, 12},    // private
    {{192, 0, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 88, 99, 0}, 24},   // 6to4 relays
    {{192, 168, 0, 0}, 16},   // private
    {{198, 18, 0, 0}, 15},    // benchmarks
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, broadcast
};
// All that is public lies in 2000::/3; the rest (this machine, v4-mapped, NAT64, unique local,
// link-local, multicast) is not in it.
constexpr Prefix<V6> kGlobalV6 = {{0x20}, 3};
constexpr Prefix<V6> kNotPublicV6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23},  // protocol assignments, Teredo, ORCHID
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4
    {{0x3f, 0xff, 0x00, 0x00}, 20},  // documentation
};

}  // namespace

bool is_public(const V4& address) noexcept {
  return !lies_in_any<V4>(address, kNotPublicV4);
}

bool is_public(const V6& address) noexcept {
  return lies_in(address, kGlobalV6) && !lies_in_any<V6>(address, kNotPublicV6);
}

}  // namespace tutela::webhooks
