// Schema text: cybertipline.xsd, embedded when the program is built (embed_schema.py).
#pragma once

#include <string_view>

namespace tutela::cybertip {

std::string_view schema_text() noexcept;

}  // namespace tutela::cybertip
