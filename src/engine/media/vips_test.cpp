#include "engine/media/vips.hpp"

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <vips/vips.h>

#include "engine/media/test_sink.hpp"

namespace tutela::media {

namespace {

Result<DecodeReport> decode_file(const std::string& name, const Limits& limits, TestSink& sink) {
  return decode(read_testdata(name), limits, sink);
}

/// Mean difference of two pictures of RGB bytes; 255 where the sizes differ.
double difference(const std::vector<std::uint8_t>& left, const std::vector<std::uint8_t>& right) {
  if (left.size() != right.size() || left.empty()) {
    return 255;
  }
  double sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    sum += std::abs(int{left[i]} - int{right[i]});
  }
  return sum / static_cast<double>(left.size());
}

std::vector<std::uint8_t> crop(const TestFrame& frame, std::uint32_t width, std::uint32_t height) {
  std::vector<std::uint8_t> out;
  for (std::uint32_t y = 0; y < height; ++y) {
    const auto row = frame.rgb.begin() + std::ptrdiff_t{y} * frame.info.width * 3;
    out.insert(out.end(), row, row + std::ptrdiff_t{width} * 3);
  }
  return out;
}

TEST(Vips, ShowsTheSamePictureWherePillowHasNoWord) {
  TestSink reference;
  ASSERT_TRUE(decode_file("rgb.png", Limits{}, reference));
  for (const char* name : {"rgb.avif", "rgb.heic", "lab.tif"}) {
    TestSink sink;
    ASSERT_TRUE(decode_file(name, Limits{}, sink)) << name;
    ASSERT_EQ(sink.frames().size(), 1U);
    const TestFrame& frame = sink.frames()[0];
    const double far =
        difference(frame.rgb, crop(reference.frames()[0], frame.info.width, frame.info.height));
    EXPECT_LT(far, 8.0) << name;
  }
}

TEST(Vips, EveryCutIsDamagedOrAnError) {
  for (const char* name : {"rgb.png",
                           "interlaced.png",
                           "palette.png",
                           "rgb-16.png",
                           "still.gif",
                           "animated.gif",
                           "lossy.webp",
                           "lossless.webp",
                           "animated.webp",
                           "rgb.tif",
                           "lzw.tif",
                           "deflate.tif",
                           "packbits.tif",
                           "fax4.tif",
                           "jpeg.tif",
                           "pages.tif",
                           "big.tif",
                           "rgb.avif",
                           "rgb.heic"}) {
    const Bytes whole = read_testdata(name);
    const std::size_t step = whole.size() > 3000 ? whole.size() / 997 : 1;
    for (std::size_t length = 1; length < whole.size(); length += step) {
      TestSink sink;
      const auto report = decode(ByteView(whole).first(length), Limits{}, sink);
      EXPECT_FALSE(sink.open());
      EXPECT_TRUE(!report || report->damaged)
          << name << " cut at " << length << " of " << whole.size();
    }
  }
}

TEST(Vips, LeavesNoTraceInTheSinkWhereThereIsNoPixel) {
  const Bytes whole = read_testdata("rgb.png");
  TestSink sink;
  const auto report = decode(ByteView(whole).first(40), Limits{}, sink);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, "media.corrupt");
  EXPECT_TRUE(sink.frames().empty());
}

TEST(Vips, FillsTheRowsThatABrokenFileLacks) {
  const Bytes whole = read_testdata("rgb-16.png");
  TestSink sink;
  const auto report = decode(ByteView(whole).first(whole.size() * 9 / 10), Limits{}, sink);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->damaged);
  ASSERT_EQ(sink.frames().size(), 1U);
  EXPECT_EQ(sink.frames()[0].rgb.back(), 0);
}

TEST(Vips, RefusesAHugePngFromItsHeader) {
  Bytes bomb = read_testdata("huge-header.png");
  ASSERT_LT(bomb.size(), 200U);
  const auto start = std::chrono::steady_clock::now();
  TestSink sink;
  const auto report = decode(bomb, Limits{}, sink);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, "media.too_many_pixels");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

TEST(Vips, TellsWhatWasNotDecoded) {
  Limits two;
  two.frames_max = 2;
  for (const char* name : {"animated.gif", "animated.webp", "pages.tif"}) {
    TestSink sink;
    const auto report = decode_file(name, two, sink);
    ASSERT_TRUE(report) << name;
    EXPECT_EQ(report->frames_decoded, 2U) << name;
    EXPECT_EQ(sink.frames().size(), 2U) << name;
    EXPECT_TRUE(report->partial) << name;
    EXPECT_FALSE(report->damaged) << name;
  }
  TestSink sink;
  const auto report = decode_file("animated.png", Limits{}, sink);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->partial);
}

TEST(Vips, BoundsThePixelsOfAllFramesTogether) {
  Limits small;
  small.pixels_max = 61 * 47 + 1;
  for (const char* name : {"animated.gif", "animated.webp", "pages.tif"}) {
    TestSink sink;
    const auto report = decode_file(name, small, sink);
    ASSERT_TRUE(report) << name;
    EXPECT_EQ(report->frames_decoded, 2U) << name;
    EXPECT_TRUE(report->partial) << name;
  }
  small.pixels_max = 61 * 47 - 1;
  TestSink sink;
  const auto report = decode_file("animated.gif", small, sink);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, "media.too_many_pixels");
}

TEST(Vips, BlocksEveryLoaderAndSaverThatIsNotNeeded) {
  ASSERT_TRUE(start_vips());
  const std::string svg =
      "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/>"
      "</svg>";
  VipsImage* image = nullptr;
  EXPECT_NE(vips_svgload_buffer(const_cast<char*>(svg.data()), svg.size(), &image, nullptr), 0);
  EXPECT_EQ(vips_image_new_from_buffer(svg.data(), svg.size(), "", nullptr), nullptr);
  Bytes jpeg = read_testdata("rgb-420.jpg");
  EXPECT_NE(vips_jpegload_buffer(jpeg.data(), jpeg.size(), &image, nullptr), 0);
  EXPECT_EQ(image, nullptr);
  for (const char* name : {"VipsForeignLoadMagick7File",
                           "VipsForeignLoadMagickFile",
                           "VipsForeignLoadPdfFile",
                           "VipsForeignLoadSvgFile",
                           "VipsForeignLoadOpenslideFile",
                           "VipsForeignSavePngFile"}) {
    const GType type = g_type_from_name(name);
    if (type != 0) {
      const auto* operation = static_cast<VipsOperationClass*>(g_type_class_ref(type));
      EXPECT_NE(operation->flags & VIPS_OPERATION_BLOCKED, 0) << name;
    }
  }
  vips_error_clear();
}

}  // namespace

}  // namespace tutela::media
