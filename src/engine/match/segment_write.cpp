#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "base/fault.hpp"
#include "engine/match/segment_image.hpp"

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

/// Fills a section in order, through a buffer. Remembers the first error.
template <typename T>
class SectionStream {
 public:
  SectionStream(SegmentImage& image, std::size_t section) : image_(image), section_(section) {
    buffer_.reserve(kBufferBytes / sizeof(T));
  }

  void add(const T& value) {
    buffer_.push_back(value);
    if (buffer_.size() == kBufferBytes / sizeof(T)) {
      flush();
    }
  }

  Status finish() {
    flush();
    if (image_.is_file()) {
      image_.set_checksum(section_, checksummer_.finish_padded());
    }
    return std::move(status_);
  }

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

  void flush() {
    const ByteView bytes = std::as_bytes(std::span(buffer_));
    if (image_.is_file()) {
      checksummer_.add(bytes);
    }
    if (status_) {
      status_ = image_.put(section_, offset_, bytes);
    }
    offset_ += bytes.size();
    buffer_.clear();
  }

  SegmentImage& image_;
  std::size_t section_;
  std::uint64_t offset_ = 0;
  std::vector<T> buffer_;
  Checksummer checksummer_;
  Status status_ = ok();
};

Status write_rows(const SegmentSource& source, SegmentImage& image) {
  SectionStream<ListRecord> lists(image, kSectionLists);
  SectionStream<std::uint64_t> begins(image, kSectionListBegin);
  SectionStream<Pdq256> values(image, kSectionValues);
  SectionStream<std::int64_t> ids(image, kSectionIds);
  std::uint64_t rows = 0;
  for (std::size_t list = 0; list < source.lists().size(); ++list) {
    lists.add({source.lists()[list].id, source.lists()[list].through_id});
    begins.add(rows);
    rows += source.rows(list);
    source.each_row(list, [&](std::int64_t id, const Pdq256& value) {
      ids.add(id);
      values.add(value);
    });
  }
  begins.add(rows);
  TUTELA_TRY(lists.finish());
  TUTELA_TRY(begins.finish());
  TUTELA_TRY(values.finish());
  return ids.finish();
}

Status write_digests(const SegmentSource& source, std::size_t kind, SegmentImage& image) {
  return image.write_block(kSectionDigests + kind, [&](std::span<std::byte> block) {
    constexpr std::size_t kForgetEach = 131'072;  // 3 to 5 MiB
    DigestBlockBuilder builder(kDigestKindOf[kind], source.digests(kind), block);
    std::size_t added = 0;
    source.each_digest(kind, [&](const DigestEntry& entry) {
      builder.add(entry);
      if (++added % kForgetEach == 0) {
        image.forget_pages(block);
      }
    });
    builder.finish();
  });
}

/// Sections that nothing is written into have a checksum too.
void check_empty_sections(SegmentImage& image) {
  for (std::size_t section = kSectionDigests; section < kSections; ++section) {
    image.set_checksum(section, Checksummer().finish_padded());
  }
}

}  // namespace

void run_all(const RunSteps& run_steps,
             std::size_t count,
             const std::function<void(std::size_t)>& step) {
  if (run_steps) {
    run_steps(count, step);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    step(i);
  }
}

SegmentCounts counts_of(const SegmentSource& source, const BuildOptions& options) {
  SegmentCounts counts;
  counts.lists = source.lists().size();
  for (std::size_t list = 0; list < counts.lists; ++list) {
    counts.rows += source.rows(list);
  }
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    counts.digests[kind] = source.digests(kind);
  }
  counts.indexed = counts.rows >= options.index_signals_min ? 1 : 0;
  return counts;
}

Status write_sections(const SegmentSource& source,
                      const BuildOptions& options,
                      SegmentImage& image) {
  check_empty_sections(image);
  TUTELA_TRY(write_rows(source, image));
  if (image.is_file()) {
    TUTELA_FAULT_POINT("segment.after_rows");
  }
  std::span<const Pdq256> values;
  if (image.counts().rows > 0) {
    TUTELA_TRY_ASSIGN(values, image.values());
  }
  std::vector<std::size_t> sections;
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    if (image.counts().digests[kind] > 0) {
      sections.push_back(kSectionDigests + kind);
    }
  }
  for (std::size_t band = 0; image.counts().indexed == 1 && band < kBands; ++band) {
    sections.push_back(kSectionBands + band);
  }
  std::vector<Status> written(sections.size(), ok());
  run_all(options.run_steps, sections.size(), [&](std::size_t i) {
    const std::size_t section = sections[i];
    if (section < kSectionBands) {
      written[i] = write_digests(source, section - kSectionDigests, image);
      return;
    }
    written[i] = image.write_block(section, [&](std::span<std::byte> block) {
      build_band(section - kSectionBands, values, block, [&](std::span<const Pdq256> read) {
        image.forget_pages(std::as_bytes(read));
      });
    });
  });
  for (Status& status : written) {
    TUTELA_TRY(std::move(status));
  }
  if (image.is_file()) {
    TUTELA_FAULT_POINT("segment.after_blocks");
  }
  return ok();
}

std::shared_ptr<const Segment> build_segment(const SegmentSource& source,
                                             std::int64_t removed_through,
                                             const BuildOptions& options) {
  SegmentImage image = SegmentImage::in_memory(counts_of(source, options));
  // Only files fail.
  TUTELA_CHECK(write_sections(source, options, image).has_value());
  std::unique_ptr<Segment::State> state = image.take_state();
  state->removed_through = removed_through;
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    source.each_digest(
        kind, [&](const DigestEntry& entry) { ++state->digests_of_list[kind][entry.list]; });
  }
  return std::make_shared<const Segment>(std::move(state));
}

Status write_segment(const SegmentSource& source,
                     std::int64_t removed_through,
                     const std::filesystem::path& file,
                     const BuildOptions& options) {
  const SegmentCounts counts = counts_of(source, options);
  if (!within_limits(counts)) {
    return Error{ErrorKind::kLimitExceeded,
                 "index.too_large",
                 "more signals than one index holds (4 thousand million of a kind)"};
  }
  TUTELA_TRY_ASSIGN(SegmentImage image, SegmentImage::in_file(counts, file));
  TUTELA_TRY(write_sections(source, options, image));
  return image.finish(removed_through);
}

}  // namespace tutela::match
