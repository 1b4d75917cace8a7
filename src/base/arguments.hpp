// Arguments: texts as the system takes those of a new process: arguments, or its environment.
#pragma once

#include <string>
#include <vector>

namespace tutela {

/// Ends with a null pointer. Borrows the texts.
[[nodiscard]] inline std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace tutela
