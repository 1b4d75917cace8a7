// Bytes as libsodium takes them. Internal to this module.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"

namespace tutela::crypto {

// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): bytes to libsodium's bytes and back.
inline unsigned char* raw(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

inline const unsigned char* raw(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)

}  // namespace tutela::crypto
