// Rules: what the technical documentation asks for beyond the schema.
//
// Written from the documentation (2025-06-11, appendices A to E) alone, not from what Tutela's own
// client checks, so that each finds the other's mistakes. Pure; documents have passed the schema.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "service/cybertip_simulator/xml.hpp"

namespace tutela::cybertip_simulator {

/// What is wrong with a <report>: the first thing found, in words. Empty: nothing.
std::string complaint_of_report(const Element& report, UtcMs now_ms);

/// The same for <fileDetails>, of a file in a report that is `batched` or is not.
std::string complaint_of_file(const Element& details, bool batched, UtcMs now_ms);

[[nodiscard]] bool is_batched(const Element& report);

}  // namespace tutela::cybertip_simulator
