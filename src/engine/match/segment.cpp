#include "engine/match/segment.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "engine/match/segment_check.hpp"
#include "engine/match/segment_image.hpp"
#include "engine/match/segment_open.hpp"
#include "engine/match/segment_source.hpp"
#include "engine/match/segment_state.hpp"

namespace tutela::match {
namespace {

/// What is checked, and forgotten, at a time.
constexpr std::size_t kPieceBytes = std::size_t{16} << 20;

Error unreadable(std::string_view operation) {
  return system_error("index.unreadable", operation);
}

/// Checks one file section by section.
class Checker {
 public:
  Checker(const SegmentHeader& header, Segment::State& state, Pages pages)
      : header_(header), state_(state), pages_(pages) {}

  Status check(const RunSteps& run_steps) {
    for (const std::size_t section : {kSectionLists, kSectionListBegin}) {
      if (!is_intact(section)) {
        return corrupt_segment("damaged lists");
      }
    }
    if (!are_sound_lists(header_.counts, block(kSectionLists), block(kSectionListBegin))) {
      return corrupt_segment("impossible lists");
    }
    state_.attach(state_.mapping.data(), SegmentLayout::in_file(header_.counts));
    constexpr std::size_t kFirst = kSectionListBegin + 1;
    std::array<bool, kSections> sound{};
    run_all(run_steps, kSections - kFirst, [&](std::size_t i) {
      const std::size_t section = kFirst + i;
      sound[section] = is_intact(section) && is_sound(section);
      forget(padded_block(section));
    });
    if (!std::all_of(sound.begin() + kFirst, sound.end(), [](bool is) { return is; })) {
      return corrupt_segment("damaged");
    }
    return ok();
  }

 private:
  [[nodiscard]] std::span<const std::byte> block(std::size_t section) const {
    const Extent& extent = header_.table[section].extent;
    return {state_.mapping.data() + extent.offset, extent.size};
  }

  [[nodiscard]] std::span<const std::byte> padded_block(std::size_t section) const {
    const Extent& extent = header_.table[section].extent;
    return {state_.mapping.data() + extent.offset, padded(extent.size)};
  }

  void forget(std::span<const std::byte> bytes) const {
    if (pages_ == Pages::kForget && !bytes.empty()) {
      static_cast<void>(::madvise(state_.mapping.data() + (bytes.data() - state_.mapping.data()),
                                  bytes.size(),
                                  MADV_DONTNEED));
    }
  }

  [[nodiscard]] bool is_intact(std::size_t section) const {
    Checksummer checksummer;
    for (std::span bytes = padded_block(section); !bytes.empty();) {
      const std::span piece = bytes.first(std::min(bytes.size(), kPieceBytes));
      checksummer.add(piece);
      forget(piece);
      bytes = bytes.subspan(piece.size());
    }
    return checksummer.finish_padded() == header_.table[section].checksum;
  }

  [[nodiscard]] bool is_sound(std::size_t section) {
    if (section == kSectionIds) {
      return are_sound_ids(state_);
    }
    if (section >= kSectionBands) {
      return header_.counts.indexed == 0 || is_sound_band(block(section), header_.counts.rows);
    }
    if (section >= kSectionDigests) {
      const std::size_t kind = section - kSectionDigests;
      return is_sound_digest_set(kDigestKindOf[kind],
                                 state_.digests[kind],
                                 block(section),
                                 state_.digests_of_list[kind],
                                 [&] { forget(padded_block(section)); });
    }
    return true;  // any value is one
  }

