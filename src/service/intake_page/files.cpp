#include "service/intake_page/files.hpp"

#include <algorithm>

namespace tutela::intake_page {

std::string_view bytes_of(std::string_view name) noexcept {
  const auto all = files();
  const auto found = std::ranges::find(all, name, &File::name);
  return found == all.end() ? std::string_view() : found->bytes;
}

}  // namespace tutela::intake_page
