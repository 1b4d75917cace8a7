// Base64 (RFC 4648): bytes in texts of other people's formats. Stateless.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::crypto {

/// Of section 4, with padding.
[[nodiscard]] std::string to_base64(ByteView bytes);

/// Takes only what to_base64() gives: no blanks, padding where it belongs, no stray bits.
/// Error: kInvalidInput "base64.bad".
Result<Bytes> parse_base64(std::string_view text);

/// Of section 5, for addresses and JOSE: "-" and "_", without padding.
[[nodiscard]] std::string to_base64url(ByteView bytes);
/// Takes only what to_base64url() gives. Error: kInvalidInput "base64.bad".
Result<Bytes> parse_base64url(std::string_view text);

}  // namespace tutela::crypto
