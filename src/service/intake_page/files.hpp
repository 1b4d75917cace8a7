// Files: what the public pages are made of (web/intake), embedded at build time. Thread-safe.
#pragma once

#include <span>
#include <string_view>

namespace tutela::intake_page {

struct File {
  std::string_view name;  // "templates/report.html"
  std::string_view bytes;
};

[[nodiscard]] std::span<const File> files() noexcept;
/// Empty where there is none of this name.
[[nodiscard]] std::string_view bytes_of(std::string_view name) noexcept;

}  // namespace tutela::intake_page
