// Charset: text of a closed set of old encodings as UTF-8, through iconv. Not thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace tutela::mime {

/// Loads the encodings, so that they need no file later.
void load_charsets();

/// `name` as a message gives it, in any case. Where it is unknown, or lies: UTF-8 when it is that,
/// else windows-1252, in which everything is something. What cannot be read becomes U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view text, std::string_view name);

}  // namespace tutela::mime
