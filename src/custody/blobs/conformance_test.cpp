// What every store of blobs must do.
#include <algorithm>
#include <thread>

#include "custody/blobs/format.hpp"
#include "custody/blobs/places_test.hpp"

namespace tutela::blobs {
namespace {

class BlobsConformance : public PlaceTest {};

TEST_P(BlobsConformance, GivesBackWhatWasWritten) {
  for (const std::size_t size : {0U, 1U, 47U, 48U, 65'536U, 300'000U}) {
    const std::string blob = name(std::to_string(size));
    const Bytes bytes = pattern(size);
    ASSERT_TRUE(put(*blobs_, blob, bytes, 999));
    const Result<std::unique_ptr<Reader>> reader = blobs_->open(blob);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ((*reader)->size_bytes(), size);
    const Result<Bytes> got = open()->get(blob, size);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(*got, bytes);
  }
}

// The sizes put the footer across parts of 5 MiB and ranges of 8 MiB; the last is eight parts.
TEST_P(BlobsConformance, GivesBackWhatNeedsManyPartsAndRanges) {
  constexpr std::size_t kMib = std::size_t{1} << 20;
  for (const std::size_t size : {5 * kMib - 48,
                                 5 * kMib - 47,
                                 5 * kMib,
                                 5 * kMib + 1,
                                 8 * kMib - 48,
                                 8 * kMib - 20,
                                 8 * kMib,
                                 40 * kMib}) {
    const std::string blob = name(std::to_string(size));
    const Bytes bytes = pattern(size);
    const Status status = put(*blobs_, blob, bytes, 1'000'003);
    ASSERT_TRUE(status) << status.error().message;
    const Result<Bytes> got = blobs_->get(blob, size);
    ASSERT_TRUE(got) << size << ": " << got.error().message;
    EXPECT_TRUE(*got == bytes) << size;
    ASSERT_TRUE(blobs_->remove(blob));
  }
}

TEST_P(BlobsConformance, ShowsNothingOfWhatIsNotFinished) {
  const std::string blob = name("unfinished");
  for (const std::size_t size : {std::size_t{10}, std::size_t{12} << 20}) {
    Result<std::unique_ptr<Writer>> writer = blobs_->create(blob);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->append(pattern(size)));
    EXPECT_EQ(code_of(blobs_->open(blob)), "blob.missing");
    EXPECT_TRUE(names_under(*blobs_, prefix_).empty());
    *writer = nullptr;
    EXPECT_EQ(code_of(blobs_->open(blob)), "blob.missing");
  }
  EXPECT_TRUE(put(*blobs_, blob, pattern(10)));
}

TEST_P(BlobsConformance, KeepsTheFirstOfTwoWithOneName) {
  const std::string blob = name("one");
  for (const std::size_t size : {std::size_t{10}, std::size_t{6} << 20}) {
    Result<std::unique_ptr<Writer>> late = blobs_->create(blob);
    ASSERT_TRUE(late);
    ASSERT_TRUE((*late)->append(pattern(size, 2)));
    ASSERT_TRUE(put(*blobs_, blob, pattern(20)));
    EXPECT_EQ(code_of((*late)->finish()), "blob.exists");
    EXPECT_EQ(code_of(blobs_->create(blob)), "blob.exists");
    EXPECT_EQ(*blobs_->get(blob, 100), pattern(20));
    ASSERT_TRUE(blobs_->remove(blob));
  }
}

TEST_P(BlobsConformance, EndsAWriterAtItsFinish) {
  Result<std::unique_ptr<Writer>> writer = blobs_->create(name("ended"));
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->finish());
  EXPECT_EQ(code_of((*writer)->append(pattern(1))), "blob.ended");
  EXPECT_EQ(code_of((*writer)->finish()), "blob.ended");
}

TEST_P(BlobsConformance, ReplacesASmallBlob) {
  const std::string blob = name("key");
  for (std::uint32_t round = 0; round < 3; ++round) {
    const Bytes bytes = pattern(100 * round, round);
    ASSERT_TRUE(blobs_->replace(blob, bytes));
    EXPECT_EQ(*open()->get(blob, 1000), bytes);
  }
  const Bytes largest = pattern(kReplaceSizeMax);
  ASSERT_TRUE(blobs_->replace(blob, largest));
  EXPECT_EQ(*blobs_->get(blob, kReplaceSizeMax), largest);
  EXPECT_EQ(code_of(blobs_->replace(blob, pattern(kReplaceSizeMax + 1))), "blob.too_large");
  EXPECT_EQ(names_under(*blobs_, prefix_), std::vector<std::string>{blob});
}

TEST_P(BlobsConformance, RemovesForGoodAndTwice) {
  const std::string blob = name("gone");
  EXPECT_TRUE(blobs_->remove(blob));
  ASSERT_TRUE(put(*blobs_, blob, pattern(10)));
  ASSERT_TRUE(blobs_->replace(blob, pattern(11)));
  EXPECT_TRUE(blobs_->remove(blob));
  EXPECT_EQ(code_of(blobs_->get(blob, 100)), "blob.missing");
  EXPECT_TRUE(names_under(*blobs_, prefix_).empty());
  EXPECT_TRUE(blobs_->remove(blob));
  ASSERT_TRUE(put(*blobs_, blob, pattern(12)));
  EXPECT_EQ(*blobs_->get(blob, 100), pattern(12));
}

