#include "custody/spool/spool.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "crypto/seal.hpp"

namespace tutela::spool {
namespace {

class SpoolTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / to_string(id());
    std::filesystem::create_directory(folder_);
    spool_ = open();
  }

  void TearDown() override {
    spool_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::filesystem::path place() const { return folder_ / "spool"; }

  std::unique_ptr<Spool> open(std::uint64_t size_bytes_max = 1U << 30) {
    Result<std::unique_ptr<Spool>> spool =
        Spool::open({place(), size_bytes_max}, *crypto::Key::from_bytes(Bytes(32, std::byte{9})));
    EXPECT_TRUE(spool) << spool.error().message;
    return *std::move(spool);
  }

  static Uuid id() { return new_uuid(SystemClock().now_ms()); }

  static Bytes plain(std::size_t size) {
    Bytes bytes(size);
    crypto::random_bytes(bytes);
    return bytes;
  }

  static Status put(Spool& spool, const Uuid& id, ByteView bytes) {
    TUTELA_TRY_ASSIGN(Spool::Writer writer, spool.create(id));
    TUTELA_TRY(writer.append(bytes));
    return writer.finish();
  }

  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(place()), {}));
  }

  std::filesystem::path folder_;
  std::unique_ptr<Spool> spool_;
};

TEST_F(SpoolTest, GivesBackWhatWasPutIn) {
  for (const std::size_t size : {0U, 1U, 65'536U, 65'537U, 3'000'000U}) {
    const Uuid item = id();
    const Bytes bytes = plain(size);
    ASSERT_TRUE(put(*spool_, item, bytes));
    EXPECT_TRUE(spool_->contains(item));
    const Result<Bytes> read = spool_->read(item, size);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, bytes);
    EXPECT_EQ(std::filesystem::file_size(place() / to_string(item)),
              crypto::sealed_size_bytes(size));
  }
  EXPECT_EQ(spool_->list()->size(), 5U);
}

TEST_F(SpoolTest, KeepsItsItemsForTheNextProcess) {
  const Uuid item = id();
  const Bytes bytes = plain(1000);
  ASSERT_TRUE(put(*spool_, item, bytes));
  const std::uint64_t size = spool_->size_bytes();
  EXPECT_EQ(size, crypto::sealed_size_bytes(1000));
  spool_ = open();
  EXPECT_EQ(spool_->size_bytes(), size);
  EXPECT_EQ(*spool_->read(item, 1000), bytes);
  EXPECT_EQ(*spool_->list(), std::vector<Uuid>{item});
}

