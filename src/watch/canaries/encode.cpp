#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <numbers>

#include <vips/vips.h>

#include "watch/canaries/pattern.hpp"

namespace tutela::canaries {
namespace {

constexpr std::array<std::string_view, 8> kFormats = {
    "jpeg", "png", "webp", "gif", "tiff", "avif", "heic", "bmp"};

/// What makes the bytes unlike any before.
struct Fresh {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int quality = 0;
  int effort = 0;  // 0 to 8: of lossless encoders, or a choice of what an encoder can vary
  double contrast = 1;
  double brightness = 0;

  struct Grain {  // finer than PDQ sees
    double across = 0;
    double down = 0;
    double phase = 0;
  };

  std::array<Grain, 6> grain{};
};

/// A number of 0 to 1 from two bytes of a seed.
double part(const Seed& seed, std::size_t at) {
  return (std::to_integer<int>(seed[at]) * 256 + std::to_integer<int>(seed[at + 1])) / 65535.0;
}

/// Small, above all those of slow encoders: they are sent all the time.
Fresh fresh_of(std::string_view format, const Seed& seed) {
  const bool slow = format == "avif" || format == "heic";
  const double side_min = slow ? 96 : 128;
  const double more = slow ? 64 : 128;
  Fresh fresh;
  fresh.width = static_cast<std::uint32_t>(side_min + more * part(seed, 0));
  fresh.height = static_cast<std::uint32_t>(side_min + more * part(seed, 2));
  fresh.quality = static_cast<int>(60 + 35 * part(seed, 4));
  fresh.effort = static_cast<int>(8 * part(seed, 6));
  fresh.contrast = 0.8 + 0.3 * part(seed, 8);
  fresh.brightness = 24 * part(seed, 10) - 12;
  for (std::size_t i = 0; i < fresh.grain.size(); ++i) {
    fresh.grain[i] = {24 + 24 * part(seed, 12 + 3 * i),
                      24 + 24 * part(seed, 13 + 3 * i),
                      part(seed, 12 + 3 * i) * 2 * std::numbers::pi};
  }
  return fresh;
}

std::vector<std::uint8_t> draw_fresh(const Seed& seed, const Fresh& fresh) {
  std::vector<std::uint8_t> pixels = draw(seed, fresh.width, fresh.height);
  std::size_t at = 0;
  for (std::uint32_t y = 0; y < fresh.height; ++y) {
    for (std::uint32_t x = 0; x < fresh.width; ++x) {
      double grain = 0;
      for (const Fresh::Grain& wave : fresh.grain) {
        grain += std::sin(std::numbers::pi *
                              (wave.across * x / fresh.width + wave.down * y / fresh.height) +
                          wave.phase);
      }
      for (int channel = 0; channel < 3; ++channel, ++at) {
        const double value = 128 + fresh.contrast * (pixels[at] - 128) + fresh.brightness + grain;
        pixels[at] = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
      }
    }
  }
  return pixels;
}

void put_le(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    out.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
}

/// BITMAPINFOHEADER, 24 bits, rows from the bottom: libvips writes BMP with ImageMagick alone.
Bytes to_bmp(const std::vector<std::uint8_t>& pixels, const Fresh& fresh) {
  const std::uint32_t padding = (4 - fresh.width * 3 % 4) % 4;
  const std::uint32_t size = (fresh.width * 3 + padding) * fresh.height;
  Bytes out;
  out.reserve(54 + size);
  put_le(out, 0x4D42, 2);  // "BM"
  put_le(out, 54 + size, 4);
  put_le(out, 0, 4);
  put_le(out, 54, 4);
  put_le(out, 40, 4);
  put_le(out, fresh.width, 4);
  put_le(out, fresh.height, 4);
  put_le(out, 1, 2);
  put_le(out, 24, 2);
  put_le(out, 0, 4);
  put_le(out, size, 4);
  put_le(out, static_cast<std::uint32_t>(2000 + fresh.quality), 4);  // pixels a metre
  put_le(out, static_cast<std::uint32_t>(2000 + fresh.quality), 4);
  put_le(out, 0, 4);
  put_le(out, 0, 4);
  for (std::uint32_t row = fresh.height; row-- > 0;) {
    for (std::uint32_t x = 0; x < fresh.width; ++x) {
      const std::size_t at = 3 * (std::size_t{row} * fresh.width + x);
      for (const std::size_t channel : {2U, 1U, 0U}) {
        out.push_back(static_cast<std::byte>(pixels[at + channel]));
      }
    }
    put_le(out, 0, static_cast<int>(padding));
  }
  return out;
}

struct Unref {
  void operator()(VipsImage* image) const noexcept { g_object_unref(image); }
};

struct Free {
  void operator()(void* bytes) const noexcept { g_free(bytes); }
};

constexpr int kFailed = -1;

/// 0, or not when libvips cannot.
int save(std::string_view format, VipsImage* image, const Fresh& fresh, void** out, size_t* size) {
  const int quality = fresh.quality;
  const gboolean sometimes = fresh.effort % 2 == 1 ? TRUE : FALSE;
  if (format == "jpeg") {
    return vips_jpegsave_buffer(
        image, out, size, "Q", quality, "interlace", sometimes, "strip", TRUE, nullptr);
  }
  if (format == "png") {
    return vips_pngsave_buffer(
        image, out, size, "compression", 1 + fresh.effort, "interlace", sometimes, nullptr);
  }
  if (format == "webp") {
    return vips_webpsave_buffer(image, out, size, "Q", quality, "effort", 2, nullptr);
  }
  if (format == "gif") {
    return vips_gifsave_buffer(image, out, size, "effort", 2, nullptr);
  }
  if (format == "tiff") {
    const int compression = sometimes != FALSE ? VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE
                                               : VIPS_FOREIGN_TIFF_COMPRESSION_LZW;
    return vips_tiffsave_buffer(image, out, size, "compression", compression, nullptr);
  }
  if (format == "avif" || format == "heic") {
    const int codec =
        format == "avif" ? VIPS_FOREIGN_HEIF_COMPRESSION_AV1 : VIPS_FOREIGN_HEIF_COMPRESSION_HEVC;
    return vips_heifsave_buffer(
        image, out, size, "Q", quality, "compression", codec, "effort", 0, nullptr);
  }
  return kFailed;
}

Result<Bytes> save_with_vips(std::string_view format,
                             const std::vector<std::uint8_t>& pixels,
                             const Fresh& fresh) {
  static const bool ready = [] {
    const bool started = VIPS_INIT("tutela") == 0;
    vips_concurrency_set(1);
    return started;
  }();
  void* raw = nullptr;
  std::size_t size = 0;
  int failed = kFailed;
  if (ready) {
    VipsImage* made = vips_image_new_from_memory_copy(pixels.data(),
                                                      pixels.size(),
                                                      static_cast<int>(fresh.width),
                                                      static_cast<int>(fresh.height),
                                                      3,
                                                      VIPS_FORMAT_UCHAR);
    const std::unique_ptr<VipsImage, Unref> image(made);
    if (image) {
      image->Type = VIPS_INTERPRETATION_sRGB;
      failed = save(format, image.get(), fresh, &raw, &size);
    }
  }
  const std::unique_ptr<void, Free> bytes(raw);
  vips_error_clear();
  if (failed != 0 || !bytes || size == 0) {
    return Error{ErrorKind::kUnavailable,
                 "canary.no_encoder",
                 "this machine's libvips cannot write a format of watch.canary_formats: install "
                 "its codec, or take the format out"};
  }
  Bytes out(size);
  std::memcpy(out.data(), bytes.get(), size);
  return out;
}

}  // namespace

std::vector<std::string_view> formats() {
  return {kFormats.begin(), kFormats.end()};
}

Result<Bytes> encode(std::string_view format, const Seed& seed, const Seed& fresh_seed) {
  if (std::ranges::find(kFormats, format) == kFormats.end()) {
    return Error{ErrorKind::kInvalidInput, "canary.bad_format", "no canary has such a format"};
  }
  const Fresh fresh = fresh_of(format, fresh_seed);
  const std::vector<std::uint8_t> pixels = draw_fresh(seed, fresh);
  return format == "bmp" ? to_bmp(pixels, fresh) : save_with_vips(format, pixels, fresh);
}

}  // namespace tutela::canaries
