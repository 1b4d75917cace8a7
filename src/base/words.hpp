// Words: tables of the words of the outside for enumerations. Pure functions.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tutela {

// In the order of their enumerations.
template <std::size_t N>
using Words = std::array<std::string_view, N>;

template <std::size_t N, class T>
std::string_view word_of(const Words<N>& words, T value) noexcept {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? words[index] : std::string_view();
}

/// Error: kInvalidInput `code`, which names the words there are.
template <class T, std::size_t N>
Result<T> value_of(const Words<N>& words, std::string_view text, std::string_view code) {
  const auto* const found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) {
    return static_cast<T>(found - words.begin());
  }
  std::string message = "the words are:";
  for (const std::string_view word : words) {
    message += word.empty() ? " (empty)" : " " + std::string(word);
  }
  return Error{ErrorKind::kInvalidInput, code, message};
}

}  // namespace tutela
