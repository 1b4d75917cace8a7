// Numbers as the format writes them: little endian. Internal to this module.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace tutela::evidence_format {

inline void put_number(std::uint64_t value, std::span<std::byte> out) {
  for (std::byte& byte : out) {
    byte = static_cast<std::byte>(value & 0xFFU);
    value >>= 8;
  }
}

[[nodiscard]] inline std::uint64_t get_number(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return value;
}

}  // namespace tutela::evidence_format
