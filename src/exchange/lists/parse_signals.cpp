#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "exchange/lists/lists.hpp"

namespace tutela::lists {
namespace {

using match::SignalKind;

constexpr std::size_t kLineCharsMax = 1024;
constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::string_view kHexDigits = "0123456789abcdef";
/// What a first line may call its columns.
constexpr std::array<std::string_view, 7> kColumnNames = {
    "type", "kind", "value", "hash", "signal", "signal_type", "hash_type"};

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view kSpace = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string lowercase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(
      lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// The first two columns of a line, in lowercase, without quotation marks.
std::array<std::string, 2> columns_of(std::string_view line) {
  std::array<std::string, 2> columns;
  for (std::string& column : columns) {
    const std::size_t comma = line.find(',');
    std::string_view field = trimmed(line.substr(0, comma));
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
      field = trimmed(field.substr(1, field.size() - 2));
    }
    column = lowercase(field);
    if (comma == std::string_view::npos) {
      break;
    }
    line.remove_prefix(comma + 1);
  }
  return columns;
}

bool names_columns(const std::array<std::string, 2>& columns) {
  const auto is_column_name = [](const std::string& text) {
    return std::ranges::find(kColumnNames, text) != kColumnNames.end();
  };
  return is_column_name(columns[0]) && (columns[1].empty() || is_column_name(columns[1]));
}

std::optional<SignalKind> kind_named(std::string_view text) {
  if (text == "sha-1") {
    return SignalKind::kSha1;
  }
  if (text == "sha-256") {
    return SignalKind::kSha256;
  }
  const auto kind = match::parse_signal_kind(text);
  return kind ? std::optional(*kind) : std::nullopt;
}

std::size_t digits_of(SignalKind kind) {
  switch (kind) {
    case SignalKind::kMd5:
      return 32;
    case SignalKind::kSha1:
      return 40;
    case SignalKind::kPdq:
    case SignalKind::kSha256:
      break;
  }
  return 64;
}

std::optional<SignalKind> kind_of_length(std::size_t digits) {
  for (const SignalKind kind : {SignalKind::kPdq, SignalKind::kMd5, SignalKind::kSha1}) {
    if (digits == digits_of(kind)) {
      return kind;
    }
  }
  return {};
}

struct ParsedLine {
  SignalKind kind = SignalKind::kPdq;
  std::string hex;
  std::string_view problem;  // empty for a good line
};

ParsedLine parse_line(std::array<std::string, 2> columns, std::optional<SignalKind> file_kind) {
  ParsedLine line;
  std::optional<SignalKind> kind = kind_named(columns[0]);
  if (kind) {
    line.hex = std::move(columns[1]);
  } else {
    line.hex = std::move(columns[0]);
    kind = kind_named(columns[1]);
    if (!kind && !columns[1].empty()) {
      line.problem = "the kind is not pdq, md5, sha1 or sha256";
      return line;
    }
  }
  if (!kind) {
    kind = file_kind ? file_kind : kind_of_length(line.hex.size());
  }
  if (line.hex.find_first_not_of(kHexDigits) != std::string::npos) {
    line.problem = "the value is not written in hex digits (0-9, a-f)";
  } else if (!kind) {
    line.problem = "the value does not have 32, 40 or 64 hex digits";
  } else if (line.hex.size() != digits_of(*kind)) {
    line.problem = "the value does not have as many hex digits as its kind";
  } else {
    line.kind = *kind;
  }
  return line;
}

}  // namespace

void parse_signals(std::string_view text,
                   std::optional<SignalKind> kind,
                   const std::function<void(SignalKind, std::string hex)>& on_signal,
                   const std::function<void(BadLine)>& on_bad) {
  if (text.starts_with(kBom)) {
    text.remove_prefix(kBom.size());
  }
  bool first = true;
  for (std::int64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view line = trimmed(whole);
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    if (whole.size() > kLineCharsMax) {
      on_bad({number, "the line is longer than 1,024 characters"});
      first = false;
      continue;
    }
    auto columns = columns_of(line);
    if (std::exchange(first, false) && names_columns(columns)) {
      continue;
    }
    ParsedLine parsed = parse_line(std::move(columns), kind);
    if (parsed.problem.empty()) {
      on_signal(parsed.kind, std::move(parsed.hex));
    } else {
      on_bad({number, std::string(parsed.problem)});
    }
  }
}

}  // namespace tutela::lists