TEST_P(BlobsConformance, RefusesBadNames) {
  for (const std::string bad :
       {"", "/a", "a/", "a//b", ".", "..", "a/../b", "A", "a_", "a b", "\xc3"}) {
    EXPECT_EQ(code_of(blobs_->create(bad)), "blob.bad_name") << bad;
    EXPECT_EQ(code_of(blobs_->open(bad)), "blob.bad_name") << bad;
    EXPECT_EQ(code_of(blobs_->get(bad, 1)), "blob.bad_name") << bad;
    EXPECT_EQ(code_of(blobs_->replace(bad, {})), "blob.bad_name") << bad;
    EXPECT_EQ(code_of(blobs_->remove(bad)), "blob.bad_name") << bad;
  }
  const std::string longest = name(std::string(kNameSizeMax - prefix_.size(), 'x'));
  EXPECT_TRUE(put(*blobs_, longest, {}));
  EXPECT_EQ(code_of(blobs_->create(longest + "x")), "blob.bad_name");
}

TEST_P(BlobsConformance, ListsInOrderWhatBeginsWithAPrefix) {
  std::vector<std::string> all;
  for (const char* const end : {"a", "a/b", "a/b/c", "a-b", "a.b", "a0", "ab", "b/a", "b/b"}) {
    all.push_back(name(end));
    ASSERT_TRUE(blobs_->replace(all.back(), {}));
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(names_under(*blobs_, prefix_), all);
  EXPECT_EQ(names_under(*blobs_, name("a/")),
            (std::vector<std::string>{name("a/b"), name("a/b/c")}));
  EXPECT_EQ(names_under(*blobs_, name("a/b")),
            (std::vector<std::string>{name("a/b"), name("a/b/c")}));
  EXPECT_EQ(names_under(*blobs_, name("b/b")), std::vector<std::string>{name("b/b")});
  EXPECT_TRUE(names_under(*blobs_, name("c")).empty());
  int seen = 0;
  const Status ended = blobs_->list(prefix_, [&](std::string_view) -> Status {
    ++seen;
    return Error{ErrorKind::kConflict, "test.enough", "enough"};
  });
  EXPECT_EQ(code_of(ended), "test.enough");
  EXPECT_EQ(seen, 1);
}

TEST_P(BlobsConformance, ListsWhileWhatIsListedIsRemoved) {
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(blobs_->replace(name(std::to_string(i)), {}));
  }
  ASSERT_TRUE(blobs_->list(prefix_, [&](std::string_view each) { return blobs_->remove(each); }));
  EXPECT_TRUE(names_under(*blobs_, prefix_).empty());
}

TEST_P(BlobsConformance, ReadsNoMoreThanTheCallerWants) {
  ASSERT_TRUE(put(*blobs_, name("x"), pattern(101)));
  EXPECT_EQ(code_of(blobs_->get(name("x"), 100)), "blob.too_large");
  EXPECT_TRUE(blobs_->get(name("x"), 101));
  EXPECT_EQ(code_of(blobs_->get(name("y"), 100)), "blob.missing");
}

TEST_P(BlobsConformance, ScrubsWhatIsWholeWithoutAFinding) {
  ASSERT_TRUE(put(*blobs_, name("a"), pattern(100)));
  ASSERT_TRUE(put(*blobs_, name("b"), pattern(9U << 20U)));
  std::uint64_t reports = 0;
  const Result<Scrub> scrub = blobs_->scrub(
      prefix_, [] { return false; }, [&](const Scrub& now) { reports += now.blobs; });
  ASSERT_TRUE(scrub) << scrub.error().message;
  EXPECT_EQ(scrub->blobs, 2U);
  EXPECT_EQ(scrub->size_bytes, 100U + (9U << 20U));
  EXPECT_TRUE(scrub->corrupt.empty());
  EXPECT_EQ(reports, 3U);
  const Result<Scrub> stopped = blobs_->scrub(prefix_, [] { return true; }, {});
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->blobs, 0U);
}

TEST_P(BlobsConformance, ServesManyAtOnce) {
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < 6; ++i) {
    threads.emplace_back([this, i] {
      for (int round = 0; round < 3; ++round) {
        const std::string blob = name("t" + std::to_string(i) + "/" + std::to_string(round));
        EXPECT_TRUE(put(*blobs_, blob, pattern(200'000 + i, i)));
        EXPECT_TRUE(blobs_->replace(name("shared"), pattern(50'000, i)));
        const Result<Bytes> got = blobs_->get(blob, 1U << 20U);
        EXPECT_TRUE(got && *got == pattern(200'000 + i, i));
        EXPECT_TRUE(blobs_->remove(blob));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(names_under(*blobs_, prefix_), std::vector<std::string>{name("shared")});
  EXPECT_EQ(blobs_->get(name("shared"), 50'000)->size(), 50'000U);
}

TEST_P(BlobsConformance, ServesTwoStoresOverOnePlace) {
  const std::unique_ptr<Blobs> other = open();
  Result<std::unique_ptr<Writer>> writer = blobs_->create(name("first"));
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->append(pattern(100)));
  const std::unique_ptr<Blobs> third = open();  // takes nothing from who is alive
  ASSERT_TRUE((*writer)->finish());
  EXPECT_EQ(*other->get(name("first"), 100), pattern(100));
  ASSERT_TRUE(other->remove(name("first")));
  EXPECT_EQ(code_of(blobs_->open(name("first"))), "blob.missing");
}

INSTANTIATE_TEST_SUITE_P(Places,
                         BlobsConformance,
                         ::testing::ValuesIn(places()),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace tutela::blobs
