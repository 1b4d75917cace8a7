// Reader: hands out the blocks of a range in chunks. Internal to content_index.
//
// A Reader is used by one thread at a time. A chunk belongs to the thread that took it, and is used
// again for the next one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "watch/content_index/block.hpp"
#include "watch/content_index/content_index.hpp"

namespace tutela::content_index {

/// "segment-00000000" in the folder.
[[nodiscard]] std::filesystem::path segment_path(const std::filesystem::path& folder,
                                                 std::uint32_t segment);

/// Reads exactly `out.size()` bytes. Errors: "content_index.io"; "content_index.corrupt" where the
/// file is shorter.
Status read_exactly(int fd, std::uint64_t offset, std::span<std::byte> out);

/// Whole blocks, one after the other.
class Chunk {
 public:
  [[nodiscard]] Mark begin() const noexcept { return begin_; }

  /// Checks and shows each block. Stops at the first error.
  Status for_each_block(const Uuid& index,
                        const std::function<Status(const BlockView&)>& show) const;

 private:
  friend class Reader;

  [[nodiscard]] std::span<std::byte> room(std::uint64_t bytes);

  Mark begin_;
  std::uint64_t bytes_ = 0;
  std::vector<std::uint64_t> buffer_;  // aligned for the columns
};

class Reader {
 public:
  /// [from, to) lies within the files; `ends` are their lengths, by their numbers, to.segment
  /// included.
  Reader(std::filesystem::path folder, Mark from, Mark to, std::vector<std::uint64_t> ends);

  /// Reads the next blocks, about two megabytes. False at the end. Before it fails for a damaged
  /// length, it has handed out what lies before that.
  Result<bool> next(Chunk& chunk);

  /// Where the next chunk begins.
  [[nodiscard]] Mark place() const noexcept { return at_; }

 private:
  Status enter_segment();
  [[nodiscard]] std::uint64_t segment_end() const;

  std::filesystem::path folder_;
  Mark to_;
  std::vector<std::uint64_t> ends_;
  Mark at_;
  Fd fd_;  // of at_.segment, once it is entered
};

}  // namespace tutela::content_index
