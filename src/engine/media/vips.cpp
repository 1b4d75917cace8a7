#include "engine/media/vips.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <vips/vips.h>

#include "engine/media/frame.hpp"
#include "engine/media/structure.hpp"
#include "engine/media/vips_pixels.hpp"

namespace tutela::media {

namespace {

/// libtiff reports broken data of some codecs only as a warning, and libvips passes it on only to
/// the log; most other warnings are about harmless tags. These are how the former begin.
constexpr std::array<std::string_view, 9> kDamageWarnings = {"Corrupt JPEG",
                                                             "Premature e",
                                                             "Premature E",
                                                             "Bad code word",
                                                             "Uncompressed data",
                                                             "Line length",
                                                             "Fractional",
                                                             "Unsupported marker",
                                                             "Not enough data"};

/// Damage told to the log since the last time it was set to false. The log is the process's.
bool damage_warned = false;

/// Keeps messages of libraries, which may quote the file, off stderr.
void on_log(const gchar* /*domain*/,
            GLogLevelFlags /*level*/,
            const gchar* message,
            gpointer /*user*/) {
  const std::string_view text = message == nullptr ? "" : message;
  for (const std::string_view start : kDamageWarnings) {
    damage_warned = damage_warned || text.starts_with(start);
  }
}

/// Which pages of the file to open as one tall image.
struct Pages {
  int first = 0;
  int count = 1;
};

VipsImagePtr open_as(ByteView bytes, MediaType type, Pages pages, VipsFailOn fail_on) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): libvips only reads it.
  void* data = const_cast<std::byte*>(bytes.data());
  const std::size_t size = bytes.size();
  VipsImage* out = nullptr;
  const VipsAccess access = VIPS_ACCESS_SEQUENTIAL;
  switch (type) {
    case MediaType::kPng:
      vips_pngload_buffer(data, size, &out, "access", access, "fail_on", fail_on, nullptr);
      break;
    case MediaType::kWebp:
      vips_webpload_buffer(data,
                           size,
                           &out,
                           "access",
                           access,
                           "fail_on",
                           fail_on,
                           "page",
                           pages.first,
                           "n",
                           pages.count,
                           nullptr);
      break;
    case MediaType::kGif:
      vips_gifload_buffer(data,
                          size,
                          &out,
                          "access",
                          access,
                          "fail_on",
                          fail_on,
                          "page",
                          pages.first,
                          "n",
                          pages.count,
                          nullptr);
      break;
    case MediaType::kTiff:
      vips_tiffload_buffer(
          data, size, &out, "access", access, "fail_on", fail_on, "page", pages.first, nullptr);
      break;
    case MediaType::kAvif:
    case MediaType::kHeic:
      // Without a page libvips takes the primary picture.
      vips_heifload_buffer(data, size, &out, "access", access, "fail_on", fail_on, nullptr);
      break;
    case MediaType::kUnknown:
    case MediaType::kJpeg:
    case MediaType::kBmp:
      break;
  }
  vips_error_clear();
  return VipsImagePtr(out);
}

struct Opened {
  VipsImagePtr image;
  bool damaged = false;  // only a lenient reader opens it
};

Opened open_pages(ByteView bytes, MediaType type, Pages pages) {
  if (auto strict = open_as(bytes, type, pages, VIPS_FAIL_ON_WARNING)) {
    return {std::move(strict), false};
  }
  return {open_as(bytes, type, pages, VIPS_FAIL_ON_NONE), true};
}

struct PumpReport {
  std::uint32_t frames = 0;
  bool damaged = false;
};

/// Computes the image in strips, cutting it into frames of `frame_height` rows. The calling thread
/// does all the work; vips_sink and its kind would start a pool.
PumpReport pump(VipsImagePtr opened,
                std::uint32_t frame_height,
                std::uint32_t first_index,
                const Structure& structure,
                FrameSink& sink) {
  const VipsImagePtr image = in_plain_colours(std::move(opened));
  const VipsRegionPtr region(image ? vips_region_new(image.get()) : nullptr);
  PumpReport report;
  if (!region) {
    report.damaged = true;
    return report;
  }
  FrameInfo frame{.index = first_index,
                  .width = static_cast<std::uint32_t>(image->Xsize),
                  .height = frame_height,
                  .format = pixel_format(*image)};
  const std::size_t stride = std::size_t{frame.width} * bytes_per_pixel(frame.format);
  std::vector<std::uint8_t> strip(stride * kStripRows);
  const auto frames = static_cast<std::uint32_t>(image->Ysize) / frame_height;
  for (std::uint32_t i = 0; i < frames && !report.damaged; ++i, ++frame.index) {
    FrameWriter writer(sink, frame);
    while (writer.rows_written() < frame_height && !report.damaged) {
      const std::uint32_t count = std::min(kStripRows, frame_height - writer.rows_written());
      const VipsRect rect{0,
                          static_cast<int>(i * frame_height + writer.rows_written()),
                          image->Xsize,
                          static_cast<int>(count)};
      report.damaged = vips_region_prepare(region.get(), &rect) != 0;
      const auto* rows = region->data;
      for (std::uint32_t row = 0; row < count && !report.damaged; ++row, rows += region->bpl) {
        report.damaged = !convert_row(*image, rows, strip.data() + stride * row);
        // libvips clears what no frame of a GIF has painted; Pillow shows the palette's colour.
        if (structure.transparent) {
          colour_transparent(*image, rows, *structure.transparent, strip.data() + stride * row);
        }
      }
      if (!report.damaged) {
        writer.add_rows(strip.data(), stride, count);
      }
    }
    report.frames += writer.finish() ? 1U : 0U;
  }
  vips_error_clear();
  return report;
}

