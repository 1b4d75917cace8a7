// ConsoleFiles: the console as Vite built it, embedded in the binary (web/CMakeLists.txt).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace tutela::http {

struct ConsoleFile {
  std::string_view path;  // "/index.html", "/assets/index-TZhL.js"
  std::string_view media_type;
  std::string_view digest;  // SHA-256 of the file, in hex
  std::size_t size_bytes = 0;
  std::span<const std::byte> gzip;
};

/// By path.
[[nodiscard]] std::span<const ConsoleFile> console_files() noexcept;

}  // namespace tutela::http
