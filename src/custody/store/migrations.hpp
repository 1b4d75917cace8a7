// Migrations: the numbered, forward-only steps of the schema. Step n (from 1) is migrations()[n-1].
// A step that has been released is never edited; a change is a new step.
#pragma once

#include <span>
#include <string_view>

namespace tutela::store {

/// Each a script of statements that end in ";" and a line break.
[[nodiscard]] std::span<const std::string_view> migrations() noexcept;

}  // namespace tutela::store