Status check_image(const VipsImage& image, const Limits& limits) {
  return check_dimensions(static_cast<std::uint64_t>(std::max(image.Xsize, 0)),
                          static_cast<std::uint64_t>(std::max(image.Ysize, 0)),
                          limits);
}

std::uint32_t page_count(VipsImage& image) {
  return static_cast<std::uint32_t>(std::max(vips_image_get_n_pages(&image), 1));
}

/// GIF and WebP: frames build on each other, so they are read as one tall image.
PumpReport decode_animation(ByteView bytes,
                            MediaType type,
                            std::uint32_t frames,
                            Opened first,
                            const Structure& structure,
                            FrameSink& sink) {
  const auto height = static_cast<std::uint32_t>(first.image->Ysize);
  Opened all = open_pages(bytes, type, {.first = 0, .count = static_cast<int>(frames)});
  PumpReport report;
  if (all.image) {
    report = pump(std::move(all.image), height, 0, structure, sink);
  }
  if (report.frames == 0) {  // libvips computes a WebP whole or not at all
    report = pump(std::move(first.image), height, 0, structure, sink);
    report.damaged = true;
  }
  report.damaged = report.damaged || all.damaged;
  return report;
}

/// TIFF: pages stand alone and may differ in size. A page over the limits is left out.
PumpReport decode_pages(ByteView bytes,
                        std::uint32_t pages,
                        const Limits& limits,
                        const Structure& structure,
                        FrameSink& sink) {
  PumpReport report;
  for (std::uint32_t i = 0; i < pages; ++i) {
    Opened page = open_pages(bytes, MediaType::kTiff, {.first = static_cast<int>(i), .count = 1});
    if (!page.image) {
      report.damaged = true;
      continue;
    }
    if (!check_image(*page.image, limits)) {
      continue;
    }
    const auto height = static_cast<std::uint32_t>(page.image->Ysize);
    const PumpReport one = pump(std::move(page.image), height, i, structure, sink);
    report.frames += one.frames;
    report.damaged = report.damaged || one.damaged || page.damaged;
  }
  return report;
}

std::string decoder_name() {
  return std::string("libvips ") + vips_version_string();
}

}  // namespace

Status start_vips() {
  static const bool started = [] {
    g_log_set_default_handler(on_log, nullptr);
    // An animated WebP is computed whole; a worker has no disc to put it on.
    g_setenv("VIPS_DISC_THRESHOLD", "1000g", TRUE);
    if (VIPS_INIT("tutela") != 0) {
      vips_error_clear();
      return false;
    }
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeign", TRUE);
    for (const char* wanted : {"VipsForeignLoadPng",
                               "VipsForeignLoadWebp",
                               "VipsForeignLoadNsgif",
                               "VipsForeignLoadTiff",
                               "VipsForeignLoadHeif"}) {
      vips_operation_block_set(wanted, FALSE);
    }
    return true;
  }();
  if (!started) {
    return Error{ErrorKind::kUnavailable,
                 "media.no_decoder",
                 "libvips does not start: reinstall the package libvips42"};
  }
  return ok();
}

Result<DecodeReport> decode_vips(ByteView bytes,
                                 MediaType type,
                                 const Limits& limits,
                                 FrameSink& sink) {
  TUTELA_TRY(start_vips());
  damage_warned = false;
  const Structure structure = examine(bytes, type);
  Opened first = open_pages(bytes, type, {});
  if (!first.image) {
    return corrupt(mime_type(type));
  }
  TUTELA_TRY(check_image(*first.image, limits));
  DecodeReport report;
  report.type = type;
  report.width = static_cast<std::uint32_t>(first.image->Xsize);
  report.height = static_cast<std::uint32_t>(first.image->Ysize);
  report.decoder = decoder_name();
  report.frames_total = page_count(*first.image);
  const std::uint32_t wanted = std::min(
      report.frames_total, frames_allowed(std::uint64_t{report.width} * report.height, limits));
  PumpReport pumped;
  if (type == MediaType::kTiff) {
    pumped = decode_pages(bytes, wanted, limits, structure, sink);
  } else if ((type == MediaType::kGif || type == MediaType::kWebp) && wanted > 1) {
    pumped = decode_animation(bytes, type, wanted, std::move(first), structure, sink);
  } else {
    pumped = pump(std::move(first.image), report.height, 0, structure, sink);
  }
  if (pumped.frames == 0) {
    return corrupt(mime_type(type));
  }
  // The later frames of an APNG or an AVIF sequence, and pages of a TIFF that libtiff does not see.
  report.frames_total =
      std::max({report.frames_total, structure.frames, structure.sequence ? 2U : 1U});
  report.frames_decoded = pumped.frames;
  report.damaged = first.damaged || pumped.damaged || structure.cut || damage_warned;
  report.partial = report.frames_decoded < report.frames_total;
  return report;
}

}  // namespace tutela::media

#if defined(__SANITIZE_THREAD__)
// The decoders' own threads are not instrumented, so ThreadSanitizer cannot see their locks.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the runtime asks for this name.
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "race:libvips.so\nrace:libglib-2.0.so\nrace:libheif.so\nrace:libde265.so\n"
         "race:libaom.so\nrace:libdav1d.so\nrace:libwebp.so\n";
}
#endif
