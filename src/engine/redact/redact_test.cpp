#include "engine/redact/redact.hpp"

#include <iostream>

#include "engine/redact/shrink.hpp"
#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

std::string_view code_of(const Result<View>& view) {
  return view ? "rendered" : view.error().code;
}

TEST(Render, GivesEveryGradeOfEveryFormat) {
  int rendered = 0;
  for (const auto& entry : std::filesystem::directory_iterator(media::testdata(""))) {
    SCOPED_TRACE(entry.path().filename());
    const Bytes file = must_read(entry.path());
    media::TestSink sink;
    const bool decodable = media::decode(file, {}, sink).has_value();
    for (const Grade grade : kGrades) {
      const auto view = render(file, {}, {grade});
      ASSERT_EQ(view.has_value(), decodable);
      if (view) {
        ++rendered;
        const auto reply = decode_reply(encode_reply(view), {grade});
        ASSERT_TRUE(reply.has_value()) << "what is rendered is within its bounds";
        EXPECT_EQ(only_picture(**reply), only_picture(*view));
      }
    }
  }
  EXPECT_GE(rendered, 100);
}

TEST(Render, GivesEveryGradeOfEverySharedPicture) {
  const auto pictures = shared_pictures();
  if (pictures.empty()) {
    GTEST_SKIP() << "the shared pictures are absent";
  }
  for (const auto& path : pictures) {
    SCOPED_TRACE(path.filename());
    const Bytes file = must_read(path);
    for (const Grade grade : kGrades) {
      const auto view = render(file, {}, {grade});
      ASSERT_TRUE(view.has_value());
      EXPECT_TRUE(decode_reply(encode_reply(view), {grade}).has_value());
    }
  }
}

TEST(Render, OfASmallPictureInFullIsThePictureItself) {
  std::mt19937_64 random(12);
  const Picture picture = noise(random, 300, 200, 3);
  EXPECT_EQ(only_picture(must_render(picture, Grade::kFull)), picture);
}

TEST(Render, TakesTheFrameThatIsAskedFor) {
  media::TestSink sink;
  const Bytes file = media::read_testdata("animated.gif");
  ASSERT_TRUE(media::decode(file, {}, sink).has_value());
  ASSERT_GE(sink.frames().size(), 2U);
  for (std::uint32_t i = 0; i < sink.frames().size(); ++i) {
    const View view = must_render(file, Grade::kFull, static_cast<std::int32_t>(i));
    EXPECT_EQ(only_picture(view).pixels, sink.frames()[i].rgb) << i;
    EXPECT_EQ(view.frames_total, sink.frames().size());
  }
  const auto count = static_cast<std::int32_t>(sink.frames().size());
  EXPECT_EQ(code_of(render(file, {}, {Grade::kFull, count})), "redact.no_frame");
  EXPECT_EQ(code_of(render(file, {.frames_max = 1}, {Grade::kFull, 1})), "redact.no_frame");
  EXPECT_EQ(code_of(render(file, {}, {Grade::kFull, -2})), "redact.no_frame");
}

TEST(Render, TakesPicturesOfAnyShape) {
  for (const Size size :
       {Size{1, 1}, Size{2, 1}, Size{20'000, 1}, Size{1, 20'000}, Size{3, 5000}}) {
    const Picture picture = paint(size.width, size.height, 3, [](auto x, auto y, auto c) {
      return static_cast<std::uint8_t>(x * 7 + y * 5 + c * 50);
    });
    const Bytes file = png_of(picture);
    for (const Grade grade : kGrades) {
      const auto view = render(file, {}, {grade});
      ASSERT_TRUE(view.has_value()) << size.width << "x" << size.height;
      EXPECT_TRUE(decode_reply(encode_reply(view), {grade}).has_value());
    }
  }
}

TEST(Render, SaysWhyThereIsNoPicture) {
  const Bytes file = png_of(make_picture(100, 100, 1));
  EXPECT_EQ(code_of(render({}, {}, {Grade::kMosaic})), "media.empty");
  EXPECT_EQ(code_of(render(as_bytes("text"), {}, {Grade::kMosaic})), "media.unsupported_type");
  EXPECT_EQ(code_of(render(file, {.pixels_max = 9999}, {Grade::kMosaic})), "media.too_many_pixels");
  EXPECT_EQ(code_of(render(file, {.size_bytes_max = 10}, {Grade::kMosaic})), "media.too_large");
}

TEST(Render, OfACutFileSaysThatItIsDamaged) {
  std::mt19937_64 random(13);
  Bytes file = png_of(noise(random, 200, 200, 3));
  file.resize(file.size() / 2);
  const auto view = render(file, {}, {Grade::kMosaic});
  ASSERT_TRUE(view.has_value());
  EXPECT_TRUE(view->damaged);
}

}  // namespace
}  // namespace tutela::redact
