#include "engine/redact/imprint.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <jpeglib.h>

#include "engine/redact/finish.hpp"
#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

const Mark kMark{.person = "3f9a1c7e", .at_ms = 1'795'341'840'000, .case_ref = "CASE-2026-00417"};

/// The views of a log: one that was, among others that differ in a letter or a minute.
std::vector<Mark> views_of_a_log(std::size_t count, std::size_t at) {
  std::vector<Mark> views(count, kMark);
  for (std::size_t i = 0; i < count; ++i) {
    if (i != at) {
      views[i].at_ms += static_cast<UtcMs>(i + 1) * 60'000;
      views[i].case_ref.back() = static_cast<char>('0' + i % 10);
    }
  }
  return views;
}

std::mt19937_64 seeded() {
  const std::uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  return std::mt19937_64(seed);
}

Picture cut(const Picture& from, Size size, std::uint32_t left, std::uint32_t top) {
  return paint(size.width, size.height, from.channels, [&](auto x, auto y, auto c) {
    return from.pixels[from.stride() * (top + y) + std::size_t{left + x} * from.channels + c];
  });
}

Picture cut_anywhere(const Picture& from, Size size, std::mt19937_64& random) {
  return cut(from,
             size,
             static_cast<std::uint32_t>(random() % (from.width - size.width + 1)),
             static_cast<std::uint32_t>(random() % (from.height - size.height + 1)));
}

/// As a JPEG of quality 75 with halved colours, and back.
Picture through_jpeg(const Picture& picture) {
  jpeg_error_mgr errors;
  jpeg_compress_struct jpeg;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &out, &size);
  jpeg.image_width = picture.width;
  jpeg.image_height = picture.height;
  jpeg.input_components = static_cast<int>(picture.channels);
  jpeg.in_color_space = picture.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 75, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  std::vector<std::uint8_t> row(picture.stride());
  for (std::size_t y = 0; y < picture.height; ++y) {
    std::copy_n(picture.pixels.data() + picture.stride() * y, row.size(), row.data());
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&jpeg, &rows, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  const auto bytes = std::as_bytes(std::span(out, size));
  const Bytes file(bytes.begin(), bytes.end());
  std::free(out);
  return only_picture(must_render(file, Grade::kFull));
}

Picture served(const View& view, const Request& request) {
  const auto finished = finish(view, request, kMark);
  EXPECT_TRUE(finished.has_value());
  return only_picture(must_render(finished->png, Grade::kFull));
}

/// How many of `count` cuts of this size, half of them through JPEG, name the view.
int count_read(const Picture& picture, std::uint32_t side, int count, std::mt19937_64& random) {
  const std::vector<Mark> log = views_of_a_log(8, 5);
  int read = 0;
  for (int i = 0; i < count; ++i) {
    Picture part = cut_anywhere(picture, {side, side}, random);
    part = i % 2 == 0 ? part : through_jpeg(part);
    const auto reading = read_mark(part, log);
    if (reading) {
      EXPECT_EQ(reading->candidate, 5U) << "somebody else is named";
      ++read;
    }
  }
  return read;
}

// What the imprint is for: a person, a minute and a case out of a small part of a served view.
TEST(Imprint, IsReadFromCutsOfEveryGradeBelowFullAlsoAsJpeg) {
  std::mt19937_64 random = seeded();
  const auto pictures = shared_pictures();
  if (pictures.empty()) {
    GTEST_SKIP() << "the shared pictures are absent";
  }
  int unread = 0;
  for (const Grade grade : kGrades) {
    int read = 0;
    int tried = 0;
    for (std::size_t i = 0; i < pictures.size(); i += pictures.size() / 4) {
      const View view = must_render(must_read(pictures[i]), grade);
      read += count_read(served(view, {grade}), kImprintSide, 6, random);
      tried += 6;
    }
    std::cout << to_string(grade) << ": " << read << " of " << tried << "\n";
    unread += grade == Grade::kFull ? 0 : tried - read;
  }
  // Where a cut falls is chance: of 5,000 one was not read, so that five of 120 are no chance.
  EXPECT_LE(unread, 4);
}

TEST(Imprint, IsReadFromLargerCutsOfPhotographsInFull) {
  std::mt19937_64 random = seeded();
  const auto pictures = shared_pictures();
  if (pictures.empty()) {
    GTEST_SKIP() << "the shared pictures are absent";
  }
  for (const std::uint32_t side : {192U, 256U, 384U}) {
    int read = 0;
    int tried = 0;
    for (std::size_t i = 0; i < pictures.size(); i += pictures.size() / 6) {
      const View view = must_render(must_read(pictures[i]), Grade::kFull);
      read += count_read(served(view, {Grade::kFull}), side, 4, random);
      tried += 4;
    }
    std::cout << side << " pixels: " << read << " of " << tried << "\n";
    if (side >= 384) {
      EXPECT_EQ(read, tried);
    }
  }
}

