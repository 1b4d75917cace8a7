// Bech32 (BIP 173, without its limit of length): texts whose typing errors are found.
//
// Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::crypto {

/// The bytes of a text that begins with `prefix` and "1". Lower case only; at most 1024 characters.
/// Error: kInvalidInput "bech32.bad".
Result<Bytes> parse_bech32(std::string_view text, std::string_view prefix);

/// `prefix` is lower case.
[[nodiscard]] std::string to_bech32(std::string_view prefix, ByteView bytes);

}  // namespace tutela::crypto
