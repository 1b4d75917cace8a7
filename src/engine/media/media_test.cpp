#include "engine/media/media.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

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

}  // namespace

}  // namespace tutela::media