TEST(Imprint, IsReadFromBlackFromWhiteAndFromNoise) {
  std::mt19937_64 random = seeded();
  for (const int shade : {0, 128, 255}) {
    Picture picture =
        paint(1280, 640, 1, [&](auto...) { return static_cast<std::uint8_t>(shade); });
    imprint(picture, kMark);
    EXPECT_EQ(count_read(picture, kImprintSide, 6, random), 6) << shade;
  }
  Picture picture = noise(random, 1280, 640, 3);
  imprint(picture, kMark);
  EXPECT_EQ(count_read(picture, 256, 6, random), 6);
}

TEST(Imprint, IsReadFromASheet) {
  std::mt19937_64 random = seeded();
  View view{.frames_total = 12};
  for (std::uint32_t i = 0; i < kSheetTilesMax; ++i) {
    view.tiles.push_back({i, noise(random, 160, 120, 1)});
  }
  const Request request{Grade::kGreySmall, kSheet};
  EXPECT_GE(count_read(served(view, request), 256, 10, random), 9);
}

TEST(Imprint, TellsPersonsMinutesAndCasesApart) {
  Picture picture =
      paint(640, 640, 1, [](auto x, auto, auto) { return static_cast<std::uint8_t>(x % 256); });
  imprint(picture, kMark);
  std::vector<Mark> others(3, kMark);
  others[0].person.back() = 'f';
  others[1].at_ms += 60'000;
  others[2].case_ref.back() = '8';
  EXPECT_FALSE(read_mark(picture, others).has_value());
  Mark same_minute = kMark;
  same_minute.at_ms += 59'999;
  EXPECT_TRUE(read_mark(picture, std::span(&same_minute, 1)).has_value());
}

TEST(Imprint, IsFaint) {
  std::mt19937_64 random(4);
  const Picture even = paint(640, 640, 3, [](auto...) { return std::uint8_t{90}; });
  for (const Picture& before : {even, noise(random, 641, 643, 3)}) {
    Picture after = before;
    imprint(after, kMark);
    int most = 0;
    for (std::size_t i = 0; i < before.pixels.size(); ++i) {
      most = std::max(most, std::abs(after.pixels[i] - before.pixels[i]));
    }
    EXPECT_LE(most, before == even ? 2 : 8);
  }
}

// The chance is at most 1e-8 a wrong candidate, whatever the picture shows (imprint.hpp). Scores of
// candidates that are not in it are measured against that bound's shape: none of them comes near.
TEST(Imprint, NamesNobodyWhereThereIsNoneOfAThousand) {
  std::mt19937_64 random = seeded();
  const std::vector<Mark> log = views_of_a_log(1001, 1000);
  const std::span<const Mark> wrong = std::span(log).first(1000);
  const int rounds = std::getenv("TUTELA_LONG_TESTS") == nullptr ? 3 : 200;
  double highest = 0;
  for (int i = 0; i < rounds; ++i) {
    Picture picture = noise(random, 128, 128, 1);
    if (i % 3 == 1) {  // with another's pattern in it
      imprint(picture, kMark);
    } else if (i % 3 == 2) {  // stripes, which are no noise at all
      const auto step = static_cast<std::uint32_t>(2 + random() % 40);
      picture = paint(300, 200, 1, [&](auto x, auto y, auto) {
        return static_cast<std::uint8_t>((x + y / 3) / step % 2 * 200);
      });
    }
    const Reading best = best_candidate(picture, wrong);
    highest = std::max(highest, best.score);
    EXPECT_LT(best.score, kImprintScoreMin);
  }
  std::cout << "highest score of " << 1000 * rounds << " wrong candidates: " << highest << "\n";
}

TEST(Imprint, NamesNobodyWithoutAPictureOrCandidates) {
  const Picture small = make_picture(kImprintSide - 1, 500, 1);
  EXPECT_FALSE(read_mark(small, std::span(&kMark, 1)).has_value());
  EXPECT_FALSE(read_mark(make_picture(500, 500, 1), std::span(&kMark, 1)).has_value());
  EXPECT_FALSE(read_mark(make_picture(500, 500, 3), {}).has_value());
}

}  // namespace
}  // namespace tutela::redact
