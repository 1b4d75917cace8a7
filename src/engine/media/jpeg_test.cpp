#include "engine/media/jpeg.hpp"

#include <string>

#include <gtest/gtest.h>

#include "engine/media/test_sink.hpp"

namespace tutela::media {

namespace {

Bytes joined(ByteView left, ByteView right) {
  Bytes all(left.begin(), left.end());
  all.insert(all.end(), right.begin(), right.end());
  return all;
}

/// The offset of the first marker 0xFF `code`.
std::size_t find_marker(const Bytes& bytes, int code) {
  for (std::size_t i = 2; i + 1 < bytes.size(); ++i) {
    if (bytes[i] == std::byte{0xFF} && bytes[i + 1] == static_cast<std::byte>(code)) {
      return i;
    }
  }
  ADD_FAILURE() << "no such marker";
  return 0;
}

TEST(Jpeg, EveryCutBehindTheHeaderIsDamagedOrAnError) {
  for (const char* name : {"rgb-420.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg"}) {
    const Bytes whole = read_testdata(name);
    const ByteView view(whole);
    std::size_t with_pixels = 0;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      TestSink sink;
      const auto report = decode_jpeg(view.first(length), Limits{}, sink);
      EXPECT_FALSE(sink.open());
      if (report) {
        ++with_pixels;
        EXPECT_TRUE(report->damaged) << name << " cut at " << length;
        EXPECT_EQ(sink.frames().size(), 1U);
      } else {
        EXPECT_EQ(report.error().code, "media.corrupt");
        EXPECT_TRUE(sink.frames().empty());
      }
    }
    EXPECT_GT(with_pixels, whole.size() / 4) << "the cuts missed the picture data of " << name;
  }
}

TEST(Jpeg, BytesBehindTheEndAreNoDamage) {
  const Bytes whole = read_testdata("rgb-420.jpg");
  TestSink sink;
  const auto report = decode_jpeg(joined(whole, as_bytes("and a tail")), Limits{}, sink);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->damaged);
}

TEST(Jpeg, StrayBytesBeforeAMarkerAreDamage) {
  const Bytes whole = read_testdata("rgb-420.jpg");
  const std::size_t at = find_marker(whole, 0xC0);
  const ByteView view(whole);
  const Bytes stray = joined(joined(view.first(at), as_bytes("stray")), view.subspan(at));
  TestSink sink;
  const auto report = decode_jpeg(stray, Limits{}, sink);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->damaged);
}

TEST(Jpeg, AnEndMarkerPutBehindACutHidesNothing) {
  const Bytes whole = read_testdata("rgb-420.jpg");
  const ByteView view(whole);
  const Bytes spliced = joined(view.first(whole.size() * 3 / 4), view.last(2));
  TestSink sink;
  const auto report = decode_jpeg(spliced, Limits{}, sink);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->damaged);
}

TEST(Jpeg, RefusesThousandsOfScans) {
  const Bytes whole = read_testdata("progressive.jpg");
  const ByteView view(whole);
  // The last scan of the file, again and again.
  std::size_t start = 0;
  for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
    if (whole[i] == std::byte{0xFF} && whole[i + 1] == std::byte{0xDA}) {
      start = i;
    }
  }
  const ByteView scan = view.subspan(start, whole.size() - 2 - start);
  Bytes bomb(whole.begin(), whole.end() - 2);
  for (int i = 0; i < 1000; ++i) {
    bomb.insert(bomb.end(), scan.begin(), scan.end());
  }
  bomb = joined(bomb, view.last(2));
  TestSink sink;
  const auto report = decode_jpeg(bomb, Limits{}, sink);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, "media.corrupt");
}

TEST(Jpeg, ChecksTheSizeBeforeDecoding) {
  Bytes bytes = read_testdata("rgb-420.jpg");
  const std::size_t frame = find_marker(bytes, 0xC0);
  for (std::size_t i = 5; i < 9; ++i) {  // height and width
    bytes[frame + i] = std::byte{0xF0};
  }
  TestSink sink;
  const auto report = decode_jpeg(bytes, Limits{}, sink);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, "media.too_many_pixels");
  EXPECT_TRUE(sink.frames().empty());
}

TEST(Jpeg, GivesGreyAsOneByteAPixel) {
  TestSink sink;
  ASSERT_TRUE(decode_jpeg(read_testdata("grey.jpg"), Limits{}, sink));
  ASSERT_EQ(sink.frames().size(), 1U);
  EXPECT_EQ(sink.frames()[0].info.format, fingerprint::PixelFormat::kGrey8);
}

}  // namespace

}  // namespace tutela::media
