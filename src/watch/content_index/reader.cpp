#include "watch/content_index/reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace tutela::content_index {
namespace {

/// Holds about as many hashes as the stream index takes at once.
constexpr std::uint64_t kChunkBytes = std::uint64_t{2} << 20;

}  // namespace

std::filesystem::path segment_path(const std::filesystem::path& folder, std::uint32_t segment) {
  std::string digits = std::to_string(segment);
  digits.insert(0, 8 - std::min<std::size_t>(digits.size(), 8), '0');
  return folder / ("segment-" + digits);
}

Status read_exactly(int fd, std::uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error("content_index.io", "read a segment of the content index");
    }
    if (got == 0) {
      return corrupt("a segment is shorter than it was");
    }
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return ok();
}

Status Chunk::for_each_block(const Uuid& index,
                             const std::function<Status(const BlockView&)>& show) const {
  const ByteView bytes = std::as_bytes(std::span(buffer_)).first(bytes_);
  for (std::uint64_t done = 0; done < bytes_;) {
    const ByteView rest = bytes.subspan(done);
    TUTELA_TRY_ASSIGN(const std::uint64_t length, block_bytes(rest));
    TUTELA_TRY_ASSIGN(
        const BlockView block,
        parse_block(rest.first(length), index, {begin_.segment, begin_.offset + done}));
    TUTELA_TRY(show(block));
    done += length;
  }
  return ok();
}

std::span<std::byte> Chunk::room(std::uint64_t bytes) {
  if (buffer_.size() * sizeof(std::uint64_t) < bytes) {
    buffer_.resize((bytes + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
  }
  return std::as_writable_bytes(std::span(buffer_)).first(bytes);
}

Reader::Reader(std::filesystem::path folder, Mark from, Mark to, std::vector<std::uint64_t> ends)
    : folder_(std::move(folder)), to_(to), ends_(std::move(ends)), at_(from) {}

std::uint64_t Reader::segment_end() const {
  return at_.segment == to_.segment ? to_.offset : ends_[at_.segment];
}

Status Reader::enter_segment() {
  while (at_.segment < to_.segment && at_.offset >= segment_end()) {
    at_ = {at_.segment + 1, sizeof(SegmentHeader)};
    fd_.reset();
  }
  if (!fd_.valid() && at_ < to_) {
    fd_ = Fd(::open(segment_path(folder_, at_.segment).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd_.valid()) {
      return errno == ENOENT
                 ? corrupt("a segment is gone")
                 : system_error("content_index.io", "open a segment of the content index");
    }
    // Advice: the kernel then reads further ahead.
    static_cast<void>(::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL));
  }
  return ok();
}

Result<bool> Reader::next(Chunk& chunk) {
  TUTELA_TRY(enter_segment());
  if (at_ >= to_) {
    return false;
  }
  const std::uint64_t left = segment_end() - at_.offset;
  const std::uint64_t wanted = std::min(left, kChunkBytes);
  auto bytes = chunk.room(wanted);
  TUTELA_TRY(read_exactly(fd_.get(), at_.offset, bytes));
  TUTELA_TRY_ASSIGN(const std::uint64_t first, block_bytes(bytes));
  if (first > left) {
    return corrupt("a block is longer than its segment");
  }
  if (first > wanted) {
    bytes = chunk.room(first);
    TUTELA_TRY(read_exactly(fd_.get(), at_.offset + wanted, bytes.subspan(wanted)));
  }
  std::uint64_t whole = first;
  while (whole < wanted) {
    const auto length = block_bytes(bytes.subspan(whole));
    if (!length || *length > wanted - whole) {
      break;
    }
    whole += *length;
  }
  chunk.begin_ = at_;
  chunk.bytes_ = whole;
  at_.offset += whole;
  return true;
}

}  // namespace tutela::content_index
