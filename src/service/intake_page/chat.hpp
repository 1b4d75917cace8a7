// Chat: messages as people copy them out of an app, one a line, into who said what and when. Pure.
//
// Lines are "name: words"; before the name there may be a time, as exports of common apps write it:
// "[12.11.26, 20:15:30] name: words", "12/11/2026, 20:15 - name: words". A line that begins no
// message goes on with the one before. Nothing is dropped: what fits no message is words of nobody.
#pragma once

#include <string_view>
#include <vector>

#include "casework/intake/model.hpp"

namespace tutela::intake_page {

/// At most 200 messages: what follows is added to the last one. Their sizes are not bounded here;
/// intake::check() says what is too long.
[[nodiscard]] std::vector<intake::Said> parse_chat(std::string_view text);

}  // namespace tutela::intake_page
