// Incidents: the CyberTipline's incident types, and the words that routes have for them.
#pragma once

#include <string_view>

namespace tutela::reporting {

inline constexpr std::string_view kMaterial =
    "Child Pornography (possession, manufacture, and distribution)";

inline constexpr std::string_view kEnticement = "Online Enticement of Children for Sexual Acts";

/// "csam" for kMaterial, and so on: the table is in docs/reporting.md. What is no type is itself.
[[nodiscard]] std::string_view word_of_incident(std::string_view type) noexcept;

}  // namespace tutela::reporting
