// Codes: what is known of every code of a condition beforehand: how long it has to hold before it
// is an alarm and to be gone before it is cleared, what becomes of items meanwhile, and what to do.
// A table; stateless.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tutela::alarms {

/// A condition that comes back before it was gone for long has held all the while: what flickers
/// does not hide.
struct CodeRule {
  std::string_view code;
  std::int64_t raise_ms = 0;   // it holds for so long; 0: raised at the first look
  std::int64_t clear_ms = 0;   // it is gone for so long
  std::string_view meanwhile;  // what is safe: as in the console and docs/watch.md
  std::string_view advice;     // what to do: likewise
};

/// In the order of observations.hpp.
[[nodiscard]] std::span<const CodeRule> codes() noexcept;

/// Of a code that is not in the table: one that is raised at once, with general advice.
[[nodiscard]] const CodeRule& rule_of(std::string_view code) noexcept;

/// False of what waits for people outside or for partners (intake.*, partner.*): such an alarm is
/// told like any other, and says nothing of whether detection is on, so nobody outside can turn it
/// off.
[[nodiscard]] bool concerns_detection(std::string_view code) noexcept;

/// In the table, from 0.
[[nodiscard]] std::size_t place_of(std::string_view code) noexcept;

/// What to do about it: for mails, `tutela status`, the console and the documentation.
[[nodiscard]] std::string_view advice_of(std::string_view code) noexcept;

}  // namespace tutela::alarms
