#include "watch/content_index/content_index.hpp"

#include <atomic>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.hpp"
#include "support/folder.hpp"
#include "watch/content_index/reader.hpp"
#include "watch/content_index/test_entries.hpp"

namespace tutela::content_index {
namespace {

namespace fs = std::filesystem;
using tutela::testing::TemporaryFolder;

void run_in_threads(std::size_t count, const std::function<void(std::size_t)>& step) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (std::size_t n = next++; n < count; n = next++) {
        step(n);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
}

std::unique_ptr<ContentIndex> open_index(const fs::path& folder,
                                         std::uint64_t segment_bytes_max = 1U << 20,
                                         const match::RunSteps& run_steps = {}) {
  auto index = ContentIndex::open({folder, segment_bytes_max, run_steps});
  EXPECT_TRUE(index) << index.error().message;
  return index ? *std::move(index) : nullptr;
}

/// Appends the row's entries from what it has to `end`, in blocks of 1 to `most`.
void append_row(ContentIndex& index, std::uint64_t end, std::uint64_t most, Random& random) {
  for (auto at = static_cast<std::uint64_t>(index.position()); at < end;) {
    const std::uint64_t to = std::min(end, at + 1 + random() % most);
    ASSERT_TRUE(index.append(entries_of(at, to), static_cast<std::int64_t>(to)));
    at = to;
  }
}

struct Found {
  std::multiset<std::uint64_t> hits;
  std::vector<Mark> marks;
  std::uint64_t contents = 0;
  Status status = ok();
};

Found search_all(const ContentIndex& index, const Query& query, Mark from, Mark to) {
  Found found;
  found.status = index.search(
      from,
      to,
      query,
      [&](const Uuid& id) { found.hits.insert(number_of(id)); },
      [&](Mark done, std::uint64_t contents) {
        found.marks.push_back(done);
        found.contents = contents;
        return true;
      });
  return found;
}

std::vector<std::uint64_t> all_numbers(const ContentIndex& index) {
  std::vector<std::uint64_t> numbers;
  const Status read = index.for_each({}, index.end(), [&](const Uuid& id, const auto* first) {
    const Entry entry = entry_of(number_of(id));
    EXPECT_EQ(first == nullptr, entry.frames.empty());
    if (first != nullptr && !entry.frames.empty()) {
      EXPECT_EQ(*first, entry.frames[0][0]);
    }
    numbers.push_back(number_of(id));
    return true;
  });
  EXPECT_TRUE(read);
  return numbers;
}

/// Each number from 0 on, once, up to the position.
void expect_whole(const ContentIndex& index) {
  const auto numbers = all_numbers(index);
  ASSERT_EQ(numbers.size(), static_cast<std::size_t>(index.position()));
  for (std::uint64_t i = 0; i < numbers.size(); ++i) {
    ASSERT_EQ(numbers[i], i);
  }
  EXPECT_EQ(index.stats().contents, numbers.size());
}

void write_at(const fs::path& file, std::uint64_t offset, ByteView bytes) {
  const Fd fd(::open(file.c_str(), O_WRONLY));
  ASSERT_EQ(::pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)),
            static_cast<ssize_t>(bytes.size()));
}

TEST(ContentIndex, IsEmptyAtFirstAndStaysWhatItWas) {
  const TemporaryFolder folder;
  Uuid id;
  {
    const auto index = open_index(folder.path() / "made" / "here");
    id = index->id();
    EXPECT_EQ(index->position(), 0);
    EXPECT_EQ(index->stats().contents, 0U);
    EXPECT_EQ(index->stats().segments, 1U);
    EXPECT_TRUE(search_all(*index, {}, {}, index->end()).status);
  }
  EXPECT_EQ(open_index(folder.path() / "made" / "here")->id(), id);
  EXPECT_NE(open_index(folder.path() / "another")->id(), id);
}

TEST(ContentIndex, BelongsToOneProcess) {
  const TemporaryFolder folder;
  auto first = open_index(folder.path());
  const auto second = ContentIndex::open({folder.path(), 1000, {}});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(second.error().code, "content_index.locked");
  first.reset();
  EXPECT_TRUE(ContentIndex::open({folder.path(), 1000, {}}));
}

