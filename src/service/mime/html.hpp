// Html: what a person would read of an HTML mail, as plain text, through libxml2. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace tutela::mime {

/// `html` is UTF-8. Scripts, styles and comments are left out; an address behind a link stands
/// after its text, in angle brackets. Nothing is ever loaded. At most `size_bytes_max` and a few.
[[nodiscard]] std::string html_to_text(std::string_view html, std::size_t size_bytes_max);

}  // namespace tutela::mime
