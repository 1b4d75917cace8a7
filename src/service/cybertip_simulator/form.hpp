// Form: the parameters of /upload, /finish and /retract, read while they arrive.
//
// multipart/form-data (RFC 7578) with parts `id` and `file` in any order, or, without a file,
// application/x-www-form-urlencoded with `id`. A file of any size goes through in pieces; held are
// at most one head or one boundary of it. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::cybertip_simulator {

inline constexpr std::size_t kPartHeadBytesMax = 8192;
inline constexpr std::size_t kIdBytesMax = 64;
inline constexpr std::size_t kPartsMax = 16;

class Form {
 public:
  using OnFile = std::function<void(ByteView)>;

  /// Error: kInvalidInput "form.type": neither of the two content types.
  static Result<Form> open(std::string_view content_type, OnFile on_file);

  /// Errors: kInvalidInput "form.malformed".
  Status feed(ByteView bytes);
  /// After the last byte. Error: "form.malformed".
  Status finish();

  /// After finish().
  [[nodiscard]] std::optional<std::int64_t> id() const;

  [[nodiscard]] bool has_file() const noexcept { return has_file_; }

 private:
  enum class At : std::uint8_t { kStart, kLineEnd, kHead, kId, kFile, kOther, kEnd, kEncoded };

  Form() = default;
  Result<bool> step();  // false: needs more bytes
  Result<bool> after_delimiter();
  Result<bool> take_head();
  Result<bool> take_part();
  Status keep(std::string_view bytes);
  Status take_encoded();

  At at_ = At::kStart;
  std::string delimiter_;  // CR LF "--" boundary
  std::string held_;
  std::size_t used_ = 0;  // of held_
  std::size_t parts_ = 0;
  bool has_id_ = false;
  bool has_file_ = false;
  std::string id_;
  OnFile on_file_;
};

}  // namespace tutela::cybertip_simulator
