#include "engine/match/segment_image.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/fault.hpp"

namespace tutela::match {
namespace {

/// What a checksum reads of mapped pages before they are forgotten.
constexpr std::size_t kPieceBytes = std::size_t{2} << 20;

bool is_digest_section(std::size_t section) {
  return section >= kSectionDigests && section < kSectionBands;
}

}  // namespace

SegmentImage::SegmentImage(const SegmentCounts& counts, const SegmentLayout& layout)
    : counts_(counts), layout_(layout), checksums_(kSections) {}

SegmentImage SegmentImage::in_memory(const SegmentCounts& counts) {
  TUTELA_CHECK(within_limits(counts));
  SegmentImage image(counts, SegmentLayout::in_memory(counts));
  image.memory_ = HugeArray<std::byte>(image.layout_.end);
  return image;
}

Result<SegmentImage> SegmentImage::in_file(const SegmentCounts& counts,
                                           const std::filesystem::path& file) {
  TUTELA_CHECK(within_limits(counts));
  if constexpr (!kLittleEndian) {
    return Error{ErrorKind::kUnavailable,
                 "index.unsupported",
                 "index files are for little-endian machines; the index is built in memory"};
  }
  SegmentImage image(counts, SegmentLayout::in_file(counts));
  const std::filesystem::path temporary = file.string() + ".new";
  // One that a crash left is overwritten.
  image.fd_ = Fd(::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!image.fd_.valid()) {
    return system_error("file.write_failed", "create index file");
  }
  image.file_ = file;
  image.temporary_ = temporary;
  // All room is taken now: writing into a mapped file on a full disk would end the process.
  const int failed = ::posix_fallocate(image.fd_.get(), 0, static_cast<off_t>(image.layout_.end));
  if (failed != 0) {
    errno = failed;
    return system_error("file.write_failed", "allocate index file");
  }
  return image;
}

SegmentImage::~SegmentImage() {
  if (fd_.valid() && !temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
}

Status SegmentImage::put(std::size_t section, std::uint64_t offset, ByteView bytes) {
  const Extent& extent = layout_.sections[section];
  TUTELA_CHECK(offset + bytes.size() <= extent.size);
  if (!is_file()) {
    if (!bytes.empty()) {
      std::memcpy(memory_.data() + extent.offset + offset, bytes.data(), bytes.size());
    }
    return ok();
  }
  std::uint64_t at = extent.offset + offset;
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put < 0) {
      return system_error("file.write_failed", "write index file");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    at += static_cast<std::uint64_t>(put);
  }
  return ok();
}

void SegmentImage::set_checksum(std::size_t section, const Checksum& checksum) {
  checksums_[section] = checksum;
}

Status SegmentImage::write_block(std::size_t section,
                                 const std::function<void(std::span<std::byte> block)>& fill) {
  const Extent& extent = layout_.sections[section];
  if (!is_file()) {
    fill({memory_.data() + extent.offset, extent.size});
    return ok();
  }
  if (is_digest_section(section)) {
    return write_mapped(section, fill);
  }
  // A band is not filled in order: in pages of a file that is slow.
  HugeArray<std::byte> block(extent.size);
  fill({block.data(), block.size()});
  Checksummer checksummer;
  checksummer.add(block.span());
  set_checksum(section, checksummer.finish_padded());
  return put(section, 0, block.span());
}

/// Filled in order, and of any size: needs no memory of its own.
Status SegmentImage::write_mapped(std::size_t section,
                                  const std::function<void(std::span<std::byte> block)>& fill) {
  const Extent& extent = layout_.sections[section];
  const Mapping mapping(fd_.get(), extent.offset, extent.size, true);
  if (mapping.data() == nullptr) {
    return system_error("file.write_failed", "map index file");
  }
  const std::span block(mapping.data(), mapping.size());
  fill(block);
  Checksummer checksummer;
  for (ByteView rest = block; !rest.empty();) {
    const ByteView piece = rest.first(std::min(rest.size(), kPieceBytes));
    checksummer.add(piece);
    forget_pages(piece);
    rest = rest.subspan(piece.size());
  }
  set_checksum(section, checksummer.finish_padded());
  return ok();
}

void SegmentImage::forget_pages(ByteView bytes) const {
  if (!is_file()) {
    return;
  }
  // Of shared mappings of a file only; the mapped pages stay in the page cache.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): where its page begins.
  const std::size_t before = reinterpret_cast<std::uintptr_t>(bytes.data()) % kFilePage;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): nothing is written.
  auto* const first = const_cast<std::byte*>(bytes.data()) - before;
  static_cast<void>(::madvise(first, bytes.size() + before, MADV_DONTNEED));
}

Result<std::span<const fingerprint::Pdq256>> SegmentImage::values() {
  const Extent& extent = layout_.sections[kSectionValues];
  if (is_file()) {
    values_ = Mapping(fd_.get(), extent.offset, extent.size, false);
    if (values_.data() == nullptr) {
      return system_error("file.write_failed", "map index file");
    }
  }
  const std::byte* const data = is_file() ? values_.data() : memory_.data() + extent.offset;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the section is this array.
  return std::span(reinterpret_cast<const fingerprint::Pdq256*>(data), counts_.rows);
}

std::unique_ptr<Segment::State> SegmentImage::take_state() {
  auto state = std::make_unique<Segment::State>();
  state->memory = std::move(memory_);
  state->counts = counts_;
  state->attach(state->memory.data(), layout_);
  return state;
}

Status SegmentImage::finish(std::int64_t removed_through) {
  values_ = {};
  SegmentHeader header;
  header.removed_through = removed_through;
  header.counts = counts_;
  for (std::size_t section = 0; section < kSections; ++section) {
    header.table[section] = {layout_.sections[section], checksums_[section]};
  }
  header.checksum = header_checksum(header);
  const ssize_t put = ::pwrite(fd_.get(), &header, sizeof(header), 0);
  if (put != static_cast<ssize_t>(sizeof(header))) {
    return system_error("file.write_failed", "write index header");
  }
  TUTELA_FAULT_POINT("segment.before_sync");
  if (::fdatasync(fd_.get()) != 0) {
    return system_error("file.write_failed", "sync index file");
  }
  TUTELA_FAULT_POINT("segment.after_sync");
  if (::rename(temporary_.c_str(), file_.c_str()) != 0) {
    return system_error("file.write_failed", "rename index file");
  }
  temporary_.clear();
  TUTELA_FAULT_POINT("segment.after_rename");
  return sync_folder(file_.has_parent_path() ? file_.parent_path() : ".");
}

}  // namespace tutela::match
