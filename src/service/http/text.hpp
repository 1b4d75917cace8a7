// Text: what callers give us as labels, checked before it is stored or shown. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace tutela::http {

/// True for 1 to `size_max` bytes of valid UTF-8 without control characters.
[[nodiscard]] bool is_label(std::string_view text, std::size_t size_max) noexcept;

/// Whether a comma-separated header holds `token` (any case, parameters ignored).
[[nodiscard]] bool has_token(std::string_view header, std::string_view token) noexcept;

/// ASCII, without case.
[[nodiscard]] bool equal_no_case(std::string_view left, std::string_view right) noexcept;

/// Without blanks and tabs at both ends.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

}  // namespace tutela::http
