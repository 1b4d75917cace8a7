// Output: tables, JSON lines, progress and sizes, safe to show on a terminal. Functions that print
// are called from one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/result.hpp"

namespace tutela::cli {

/// Writes to standard output. A reader that went away or a full disk is remembered.
void print(std::string_view text);
/// False when some output was lost; flushes.
[[nodiscard]] bool output_whole();
/// Writes to standard error.
void complain(std::string_view text);

/// Text from outside (file names) for a terminal: control characters and broken UTF-8 escaped.
[[nodiscard]] std::string printable(std::string_view text);
/// Text from outside as valid UTF-8: broken sequences become U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// Sets "file", and "file_hex" with the name's bytes where it is no UTF-8.
void set_file(boost::json::object& object, const std::filesystem::path& path);
/// {"code": ..., "message": ...}.
[[nodiscard]] boost::json::object error_json(const Error& error);
/// One object a line.
void print_json(const boost::json::object& object);

/// A table with a head, columns as wide as they need. Cells are made printable.
class Table {
 public:
  explicit Table(std::vector<std::string> head);
  void add(std::vector<std::string> row);

  [[nodiscard]] bool empty() const noexcept { return rows_.size() == 1; }

  /// By the first column, rows of equal ones as they came.
  void sort();
  void print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// "1 file", "2 files".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view thing);
/// "12.3 MB".
[[nodiscard]] std::string size_text(std::uint64_t size_bytes);

/// One line on standard error that is drawn over again; nothing at all where it is no terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  [[nodiscard]] bool shown() const noexcept { return shown_; }

  void draw(std::uint64_t done, std::uint64_t total, std::string_view note);
  void clear();

 private:
  bool shown_;
  bool drawn_ = false;
};

}  // namespace tutela::cli
