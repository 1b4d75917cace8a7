// Bytes: views and buffers of raw bytes, and their hexadecimal text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tutela {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// The bytes of a text, borrowed.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

/// The characters of some bytes, borrowed. The bytes need not be text.
[[nodiscard]] inline std::string_view as_text(ByteView bytes) noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): char may alias any byte.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Lowercase, two digits a byte.
[[nodiscard]] std::string to_hex(ByteView bytes);

/// Reads exactly `out.size()` bytes from upper- or lowercase hex digits.
/// Errors: kInvalidInput "hex.bad_length" or "hex.bad_digit".
Status parse_hex(std::string_view hex, std::span<std::byte> out);

}  // namespace tutela
