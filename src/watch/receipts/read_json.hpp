// ReadJson: JSON of others, bounded in its depth. Internal to receipts. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tutela::receipts {

/// Null where the text is no JSON, or deeper.
[[nodiscard]] inline boost::json::value read_json(std::string_view text, std::size_t depth_max) {
  boost::system::error_code error;
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::value value = boost::json::parse(text, error, {}, options);
  return error ? boost::json::value() : value;
}

}  // namespace tutela::receipts
