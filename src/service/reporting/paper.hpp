// Paper: a document while it is put together: its values, each with where it comes from. Internal.
//
// Paths are those of exchange/cybertip ("files/0/originalFileHash"); a whole number in a path is a
// place in an array. Where a group was put at once, its origin is that of everything in it. Not
// thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.hpp"
#include "exchange/cybertip/cybertip.hpp"

namespace tutela::reporting {

class Paper {
 public:
  /// An empty report without files.
  Paper();

  /// Puts a value there, and makes the groups and arrays that lead there. An empty text is nothing:
  /// it is not put.
  void put(std::string_view path,
           boost::json::value value,
           std::string_view source,
           std::string_view detail);
  /// The same behind the last of the array at `path`.
  void add(std::string_view path,
           boost::json::value value,
           std::string_view source,
           std::string_view detail);

  [[nodiscard]] const boost::json::value& body() const noexcept { return body_; }

  [[nodiscard]] std::string text() const;
  /// One entry a leaf.
  [[nodiscard]] std::string provenance() const;

 private:
  boost::json::value body_;
  std::map<std::string, cybertip::Origin> origins_;
};

/// The value at a path; nullptr: none.
const boost::json::value* find(const boost::json::value& in, std::string_view path);

/// The origin of a path or of what it is part of; nullptr: none.
const cybertip::Origin* origin_of(const std::map<std::string, cybertip::Origin>& origins,
                                  std::string_view path);

/// Called for every leaf, in order.
using OnLeaf = std::function<void(const std::string& path, const boost::json::value& leaf)>;
void for_each_leaf(const boost::json::value& in, const std::string& path, const OnLeaf& on_leaf);

/// [{"path", "source", "detail"}, ...]
std::string to_json(const std::vector<cybertip::Origin>& origins);
/// Error: kCorrupted "store.corrupt".
Result<std::map<std::string, cybertip::Origin>> read_origins(std::string_view provenance);
/// A document: an object with "report" and "files". Error: kInvalidInput "report.bad_document".
Result<boost::json::value> read_document(std::string_view body);

boost::json::string to_text(std::string_view from);

}  // namespace tutela::reporting