TEST(ContentIndex, KeepsAllThroughManySegmentsAndOpenings) {
  const TemporaryFolder folder;
  Random random(5);
  for (const std::uint64_t end : {1U, 20U, 21U, 400U, 1000U}) {
    const auto index = open_index(folder.path(), 50'000);
    expect_whole(*index);
    append_row(*index, end, 20, random);
    expect_whole(*index);
  }
  const auto index = open_index(folder.path(), 50'000);
  expect_whole(*index);
  EXPECT_GE(index->stats().segments, 5U);
  std::uint64_t frames = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    frames += i % 4;
  }
  EXPECT_EQ(index->stats().frames, frames);
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; i < index->stats().segments; ++i) {
    bytes += fs::file_size(segment_path(folder.path(), i));
  }
  EXPECT_EQ(index->stats().bytes, bytes);
}

TEST(ContentIndex, RefusesAPositionThatGoesBackAndBlocksThatAreTooLarge) {
  const TemporaryFolder folder;
  const auto index = open_index(folder.path());
  ASSERT_TRUE(index->append(entries_of(0, 3), 3));
  ASSERT_TRUE(index->append({}, 3));
  EXPECT_EQ(index->append({}, 2).error().code, "content_index.position");
  std::vector<Entry> large(1);
  large[0].frames.resize(kBlockBytesMax / sizeof(Hashes));
  EXPECT_EQ(index->append(large, 4).error().code, "content_index.block_too_large");
  expect_whole(*index);
  ASSERT_TRUE(index->append({}, 9)) << "a position without entries";
  EXPECT_EQ(index->position(), 9);
}

