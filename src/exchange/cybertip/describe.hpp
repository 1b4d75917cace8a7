// Describe: the fields of the model as data, for forms, differences and pages. It derives from
// fields() of the structs and nothing else. Immutable once made; thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "exchange/cybertip/values.hpp"

namespace tutela::cybertip {

struct Group;

struct Field {
  std::string_view name;  // "@type", "#text", "incidentType"
  std::string_view help;  // a sentence
  LeafInfo leaf;          // its kind is kGroup or kChoice where `group` is set
  std::size_t least = 0;
  std::size_t most = 1;          // more than one: an array in JSON
  const Group* group = nullptr;  // what the element holds
};

struct Group {
  std::string_view name;
  bool choice = false;  // exactly one of the fields
  std::vector<Field> fields;
};

/// {"report": ..., "files": [...]}
const Group& description();

}  // namespace tutela::cybertip
