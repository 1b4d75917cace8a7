// Answer: what came back from a call, as the phase of a step (casework/reports/filing.hpp). Pure.
// Strict: only what certainly did not happen is trouble, only what was answered in full is done.
// Internal to authorities.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/authorities/channel.hpp"
#include "service/authorities/cybertip_call.hpp"

namespace tutela::authorities {

/// What an answer must say to be the one that was asked for.
struct Expected {
  reports::Step step = reports::Step::kSubmit;
  std::string authority_id;  // of the open report; empty for submit
  std::string md5;           // upload: of what was sent
};

Took judge(const Expected& expected, const Got& got);

/// An id of the service: decimal digits alone.
[[nodiscard]] std::optional<std::int64_t> number_of(std::string_view text) noexcept;

/// An authority's words as they may be kept: at most 2000 bytes of printable text, without what
/// looks like an address, a digest, a file name or a value of the document.
[[nodiscard]] std::string presentable(std::string_view description);

}  // namespace tutela::authorities
