// The published pictures and their hashes, bit for bit, with every kernel of this CPU.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <vips/vips.h>

#include "engine/fingerprint/pdq.hpp"

namespace tutela::fingerprint {
namespace {

struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> rgb;
};

/// libjpeg's defaults. A damaged file ends the test program: libjpeg's own error handler exits.
Picture decode_jpeg(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  Picture picture;
  if (file == nullptr) {
    return picture;
  }
  jpeg_error_mgr errors;
  jpeg_decompress_struct jpeg;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_stdio_src(&jpeg, file.get());
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = JCS_RGB;
  jpeg_start_decompress(&jpeg);
  picture.width = jpeg.output_width;
  picture.height = jpeg.output_height;
  picture.rgb.resize(std::size_t{3} * picture.width * picture.height);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = picture.rgb.data() + std::size_t{3} * picture.width * jpeg.output_scanline;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
  return picture;
}

/// The first three bands; alpha is ignored.
Picture decode_png(const std::string& path) {
  Picture picture;
  if (VIPS_INIT("pdq_golden_test") != 0) {
    return picture;
  }
  VipsImage* image = vips_image_new_from_file(path.c_str(), nullptr);
  VipsImage* colour = nullptr;
  if (image != nullptr && vips_extract_band(image, &colour, 0, "n", 3, nullptr) == 0) {
    std::size_t size = 0;
    void* pixels = vips_image_write_to_memory(colour, &size);
    picture.width = static_cast<std::uint32_t>(vips_image_get_width(colour));
    picture.height = static_cast<std::uint32_t>(vips_image_get_height(colour));
    const auto* bytes = static_cast<const std::uint8_t*>(pixels);
    picture.rgb.assign(bytes, bytes + size);
    g_free(pixels);
  }
  if (colour != nullptr) {
    g_object_unref(colour);
  }
  if (image != nullptr) {
    g_object_unref(image);
  }
  return picture;
}

TEST(PdqGolden, EveryPublishedPictureGivesItsQualityAndEightHashesWithEveryKernel) {
  const std::filesystem::path data = std::filesystem::path(TUTELA_SHARED_DATA) / "pdq";
  std::ifstream golden(data / "golden.tsv");
  if (!golden) {
    GTEST_SKIP() << "NO SHARED DATA at " << TUTELA_SHARED_DATA
                 << ": the published PDQ vectors were NOT checked";
  }
  int rows = 0;
  for (std::string line; std::getline(golden, line);) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    ++rows;
    std::istringstream fields(line);
    std::string file;
    std::string size;
    int quality = 0;
    fields >> file >> size >> quality;
    const std::string path = (data / file).string();
    const Picture picture = path.ends_with(".png") ? decode_png(path) : decode_jpeg(path);
    ASSERT_EQ(std::to_string(picture.width) + "x" + std::to_string(picture.height), size) << file;
    ASSERT_EQ(picture.rgb.size(), std::size_t{3} * picture.width * picture.height) << file;
    std::vector<std::string> hashes(kOrientations);
    for (std::string& hash : hashes) {
      fields >> hash;
    }
    ASSERT_TRUE(fields) << file;
    for (const Kernel kernel : supported_kernels()) {
      force_kernel(kernel);
      const PdqResult result = pdq_of(picture.rgb.data(),
                                      picture.width,
                                      picture.height,
                                      std::size_t{3} * picture.width,
                                      PixelFormat::kRgb24);
      EXPECT_EQ(result.quality, quality) << file << " " << to_string(kernel);
      for (std::size_t i = 0; i < kOrientations; ++i) {
        EXPECT_EQ(to_hex(result.hashes[i]), hashes[i])
            << file << " " << to_string(kernel) << " " << to_string(static_cast<Orientation>(i));
      }
    }
    force_kernel(supported_kernels().back());
  }
  EXPECT_GE(rows, 25);
}

TEST(PdqGolden, ReorientedHashesAreNearThoseOfTheTurnedPictures) {
  std::ifstream golden(std::filesystem::path(TUTELA_SHARED_DATA) / "pdq" / "golden.tsv");
  if (!golden) {
    GTEST_SKIP() << "NO SHARED DATA at " << TUTELA_SHARED_DATA;
  }
  int fit = 0;
  for (std::string line; std::getline(golden, line);) {
    std::istringstream fields(line);
    std::string file;
    std::string size;
    int quality = 0;
    fields >> file >> size >> quality;
    if (!fields || quality < 50) {
      continue;
    }
    ++fit;
    std::string hex;
    fields >> hex;
    const Pdq256 original = *parse_pdq(hex);
    EXPECT_EQ(reoriented(original, Orientation::kOriginal), original);
    for (std::size_t i = 1; i < kOrientations; ++i) {
      fields >> hex;
      EXPECT_LE(distance(reoriented(original, static_cast<Orientation>(i)), *parse_pdq(hex)), 28)
          << file << " " << to_string(static_cast<Orientation>(i));
    }
  }
  EXPECT_GE(fit, 15);
}

}  // namespace
}  // namespace tutela::fingerprint
