// Address: whether an address of the internet is one of the public ones, after the IANA IPv4 and
// IPv6 Special-Purpose Address Registries (RFC 6890). Stateless. Internal to webhooks.
#pragma once

#include <array>
#include <cstdint>

namespace tutela::webhooks {

using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

[[nodiscard]] bool is_public(const V4& address) noexcept;
/// Also refused is whatever carries an IPv4 address inside: v4-mapped, NAT64, 6to4, Teredo.
[[nodiscard]] bool is_public(const V6& address) noexcept;

}  // namespace tutela::webhooks
