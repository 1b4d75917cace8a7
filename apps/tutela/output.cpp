#include "output.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "interrupt.hpp"

namespace tutela::cli {
namespace {

std::atomic<bool> output_failed{false};

/// Length of the valid UTF-8 sequence that starts `text`; 0 when there is none (RFC 3629).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) {
    return 0;
  }
  // The second byte's range keeps out overlong forms, surrogates and what is past U+10FFFF.
  const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) {
    return 0;
  }
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      return 0;
    }
  }
  return length;
}

bool is_control(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  // C1 controls are C2 80 .. C2 9F: some terminals obey them.
  return first < 0x20 || first == 0x7F ||
         (first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0);
}

/// Columns that valid UTF-8 text takes, near enough for a table.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    output_failed = true;
    request_stop();
  }
}

bool output_whole() {
  if (std::fflush(stdout) != 0) {
    output_failed = true;
  }
  return !output_failed;
}

void complain(std::string_view text) {
  std::fflush(stdout);
  // Nowhere is left to tell that standard error is gone.
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0 || is_control(sequence)) {
      for (const char c : sequence) {
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      }
    } else {
      out += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

void set_file(boost::json::object& object, const std::filesystem::path& path) {
  const std::string& name = path.native();
  std::string text = valid_utf8(name);
  if (text != name) {
    object["file_hex"] = to_hex(as_bytes(name));
  }
  object["file"] = std::move(text);
}

boost::json::object error_json(const Error& error) {
  return {{"code", error.code}, {"message", valid_utf8(error.message)}};
}

void print_json(const boost::json::object& object) {
  print(boost::json::serialize(object) + "\n");
}

Table::Table(std::vector<std::string> head) {
  rows_.push_back(std::move(head));
}

void Table::add(std::vector<std::string> row) {
  std::transform(
      row.begin(), row.end(), row.begin(), [](const std::string& cell) { return printable(cell); });
  row.resize(rows_.front().size());
  rows_.push_back(std::move(row));
}

void Table::sort() {
  std::stable_sort(rows_.begin() + 1, rows_.end(), [](const auto& left, const auto& right) {
    return left.front() < right.front();
  });
}

void Table::print() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) {
        line.append(widths[i] - width_of(row[i]) + 2, ' ');
      }
    }
    line.erase(line.find_last_not_of(' ') + 1);
    cli::print(line + "\n");
  }
}

std::string counted(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string size_text(std::uint64_t size_bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "KB", "MB", "GB", "TB"};
  auto size = static_cast<double>(size_bytes);
  std::size_t unit = 0;
  while (size >= 1000 && unit + 1 < kUnits.size()) {
    size /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", size_bytes) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

ProgressLine::ProgressLine() : shown_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  clear();
}

void ProgressLine::draw(std::uint64_t done, std::uint64_t total, std::string_view note) {
  if (!shown_) {
    return;
  }
  constexpr std::size_t kBarWidth = 24;
  const std::size_t filled =
      total == 0 ? 0 : std::min<std::uint64_t>(kBarWidth, done * kBarWidth / total);
  std::string line = fmt::format("[{}{}] {}/{}  {}",
                                 std::string(filled, '#'),
                                 std::string(kBarWidth - filled, '.'),
                                 done,
                                 total,
                                 note);
  winsize size{};
  const std::size_t columns =
      ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1U : 79;
  line.resize(std::min(line.size(), columns));
  complain("\r\x1b[K" + line);
  drawn_ = true;
}

void ProgressLine::clear() {
  if (drawn_) {
    complain("\r\x1b[K");
    drawn_ = false;
  }
}

}  // namespace tutela::cli
