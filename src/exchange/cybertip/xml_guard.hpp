// XML guard: the one place where XML of others is read, with Expat.
//
// Refused: what is not well-formed, a DOCTYPE (and with it every entity of its own), another
// encoding than UTF-8 or ASCII, too many bytes, too deep, too many elements or attributes. Pure;
// thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::cybertip {

struct XmlLimits {
  std::size_t bytes = 0;
  std::size_t depth = 0;
  std::size_t elements = 0;
};

/// What a document is made of, in its order. Text may come in pieces.
struct XmlEvents {
  std::function<void(std::string_view name)> begin;
  std::function<void(std::string_view text)> text;
  std::function<void()> end;
};

/// Error: kInvalidInput "cybertip.bad_xml", with what is wrong in words and never with the XML.
Status read_xml(ByteView xml, const XmlLimits& limits, const XmlEvents& events);

}  // namespace tutela::cybertip
