#include "watch/content_index/content_index.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/file.hpp"
#include "base/mutex.hpp"
#include "watch/content_index/block.hpp"
#include "watch/content_index/reader.hpp"
#include "watch/content_index/search.hpp"

namespace tutela::content_index {
namespace {

namespace fs = std::filesystem;

/// Of small blocks that a copy makes one of.
constexpr std::size_t kContentsTogether = 1000;
constexpr std::size_t kFramesTogether = 10'000;

Error io_error(const char* operation) {
  return system_error("content_index.io", operation);
}

Result<Fd> lock_folder(const fs::path& folder) {
  Fd fd(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return io_error("open the lock of the content index");
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return io_error("lock the content index");
    }
    return Error{ErrorKind::kConflict,
                 "content_index.locked",
                 "another process has the content index: stop it, or use another folder"};
  }
  return fd;
}

/// How many segments there are. Removes what a crash left of a file under a temporary name.
Result<std::uint32_t> count_segments(const fs::path& folder) {
  std::uint32_t count = 0;
  std::error_code error;
  for (fs::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    const std::string name = file->path().filename().string();
    if (!name.starts_with("segment-")) {
      continue;
    }
    if (name.find(".tmp-") != std::string::npos) {
      ::unlink(file->path().c_str());
    } else {
      ++count;
    }
  }
  if (error) {
    errno = error.value();
    return io_error("list the segments of the content index");
  }
  return count;
}

Result<Fd> open_segment(const fs::path& folder, std::uint32_t segment, int flags) {
  Fd fd(::open(segment_path(folder, segment).c_str(), flags | O_CLOEXEC));
  if (!fd.valid()) {
    // They are counted: with one missing, a higher one is there.
    return errno == ENOENT ? corrupt("a segment is missing") : io_error("open a segment");
  }
  return fd;
}

Result<std::uint64_t> size_of(const Fd& fd) {
  struct stat info {};

  if (::fstat(fd.get(), &info) != 0) {
    return io_error("stat a segment of the content index");
  }
  return static_cast<std::uint64_t>(info.st_size);
}

Result<SegmentHeader> read_segment_header(const Fd& fd, std::uint32_t segment) {
  Bytes bytes(sizeof(SegmentHeader));
  TUTELA_TRY(read_exactly(fd.get(), 0, bytes));
  return parse_segment_header(bytes, segment);
}

/// Whether a sound block begins anywhere in these bytes of the place's segment.
bool holds_block(ByteView bytes, const Uuid& index, Mark place) {
  for (std::size_t skip = 0; skip + sizeof(BlockHeader) <= bytes.size(); skip += 8) {
    const ByteView rest = bytes.subspan(skip);
    const auto length = block_bytes(rest);
    if (length && *length <= rest.size() &&
        parse_block(rest.first(*length), index, {place.segment, place.offset + skip})) {
      return true;
    }
  }
  return false;
}

/// What changes with every block.
struct Totals {
  void add(const BlockHeader& block) {
    end.offset += block.bytes;
    position = block.position;
    stats.contents += block.contents;
    stats.frames += block.frames;
    stats.bytes += block.bytes;
  }

  /// A segment with no block yet, after what is counted.
  void begin(const SegmentHeader& segment) {
    end = {segment.segment, sizeof(SegmentHeader)};
    position = segment.position;
    stats.contents = segment.contents_before;
    stats.frames = segment.frames_before;
    stats.bytes += sizeof(SegmentHeader);
    stats.segments = segment.segment + 1;
  }

  Mark end;
  std::int64_t position = 0;
  Stats stats;
};

/// Checks all blocks of the last segment, of `size` bytes, and counts them. Ends before the first
/// damaged one.
Status count_blocks(const fs::path& folder, const Uuid& id, std::uint64_t size, Totals& totals) {
  Reader reader(folder, totals.end, {totals.end.segment, size}, {});
  Chunk chunk;
  while (true) {
    TUTELA_TRY_ASSIGN(const bool more, reader.next(chunk));
    if (!more) {
      return ok();
    }
    TUTELA_TRY(chunk.for_each_block(id, [&](const BlockView& block) -> Status {
      totals.add(block.header);
      return ok();
    }));
  }
}

/// Cuts off a damaged end, if it can be what a crash left of one append().
Status cut_torn(const Fd& fd, const Uuid& id, std::uint64_t size, Mark from) {
  const std::uint64_t torn = size - from.offset;
  if (torn > kBlockBytesMax) {
    return corrupt("a block is damaged");
  }
  // Of eights, so that a block that begins in it is aligned.
  std::vector<std::uint64_t> buffer(torn / 8 + 1);
  const auto bytes = std::as_writable_bytes(std::span(buffer)).first(torn);
  TUTELA_TRY(read_exactly(fd.get(), from.offset, bytes));
  if (holds_block(bytes, id, from)) {
    return corrupt("a block before the last is damaged");
  }
  if (::ftruncate(fd.get(), static_cast<off_t>(from.offset)) != 0 || ::fsync(fd.get()) != 0) {
    return io_error("cut off a torn block of the content index");
  }
  return ok();
}

}  // namespace

