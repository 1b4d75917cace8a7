// Members: of JSON that a server answers with, where what is missing or of another type is empty.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace tutela::cli {

[[nodiscard]] inline std::string text_of(const boost::json::object& object, std::string_view name) {
  const boost::json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace tutela::cli
