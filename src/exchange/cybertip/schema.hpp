// Schema: XML against cybertipline.xsd of 2025-06-11. Thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "exchange/cybertip/cybertip.hpp"

namespace tutela::cybertip {

/// What the schema finds wrong with a <report> or <fileDetails>; none for XML that it accepts.
std::vector<Problem> schema_problems(std::string_view xml);

}  // namespace tutela::cybertip
