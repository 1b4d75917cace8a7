#include "service/cybertip_simulator/xml.hpp"

#include <algorithm>
#include <memory>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>

#include "exchange/cybertip/schema_text.hpp"

namespace tutela::cybertip_simulator {

namespace {

constexpr std::size_t kComplaintBytesMax = 1500;

using DocumentPointer = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;
using ParserPointer = std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)>;
using SchemaPointer = std::unique_ptr<xmlSchema, decltype(&xmlSchemaFree)>;

std::string_view view(const xmlChar* text) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): UTF-8 bytes either way.
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, kComplaintBytesMax));
  std::replace(line.begin(), line.end(), '\n', ' ');
  while (!line.empty() && line.back() == ' ') {
    line.pop_back();
  }
  return line;
}

void keep_first(void* into, xmlErrorPtr error) {
  auto* const text = static_cast<std::string*>(into);
  if (text->empty() && error != nullptr && error->message != nullptr) {
    *text = one_line(error->message);
  }
}

void refuse_document_type(void* context,
                          const xmlChar* /*name*/,
                          const xmlChar* /*external*/,
                          const xmlChar* /*system*/) {
  xmlStopParser(static_cast<xmlParserCtxtPtr>(context));
}

Element copy(const xmlNode& node) {
  Element element;
  element.name = view(node.name);
  for (const xmlAttr* at = node.properties; at != nullptr; at = at->next) {
    if (at->ns == nullptr) {
      xmlChar* const value = xmlNodeListGetString(node.doc, at->children, 1);
      element.attributes.emplace_back(view(at->name), view(value));
      xmlFree(value);
    }
  }
  for (const xmlNode* at = node.children; at != nullptr; at = at->next) {
    if (at->type == XML_ELEMENT_NODE) {
      element.children.push_back(copy(*at));
    } else if (at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) {
      element.text += view(at->content);
    }
  }
  return element;
}

const SchemaPointer& schema() {
  static const SchemaPointer kSchema = [] {
    const std::string_view text = cybertip::schema_text();
    xmlSchemaParserCtxtPtr const parser =
        xmlSchemaNewMemParserCtxt(text.data(), static_cast<int>(text.size()));
    SchemaPointer parsed(xmlSchemaParse(parser), &xmlSchemaFree);
    xmlSchemaFreeParserCtxt(parser);
    return parsed;
  }();
  return kSchema;
}

std::string complaint_of_schema(xmlDoc* document) {
  if (schema() == nullptr) {
    return "the schema cannot be read";
  }
  std::string complaint;
  xmlSchemaValidCtxtPtr const validator = xmlSchemaNewValidCtxt(schema().get());
  xmlSchemaSetValidStructuredErrors(validator, &keep_first, &complaint);
  if (xmlSchemaValidateDoc(validator, document) != 0 && complaint.empty()) {
    complaint = "does not fit the schema";
  }
  xmlSchemaFreeValidCtxt(validator);
  return complaint;
}

}  // namespace

const Element* Element::child(std::string_view wanted) const {
  for (const Element& one : children) {
    if (one.name == wanted) {
      return &one;
    }
  }
  return nullptr;
}

const std::string* Element::attribute(std::string_view wanted) const {
  for (const auto& [key, value] : attributes) {
    if (key == wanted) {
      return &value;
    }
  }
  return nullptr;
}

std::string_view Element::child_text(std::string_view wanted) const {
  const Element* const found = child(wanted);
  return found == nullptr ? std::string_view() : std::string_view(found->text);
}

Document read_document(std::string_view xml) {
  Document result;
  const ParserPointer parser(xmlNewParserCtxt(), &xmlFreeParserCtxt);
  if (parser == nullptr) {
    result.malformed = "out of memory";
    return result;
  }
  parser->sax->internalSubset = &refuse_document_type;
  const DocumentPointer document(
      xmlCtxtReadMemory(parser.get(),
                        xml.data(),
                        static_cast<int>(xml.size()),
                        nullptr,
                        "UTF-8",
                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
      &xmlFreeDoc);
  const xmlNode* const root = document ? xmlDocGetRootElement(document.get()) : nullptr;
  if (root == nullptr || parser->wellFormed == 0) {
    const xmlError* const error = xmlCtxtGetLastError(parser.get());
    const bool says = error != nullptr && error->message != nullptr;
    result.malformed = says ? one_line(error->message) : "no document, or one with a DOCTYPE";
    return result;
  }
  result.root = copy(*root);
  result.invalid = complaint_of_schema(document.get());
  return result;
}

}  // namespace tutela::cybertip_simulator
