// Texts of notices: what may stand in them, their numbers and PINs, and what of them joins cases.
// Pure but for random numbers. Internal to the module.
//
// A number is "T-" and twelve characters of Crockford's base 32 (no I, L, O, U) in groups of four;
// the last is a check character: a polynomial over GF(32), which finds every wrong character and
// every two that changed places.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "casework/intake/model.hpp"
#include "crypto/secret.hpp"

namespace tutela::intake {

/// UTF-8 without control characters but line ends and tabs.
[[nodiscard]] bool is_text(std::string_view text) noexcept;
/// Such text, of at most so many characters.
[[nodiscard]] bool fits(std::string_view text, std::size_t characters_max) noexcept;
[[nodiscard]] bool is_blank(std::string_view text) noexcept;

[[nodiscard]] std::string random_number();
/// As a person writes it: small letters, blanks and dashes anywhere, O for 0, I and L for 1, the
/// leading T left out. None where it is no number.
[[nodiscard]] std::optional<std::string> parse_number(std::string_view text);

[[nodiscard]] std::string random_pin();
/// Eight digits, with blanks and dashes anywhere.
[[nodiscard]] std::optional<std::string> parse_pin(std::string_view text);
/// What is kept of a PIN: hex.
[[nodiscard]] std::string pin_hash_of(const crypto::Key& key,
                                      std::string_view number,
                                      std::string_view pin);

/// Scheme and host in small letters, without a fragment; what is no URL as it is, without blanks
/// around it.
[[nodiscard]] std::string normal_link(std::string_view link);

struct Subject {
  std::string kind;  // "link" "account" "content"
  std::string value;

  friend auto operator<=>(const Subject&, const Subject&) = default;
};

/// Each once.
[[nodiscard]] std::vector<Subject> subjects_of(const Body& body, const std::vector<Uuid>& files);

}  // namespace tutela::intake
