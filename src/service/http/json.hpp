// JSON: our values as the API shows them, and the strict reading of what callers send.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.hpp"
#include "exchange/lists/lists.hpp"
#include "service/http/request.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::http {

/// What a caller without `read` learns of an item: its id, accepted or held, and when it arrived.
[[nodiscard]] boost::json::object receipt_json(const ledger::Content& content);

enum class Hashes : std::uint8_t { kHidden, kShown };
/// What a caller with `read` sees.
[[nodiscard]] boost::json::object content_json(const ledger::Content& content, Hashes hashes);

[[nodiscard]] boost::json::object list_json(const lists::List& list);
[[nodiscard]] boost::json::object dry_run_json(const lists::DryRun& run);
[[nodiscard]] boost::json::object import_json(const lists::ImportReport& report);
[[nodiscard]] boost::json::array bad_lines_json(const lists::ImportReport& report);

[[nodiscard]] Response json_response(int status, const boost::json::value& body);

/// Reads one JSON object field by field. The first complaint is kept; ask finish() before using
/// what was read. Unknown fields are errors, so that a misspelt one is not lost in silence.
class ObjectReader {
 public:
  /// Error: kInvalidInput "request.bad_json". An empty body is an empty object.
  static Result<ObjectReader> parse(std::string_view body);

  explicit ObjectReader(boost::json::object object) : object_(std::move(object)) {}

  [[nodiscard]] bool has(std::string_view name) const { return object_.contains(name); }

  [[nodiscard]] std::string text(std::string_view name, std::size_t size_max);
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name,
                                                         std::size_t size_max);
  /// What people type: as text(), with line breaks and tabs.
  [[nodiscard]] std::string lines(std::string_view name, std::size_t size_max);
  [[nodiscard]] std::optional<std::string> optional_lines(std::string_view name,
                                                          std::size_t size_max);
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view name,
                                                             std::int64_t min,
                                                             std::int64_t max);
  /// A whole number or `word`, as text.
  [[nodiscard]] std::optional<std::string> optional_integer_or(std::string_view name,
                                                               std::int64_t min,
                                                               std::int64_t max,
                                                               std::string_view word);
  [[nodiscard]] std::optional<bool> optional_flag(std::string_view name);
  /// nullopt when absent. Error when it is no array or has no or more than `size_max` members. It
  /// is moved out: it may be large.
  [[nodiscard]] std::optional<boost::json::array> optional_array(std::string_view name,
                                                                 std::size_t size_max);
  /// As optional_array(), and may be empty; empty when absent.
  [[nodiscard]] boost::json::array members(std::string_view name, std::size_t size_max);
  /// As members(), and not absent.
  [[nodiscard]] boost::json::array needed_members(std::string_view name, std::size_t size_max);
  /// A reader of its own; it complains apart.
  [[nodiscard]] ObjectReader object(std::string_view name);
  /// An object for somebody else to read; moved out.
  [[nodiscard]] boost::json::object whole_object(std::string_view name);

  /// Errors: kInvalidInput "request.missing_field", "request.bad_field", "request.unknown_field".
  [[nodiscard]] Status finish() const;

 private:
  boost::json::value* take(std::string_view name);
  boost::json::value* take_needed(std::string_view name);
  boost::json::array members_of(boost::json::value* value,
                                std::string_view name,
                                std::size_t size_max);
  void complain(std::string_view code, std::string_view name, std::string_view what);

  boost::json::object object_;
  std::size_t taken_ = 0;
  std::optional<Error> complaint_;
};

}  // namespace tutela::http
