// What a derived view costs: each grade of a photograph of 12 megapixels against its decode alone,
// measured in one run, interleaved, as processor time. The photograph is made of the shared data's
// largest, enlarged and written as JPEG with libjpeg's defaults. Exit status 1 where a goal is
// missed: what the worker does beside decoding is at most half of the decode for every grade that
// takes something away.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <jpeglib.h>

#include "base/file.hpp"
#include "engine/redact/finish.hpp"
#include "engine/redact/redact.hpp"

namespace tutela::redact {
namespace {

constexpr std::uint32_t kWidth = 4000;
constexpr std::uint32_t kHeight = 3000;
constexpr int kQuality = 85;
constexpr double kGoal = 0.5;

/// Processor time of this thread, which other work on the machine does not lengthen much.
double now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Nearest neighbours, with a little grain, so that the decoder meets detail of every size.
std::vector<std::uint8_t> enlarge_to_12_megapixels(const Picture& from) {
  std::vector<std::uint8_t> pixels;
  pixels.reserve(std::size_t{kWidth} * kHeight * 3);
  std::uint32_t grain = 1;
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    for (std::uint32_t x = 0; x < kWidth; ++x) {
      const std::size_t at =
          std::size_t{y * from.height / kHeight} * from.width + x * from.width / kWidth;
      for (std::uint32_t c = 0; c < 3; ++c) {
        grain = grain * 1'664'525U + 1'013'904'223U;
        const int value = from.pixels[at * from.channels + c % from.channels] +
                          static_cast<int>(grain >> 29U) - 4;
        pixels.push_back(static_cast<std::uint8_t>(std::clamp(value, 0, 255)));
      }
    }
  }
  return pixels;
}

Bytes to_jpeg(std::vector<std::uint8_t> pixels) {
  jpeg_error_mgr errors;
  jpeg_compress_struct jpeg;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &out, &size);
  jpeg.image_width = kWidth;
  jpeg.image_height = kHeight;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, kQuality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    JSAMPROW row = pixels.data() + std::size_t{kWidth} * 3 * y;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  const auto bytes = std::as_bytes(std::span(out, size));
  Bytes file(bytes.begin(), bytes.end());
  std::free(out);
  return file;
}

class NoSink final : public media::FrameSink {
 public:
  void begin_frame(const media::FrameInfo& /*frame*/) override {}

  void add_rows(const std::uint8_t* /*rows*/, std::size_t /*stride*/, std::uint32_t) override {}

  void end_frame() override {}
};

struct Times {
  std::vector<double> render;
  std::vector<double> finish;
};

int measure(const Bytes& file, int rounds) {
  const Mark mark{.person = "p-3f9a1c7e", .at_ms = 1'795'341'840'000, .case_ref = "CASE-2026-1"};
  std::vector<double> decode;
  Times times[kGrades.size()];
  std::size_t png_bytes[kGrades.size()] = {};
  for (int round = 0; round < rounds; ++round) {
    NoSink sink;
    double start = now_ms();
    bool good = media::decode(file, {}, sink).has_value();
    decode.push_back(now_ms() - start);
    for (std::size_t i = 0; i < kGrades.size() && good; ++i) {
      start = now_ms();
      const auto view = render(file, {}, {kGrades[i]});
      times[i].render.push_back(now_ms() - start);
      start = now_ms();
      const auto finished =
          view ? finish(*view, {kGrades[i]}, mark) : Result<Finished>(Error(view.error()));
      times[i].finish.push_back(now_ms() - start);
      good = finished.has_value();
      png_bytes[i] = good ? finished->png.size() : 0;
    }
    if (!good) {
      std::printf("a step failed: NOTHING was measured\n");
      return 1;
    }
  }
  const double alone = median(decode);
  std::printf("%zu kB of JPEG, 4000 x 3000; decode alone %.1f ms (medians of %d)\n",
              file.size() / 1000,
              alone,
              rounds);
  std::printf(
      "%-14s %12s %16s %20s %8s\n", "grade", "render ms", "beside decode", "finish ms", "kB");
  double worst = 0;
  for (std::size_t i = 0; i < kGrades.size(); ++i) {
    const double beside = median(times[i].render) / alone - 1;
    worst = kGrades[i] == Grade::kFull ? worst : std::max(worst, beside);
    std::printf("%-14s %12.1f %15.0f%% %20.1f %8zu\n",
                std::string(to_string(kGrades[i])).c_str(),
                median(times[i].render),
                100 * beside,
                median(times[i].finish),
                png_bytes[i] / 1000);
  }
  std::printf("beside decode, the worst but full: %.2f (goal <= %.2f)\n", worst, kGoal);
  return worst <= kGoal ? 0 : 1;
}

int run(int rounds) {
  const auto path = std::filesystem::path(TUTELA_SHARED_DATA) / "pdq/dih/bridge-1-original.jpg";
  const auto original = read_file(path, 64U << 20);
  const auto view =
      original ? render(*original, {}, {Grade::kFull}) : Result<View>(Error(original.error()));
  if (!view) {
    std::printf("no photograph at %s: NOTHING was measured\n", path.c_str());
    return 1;
  }
  return measure(to_jpeg(enlarge_to_12_megapixels(view->tiles.front().picture)), rounds);
}

}  // namespace
}  // namespace tutela::redact

int main(int argc, char** argv) {
  return tutela::redact::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 9);
}
