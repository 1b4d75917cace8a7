// View: what is filled into a template: values and sections by name. A plain value.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tutela::intake_page {

struct View {
  std::map<std::string, std::string, std::less<>> values;
  std::map<std::string, std::vector<View>, std::less<>> sections;  // shown once for each

  View& set(std::string_view name, std::string_view value) {
    values.insert_or_assign(std::string(name), std::string(value));
    return *this;
  }

  /// The section once more; what is not set in it is looked for here.
  View& add(std::string_view section) { return sections[std::string(section)].emplace_back(); }

  void show(std::string_view section, bool shown = true) {
    if (shown) {
      add(section);
    }
  }
};

}  // namespace tutela::intake_page
