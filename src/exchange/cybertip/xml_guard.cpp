#include "exchange/cybertip/xml_guard.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <type_traits>

#include <expat.h>

namespace tutela::cybertip {
namespace {

constexpr std::size_t kAttributesMax = 32;

Error bad(std::string message) {
  return Error{ErrorKind::kInvalidInput, "cybertip.bad_xml", std::move(message)};
}

bool is_known_encoding(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  constexpr std::array<std::string_view, 4> kKnown = {"utf-8", "utf8", "us-ascii", "ascii"};
  return std::find(kKnown.begin(), kKnown.end(), lower) != kKnown.end();
}

class Reader {
 public:
  Reader(const XmlLimits& limits, const XmlEvents& events) : limits_(limits), events_(events) {}

  Status read(ByteView xml) {
    // The encoding that is given here overrides the one that the document names.
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> parser(
        XML_ParserCreate("UTF-8"));
    if (parser == nullptr) {
      return Error{ErrorKind::kUnavailable, "cybertip.no_memory", "no memory to read XML"};
    }
    parser_ = parser.get();
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, on_begin, on_end);
    XML_SetCharacterDataHandler(parser_, on_text);
    XML_SetStartDoctypeDeclHandler(parser_, on_doctype);
    XML_SetXmlDeclHandler(parser_, on_declaration);
    const std::string_view text = as_text(xml);
    const bool good =
        XML_Parse(parser_, text.data(), static_cast<int>(text.size()), XML_TRUE) == XML_STATUS_OK;
    if (!refusal_.empty()) {
      return bad(std::string(refusal_));
    }
    if (!good) {
      return bad("not well-formed XML at line " +
                 std::to_string(XML_GetCurrentLineNumber(parser_)) + ": " +
                 XML_ErrorString(XML_GetErrorCode(parser_)));
    }
    return ok();
  }

 private:
  struct Free {
    void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
  };

  static Reader& self_of(void* data) { return *static_cast<Reader*>(data); }

  void refuse(std::string_view why) {
    refusal_ = why;
    XML_StopParser(parser_, XML_FALSE);
  }

  static void on_begin(void* data, const XML_Char* name, const XML_Char** attributes) {
    Reader& self = self_of(data);
    if (!self.refusal_.empty()) {
      return;
    }
    std::size_t count = 0;
    while (attributes[count] != nullptr && count <= 2 * kAttributesMax) {
      count += 2;
    }
    if (++self.depth_ > self.limits_.depth) {
      self.refuse("the elements of the XML are nested too deep");
    } else if (++self.elements_ > self.limits_.elements || count > 2 * kAttributesMax) {
      self.refuse("the XML has too many elements or attributes");
    } else if (self.events_.begin) {
      self.events_.begin(name);
    }
  }

  static void on_end(void* data, const XML_Char* /*name*/) {
    Reader& self = self_of(data);
    if (!self.refusal_.empty()) {
      return;
    }
    --self.depth_;
    if (self.events_.end) {
      self.events_.end();
    }
  }

  static void on_text(void* data, const XML_Char* text, int size) {
    Reader& self = self_of(data);
    if (self.refusal_.empty() && self.events_.text) {
      self.events_.text(std::string_view(text, static_cast<std::size_t>(size)));
    }
  }

  static void on_doctype(void* data,
                         const XML_Char* /*name*/,
                         const XML_Char* /*system*/,
                         const XML_Char* /*public*/,
                         int /*internal*/) {
    self_of(data).refuse("the XML has a DOCTYPE, which nothing here needs");
  }

  static void on_declaration(void* data,
                             const XML_Char* /*version*/,
                             const XML_Char* encoding,
                             int /*standalone*/) {
    if (encoding != nullptr && !is_known_encoding(encoding)) {
      self_of(data).refuse("the XML says that it is neither UTF-8 nor ASCII");
    }
  }

  const XmlLimits& limits_;
  const XmlEvents& events_;
  XML_Parser parser_ = nullptr;
  std::size_t depth_ = 0;
  std::size_t elements_ = 0;
  std::string_view refusal_;
};

}  // namespace

Status read_xml(ByteView xml, const XmlLimits& limits, const XmlEvents& events) {
  if (xml.empty() || xml.size() > limits.bytes) {
    return bad(xml.empty() ? "there is no XML" : "the XML has too many bytes");
  }
  // Expat would follow the byte order mark of UTF-16, whatever it is told.
  if (xml.front() >= std::byte{0xFE}) {
    return bad("the XML is neither UTF-8 nor ASCII");
  }
  return Reader(limits, events).read(xml);
}

}  // namespace tutela::cybertip