  const SegmentHeader& header_;
  Segment::State& state_;
  Pages pages_;
};

FileIdentity identity_of(const struct stat& info) {
  return FileIdentity{info.st_dev,
                      info.st_ino,
                      static_cast<std::uint64_t>(info.st_size),
                      std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

Result<SegmentHeader> read_header(int fd, std::uint64_t file_size) {
  SegmentHeader header;
  if (file_size < sizeof(header)) {
    return corrupt_segment("too short");
  }
  const ssize_t got = ::pread(fd, &header, sizeof(header), 0);
  if (got < 0) {
    return unreadable("read index file");
  }
  if (got != static_cast<ssize_t>(sizeof(header))) {
    return corrupt_segment("too short");
  }
  TUTELA_TRY(check_header(header, file_size));
  return header;
}

}  // namespace

Result<FileIdentity> file_identity(const std::filesystem::path& file) {
  struct stat info {};

  if (::stat(file.c_str(), &info) != 0) {
    if (errno == ENOENT) {
      return Error{ErrorKind::kNotFound, "index.none", "there is no index file"};
    }
    return unreadable("find index file");
  }
  return identity_of(info);
}

Result<std::shared_ptr<const Segment>> open_segment(const std::filesystem::path& file,
                                                    const RunSteps& run_steps,
                                                    Pages pages) {
  if constexpr (!kLittleEndian) {
    return Error{ErrorKind::kNotFound, "index.none", "index files are for little-endian machines"};
  }
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid() && errno == ENOENT) {
    return Error{ErrorKind::kNotFound, "index.none", "there is no index file"};
  }

  struct stat info {};

  if (!fd.valid() || ::fstat(fd.get(), &info) != 0) {
    return unreadable("open index file");
  }
  if (!S_ISREG(info.st_mode)) {
    return corrupt_segment("not a file");
  }
  auto state = std::make_unique<Segment::State>();
  state->file = identity_of(info);
  TUTELA_TRY_ASSIGN(const SegmentHeader header, read_header(fd.get(), state->file.size));
  state->counts = header.counts;
  state->removed_through = header.removed_through;
  state->mapping = Mapping(fd.get(), 0, state->file.size, false);
  if (state->mapping.data() == nullptr) {
    return unreadable("map index file");
  }
  // Advice: where the file system holds large folios, the file is read into and mapped by those.
  static_cast<void>(::madvise(state->mapping.data(), state->mapping.size(), MADV_HUGEPAGE));
  TUTELA_TRY(Checker(header, *state, pages).check(run_steps));
  return std::make_shared<const Segment>(std::move(state));
}

void forget_pages(const Segment& segment) {
  const Mapping& mapping = segment.state().mapping;
  if (mapping.data() != nullptr) {
    static_cast<void>(::madvise(mapping.data(), mapping.size(), MADV_DONTNEED));
  }
}

void map_pages(const Segment& segment) {
#if defined(MADV_POPULATE_READ)
  const Mapping& mapping = segment.state().mapping;
  if (mapping.data() != nullptr) {
    // Advice: without it each page is mapped when it is first read.
    static_cast<void>(::madvise(mapping.data(), mapping.size(), MADV_POPULATE_READ));
  }
#endif
}

Segment::Segment(std::unique_ptr<State> state) : state_(std::move(state)) {}

Segment::~Segment() = default;

Result<std::shared_ptr<const Segment>> Segment::open(const std::filesystem::path& file,
                                                     const RunSteps& run_steps) {
  return open_segment(file, run_steps, Pages::kKeep);
}

const std::vector<SegmentList>& Segment::lists() const noexcept {
  return state_->lists;
}

std::int64_t Segment::removed_through() const noexcept {
  return state_->removed_through;
}

std::size_t Segment::size(SignalKind kind) const noexcept {
  return kind == SignalKind::kPdq ? state_->values.size()
                                  : state_->digests[digest_place(kind)].size();
}

std::size_t Segment::size_bytes() const noexcept {
  const SegmentLayout layout = SegmentLayout::in_memory(state_->counts);
  std::size_t bytes = 0;
  for (std::size_t section = kSectionValues; section < kSections; ++section) {
    bytes += layout.sections[section].size;
  }
  for (const auto& plane : state_->planes) {
    bytes += plane.size() * sizeof(std::uint32_t);
  }
  return bytes;
}

struct SegmentBuilder::State {
  Collected collected;
  std::int64_t removed_through = 0;
};

SegmentBuilder::SegmentBuilder() : state_(std::make_unique<State>()) {}

SegmentBuilder::SegmentBuilder(SegmentBuilder&&) noexcept = default;
SegmentBuilder& SegmentBuilder::operator=(SegmentBuilder&&) noexcept = default;
SegmentBuilder::~SegmentBuilder() = default;

std::uint32_t SegmentBuilder::add_list(const SegmentList& list) {
  state_->collected.lists.push_back(list);
  return static_cast<std::uint32_t>(state_->collected.lists.size() - 1);
}

void SegmentBuilder::set_through(std::uint32_t list, std::int64_t through_id) {
  TUTELA_CHECK(list < state_->collected.lists.size());
  state_->collected.lists[list].through_id = through_id;
}

void SegmentBuilder::set_removed_through(std::int64_t position) {
  state_->removed_through = position;
}

void SegmentBuilder::add(std::uint32_t list,
                         std::int64_t signal_id,
                         SignalKind kind,
                         ByteView value) {
  state_->collected.add(list, signal_id, kind, value);
}

void SegmentBuilder::add_pdq(std::uint32_t list,
                             std::int64_t signal_id,
                             const fingerprint::Pdq256& value) {
  TUTELA_CHECK(list < state_->collected.lists.size());
  state_->collected.rows.push_back({list, signal_id, value});
}

std::size_t SegmentBuilder::size() const noexcept {
  return state_->collected.size();
}

std::shared_ptr<const Segment> SegmentBuilder::build(const BuildOptions& options) && {
  state_->collected.sort();
  auto segment =
      build_segment(CollectedSource(state_->collected), state_->removed_through, options);
  state_->collected = {};
  return segment;
}

Status SegmentBuilder::write(const std::filesystem::path& file, const BuildOptions& options) && {
  state_->collected.sort();
  Status written =
      write_segment(CollectedSource(state_->collected), state_->removed_through, file, options);
  state_->collected = {};
  return written;
}

Status merge_segments(std::span<const std::shared_ptr<const Segment>> segments,
                      const std::function<bool(std::int64_t signal_id)>& is_removed,
                      const std::function<bool(const Uuid& list)>& keep_list,
                      std::int64_t removed_through,
                      const std::filesystem::path& file,
                      const BuildOptions& options) {
  const MergedSource source({segments.begin(), segments.end()},
                            {.keep_list = keep_list, .after_id = {}, .is_removed = is_removed});
  return write_segment(source, removed_through, file, options);
}

}  // namespace tutela::match
