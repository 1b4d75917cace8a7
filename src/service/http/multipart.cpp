#include "service/http/multipart.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "service/http/text.hpp"

namespace tutela::http {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kBoundaryBytesMax = 70;  // RFC 2046, 5.1.1
constexpr std::size_t kPreambleBytesMax = 4096;

Error malformed(std::string_view what) {
  return {ErrorKind::kInvalidInput,
          "multipart.malformed",
          "the multipart body is malformed: " + std::string(what)};
}

/// Reads `; name=value` or `; name="value"` and moves past it. Nothing when it is malformed.
std::optional<std::pair<std::string_view, std::string>> next_parameter(std::string_view& rest) {
  rest = trim(rest);
  if (!rest.starts_with(';')) {
    return {};
  }
  rest = trim(rest.substr(1));
  const std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos) {
    return {};
  }
  const std::string_view name = trim(rest.substr(0, equals));
  rest.remove_prefix(equals + 1);
  std::string value;
  if (!rest.starts_with('"')) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    value = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    return std::pair{name, std::move(value)};
  }
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return std::pair{name, std::move(value)};
    }
    i += rest[i] == '\\' && i + 1 < rest.size() ? 1U : 0U;
    value += rest[i];
  }
  return {};
}

std::optional<std::string> parameter(std::string_view header, std::string_view wanted) {
  std::string_view rest = header.substr(std::min(header.find(';'), header.size()));
  std::optional<std::string> found;
  while (!trim(rest).empty()) {
    auto next = next_parameter(rest);
    if (!next) {
      return {};
    }
    if (equal_no_case(next->first, wanted)) {
      if (found) {
        return {};
      }
      found = std::move(next->second);
    }
  }
  return found;
}

/// The name of a part, from its head.
std::optional<std::string> part_name(std::string_view head) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find(kLineEnd), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + kLineEnd.size(), head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos ||
        !equal_no_case(trim(line.substr(0, colon)), "content-disposition")) {
      continue;
    }
    const std::string_view value = trim(line.substr(colon + 1));
    if (!equal_no_case(trim(value.substr(0, value.find(';'))), "form-data")) {
      return {};
    }
    return parameter(value, "name");
  }
  return {};
}

}  // namespace

Result<std::string> multipart_boundary(std::string_view content_type) {
  auto boundary = parameter(content_type, "boundary");
  if (!boundary || !is_label(*boundary, kBoundaryBytesMax)) {
    return Error{ErrorKind::kInvalidInput,
                 "multipart.no_boundary",
                 "the content type needs a boundary of 1 to 70 characters"};
  }
  return *std::move(boundary);
}

Result<std::optional<std::string>> form_boundary(std::string_view content_type) {
  const std::string_view essence = trim(content_type.substr(0, content_type.find(';')));
  constexpr std::string_view kMultipart = "multipart/";
  if (!equal_no_case(essence.substr(0, kMultipart.size()), kMultipart)) {
    return std::optional<std::string>();
  }
  if (!equal_no_case(essence, "multipart/form-data")) {
    return Error{ErrorKind::kInvalidInput,
                 "request.media_type",
                 "of the multipart types only multipart/form-data is taken"};
  }
  TUTELA_TRY_ASSIGN(std::string boundary, multipart_boundary(content_type));
  return std::optional<std::string>(std::move(boundary));
}

MultipartReader::MultipartReader(std::string_view boundary,
                                 MultipartSink sink,
                                 MultipartRules rules)
    : delimiter_("\r\n--" + std::string(boundary)),
      sink_(std::move(sink)),
      pending_(kLineEnd),  // so that a boundary on the first line is found like any other
      rules_(rules) {}

Status MultipartReader::feed(ByteView bytes) {
  pending_.append(as_text(bytes));
  while (true) {
    TUTELA_TRY_ASSIGN(const bool progress, step());
    if (!progress) {
      break;
    }
  }
  pending_.erase(0, start_);
  start_ = 0;
  return ok();
}

Result<bool> MultipartReader::step() {
  switch (state_) {
    case State::kPreamble:
      return find_boundary();
    case State::kAfterBoundary:
      return after_boundary();
    case State::kHead:
      return read_head();
    case State::kBody:
      return read_body();
    case State::kEpilogue:
      start_ = pending_.size();  // ignored, RFC 2046
      return false;
  }
  return false;
}