TEST_F(SpoolTest, HoldsNothingInClearAndNothingForOthers) {
  const mode_t before = ::umask(0);
  std::filesystem::remove_all(place());
  spool_ = open();
  const Uuid item = id();
  ASSERT_TRUE(put(*spool_, item, Bytes(100'000, std::byte{'A'})));
  ::umask(before);
  const Bytes on_disk = *read_file(place() / to_string(item), 1U << 20);
  EXPECT_EQ(as_text(on_disk).find("AAAA"), std::string_view::npos);

  struct stat info {};

  ASSERT_EQ(::stat(place().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0700U);
  ASSERT_EQ(::stat((place() / to_string(item)).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
}

TEST_F(SpoolTest, SaysWhatIsMissingDamagedOrTooLarge) {
  const Uuid item = id();
  EXPECT_FALSE(spool_->contains(item));
  EXPECT_EQ(spool_->read(item, 10).error().code, "spool.missing");
  EXPECT_EQ(spool_->read(item, 10).error().kind, ErrorKind::kNotFound);
  ASSERT_TRUE(put(*spool_, item, plain(70'000)));
  EXPECT_EQ(spool_->read(item, 69'999).error().code, "seal.too_large");
  EXPECT_EQ(spool_->read(item, 10).error().code, "seal.too_large");
  std::filesystem::resize_file(place() / to_string(item), 70'000);
  EXPECT_EQ(spool_->read(item, 70'000).error().code, "seal.corrupt");
}

TEST_F(SpoolTest, DoesNotOpenAnItemWithAnotherKey) {
  const Uuid item = id();
  ASSERT_TRUE(put(*spool_, item, plain(10)));
  const auto other = *Spool::open({place(), 1U << 20}, crypto::Key::random());
  EXPECT_EQ(other->read(item, 10).error().code, "seal.corrupt");
}

TEST_F(SpoolTest, RemovesAndForgetsTheSize) {
  const Uuid item = id();
  ASSERT_TRUE(put(*spool_, item, plain(5000)));
  ASSERT_TRUE(spool_->remove(item));
  EXPECT_FALSE(spool_->contains(item));
  EXPECT_EQ(spool_->size_bytes(), 0U);
  EXPECT_TRUE(spool_->remove(item));
  EXPECT_TRUE(spool_->list()->empty());
  EXPECT_EQ(files(), 0U);
}

TEST_F(SpoolTest, LeavesNothingOfAnItemThatWasNotFinished) {
  {
    Spool::Writer writer = *spool_->create(id());
    ASSERT_TRUE(writer.append(plain(200'000)));
    EXPECT_EQ(files(), 1U);
    EXPECT_TRUE(spool_->list()->empty());
    EXPECT_EQ(spool_->size_bytes(), crypto::sealed_size_bytes(200'000));
    Spool::Writer moved = std::move(writer);
  }
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(spool_->size_bytes(), 0U);
}

TEST_F(SpoolTest, TakesNothingAfterTheEnd) {
  Spool::Writer writer = *spool_->create(id());
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(writer.finish().error().code, "spool.ended");
  EXPECT_EQ(writer.append({}).error().code, "spool.ended");
  EXPECT_EQ(files(), 1U);
}

TEST_F(SpoolTest, RefusesWhatDoesNotFitAndTakesItAfterARemoval) {
  const std::uint64_t each = crypto::sealed_size_bytes(10'000);
  spool_ = open(2 * each);
  const Uuid first = id();
  ASSERT_TRUE(put(*spool_, first, plain(10'000)));
  Spool::Writer second = *spool_->create(id());
  ASSERT_TRUE(second.append(plain(10'000)));
  const Result<Spool::Writer> third = spool_->create(id());
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, "spool.full");
  EXPECT_EQ(third.error().kind, ErrorKind::kLimitExceeded);
  ASSERT_TRUE(second.finish()) << "what was reserved can be finished";
  EXPECT_EQ(spool_->size_bytes(), 2 * each);
  ASSERT_TRUE(spool_->remove(first));
  Spool::Writer fourth = *spool_->create(id());
  EXPECT_EQ(fourth.append(plain(10'001)).error().code, "spool.full");
  EXPECT_EQ(fourth.finish().error().code, "spool.ended");
  EXPECT_EQ(spool_->size_bytes(), each);
  EXPECT_EQ(files(), 1U);
  EXPECT_TRUE(put(*spool_, id(), plain(10'000)));
}

TEST_F(SpoolTest, SeesTheRoomThatAnotherProcessMade) {
  const std::uint64_t each = crypto::sealed_size_bytes(10'000);
  const Uuid first = id();
  ASSERT_TRUE(put(*spool_, first, plain(10'000)));
  spool_ = open(each);
  EXPECT_EQ(put(*spool_, id(), plain(1)).error().code, "spool.full");
  ASSERT_TRUE(open()->remove(first));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  EXPECT_TRUE(put(*spool_, id(), plain(10'000)));
}

TEST_F(SpoolTest, CleansUpAfterTheDeadAndNotAfterTheLiving) {
  std::ofstream(place() / (to_string(id()) + ".tmp-" + to_string(id()))) << "left over";
  const Uuid item = id();
  Spool::Writer living = *spool_->create(item);
  ASSERT_TRUE(living.append(plain(100'000)));
  EXPECT_EQ(files(), 2U);
  const std::unique_ptr<Spool> other = open();
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(other->size_bytes(), 0U);
  ASSERT_TRUE(living.finish());
  EXPECT_TRUE(other->contains(item));
  EXPECT_TRUE(other->read(item, 100'000));
}

TEST_F(SpoolTest, LeavesStrangeFilesAlone) {
  std::ofstream(place() / "README") << "hello";
  spool_ = open();
  EXPECT_TRUE(spool_->list()->empty());
  EXPECT_EQ(spool_->size_bytes(), 0U);
  EXPECT_EQ(files(), 1U);
}

TEST_F(SpoolTest, SaysWhenItsFolderCannotBeMade) {
  const auto missing = Spool::open({folder_ / "none" / "spool", 1}, crypto::Key::random());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "file.write_failed");
  std::ofstream(folder_ / "file").close();
  EXPECT_EQ(Spool::open({folder_ / "file", 1}, crypto::Key::random()).error().code,
            "file.unreadable");
}

TEST_F(SpoolTest, KeepsItsBoundWithManyWriters) {
  const std::uint64_t each = crypto::sealed_size_bytes(50'000);
  spool_ = open(10 * each);
  const Bytes bytes = plain(50'000);
  std::atomic<int> stored{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        const Status status = put(*spool_, id(), bytes);
        stored += status ? 1 : 0;
        EXPECT_TRUE(status || status.error().code == "spool.full");
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_GE(stored.load(), 1);
  EXPECT_LE(stored.load(), 10);
  EXPECT_EQ(spool_->size_bytes(), static_cast<std::uint64_t>(stored.load()) * each);
  EXPECT_EQ(files(), static_cast<std::size_t>(stored.load()));
  const std::vector<Uuid> items = *spool_->list();
  for (const Uuid& item : items) {
    EXPECT_EQ(*spool_->read(item, 50'000), bytes);
  }
}

}  // namespace
}  // namespace tutela::spool
