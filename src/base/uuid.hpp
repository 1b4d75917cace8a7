// Uuid: a 128-bit id. New ones are UUIDv7 (RFC 9562): they sort by time of creation.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela {

struct Uuid {
  std::array<std::byte, 16> bytes{};

  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// A new UUIDv7 with the given time and 74 random bits from the kernel. Within one process ids of
/// the same millisecond still sort in the order of creation. Thread-safe.
[[nodiscard]] Uuid new_uuid(UtcMs now_ms);

/// 36 characters, lowercase.
[[nodiscard]] std::string to_string(const Uuid& id);

/// Errors: kInvalidInput "uuid.malformed".
Result<Uuid> parse_uuid(std::string_view text);

}  // namespace tutela