Result<bool> MultipartReader::find_boundary() {
  const std::size_t found = pending_.find(delimiter_, start_);
  if (found == std::string::npos) {
    if (pending_.size() > kPreambleBytesMax) {
      return malformed("no boundary where it should begin");
    }
    return false;
  }
  start_ = found + delimiter_.size();
  state_ = State::kAfterBoundary;
  return true;
}

Result<bool> MultipartReader::after_boundary() {
  const std::string_view rest = std::string_view(pending_).substr(start_);
  if (rest.size() < 2) {
    return false;
  }
  if (rest.starts_with("--")) {
    state_ = State::kEpilogue;
    return true;
  }
  if (!rest.starts_with(kLineEnd)) {
    return malformed("a boundary must end its line");
  }
  // The line end stays: a part without a head has its blank line right after the boundary.
  state_ = State::kHead;
  return true;
}

Result<bool> MultipartReader::read_head() {
  const std::string_view rest = std::string_view(pending_).substr(start_);
  const std::size_t end = rest.find(kHeadEnd);
  if (end == std::string_view::npos || end > kPartHeadBytesMax) {
    if (rest.size() > kPartHeadBytesMax) {
      return malformed("a part's head is too long");
    }
    return false;
  }
  TUTELA_TRY(begin_part(rest.substr(0, end)));
  start_ += end + kHeadEnd.size();
  state_ = State::kBody;
  return true;
}

Result<bool> MultipartReader::read_body() {
  const std::string_view rest = std::string_view(pending_).substr(start_);
  const std::size_t found = rest.find(delimiter_);
  if (found == std::string_view::npos) {
    // The end may be the start of a delimiter.
    if (rest.size() >= delimiter_.size()) {
      const std::size_t sure = rest.size() - (delimiter_.size() - 1);
      TUTELA_TRY(take_body(rest.substr(0, sure)));
      start_ += sure;
    }
    return false;
  }
  TUTELA_TRY(take_body(rest.substr(0, found)));
  TUTELA_TRY(end_part());
  start_ += found + delimiter_.size();
  state_ = State::kAfterBoundary;
  return true;
}

Status MultipartReader::begin_part(std::string_view head) {
  if (++parts_ > rules_.parts_max) {
    return Error{ErrorKind::kInvalidInput,
                 "multipart.too_many_parts",
                 "the multipart body has too many parts"};
  }
  auto name = part_name(head);
  if (!name || name->empty()) {
    return malformed("a part needs a Content-Disposition of form-data with a name");
  }
  in_file_ = *name == rules_.file_name;
  if (!in_file_ && files_ > 0 && !rules_.in_any_order) {
    return Error{ErrorKind::kInvalidInput,
                 "multipart.field_after_file",
                 "fields must come before the file part"};
  }
  if (in_file_ && files_ >= rules_.files_max) {
    return Error{ErrorKind::kInvalidInput,
                 "multipart.second_file",
                 rules_.files_max == 1 ? "one file part is taken in a request"
                                       : "too many files in a request"};
  }
  field_name_ = *std::move(name);
  field_value_.clear();
  if (!in_file_) {
    return ok();
  }
  ++files_;
  return sink_.on_file_begin();
}

Status MultipartReader::take_body(std::string_view bytes) {
  if (in_file_) {
    return bytes.empty() ? ok() : sink_.on_file_bytes(as_bytes(bytes));
  }
  if (field_value_.size() + bytes.size() > rules_.field_bytes_max) {
    return Error{ErrorKind::kInvalidInput,
                 "multipart.field_too_long",
                 "a field of the multipart body is too long"};
  }
  field_value_ += bytes;
  return ok();
}

Status MultipartReader::end_part() {
  return in_file_ ? ok() : sink_.on_field(field_name_, std::exchange(field_value_, {}));
}

Status MultipartReader::finish() const {
  if (state_ != State::kEpilogue) {
    return Error{ErrorKind::kInvalidInput,
                 "multipart.incomplete",
                 "the multipart body ends before its last boundary"};
  }
  if (files_ == 0 && !rules_.in_any_order) {
    return Error{ErrorKind::kInvalidInput,
                 "multipart.no_file",
                 "the multipart body needs a part named file"};
  }
  return ok();
}

}  // namespace tutela::http
