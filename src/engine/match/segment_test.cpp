#include "engine/match/segment.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "engine/match/index_block.hpp"
#include "engine/match/segment_format.hpp"
#include "engine/match/segment_state.hpp"
#include "engine/match/test_folder.hpp"
#include "engine/match/test_signals.hpp"

namespace tutela::match {
namespace {

class SegmentTest : public testing::Test {
 protected:
  SegmentTest() : random_(std::random_device{}()) {}

  /// Two lists with PDQ around `variants_` and digests, and a third without signals.
  void collect(std::int64_t pdq, std::int64_t digests) {
    for (std::int64_t id = 1; id <= pdq + digests; ++id) {
      const auto list = static_cast<std::uint32_t>(random_() % 2);
      signals_.push_back(id <= pdq ? near_signal(list, id, variants_, random_)
                                   : digest_signal(list, id, random_() % 500));
    }
  }

  SegmentBuilder builder() {
    SegmentBuilder builder;
    for (const ListEntry& list : lists_) {
      builder.add_list({list.id, 7});
    }
    for (const TestSignal& signal : signals_) {
      builder.add(signal.list, signal.id, signal.kind, signal.bytes());
    }
    builder.set_removed_through(42);
    return builder;
  }

  void expect_all_found(const std::shared_ptr<const Segment>& segment) {
    const auto generation = Generation::of_segments(lists_, {segment}, nullptr);
    expect_agrees(*generation, signals_, lists_, variants_, random_);
  }

  const TestFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "signals.index";
  Random random_;
  std::vector<ListEntry> lists_ = test_lists({31, 20, 31});
  std::vector<Pdq256> variants_ = random_variants(random_);
  std::vector<TestSignal> signals_;
};

TEST_F(SegmentTest, FindsTheSameFromAFileAsALinearScanOfEverything) {
  const auto seed = random_();
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_.seed(seed);
  for (const std::size_t index_signals_min : {std::size_t{0}, kIndexSignalsMin}) {
    for (const std::int64_t size : {0, 1, 2, 100, 3000}) {
      signals_.clear();
      collect(size, size / 2);
      const BuildOptions options{.index_signals_min = index_signals_min, .run_steps = {}};
      expect_all_found(builder().build(options));
      ASSERT_TRUE(builder().write(file_, options));
      const auto segment = Segment::open(file_, run_in_threads);
      ASSERT_TRUE(segment) << segment.error().message;
      expect_all_found(*segment);
      EXPECT_EQ((*segment)->removed_through(), 42);
      ASSERT_EQ((*segment)->lists().size(), 3U);
      EXPECT_EQ((*segment)->lists()[1].through_id, 7);
      EXPECT_EQ((*segment)->size(SignalKind::kPdq), static_cast<std::size_t>(size));
    }
  }
}

TEST_F(SegmentTest, MergesWithoutWhatWasRemovedAndWithoutListsThatGo) {
  collect(2000, 600);
  std::vector<std::shared_ptr<const Segment>> parts;
  // Of each third of the signals one; the lists in another order in the second.
  for (std::size_t third = 0; third < 3; ++third) {
    SegmentBuilder part;
    const bool turned = third == 1;
    part.add_list({lists_[turned ? 1 : 0].id, static_cast<std::int64_t>(third)});
    part.add_list({lists_[turned ? 0 : 1].id, 9});
    for (std::size_t i = third; i < signals_.size(); i += 3) {
      const TestSignal& signal = signals_[i];
      part.add(turned ? 1 - signal.list : signal.list, signal.id, signal.kind, signal.bytes());
    }
    parts.push_back(std::move(part).build({.index_signals_min = third * 100, .run_steps = {}}));
  }
  const auto is_removed = [](std::int64_t id) {
    return id % 7 == 0;
  };
  ASSERT_TRUE(merge_segments(parts, is_removed, {}, 5, file_, {.run_steps = run_in_threads}));
  std::erase_if(signals_, [&](const TestSignal& signal) { return is_removed(signal.id); });
  const auto merged = Segment::open(file_);
  ASSERT_TRUE(merged);
  expect_all_found(*merged);
  EXPECT_EQ((*merged)->removed_through(), 5);
  EXPECT_EQ((*merged)->lists()[0].through_id, 9);

  const auto keep_list = [&](const Uuid& id) {
    return id == lists_[1].id;
  };
  // Over the file that is read: it stays readable.
  const std::vector<std::shared_ptr<const Segment>> one = {*merged};
  ASSERT_TRUE(merge_segments(one, {}, keep_list, 6, file_, {}));
  expect_all_found(*merged);
  std::erase_if(signals_, [](const TestSignal& signal) { return signal.list != 1; });
  const auto again = Segment::open(file_);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->lists().size(), 1U);
  expect_all_found(*again);
}

TEST_F(SegmentTest, IsRefusedAfterAFlipOfAnyBitAndAfterAnyCut) {
  collect(300, 200);
  ASSERT_TRUE(builder().write(file_, {.index_signals_min = 1000, .run_steps = {}}));
  const Bytes whole = *read_file(file_, 1U << 30);
  for (int round = 0; round < 900; ++round) {
    Bytes damaged = whole;
    const std::size_t at = round < 300 ? random_() % kFilePage : random_() % whole.size();
    damaged[at] ^= static_cast<std::byte>(1U << random_() % 8);
    ASSERT_TRUE(write_plain(file_, damaged));
    const auto segment = Segment::open(file_);
    ASSERT_FALSE(segment) << "byte " << at;
    ASSERT_EQ(segment.error().code, "index.corrupt");
    ASSERT_EQ(segment.error().kind, ErrorKind::kCorrupted);
  }
  for (std::size_t size = 0; size < whole.size(); size += 1 + random_() % 3989) {
    ASSERT_TRUE(write_plain(file_, ByteView(whole).first(size)));
    ASSERT_EQ(Segment::open(file_).error().code, "index.corrupt") << size;
  }
  Bytes longer = whole;
  longer.resize(whole.size() + kFilePage);
  ASSERT_TRUE(write_plain(file_, longer));
  EXPECT_EQ(Segment::open(file_).error().code, "index.corrupt");
  ASSERT_TRUE(write_plain(file_, whole));
  EXPECT_TRUE(Segment::open(file_));
}

TEST_F(SegmentTest, OfAnotherVersionIsRefused) {
  collect(10, 10);
  ASSERT_TRUE(builder().write(file_));
  Bytes bytes = *read_file(file_, 1U << 30);
  SegmentHeader header = header_of(bytes);
  ++header.version;
  header.checksum = header_checksum(header);
  std::memcpy(bytes.data(), &header, sizeof(header));
  ASSERT_TRUE(write_plain(file_, bytes));
  EXPECT_EQ(Segment::open(file_).error().code, "index.corrupt");
}

TEST_F(SegmentTest, WithRightChecksumsAndWrongContentIsRefused) {
  collect(400, 300);
  const auto break_section = [&](std::size_t section, std::size_t offset, std::byte value) {
    ASSERT_TRUE(builder().write(file_, {.index_signals_min = 0, .run_steps = {}}));
    Bytes bytes = *read_file(file_, 1U << 30);
    bytes[header_of(bytes).table[section].extent.offset + offset] = value;
    reseal(bytes);
    ASSERT_TRUE(write_plain(file_, bytes));
    const auto segment = Segment::open(file_);
    ASSERT_FALSE(segment) << "section " << section << " offset " << offset;
    EXPECT_EQ(segment.error().code, "index.corrupt");
  };
  break_section(kSectionListBegin, 0, std::byte{1});    // does not begin at row 0
  break_section(kSectionListBegin, 9, std::byte{255});  // falls afterwards
  break_section(kSectionListBegin, 24, std::byte{0});   // does not end at the rows
  break_section(kSectionIds, 6, std::byte{1});          // a first id beyond the second
  const BlockLayout band(400);
  break_section(kSectionBands, band.offsets + 3, std::byte{1});                 // buckets that fall
  break_section(kSectionBands + 9, band.offsets + kBuckets * 4, std::byte{0});  // end elsewhere
  for (std::size_t i = 0; i < kBands; ++i) {  // a row beyond the last
    break_section(kSectionBands + i, band.ids + 399 * band.id_bytes + 1, std::byte{9});
  }
  ASSERT_TRUE(builder().write(file_));
  const SegmentCounts counts = header_of(*read_file(file_, 1U << 30)).counts;
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    const DigestLayout layout(kDigestKindOf[kind], counts.digests[kind]);
    const std::size_t section = kSectionDigests + kind;
    break_section(section, 3, std::byte{1});                                     // starts that fall
    break_section(section, layout.entries - 2, std::byte{1});                    // end elsewhere
    break_section(section, layout.entries + layout.value_bytes, std::byte{77});  // no such list
    break_section(section, layout.entries, std::byte{255});                      // not in order
  }
}

