#include "service/cybertip_simulator/form.hpp"

#include <charconv>
#include <utility>

namespace tutela::cybertip_simulator {

namespace {

constexpr std::size_t kEncodedBytesMax = 4096;
constexpr std::string_view kMultipart = "multipart/form-data";
constexpr std::string_view kEncoded = "application/x-www-form-urlencoded";

Error malformed(std::string_view what) {
  return {ErrorKind::kInvalidInput, "form.malformed", "malformed form: " + std::string(what)};
}

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& byte : small) {
    byte = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  }
  return small;
}

/// The value of `name=` in a header such as `form-data; name="id"; filename="a.jpg"`. Quoted values
/// are skipped as wholes, so that a file cannot be named `"; name="id`.
std::optional<std::string> parameter(std::string_view header, std::string_view wanted) {
  std::size_t at = header.find(';');
  while (at < header.size()) {
    at = header.find_first_not_of("; \t", at);
    const std::size_t equals = header.find('=', at);
    if (at == std::string_view::npos || equals == std::string_view::npos) {
      return {};
    }
    const std::string name = lower(header.substr(at, equals - at));
    std::string value;
    at = equals + 1;
    if (at < header.size() && header[at] == '"') {
      for (++at; at < header.size() && header[at] != '"'; ++at) {
        at += header[at] == '\\' && at + 1 < header.size() ? 1U : 0U;
        value += header[at];
      }
      if (at >= header.size()) {
        return {};  // no closing quote
      }
      at = std::min(header.find(';', at), header.size());
    } else {
      const std::size_t end = std::min(header.find(';', at), header.size());
      value = header.substr(at, end - at);
      value.erase(value.find_last_not_of(" \t") + 1);
      at = end;
    }
    if (name == wanted) {
      return value;
    }
  }
  return {};
}

/// The name of a part, from its head.
std::optional<std::string> part_name(std::string_view head) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    if (lower(line.substr(0, 20)) == "content-disposition:") {
      const std::size_t begin = std::min(line.find_first_not_of(" \t", 20), line.size());
      if (lower(line.substr(begin, 9)) != "form-data") {
        return {};
      }
      return parameter(line.substr(begin), "name");
    }
  }
  return {};
}

}  // namespace

Result<Form> Form::open(std::string_view content_type, OnFile on_file) {
  Form form;
  form.on_file_ = std::move(on_file);
  const std::string kind = lower(content_type);
  if (kind.starts_with(kEncoded) &&
      (kind.size() == kEncoded.size() || kind[kEncoded.size()] == ';')) {
    form.at_ = At::kEncoded;
    return form;
  }
  const auto boundary =
      kind.starts_with(kMultipart) ? parameter(content_type, "boundary") : std::nullopt;
  if (!boundary || boundary->empty() || boundary->size() > 70) {
    return Error{ErrorKind::kInvalidInput,
                 "form.type",
                 "the Content-Type must be multipart/form-data with a boundary"};
  }
  form.delimiter_ = "\r\n--" + *boundary;
  form.held_ = "\r\n";  // so that the first line is a delimiter like any other
  return form;
}

Status Form::feed(ByteView bytes) {
  if (at_ == At::kEncoded) {
    if (held_.size() + bytes.size() > kEncodedBytesMax) {
      return malformed("it is too long");
    }
    held_ += as_text(bytes);
    return ok();
  }
  held_ += as_text(bytes);
  while (true) {
    TUTELA_TRY_ASSIGN(const bool moved, step());
    if (!moved) {
      break;
    }
  }
  held_.erase(0, used_);
  used_ = 0;
  return ok();
}

Result<bool> Form::step() {
  switch (at_) {
    case At::kStart: {
      const std::string_view rest = std::string_view(held_).substr(used_);
      if (rest.size() < delimiter_.size()) {
        return false;
      }
      if (!rest.starts_with(delimiter_)) {
        return malformed("it must begin with its boundary");
      }
      used_ += delimiter_.size();
      at_ = At::kLineEnd;
      return true;
    }
    case At::kLineEnd:
      return after_delimiter();
    case At::kHead:
      return take_head();
    case At::kId:
    case At::kFile:
    case At::kOther:
      return take_part();
    case At::kEnd:
    case At::kEncoded:
      used_ = held_.size();
      return false;
  }
  return false;
}

Result<bool> Form::after_delimiter() {
  const std::string_view rest = std::string_view(held_).substr(used_);
  if (rest.size() < 2) {
    return false;
  }
  if (rest.starts_with("--")) {
    at_ = At::kEnd;
    return true;
  }
  if (!rest.starts_with("\r\n")) {
    return malformed("a boundary must end its line");
  }
  at_ = At::kHead;  // the line end stays: the head may be empty
  return true;
}

Result<bool> Form::take_head() {
  const std::string_view rest = std::string_view(held_).substr(used_);
  const std::size_t end = rest.find("\r\n\r\n");
  if (end == std::string_view::npos && rest.size() < kPartHeadBytesMax + 4) {
    return false;
  }
  if (end == std::string_view::npos || end > kPartHeadBytesMax) {
    return malformed("the head of a part is too long");
  }
  const auto name = part_name(rest.substr(2, end < 2 ? 0 : end - 2));
  if (!name || ++parts_ > kPartsMax) {
    return malformed("a part has no name, or there are too many");
  }
  if ((*name == "id" && has_id_) || (*name == "file" && has_file_)) {
    return malformed("a parameter is there twice");
  }
  has_id_ = has_id_ || *name == "id";
  has_file_ = has_file_ || *name == "file";
  at_ = *name == "id" ? At::kId : *name == "file" ? At::kFile : At::kOther;
  used_ += end + 4;
  return true;
}

Result<bool> Form::take_part() {
  const std::string_view rest = std::string_view(held_).substr(used_);
  const std::size_t found = rest.find(delimiter_);
  if (found == std::string_view::npos) {
    // The last bytes may be the begin of the delimiter.
    if (rest.size() >= delimiter_.size()) {
      const std::size_t sure = rest.size() - (delimiter_.size() - 1);
      TUTELA_TRY(keep(rest.substr(0, sure)));
      used_ += sure;
    }
    return false;
  }
  TUTELA_TRY(keep(rest.substr(0, found)));
  used_ += found + delimiter_.size();
  at_ = At::kLineEnd;
  return true;
}

Status Form::keep(std::string_view bytes) {
  if (at_ == At::kFile) {
    if (!bytes.empty()) {
      on_file_(as_bytes(bytes));
    }
    return ok();
  }
  if (at_ == At::kId) {
    if (id_.size() + bytes.size() > kIdBytesMax) {
      return malformed("the id is too long");
    }
    id_ += bytes;
  }
  return ok();
}

Status Form::take_encoded() {
  std::string_view rest = held_;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.starts_with("id=")) {
      if (has_id_ || pair.size() > kIdBytesMax) {
        return malformed("a parameter is there twice, or is too long");
      }
      has_id_ = true;
      id_ = pair.substr(3);  // digits: nothing that would have to be decoded
    }
  }
  return ok();
}

Status Form::finish() {
  if (at_ == At::kEncoded) {
    return take_encoded();
  }
  return at_ == At::kEnd ? ok() : Status(malformed("it ends before its last boundary"));
}

std::optional<std::int64_t> Form::id() const {
  std::int64_t value = 0;
  const auto read = std::from_chars(id_.data(), id_.data() + id_.size(), value);
  if (!has_id_ || id_.empty() || read.ec != std::errc() || read.ptr != id_.data() + id_.size() ||
      value <= 0) {
    return {};
  }
  return value;
}

}  // namespace tutela::cybertip_simulator
