// Links in text, one after the other. Internal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "service/notice_text/notice_text.hpp"

namespace tutela::notice_text {

struct Link {
  std::string link;
  bool too_long = false;
};

/// The first one at or behind `at`, which is then behind it. In all, linear in the text.
[[nodiscard]] std::optional<Link> next_link(std::string_view text, std::size_t& at);

}  // namespace tutela::notice_text
