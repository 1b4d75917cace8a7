#include "crypto/secret.hpp"

#include <fstream>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/uuid.hpp"

namespace tutela::crypto {
namespace {

static_assert(!std::is_copy_constructible_v<Key> && !std::is_copy_assignable_v<Key>);

TEST(Key, TakesExactly32Bytes) {
  for (const std::size_t size : {0U, 31U, 33U, 64U}) {
    EXPECT_EQ(Key::from_bytes(Bytes(size)).error().code, "key.bad_length");
  }
  const Bytes bytes(32, std::byte{7});
  const Result<Key> key = Key::from_bytes(bytes);
  ASSERT_TRUE(key);
  EXPECT_TRUE(equal_constant_time(key->bytes(), bytes));
}

TEST(Key, IsEmptyAfterAMove) {
  Key key = Key::random();
  const Key other = std::move(key);
  EXPECT_EQ(other.bytes().size(), 32U);
  EXPECT_TRUE(key.bytes().empty());  // NOLINT(bugprone-use-after-move): it is what is tested.
}

TEST(Key, IsRandomEachTime) {
  EXPECT_FALSE(equal_constant_time(Key::random().bytes(), Key::random().bytes()));
}

TEST(EqualConstantTime, SeesEveryByteAndTheLength) {
  Bytes left(40, std::byte{1});
  EXPECT_TRUE(equal_constant_time(left, Bytes(40, std::byte{1})));
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_FALSE(equal_constant_time(left, ByteView(left).first(39)));
  for (std::size_t i = 0; i < left.size(); ++i) {
    Bytes right = left;
    right[i] ^= std::byte{0x80};
    EXPECT_FALSE(equal_constant_time(left, right)) << i;
  }
}

class KeyFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / to_string(new_uuid(1));
    std::filesystem::create_directory(folder_);
    path_ = folder_ / "key";
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text, mode_t mode) {
    std::ofstream(path_) << text;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(KeyFile, IsMadeOnceForTheOwnerOnlyAndReadAgain) {
  const Result<Key> made = load_or_create_key(path_);
  ASSERT_TRUE(made) << made.error().message;

  struct stat info {};

  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  EXPECT_EQ(as_text(*read_file(path_, 100)), to_hex(made->bytes()) + "\n");
  const Result<Key> again = load_or_create_key(path_);
  ASSERT_TRUE(again);
  EXPECT_TRUE(equal_constant_time(made->bytes(), again->bytes()));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(KeyFile, IsRefusedWhenOthersMayReadIt) {
  for (const mode_t mode : {0640U, 0604U, 0620U, 0666U}) {
    write(std::string(64, 'a'), mode);
    const Result<Key> key = load_or_create_key(path_);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, "key.bad_file");
    EXPECT_NE(key.error().message.find("chmod 600"), std::string::npos);
  }
}

TEST_F(KeyFile, IsRefusedAndKeptWhenItsTextIsWrong) {
  for (const std::string& text : {std::string(),
                                  std::string(63, 'a'),
                                  std::string(65, 'a'),
                                  std::string(64, 'g'),
                                  std::string(5000, 'a')}) {
    write(text, 0600);
    EXPECT_EQ(load_or_create_key(path_).error().code, "key.bad_file");
    EXPECT_EQ(std::filesystem::file_size(path_), text.size());
  }
  write(std::string(64, 'A') + "\r\n", 0600);
  EXPECT_TRUE(load_or_create_key(path_));
}

TEST_F(KeyFile, IsNeitherAFolderNorInAFolderThatIsMissing) {
  EXPECT_EQ(load_or_create_key(folder_).error().code, "key.bad_file");
  EXPECT_EQ(load_or_create_key(folder_ / "none" / "key").error().code, "file.write_failed");
}

TEST_F(KeyFile, IsTheSameForAllWhoStartAtOnce) {
  std::vector<std::string> seen(16);
  std::vector<std::thread> threads;
  for (std::string& text : seen) {
    threads.emplace_back([this, &text] {
      const Result<Key> key = load_or_create_key(path_);
      text = key ? to_hex(key->bytes()) : key.error().message;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(seen, std::vector<std::string>(16, seen.front()));
  EXPECT_EQ(seen.front().size(), 64U);
}

}  // namespace
}  // namespace tutela::crypto
