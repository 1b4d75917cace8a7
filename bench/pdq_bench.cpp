// PDQ's speed as ratios that hold on any machine: the whole path from JPEG bytes to hashes against
// libjpeg-turbo's own decode, and each kernel against the scalar definition. All of it is measured
// in one run, interleaved, on the 1600 x 1004 photographs of the shared data. Exit status 1 where
// a goal is missed: whole path at most 1.40 x decode, best kernel at least 10 x the definition.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <jpeglib.h>

#include "engine/fingerprint/pdq.hpp"

namespace tutela::fingerprint {
namespace {

constexpr std::uint32_t kWidth = 1600;
constexpr std::uint32_t kHeight = 1004;
constexpr std::size_t kStride = std::size_t{3} * kWidth;
constexpr std::uint32_t kStripRows = 16;
constexpr double kWholePathGoal = 1.40;
constexpr double kKernelGoal = 10.0;

using Bytes = std::vector<std::uint8_t>;

double now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Full RGB decode with libjpeg's defaults; hands every strip to `take`. False: not our size.
template <class Take>
bool decode(const Bytes& file, std::uint8_t* strip, Take take) {
  jpeg_error_mgr errors;
  jpeg_decompress_struct jpeg;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, file.data(), file.size());
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = JCS_RGB;
  const bool fits = jpeg.image_width == kWidth && jpeg.image_height == kHeight;
  if (fits) {
    jpeg_start_decompress(&jpeg);
    while (jpeg.output_scanline < kHeight) {
      const std::uint32_t wanted = std::min(kStripRows, kHeight - jpeg.output_scanline);
      for (std::uint32_t got = 0; got < wanted;) {
        JSAMPROW lines[kStripRows];
        for (std::uint32_t i = got; i < wanted; ++i) {
          lines[i - got] = strip + i * kStride;
        }
        got += jpeg_read_scanlines(&jpeg, lines, wanted - got);
      }
      strip = take(strip, wanted);
    }
    jpeg_finish_decompress(&jpeg);
  }
  jpeg_destroy_decompress(&jpeg);
  return fits;
}

struct Times {
  std::vector<double> decode;
  std::vector<double> whole;
  std::vector<std::vector<double>> kernels;
};

Times measure(const Bytes& file, int rounds, bool& same) {
  const std::vector<Kernel> kernels = supported_kernels();
  Times times;
  times.kernels.resize(kernels.size());
  Bytes strip(kStride * kStripRows);
  Bytes pixels(kStride * kHeight);
  decode(file, pixels.data(), [](std::uint8_t* at, std::uint32_t rows) {
    return at + rows * kStride;
  });
  for (int round = 0; round < rounds; ++round) {
    double start = now_ms();
    decode(file, strip.data(), [](std::uint8_t* at, std::uint32_t) { return at; });
    times.decode.push_back(now_ms() - start);

    start = now_ms();
    PdqHasher hasher(kWidth, kHeight, PixelFormat::kRgb24);
    decode(file, strip.data(), [&hasher](std::uint8_t* at, std::uint32_t rows) {
      hasher.add_rows(at, kStride, rows);
      return at;
    });
    const PdqResult whole = hasher.finish();
    times.whole.push_back(now_ms() - start);

    for (std::size_t i = 0; i < kernels.size(); ++i) {
      force_kernel(kernels[i]);
      start = now_ms();
      const PdqResult result = pdq_of(pixels.data(), kWidth, kHeight, kStride, PixelFormat::kRgb24);
      times.kernels[i].push_back(now_ms() - start);
      same = same && result == whole;
    }
    force_kernel(kernels.back());
  }
  return times;
}

int run(const std::filesystem::path& folder, int rounds) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  const std::vector<Kernel> kernels = supported_kernels();
  std::printf("%-22s %9s %9s %7s", "ms (medians)", "decode", "whole", "ratio");
  for (const Kernel kernel : kernels) {
    std::printf(" %9s", std::string(to_string(kernel)).c_str());
  }
  std::printf(" %9s\n", "speed-up");
  std::vector<double> whole_ratios;
  std::vector<double> speed_ups;
  bool same = true;
  for (const std::filesystem::path& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    const Bytes file{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    Bytes strip(kStride * kStripRows);
    if (!decode(file, strip.data(), [](std::uint8_t* at, std::uint32_t) { return at; })) {
      continue;
    }
    const Times times = measure(file, rounds, same);
    whole_ratios.push_back(median(times.whole) / median(times.decode));
    speed_ups.push_back(median(times.kernels.front()) / median(times.kernels.back()));
    std::printf("%-22s %9.2f %9.2f %7.3f",
                path.stem().c_str(),
                median(times.decode),
                median(times.whole),
                whole_ratios.back());
    for (const std::vector<double>& kernel : times.kernels) {
      std::printf(" %9.3f", median(kernel));
    }
    std::printf(" %8.1fx\n", speed_ups.back());
  }
  if (whole_ratios.empty()) {
    std::printf("no 1600 x 1004 photographs in %s: NOTHING was measured\n", folder.c_str());
    return 1;
  }
  const double ratio = median(whole_ratios);
  const double speed_up = median(speed_ups);
  std::printf("whole path / decode %.3f (goal <= %.2f), definition / %s %.1f (goal >= %.0f), %s\n",
              ratio,
              kWholePathGoal,
              std::string(to_string(kernels.back())).c_str(),
              speed_up,
              kKernelGoal,
              same ? "same hashes" : "DIFFERENT HASHES");
  return same && ratio <= kWholePathGoal && speed_up >= kKernelGoal ? 0 : 1;
}

}  // namespace
}  // namespace tutela::fingerprint

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
  return tutela::fingerprint::run(std::filesystem::path(TUTELA_SHARED_DATA) / "pdq" / "bridge-mods",
                                  rounds);
}
