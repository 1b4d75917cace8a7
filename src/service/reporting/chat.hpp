// Chat: messages of which somebody told us, as lines of a document. Pure. Internal.
//
// A message is "[when] "who": text" and, for each further line of it, "| text": no line of a text
// begins as a message does, and neither who nor when can end early (\" \] \\). What would break a
// line or turn the order of characters around unseen is shown as what it is: <U+202E>.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "casework/intake/model.hpp"

namespace tutela::reporting {

struct Chat {
  std::string text;
  std::size_t left_out = 0;  // messages that had no place, the last ones
};

/// As many whole messages as have a place. `budget`: what all may take in a JSON document, in
/// bytes; what these take is taken off.
[[nodiscard]] Chat chat_of(const std::vector<intake::Said>& messages, std::size_t& budget);

}  // namespace tutela::reporting
