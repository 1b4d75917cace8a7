// Xml: checked types as the XML that the authority takes: elements in the schema's order, nothing
// for what is absent, every character as it was given. Used by check() alone. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "exchange/cybertip/model.hpp"

namespace tutela::cybertip {

inline constexpr std::string_view kXmlDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// A whole <report>, with its declaration.
std::string report_to_xml(const Report& report);

/// What stands in <fileDetails> behind the two ids.
std::string file_details_to_xml(const FileDetails& details);

/// Text as it stands in an element.
std::string escaped(std::string_view text);

}  // namespace tutela::cybertip