TEST(ContentIndex, ReadsBlocksLargerThanAChunk) {
  const TemporaryFolder folder;
  {
    const auto index = open_index(folder.path(), 3'000'000);
    Random random(1);
    append_row(*index, 20'000, 6000, random);
  }
  expect_whole(*open_index(folder.path()));
}

/// Signals near entries of the row in any frame and orientation, and others near none.
struct Planted {
  explicit Planted(std::uint64_t contents, Random& random) {
    for (std::uint64_t i = 0; i < 60; ++i) {
      const Entry entry = entry_of(random() % contents);
      for (const Hashes& hashes : entry.frames) {
        signals.push_back(flipped(hashes[random() % 8], random() % 32, random));
        wanted.insert(number_of(entry.content_id));
      }
      signals.push_back(random_pdq(random));
      const Entry exact = entry_of(random() % contents);
      digests.push_back(exact.digests);
      wanted_digests.insert(number_of(exact.content_id));
    }
  }

  std::vector<fingerprint::Pdq256> signals;
  std::vector<crypto::Digests> digests;
  std::set<std::uint64_t> wanted;
  std::set<std::uint64_t> wanted_digests;
};

TEST(ContentIndexSearch, FindsWhatWasPlantedWhateverTheBlocks) {
  for (const std::uint64_t most : {1U, 50U, 1500U}) {
    const std::uint64_t contents = most == 1 ? 200 : 4000;  // each append waits for the disk
    for (const match::RunSteps& run_steps : {match::RunSteps(), match::RunSteps(run_in_threads)}) {
      const TemporaryFolder folder;
      const auto seed = std::random_device{}();
      SCOPED_TRACE("seed " + std::to_string(seed));
      Random random(seed);
      const auto index = open_index(folder.path(), 900'000, run_steps);
      append_row(*index, contents, most, random);
      const Planted planted(contents, random);
      const match::StreamIndex pdq(planted.signals, 31);
      std::vector<Digest> digests;
      for (const auto& digest : planted.digests) {
        digests.push_back({match::SignalKind::kSha1, digest.sha1});
      }
      const DigestPrefixes prefixes(digests);
      const auto expect = [&](const Query& query, const std::set<std::uint64_t>& wanted) {
        const Found found = search_all(*index, query, {}, index->end());
        ASSERT_TRUE(found.status);
        EXPECT_EQ(std::set(found.hits.begin(), found.hits.end()), wanted);
        EXPECT_EQ(found.contents, contents);
        EXPECT_TRUE(std::ranges::is_sorted(found.marks));
        EXPECT_EQ(found.marks.back(), index->end());
      };
      expect({}, {});
      expect({&pdq, nullptr}, planted.wanted);
      expect({nullptr, &prefixes}, planted.wanted_digests);
      std::set<std::uint64_t> both = planted.wanted;
      both.insert(planted.wanted_digests.begin(), planted.wanted_digests.end());
      expect({&pdq, &prefixes}, both);
    }
  }
}

TEST(ContentIndexCopy, HasWhatIsKeptInItsOrderAndHasComeAsFar) {
  const testing::TemporaryFolder folder;
  auto from = *ContentIndex::open({folder.path() / "from", 6'000, {}});
  for (std::uint64_t at = 0; at < 3'000; at += 1 + at % 7) {
    const std::uint64_t end = std::min<std::uint64_t>(3'000, at + 1 + at % 7);
    ASSERT_TRUE(from->append(entries_of(at, end), static_cast<std::int64_t>(end)));
  }
  const auto never = [] {
    return false;
  };
  for (const std::uint64_t every : {1U, 2U, 9U, 100'000U}) {
    const fs::path at = folder.path() / std::to_string(every);
    {
      auto to = *ContentIndex::open({at, 50'000, {}});
      const auto keeps = [&](std::span<const Uuid> ids) -> Result<std::vector<bool>> {
        std::vector<bool> kept;
        for (const Uuid& id : ids) {
          kept.push_back(number_of(id) % every == every - 1);
        }
        return kept;
      };
      const Mark end = from->end();
      ASSERT_TRUE(*from->copy_to(*to, {}, end, keeps, never));
      ASSERT_TRUE(*from->copy_to(*to, end, from->end(), keeps, never)) << "nothing more";
      EXPECT_EQ(to->position(), 3'000);
      EXPECT_NE(to->id(), from->id());
    }
    const auto again = *ContentIndex::open({at, 50'000, {}});
    EXPECT_EQ(again->position(), 3'000) << "also where nothing of it is kept";
    EXPECT_EQ(again->stats().contents, 3'000 / every);
    std::uint64_t next = every - 1;
    ASSERT_TRUE(again->for_each({}, again->end(), [&](const Uuid& id, const auto* first) {
      EXPECT_EQ(number_of(id), next);
      const Entry entry = entry_of(next);
      EXPECT_TRUE(first == nullptr ? entry.frames.empty() : *first == entry.frames[0][0]);
      next += every;
      return true;
    }));
    EXPECT_GE(next, 3'000U);
    ASSERT_TRUE(again->append(entries_of(3'000, 3'001), 3'001));
  }
  auto stopped = *ContentIndex::open({folder.path() / "stopped", 50'000, {}});
  EXPECT_FALSE(*from->copy_to(
      *stopped, {}, from->end(), [](auto) { return std::vector<bool>(); }, [] { return true; }));
  const auto fails = [](std::span<const Uuid>) -> Result<std::vector<bool>> {
    return Error{ErrorKind::kUnavailable, "store.busy", "busy"};
  };
  EXPECT_EQ(from->copy_to(*stopped, {}, from->end(), fails, never).error().code, "store.busy");
}

TEST(ContentIndexSearch, GoesOnFromEachMarkWithoutAGap) {
  const TemporaryFolder folder;
  Random random(11);
  const auto index = open_index(folder.path(), 200'000, run_in_threads);
  append_row(*index, 6000, 100, random);
  const Planted planted(6000, random);
  const match::StreamIndex pdq(planted.signals, 31);
  std::set<std::uint64_t> hits;
  Mark at;
  int parts = 0;
  while (at < index->end()) {
    int calls = 0;
    const Mark from = at;
    ASSERT_TRUE(index->search(
        from,
        index->end(),
        {&pdq, nullptr},
        [&](const Uuid& id) { hits.insert(number_of(id)); },
        [&](Mark done, std::uint64_t /*contents*/) {
          EXPECT_GE(done, at);
          at = done;
          return ++calls < 2;
        }));
    EXPECT_LE(calls, 2) << "a call after the end";
    ++parts;
  }
  EXPECT_EQ(hits, planted.wanted);
  EXPECT_GE(parts, 3);
}

TEST(ContentIndexSearch, SeesOnlyItsRange) {
  const TemporaryFolder folder;
  Random random(12);
  const auto index = open_index(folder.path(), 30'000);
  append_row(*index, 100, 9, random);
  const auto from = static_cast<std::uint64_t>(index->position());
  const Mark middle = index->end();
  append_row(*index, 300, 9, random);
  const Mark later = index->end();
  const auto to = static_cast<std::uint64_t>(index->position());
  append_row(*index, 400, 9, random);
  std::uint64_t next = from;
  ASSERT_TRUE(index->for_each(middle, later, [&](const Uuid& id, const auto* /*first*/) {
    EXPECT_EQ(number_of(id), next);
    return ++next < to;
  }));
  EXPECT_EQ(next, to);
  EXPECT_EQ(search_all(*index, {}, middle, later).contents, to - from);
  EXPECT_EQ(search_all(*index, {}, middle, middle).contents, 0U);
}

TEST(ContentIndexSearch, RefusesMarksThatItDoesNotHave) {
  const TemporaryFolder folder;
  const auto index = open_index(folder.path());
  ASSERT_TRUE(index->append(entries_of(0, 5), 5));
  const Mark end = index->end();
  for (const auto& [from, to] : std::map<Mark, Mark>{{{0, 0}, {0, end.offset + 1}},
                                                     {{0, 0}, {1, 0}},
                                                     {{0, 5}, end},
                                                     {{7, 0}, {9, 0}},
                                                     {end, {0, 0}}}) {
    EXPECT_EQ(search_all(*index, {}, from, to).status.error().code, "content_index.no_such_mark");
  }
  EXPECT_EQ(search_all(*index, {}, {0, 80}, end).status.error().code, "content_index.corrupt")
      << "within a block";
}

TEST(ContentIndexDamage, CutsOffEachTornEndAndTakesTheEntriesAgain) {
  const TemporaryFolder folder;
  std::uint64_t before = 0;
  {
    const auto index = open_index(folder.path());
    ASSERT_TRUE(index->append(entries_of(0, 6), 6));
    before = index->end().offset;
    ASSERT_TRUE(index->append(entries_of(6, 8), 8));
  }
  const fs::path file = segment_path(folder.path(), 0);
  const Bytes whole = *read_file(file, 1U << 20);
  const Bytes zeros(whole.size() - before);
  for (std::uint64_t size = before; size < whole.size(); size += 13) {
    for (const bool zeroed : {false, true}) {  // the length may be durable before the bytes
      fs::remove(file);
      ASSERT_TRUE(write_file_atomic(file, ByteView(whole).first(zeroed ? whole.size() : size)));
      if (zeroed) {
        write_at(file, size, ByteView(zeros).first(whole.size() - size));
      }
      const auto index = open_index(folder.path());
      ASSERT_EQ(index->position(), 6) << size;
      ASSERT_EQ(index->end().offset, before);
      ASSERT_TRUE(index->append(entries_of(6, 8), 8));
      expect_whole(*index);
    }
  }
}

TEST(ContentIndexDamage, IsNeverASilentMiss) {
  const TemporaryFolder folder;
  constexpr std::uint64_t kContents = 60;
  {
    const auto index = open_index(folder.path(), 6'000);
    Random random(2);
    append_row(*index, kContents, 4, random);
    ASSERT_GE(index->stats().segments, 4U);
    ASSERT_GT(index->end().offset, 1000U) << "the last segment has blocks";
  }
  Random random(3);
  int opened = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    if (!entry.path().filename().string().starts_with("segment-")) {
      continue;
    }
    const Bytes whole = *read_file(entry.path(), 1U << 20);
    for (std::size_t at = 0; at < whole.size(); at += at < 200 ? 1 : 1 + random() % 60) {
      Bytes flip = {whole[at] ^ static_cast<std::byte>(1U << (random() % 8))};
      write_at(entry.path(), at, flip);
      auto index = ContentIndex::open({folder.path(), 6'000, {}});
      if (index) {
        ++opened;
        // Either the end was cut off and comes again, or a full reading fails.
        const bool cut = (*index)->position() < static_cast<std::int64_t>(kContents);
        const Found found = search_all(**index, {}, {}, (*index)->end());
        EXPECT_NE(cut, !found.status) << entry.path().filename() << " at " << at;
        if (cut) {
          expect_whole(**index);
        } else if (!found.status) {
          EXPECT_EQ(found.status.error().code, "content_index.corrupt");
        }
      } else {
        EXPECT_EQ(index.error().code, "content_index.corrupt");
      }
      index = Error{ErrorKind::kInternal, "closed", ""};
      fs::resize_file(entry.path(), 0);
      write_at(entry.path(), 0, whole);
    }
  }
  EXPECT_GT(opened, 100);
  expect_whole(*open_index(folder.path()));
}

TEST(ContentIndexDamage, NoticesLostShortenedAndForeignSegments) {
  const TemporaryFolder folder;
  const TemporaryFolder other;
  Random random(4);
  append_row(*open_index(folder.path(), 6'000), 60, 4, random);
  append_row(*open_index(other.path(), 6'000), 60, 4, random);
  const fs::path second = segment_path(folder.path(), 1);
  const Bytes whole = *read_file(second, 1U << 20);
  const auto code = [&] {
    const auto index = ContentIndex::open({folder.path(), 6'000, {}});
    return index ? std::string_view("opened") : index.error().code;
  };
  EXPECT_EQ(code(), "opened");
  fs::remove(second);
  EXPECT_EQ(code(), "content_index.corrupt");
  ASSERT_TRUE(write_file_atomic(second, ByteView(whole).first(whole.size() - 8)));
  EXPECT_EQ(code(), "content_index.corrupt");
  fs::copy_file(segment_path(other.path(), 1), second, fs::copy_options::overwrite_existing);
  EXPECT_EQ(code(), "content_index.corrupt");
  ASSERT_TRUE(write_file_atomic(second, {}));
  EXPECT_EQ(code(), "content_index.corrupt");
  ASSERT_TRUE(write_file_atomic(second, whole));
  EXPECT_EQ(code(), "opened");
}

TEST(ContentIndexDamage, FailsASearchForASegmentThatGoesAwayUnderIt) {
  const TemporaryFolder folder;
  Random random(4);
  const auto index = open_index(folder.path(), 6'000, run_in_threads);
  append_row(*index, 60, 4, random);
  fs::remove(segment_path(folder.path(), 1));
  const Found found = search_all(*index, {}, {}, index->end());
  ASSERT_FALSE(found.status);
  EXPECT_EQ(found.status.error().code, "content_index.corrupt");
  EXPECT_LT(found.contents, 60U);
}

TEST(ContentIndexThreads, AppendsWhileOthersSearch) {
  const TemporaryFolder folder;
  const auto index = open_index(folder.path(), 40'000, run_in_threads);
  const match::StreamIndex pdq({entry_of(3).frames[0][5]}, 31);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    Random random(1);
    append_row(*index, 400, 5, random);
    done = true;
  });
  int searches = 0;
  do {
    const auto position = static_cast<std::uint64_t>(index->position());
    const Found found = search_all(*index, {&pdq, nullptr}, {}, index->end());
    ASSERT_TRUE(found.status);
    EXPECT_GE(found.contents, position);
    EXPECT_EQ(found.hits.count(3), found.contents > 3 ? 1U : 0U);
    ++searches;
  } while (!done);
  writer.join();
  EXPECT_GE(searches, 1);
  expect_whole(*index);
}

}  // namespace
}  // namespace tutela::content_index