struct ContentIndex::State {
  explicit State(Options given) : options(std::move(given)) {}

  Status open_segments();
  Status open_last(Fd fd, const SegmentHeader& header) TUTELA_REQUIRES(appending);
  Status begin_segment() TUTELA_REQUIRES(appending);
  Status write_block(ByteView bytes, std::uint64_t offset) TUTELA_REQUIRES(appending);
  Status append(const Columns& columns, std::int64_t position);
  Result<Reader> reader(Mark from, Mark to);
  Totals now();

  const Options options;
  Fd lock;
  Uuid id;

  Mutex appending;  // held by append(); taken before `mutex`
  Fd last TUTELA_GUARDED_BY(appending);
  bool broken TUTELA_GUARDED_BY(appending) = false;  // what the last file ends with is not known

  Mutex mutex;
  Totals totals TUTELA_GUARDED_BY(mutex);
  std::vector<std::uint64_t> ends TUTELA_GUARDED_BY(mutex);  // of the segments before the last
};

Totals ContentIndex::State::now() {
  const MutexLock guard(mutex);
  return totals;
}

Status ContentIndex::State::open_segments() {
  TUTELA_TRY_ASSIGN(const std::uint32_t count, count_segments(options.folder));
  const MutexLock one_append(appending);
  if (count == 0) {
    id = new_uuid(SystemClock().now_ms());
    return begin_segment();
  }
  std::uint64_t previous_bytes = 0;
  for (std::uint32_t segment = 0; segment < count; ++segment) {
    const bool is_last = segment + 1 == count;
    TUTELA_TRY_ASSIGN(Fd fd, open_segment(options.folder, segment, is_last ? O_RDWR : O_RDONLY));
    TUTELA_TRY_ASSIGN(const SegmentHeader header, read_segment_header(fd, segment));
    if (segment == 0) {
      id = header.id;
    }
    if (header.id != id || header.previous_bytes != previous_bytes) {
      return corrupt("segments do not follow each other");
    }
    if (is_last) {
      return open_last(std::move(fd), header);
    }
    TUTELA_TRY_ASSIGN(previous_bytes, size_of(fd));
    const MutexLock guard(mutex);
    ends.push_back(previous_bytes);
    totals.stats.bytes += previous_bytes;
  }
  return ok();
}

Status ContentIndex::State::open_last(Fd fd, const SegmentHeader& header) {
  TUTELA_TRY_ASSIGN(const std::uint64_t size, size_of(fd));
  Totals counted = now();
  counted.begin(header);
  if (Status read = count_blocks(options.folder, id, size, counted); !read) {
    if (read.error().kind != ErrorKind::kCorrupted) {
      return read;
    }
    TUTELA_TRY(cut_torn(fd, id, size, counted.end));
  }
  last = std::move(fd);
  const MutexLock guard(mutex);
  totals = counted;
  return ok();
}

/// Makes the next file, durably, and goes on in it.
Status ContentIndex::State::begin_segment() {
  const Totals before = now();
  const bool is_first = before.stats.segments == 0;
  SegmentHeader header;
  header.id = id;
  header.segment = before.stats.segments;
  header.previous_bytes = is_first ? 0 : before.end.offset;
  header.contents_before = before.stats.contents;
  header.frames_before = before.stats.frames;
  header.position = before.position;
  const fs::path path = segment_path(options.folder, header.segment);
  TUTELA_TRY(write_file_atomic(path, encode_segment_header(header)));
  TUTELA_FAULT_POINT("content_index.after_segment");
  TUTELA_TRY_ASSIGN(last, open_segment(options.folder, header.segment, O_RDWR));
  const MutexLock guard(mutex);
  if (!is_first) {
    ends.push_back(before.end.offset);
  }
  totals.begin(header);
  return ok();
}

Status ContentIndex::State::write_block(ByteView bytes, std::uint64_t offset) {
  if (::lseek(last.get(), static_cast<off_t>(offset), SEEK_SET) < 0) {
    return io_error("seek in the content index");
  }
  TUTELA_TRY(write_all(last.get(), bytes));
  TUTELA_FAULT_POINT("content_index.after_write");
  if (::fdatasync(last.get()) != 0) {
    return io_error("sync the content index");
  }
  TUTELA_FAULT_POINT("content_index.after_sync");
  return ok();
}

Result<Reader> ContentIndex::State::reader(Mark from, Mark to) {
  const MutexLock guard(mutex);
  for (Mark* const mark : {&from, &to}) {
    if (mark->offset == 0) {
      mark->offset = sizeof(SegmentHeader);
    }
    const bool known =
        mark->segment <= totals.end.segment && mark->offset >= sizeof(SegmentHeader) &&
        mark->offset <=
            (mark->segment == totals.end.segment ? totals.end.offset : ends[mark->segment]);
    if (!known || from > to) {
      return Error{ErrorKind::kInvalidInput,
                   "content_index.no_such_mark",
                   "a place that this content index does not have: begin again"};
    }
  }
  return Reader(options.folder, from, to, ends);
}

