// A file of an index that was changed anywhere, with checksums made right again, is refused or
// answers without reading outside of it.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "engine/match/segment.hpp"
#include "engine/match/segment_format.hpp"

namespace {

using namespace tutela;
using namespace tutela::match;
using fingerprint::Pdq256;

Pdq256 value_of(std::uint64_t number) {
  Pdq256 value;
  for (auto& word : value.words) {
    number = number * 6364136223846793005 + 1442695040888963407;
    word = number ^ (number >> 29);
  }
  return value;
}

std::array<std::byte, 32> digest_of(std::uint64_t number) {
  std::array<std::byte, 32> digest{};
  const Pdq256 value = value_of(number);
  std::memcpy(digest.data(), &value, sizeof(value));
  return digest;
}

std::filesystem::path scratch() {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("segment_fuzz-" + std::to_string(::getpid()));
  return path;
}

/// With an index or without one, small and full of every section.
Bytes make_file(bool indexed) {
  SegmentBuilder builder;
  for (int list = 0; list < 3; ++list) {
    Uuid id;
    id.bytes[0] = static_cast<std::byte>(list);
    builder.add_list({id, 100});
  }
  for (std::int64_t id = 1; id <= 120; ++id) {
    const auto list = static_cast<std::uint32_t>(id % 3);
    const auto number = static_cast<std::uint64_t>(id % 40);
    builder.add_pdq(list, id, value_of(number));
    const auto digest = digest_of(number);
    builder.add(list, id, SignalKind::kMd5, ByteView(digest).first(16));
    builder.add(list, id, SignalKind::kSha1, ByteView(digest).first(20));
    builder.add(list, id, SignalKind::kSha256, digest);
  }
  const std::size_t index_signals_min = indexed ? 0 : 1000;
  TUTELA_CHECK(std::move(builder)
                   .write(scratch(), {.index_signals_min = index_signals_min, .run_steps = {}})
                   .has_value());
  return *read_file(scratch(), 1U << 30);
}

/// Makes the checksums right, as far as the table points into the file.
void reseal(Bytes& bytes) {
  SegmentHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  for (SectionEntry& entry : header.table) {
    const auto [offset, size] = entry.extent;
    if (offset <= bytes.size() && size <= bytes.size() - offset) {
      Checksummer checksummer;
      checksummer.add(ByteView(bytes).subspan(offset, size));
      entry.checksum = checksummer.finish_padded();
    }
  }
  header.checksum = header_checksum(header);
  std::memcpy(bytes.data(), &header, sizeof(header));
}

/// Each six bytes of the input: section, place in it (3), how, value.
void change(std::span<const std::uint8_t> input, Bytes& bytes) {
  SegmentHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  for (; input.size() >= 6; input = input.subspan(6)) {
    const std::size_t place = input[1] | std::size_t{input[2]} << 8 | std::size_t{input[3]} << 16;
    const std::size_t section = input[0] % (kSections + 1);
    const Extent extent = section == kSections ? Extent{0, sizeof(header) - sizeof(Checksum)}
                                               : header.table[section].extent;
    if (extent.size == 0) {
      continue;
    }
    std::byte& byte = bytes[extent.offset + place % extent.size];
    const auto value = static_cast<std::byte>(input[5]);
    byte = input[4] % 2 == 0 ? value : byte ^ value;
  }
}

void search(const std::shared_ptr<const Segment>& segment) {
  std::vector<ListEntry> lists;
  for (const SegmentList& list : segment->lists()) {
    lists.push_back({list.id, 1, 31});
  }
  const auto generation = Generation::of_segments(lists, {segment}, nullptr);
  std::array<Pdq256, 8> variants{};
  for (std::uint64_t number = 0; number < 48; ++number) {
    variants[number % 8] = value_of(number);
    variants[number % 8].words[number % 4] ^= number;
    static_cast<void>(generation->search_pdq({{&variants[number % 8], 1}, 0}));
    const auto digest = digest_of(number);
    static_cast<void>(generation->search_digest(SignalKind::kMd5, ByteView(digest).first(16)));
    static_cast<void>(generation->search_digest(SignalKind::kSha1, ByteView(digest).first(20)));
    static_cast<void>(generation->search_digest(SignalKind::kSha256, digest));
  }
  static_cast<void>(generation->search_pdq({variants, 0}));
  // Merging reads all of it.
  const std::array<std::shared_ptr<const Segment>, 2> twice = {segment, nullptr};
  const std::string merged = scratch().string() + "-merged";
  TUTELA_CHECK(merge_segments(std::span(twice).first(1), {}, {}, 0, merged, {}).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array<Bytes, 2> kFiles = {make_file(false), make_file(true)};
  if (size < 1) {
    return 0;
  }
  // Mostly the file without an index: the bands of the other are large.
  Bytes bytes = kFiles[data[0] % 4 == 0 ? 1 : 0];
  change(std::span(data, size).subspan(1), bytes);
  reseal(bytes);
  const Fd fd(::open(scratch().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  TUTELA_CHECK(fd.valid() && write_all(fd.get(), bytes).has_value());
  const auto segment = Segment::open(scratch());
  if (segment) {
    search(*segment);
  }
  return 0;
}
