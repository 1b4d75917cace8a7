// Xml: a document that somebody sent, read by libxml2 and held against NCMEC's schema.
//
// A document type is refused before anything of it is looked at. Thread-safe; owns what it returns.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tutela::cybertip_simulator {

struct Element {
  std::string name;
  std::string text;                                             // of itself, without its children's
  std::vector<std::pair<std::string, std::string>> attributes;  // those without a namespace
  std::vector<Element> children;

  [[nodiscard]] const Element* child(std::string_view wanted) const;
  [[nodiscard]] const std::string* attribute(std::string_view wanted) const;
  [[nodiscard]] std::string_view child_text(std::string_view wanted) const;  // empty: none
};

struct Document {
  Element root;
  std::string malformed;  // why it is no XML; then there is no root
  std::string invalid;    // what the schema says against it
};

Document read_document(std::string_view xml);

}  // namespace tutela::cybertip_simulator
