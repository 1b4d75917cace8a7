#include "engine/media/media.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/media/test_sink.hpp"

namespace tutela::media {

namespace {

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, separator);) {
    fields.push_back(field);
  }
  return fields;
}

std::string fnv(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t digest = 0xCBF29CE484222325ULL;
  for (const std::uint8_t byte : bytes) {
    digest = (digest ^ byte) * 0x100000001B3ULL;
  }
  std::ostringstream text;
  text << std::hex;
  text.fill('0');
  text.width(16);
  text << digest;
  return text.str();
}

/// One row of testdata/expected.tsv, which tools/make_media_fixtures.py writes.
struct Expected {
  std::string name;
  std::string type;
  std::string width;
  std::string height;
  std::string frames;
  std::vector<std::string> digests;
};

std::vector<Expected> expectations() {
  std::ifstream file(testdata("expected.tsv"));
  std::vector<Expected> all;
  for (std::string line; std::getline(file, line);) {
    const auto f = split(line, '\t');
    if (f.size() == 6) {
      all.push_back({f[0], f[1], f[2], f[3], f[4], split(f[5], ',')});
    }
  }
  return all;
}

TEST(Media, GivesThePixelsOfPillowForEveryFormatAndMode) {
  const auto all = expectations();
  ASSERT_GT(all.size(), 50U);
  for (const Expected& expected : all) {
    SCOPED_TRACE(expected.name);
    const Bytes bytes = read_testdata(expected.name);
    TestSink sink;
    const auto report = decode(bytes, Limits{}, sink);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(mime_type(report->type), expected.type);
    EXPECT_EQ(std::to_string(report->width), expected.width);
    EXPECT_EQ(std::to_string(report->height), expected.height);
    EXPECT_EQ(std::to_string(report->frames_total), expected.frames);
    EXPECT_FALSE(report->damaged);
    EXPECT_EQ(report->frames_decoded, sink.frames().size());
    EXPECT_EQ(report->partial, report->frames_decoded < report->frames_total);
    EXPECT_FALSE(report->decoder.empty());
    ASSERT_EQ(sink.frames().size(), expected.digests.size());
    for (std::size_t i = 0; i < sink.frames().size(); ++i) {
      EXPECT_TRUE(expected.digests[i] == "-" || fnv(sink.frames()[i].rgb) == expected.digests[i])
          << "frame " << i;
    }
  }
}

TEST(Media, NamesWhyNothingWasDecoded) {
  TestSink sink;
  const auto code = [&](ByteView bytes, const Limits& limits) {
    const auto report = decode(bytes, limits, sink);
    return report ? std::string("decoded") : std::string(report.error().code);
  };
  Limits tiny;
  tiny.size_bytes_max = 10;
  const Bytes png = read_testdata("rgb.png");
  EXPECT_EQ(code({}, Limits{}), "media.empty");
  EXPECT_EQ(code(as_bytes("plain text"), Limits{}), "media.unsupported_type");
  EXPECT_EQ(code(png, tiny), "media.too_large");
  Limits narrow;
  narrow.side_pixels_max = 60;
  EXPECT_EQ(code(png, narrow), "media.too_many_pixels");
  EXPECT_EQ(code(ByteView(png).first(20), Limits{}), "media.corrupt");
  EXPECT_TRUE(sink.frames().empty());
}

/// Every open() of the process fails from here on. Exits with 0 if all files still decode.
[[noreturn]] void decode_without_files(const std::vector<Bytes>& files) {
  const rlimit none{};
  bool good = setrlimit(RLIMIT_NOFILE, &none) == 0;
  for (const Bytes& file : files) {
    TestSink sink;
    good = good && decode(file, Limits{}, sink).has_value();
  }
  _exit(good ? 0 : 1);
}

TEST(Media, DecodesWithoutTheFileSystem) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizers' own checks need descriptors; the other presets run this";
#endif
  // A process of its own: a thread that libvips started in an earlier test does not live on in a
  // forked child, which would wait for it for ever.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  ASSERT_TRUE(warm_up());
  std::vector<Bytes> files;
  for (const Expected& expected : expectations()) {
    files.push_back(read_testdata(expected.name));
  }
  EXPECT_EXIT(decode_without_files(files), testing::ExitedWithCode(0), "");
}

[[noreturn]] void exit_with_thread_count() {
  const bool warm = warm_up().has_value();
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  _exit(warm ? static_cast<int>(std::distance(begin(tasks), end(tasks))) : 99);
}

TEST(Media, WarmsUpWithoutAThread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(exit_with_thread_count(), testing::ExitedWithCode(1), "");
}

}  // namespace

}  // namespace tutela::media