TEST_F(SegmentTest, WithTwoListsOfOneIdIsRefused) {
  ASSERT_TRUE(builder().write(file_));
  Bytes bytes = *read_file(file_, 1U << 30);
  const auto lists = header_of(bytes).table[kSectionLists].extent.offset;
  std::memcpy(&bytes[lists], &bytes[lists + sizeof(ListRecord)], sizeof(Uuid));
  reseal(bytes);
  ASSERT_TRUE(write_plain(file_, bytes));
  EXPECT_EQ(Segment::open(file_).error().code, "index.corrupt");
}

TEST_F(SegmentTest, ThatIsNotThereIsToldFromOneThatIsDamaged) {
  EXPECT_EQ(Segment::open(file_).error().code, "index.none");
  EXPECT_EQ(Segment::open(file_).error().kind, ErrorKind::kNotFound);
  std::filesystem::create_directory(file_);
  EXPECT_EQ(Segment::open(file_).error().code, "index.corrupt");
}

TEST_F(SegmentTest, WhoseWriteFailsLeavesTheOldOne) {
  collect(10, 0);
  ASSERT_TRUE(builder().write(file_));
  const auto missing = folder_.path() / "none" / "signals.index";
  EXPECT_EQ(builder().write(missing).error().code, "file.write_failed");
  std::filesystem::create_directory(file_.string() + ".new");
  EXPECT_EQ(builder().write(file_).error().code, "file.write_failed");
  ASSERT_TRUE(Segment::open(file_));
  expect_all_found(*Segment::open(file_));
}

}  // namespace
}  // namespace tutela::match
