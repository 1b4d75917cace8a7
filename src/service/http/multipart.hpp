// Multipart: a streaming reader of multipart/form-data (RFC 7578), fed in pieces of any size.
//
// Small on purpose: file parts, whose bytes go straight to a sink, and a few fields. By default one
// part named `file` after short fields; a form of people has other rules. File names and the parts'
// own media types are not looked at. Holds at most one head, one field and one boundary in memory.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::http {

inline constexpr std::size_t kPartHeadBytesMax = 4096;
inline constexpr std::size_t kFieldBytesMax = 1024;
inline constexpr std::size_t kPartsMax = 8;

struct MultipartRules {
  std::string_view file_name = "file";
  std::size_t files_max = 1;
  std::size_t parts_max = kPartsMax;
  std::size_t field_bytes_max = kFieldBytesMax;
  bool in_any_order = false;  // fields may come after files, and files be absent
};

/// What the reader calls. An error ends the reading and is returned.
struct MultipartSink {
  std::function<Status(std::string_view name, std::string value)> on_field;
  std::function<Status()> on_file_begin;
  std::function<Status(ByteView)> on_file_bytes;
};

/// The boundary of a multipart/form-data content type.
/// Errors: kInvalidInput "multipart.no_boundary".
Result<std::string> multipart_boundary(std::string_view content_type);

/// The boundary of a form; nothing of a type that is no multipart one. Errors: kInvalidInput
/// "request.media_type" (another multipart type), "multipart.no_boundary".
Result<std::optional<std::string>> form_boundary(std::string_view content_type);

class MultipartReader {
 public:
  MultipartReader(std::string_view boundary, MultipartSink sink, MultipartRules rules = {});

  /// Errors, all kInvalidInput: "multipart.malformed", "multipart.too_many_parts",
  /// "multipart.field_too_long", "multipart.field_after_file", "multipart.second_file"; and those
  /// of the sink.
  Status feed(ByteView bytes);

  /// After the last byte. Errors: "multipart.incomplete", "multipart.no_file".
  Status finish() const;

 private:
  enum class State { kPreamble, kAfterBoundary, kHead, kBody, kEpilogue };

  Result<bool> step();  // false: more bytes are needed
  Result<bool> find_boundary();
  Result<bool> after_boundary();
  Result<bool> read_head();
  Result<bool> read_body();
  Status begin_part(std::string_view head);
  Status take_body(std::string_view bytes);
  Status end_part();

  std::string delimiter_;  // CR LF "--" boundary
  MultipartSink sink_;
  std::string pending_;
  std::size_t start_ = 0;  // what of pending_ is read already
  State state_ = State::kPreamble;
  std::size_t parts_ = 0;
  std::string field_name_;
  std::string field_value_;
  bool in_file_ = false;
  MultipartRules rules_;
  std::size_t files_ = 0;
};

}  // namespace tutela::http
