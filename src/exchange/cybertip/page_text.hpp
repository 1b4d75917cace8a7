// Page text: text of anybody as text of an HTML page. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace tutela::cybertip {

/// Markup is escaped. What would be invisible or change the order in which text is read (control
/// characters, zero width, direction marks) is shown by its number: "[U+202E]". Bytes that are not
/// UTF-8 become U+FFFD. Line ends stay.
std::string html_text(std::string_view text);

/// "2026-01-02 03:04:05 UTC" for "2026-01-02T03:04:05Z"; everything else as it is. Not escaped.
std::string readable_time(std::string_view text);

}  // namespace tutela::cybertip
