// Schema: XML against cybertipline.xsd, with libxml2.
//
// The XML is hostile until xml_guard.hpp has passed it; libxml2 sees no DOCTYPE, no entity but the
// five, and no network. The schema is parsed once. Messages name elements and attributes of the
// schema, never values: these hold personal data. Thread-safe, one validation at a time.
#pragma once

#include <string_view>
#include <vector>

#include "exchange/cybertip/cybertip.hpp"

namespace tutela::cybertip {

inline constexpr std::size_t kXmlBytesMax = 4U << 20;
inline constexpr std::size_t kProblemsMax = 200;

/// What the schema finds wrong, code "schema", in the order of the XML, at most kProblemsMax. Paths
/// count elements of one name from 0 where there are several: "report/victim/1/victimPerson".
std::vector<Problem> schema_problems(std::string_view xml);

}  // namespace tutela::cybertip
