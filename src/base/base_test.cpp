#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/strong.hpp"
#include "base/uuid.hpp"

namespace tutela {
namespace {

TEST(Bytes, HexRoundTripsAndRejectsOddInput) {
  Bytes out(3);
  ASSERT_TRUE(parse_hex("00fFa1", out));
  EXPECT_EQ(to_hex(out), "00ffa1");
  EXPECT_EQ(parse_hex("00f", out).error().code, "hex.bad_length");
  EXPECT_EQ(parse_hex("00zz00", out).error().code, "hex.bad_digit");
}

TEST(Clock, WritesRfc3339WithZone) {
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(1'795'319'553'120), "2026-11-22T03:52:33.120Z");
  EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Uuid, IsVersion7AndRoundTrips) {
  const Uuid id = new_uuid(1'795'319'553'120);
  const std::string text = to_string(id);
  ASSERT_EQ(text.size(), 36U);
  EXPECT_EQ(text[14], '7');
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
  EXPECT_EQ(*parse_uuid(text), id);
  EXPECT_FALSE(parse_uuid(text.substr(1)));
  EXPECT_FALSE(parse_uuid(std::string(36, '-')));
}

TEST(Uuid, SortsInOrderOfCreationWithinOneMillisecond) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 10'000; ++i) {
    ids.push_back(new_uuid(1'900'000'000'000));
  }
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST(Strong, KeepsNamesApart) {
  using A = Strong<struct ATag, int>;
  static_assert(!std::is_convertible_v<int, A>);
  EXPECT_EQ(A{3}, A{3});
}

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / to_string(new_uuid(1));
    std::filesystem::create_directory(folder_);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(FileTest, AtomicWriteReplacesWholeAndLeavesNoTemporary) {
  ASSERT_TRUE(write_file_atomic(folder_ / "a", as_bytes("one")));
  ASSERT_TRUE(write_file_atomic(folder_ / "a", as_bytes("two!")));
  const auto read = read_file(folder_ / "a", 10);
  ASSERT_TRUE(read);
  EXPECT_EQ(as_text(*read), "two!");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(FileTest, ReadingIsBoundedAndWantsARegularFile) {
  ASSERT_TRUE(write_file_atomic(folder_ / "a", as_bytes("12345")));
  EXPECT_EQ(read_file(folder_ / "a", 4).error().code, "file.too_large");
  EXPECT_TRUE(read_file(folder_ / "a", 5));
  EXPECT_EQ(read_file(folder_ / "none", 5).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(read_file(folder_, 5).error().code, "file.not_regular");
}

TEST(ClockTest, ReadsTheTimesThatItWritesAndOtherZones) {
  for (const UtcMs time : {UtcMs{0}, UtcMs{1'795'319'553'120}, UtcMs{253'402'300'799'999}}) {
    EXPECT_EQ(*parse_time(to_rfc3339(time)), time);
  }
  EXPECT_EQ(to_rfc3339(*parse_time("2026-11-22")), "2026-11-22T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(*parse_time("2026-11-22T03:52:33+05:30")), "2026-11-21T22:22:33.000Z");
  EXPECT_EQ(to_rfc3339(*parse_time("2024-02-29t00:00:00.5z")), "2024-02-29T00:00:00.500Z");
}

TEST(ClockTest, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "2026",
                           "2026-11-22 ",
                           "2026-13-01",
                           "2023-02-29",
                           "1969-12-31",
                           "2026-11-22T03:52:33",
                           "2026-11-22T24:00:00Z",
                           "2026-11-22T03:52:33.Z",
                           "2026-11-22T03:52:33Zx",
                           "2026-11-22T03:52:33+1:30",
                           "-026-11-22",
                           "2026-11-2a"}) {
    EXPECT_EQ(parse_time(text).error().code, "time.bad") << text;
  }
}

}  // namespace
}  // namespace tutela