ContentIndex::ContentIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}

ContentIndex::~ContentIndex() = default;

Result<std::unique_ptr<ContentIndex>> ContentIndex::open(Options options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) {
    errno = error.value();
    return io_error("make the folder of the content index");
  }
  auto state = std::make_unique<State>(std::move(options));
  TUTELA_TRY_ASSIGN(state->lock, lock_folder(state->options.folder));
  TUTELA_TRY(state->open_segments());
  // tidy:allow(new): the constructor is private.
  return std::unique_ptr<ContentIndex>(new ContentIndex(std::move(state)));
}

const Uuid& ContentIndex::id() const noexcept {
  return state_->id;
}

std::int64_t ContentIndex::position() const {
  return state_->now().position;
}

Mark ContentIndex::end() const {
  return state_->now().end;
}

Stats ContentIndex::stats() const {
  return state_->now().stats;
}

Status ContentIndex::append(std::span<const Entry> entries, std::int64_t position) {
  Columns columns;
  for (const Entry& entry : entries) {
    columns.add(entry);
  }
  return state_->append(columns, position);
}

Status ContentIndex::State::append(const Columns& columns, std::int64_t position) {
  const MutexLock one_append(appending);
  if (broken) {
    return Error{ErrorKind::kUnavailable,
                 "content_index.io",
                 "a write to the content index failed and could not be taken back: restart"};
  }
  if (position < now().position) {
    return Error{ErrorKind::kInvalidInput,
                 "content_index.position",
                 "a position before that of the content index"};
  }
  if (now().end.offset >= options.segment_bytes_max) {
    TUTELA_TRY(begin_segment());
  }
  const Mark place = now().end;
  TUTELA_TRY_ASSIGN(const Bytes block, encode_block(columns, position, id, place));
  if (Status written = write_block(block, place.offset); !written) {
    broken = ::ftruncate(last.get(), static_cast<off_t>(place.offset)) != 0;
    return written;
  }
  const MutexLock guard(mutex);
  totals.add(header_of(block));
  return ok();
}

Result<bool> ContentIndex::copy_to(ContentIndex& other,
                                   Mark from,
                                   Mark to,
                                   const KeepsOf& keeps,
                                   const std::function<bool()>& stop_requested) const {
  TUTELA_TRY_ASSIGN(Reader reader, state_->reader(from, to));
  Columns columns;
  std::int64_t position = other.position();
  const auto flush = [&]() -> Status {
    TUTELA_TRY(other.state_->append(columns, position));
    columns = {};
    return ok();
  };
  Chunk chunk;
  while (!stop_requested()) {
    TUTELA_TRY_ASSIGN(const bool more, reader.next(chunk));
    if (!more) {
      TUTELA_TRY(position > other.position() || !columns.ids.empty() ? flush() : ok());
      return true;
    }
    TUTELA_TRY(chunk.for_each_block(state_->id, [&](const BlockView& block) -> Status {
      if (columns.ids.size() + block.ids.size() > kContentsTogether ||
          columns.frames.size() + block.frames.size() > kFramesTogether) {
        TUTELA_TRY(columns.ids.empty() ? ok() : flush());
      }
      TUTELA_TRY_ASSIGN(const std::vector<bool> kept, keeps(block.ids));
      columns.add(block, kept);
      position = block.header.position;
      return ok();
    }));
    TUTELA_FAULT_POINT("content_index.in_copy");
  }
  return false;
}

Status ContentIndex::search(Mark from,
                            Mark to,
                            const Query& query,
                            const OnHit& on_hit,
                            const OnProgress& on_progress) const {
  TUTELA_TRY_ASSIGN(Reader reader, state_->reader(from, to));
  return search_blocks(reader, state_->id, query, state_->options.run_steps, on_hit, on_progress);
}

Status ContentIndex::for_each(Mark from, Mark to, const OnEntry& on_entry) const {
  TUTELA_TRY_ASSIGN(Reader reader, state_->reader(from, to));
  Chunk chunk;
  bool wanted = true;
  while (wanted) {
    TUTELA_TRY_ASSIGN(const bool more, reader.next(chunk));
    if (!more) {
      break;
    }
    TUTELA_TRY(chunk.for_each_block(state_->id, [&](const BlockView& block) -> Status {
      std::size_t frame = 0;
      for (std::size_t i = 0; wanted && i < block.ids.size(); ++i) {
        const std::uint32_t count = block.frame_counts[i];
        wanted = on_entry(block.ids[i], count == 0 ? nullptr : &block.frames[frame][0]);
        frame += count;
      }
      return ok();
    }));
  }
  return ok();
}

}  // namespace tutela::content_index
