#include "engine/media/jpeg.hpp"

#include <csetjmp>
#include <cstdio>
#include <optional>
#include <vector>

#include <jpeglib.h>

#include "engine/media/frame.hpp"

#define TUTELA_MEDIA_STRING_INNER(x) #x
#define TUTELA_MEDIA_STRING(x) TUTELA_MEDIA_STRING_INNER(x)

namespace tutela::media {

namespace {

/// A progressive file of a few kB can claim thousands of scans, each costing a pass over the
/// picture. Encoders write about ten.
constexpr int kScansMax = 500;

constexpr const char* kDecoder = "libjpeg-turbo "
#if defined(LIBJPEG_TURBO_VERSION)
    TUTELA_MEDIA_STRING(LIBJPEG_TURBO_VERSION);
#else
    "unknown";
#endif

/// libjpeg's objects and the way out of them. Never moved: libjpeg holds pointers into it.
struct Jpeg {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf way_out{};
  long warnings = 0;

  Jpeg() = default;
  Jpeg(const Jpeg&) = delete;
  Jpeg& operator=(const Jpeg&) = delete;

  ~Jpeg() { jpeg_destroy_decompress(&info); }
};

Jpeg& owner(j_common_ptr info) {
  return *static_cast<Jpeg*>(info->client_data);
}

[[noreturn]] void on_error(j_common_ptr info) {
  std::longjmp(owner(info).way_out, 1);
}

void on_message(j_common_ptr info, int level) {
  if (level < 0) {
    ++owner(info).warnings;
  }
}

void on_progress(j_common_ptr info) {
  if (owner(info).info.input_scan_number > kScansMax) {
    on_error(info);
  }
}

/// Runs `step`, whose locals must have no destructors: a libjpeg error leaves it by longjmp.
template <class Step>
[[nodiscard]] bool guarded(Jpeg& jpeg, const Step& step) {
  if (setjmp(jpeg.way_out) != 0) {
    return false;
  }
  step();
  return true;
}

void open(Jpeg& jpeg, ByteView bytes) {
  jpeg.info.err = jpeg_std_error(&jpeg.errors);
  jpeg.errors.error_exit = on_error;
  jpeg.errors.emit_message = on_message;
  jpeg.info.client_data = &jpeg;
  jpeg_create_decompress(&jpeg.info);
  jpeg.progress.progress_monitor = on_progress;
  jpeg.info.progress = &jpeg.progress;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes under libjpeg's name.
  jpeg_mem_src(&jpeg.info,
               reinterpret_cast<const unsigned char*>(bytes.data()),
               static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&jpeg.info, TRUE);
}

/// What libjpeg shall give for the file's colours; nothing for what no reader knows.
std::optional<J_COLOR_SPACE> output_colours(const jpeg_decompress_struct& info) {
  switch (info.num_components) {
    case 1:
      return JCS_GRAYSCALE;
    case 3:
      return JCS_RGB;
    case 4:
      return JCS_CMYK;
    default:
      return std::nullopt;
  }
}

/// Four-component files are taken as Adobe writes them, inverted, whatever their marker says; so
/// does Pillow.
void inverted_cmyk_to_rgb(std::uint8_t* row, std::uint32_t width) {
  for (std::uint32_t x = 0; x < width; ++x) {
    const std::uint8_t* in = row + std::size_t{x} * 4;
    const std::uint8_t cmyk[4] = {static_cast<std::uint8_t>(255 - in[0]),
                                  static_cast<std::uint8_t>(255 - in[1]),
                                  static_cast<std::uint8_t>(255 - in[2]),
                                  static_cast<std::uint8_t>(255 - in[3])};
    cmyk_to_rgb(cmyk, row + std::size_t{x} * 3);
  }
}

struct Strip {
  std::vector<std::uint8_t> pixels;
  std::size_t stride_bytes;
};

void read_all(jpeg_decompress_struct& info, Strip& strip, FrameWriter& writer) {
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    std::uint32_t count = 0;
    while (count < kStripRows && info.output_scanline < info.output_height) {
      JSAMPROW rows[kStripRows];
      for (std::uint32_t i = 0; i < kStripRows; ++i) {
        rows[i] = strip.pixels.data() + strip.stride_bytes * i;
      }
      const JDIMENSION got = jpeg_read_scanlines(&info, rows + count, kStripRows - count);
      if (info.out_color_space == JCS_CMYK) {
        for (JDIMENSION i = 0; i < got; ++i) {
          inverted_cmyk_to_rgb(rows[count + i], info.output_width);
        }
      }
      count += got;
    }
    writer.add_rows(strip.pixels.data(), strip.stride_bytes, count);
  }
  // Reads up to the end marker, and warns where there is none.
  jpeg_finish_decompress(&info);
}

}  // namespace

Result<DecodeReport> decode_jpeg(ByteView bytes, const Limits& limits, FrameSink& sink) {
  Jpeg jpeg;
  if (!guarded(jpeg, [&] { open(jpeg, bytes); })) {
    return corrupt("JPEG");
  }
  TUTELA_TRY(check_dimensions(jpeg.info.image_width, jpeg.info.image_height, limits));
  const auto colours = output_colours(jpeg.info);
  if (!colours) {
    return corrupt("JPEG");
  }
  jpeg.info.out_color_space = *colours;
  const FrameInfo frame{.index = 0,
                        .width = jpeg.info.image_width,
                        .height = jpeg.info.image_height,
                        .format = *colours == JCS_GRAYSCALE ? fingerprint::PixelFormat::kGrey8
                                                            : fingerprint::PixelFormat::kRgb24};
  FrameWriter writer(sink, frame);
  const std::size_t stride =
      std::size_t{frame.width} * static_cast<std::size_t>(jpeg.info.num_components);
  Strip strip{std::vector<std::uint8_t>(stride * kStripRows), stride};
  const bool whole = guarded(jpeg, [&] { read_all(jpeg.info, strip, writer); });
  if (!writer.finish()) {
    return corrupt("JPEG");
  }
  DecodeReport report;
  report.type = MediaType::kJpeg;
  report.width = frame.width;
  report.height = frame.height;
  report.frames_decoded = 1;
  report.damaged = !whole || jpeg.warnings > 0;
  report.decoder = kDecoder;
  return report;
}

}  // namespace tutela::media
