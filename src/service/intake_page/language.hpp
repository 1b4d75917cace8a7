// Language: which of the catalogues somebody reads, and where they may be, from what their browser
// says. Pure.
//
// Source: RFC 9110, 12.5.4 (Accept-Language); RFC 5646 (tags).
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace tutela::intake_page {

inline constexpr std::array<std::string_view, 2> kLanguages = {"en", "de"};

/// One of kLanguages: that which is asked for, else the one that the browser likes best.
[[nodiscard]] std::string_view language_of(std::string_view asked,
                                           std::string_view accept_language) noexcept;

/// The region of the first tag that has one: "CH" of "de-CH, en;q=0.5"; empty: none.
[[nodiscard]] std::string country_of(std::string_view accept_language);

}  // namespace tutela::intake_page
