#include "demo_pictures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include <png.h>

// jpeglib.h needs <cstdio> before it.
#include <jpeglib.h>

#include "base/check.hpp"

namespace tutela::cli {
namespace {

using Colour = std::array<double, 3>;

/// Uniform values that are the same with every standard library, unlike its distributions.
class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}

  double between(double low, double high) {
    return low + (high - low) * (static_cast<double>(engine_()) / 4294967296.0);
  }

  Colour colour(double low, double high) {
    Colour colour{};
    for (double& channel : colour) {
      channel = between(low, high);
    }
    return colour;
  }

 private:
  std::mt19937 engine_;
};

/// Something that lies over the ground: soft light, or a shape with an edge.
struct Thing {
  enum class Kind : std::uint8_t { kLight, kDisc, kBar };
  Kind kind = Kind::kLight;
  double x = 0;
  double y = 0;
  double radius = 0;
  double angle = 0;
  Colour colour{};

  /// How much of its colour shows at a point, 0 to 1.
  [[nodiscard]] double cover(double u, double v) const {
    const double dx = u - x;
    const double dy = v - y;
    const double distance = std::sqrt(dx * dx + dy * dy);
    switch (kind) {
      case Kind::kLight:
        return std::exp(-distance * distance / (2 * radius * radius));
      case Kind::kDisc:
        return std::clamp((radius - distance) / 0.01, 0.0, 1.0);
      case Kind::kBar: {
        const double across = std::abs(dx * std::sin(angle) + dy * std::cos(angle));
        return std::clamp((radius / 4 - across) / 0.01, 0.0, 1.0) *
               std::clamp((radius * 3 - distance) / 0.01, 0.0, 1.0);
      }
    }
    return 0;
  }
};

std::vector<Thing> make_things(Random& random) {
  std::vector<Thing> things;
  for (int i = 0; i < 28; ++i) {
    things.push_back({Thing::Kind::kLight,
                      random.between(0, 1),
                      random.between(0, 1),
                      random.between(0.04, 0.18),
                      0,
                      random.colour(-220, 220)});
  }
  for (int i = 0; i < 10; ++i) {
    const auto kind = i % 2 == 0 ? Thing::Kind::kDisc : Thing::Kind::kBar;
    things.push_back({kind,
                      random.between(0, 1),
                      random.between(0, 1),
                      random.between(0.03, 0.12),
                      random.between(0, 3.14),
                      random.colour(0, 255)});
  }
  return things;
}

std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

std::size_t offset(const Picture& picture, std::uint32_t x, std::uint32_t y) {
  return (std::size_t{y} * picture.width + x) * 3;
}

Picture blank(std::uint32_t width, std::uint32_t height) {
  return {width, height, std::vector<std::uint8_t>(std::size_t{width} * height * 3)};
}

/// A picture whose pixel at (x, y) is the input's at from(x, y).
template <class From>
Picture mapped(const Picture& picture,
               std::uint32_t width,
               std::uint32_t height,
               const From& from) {
  Picture out = blank(width, height);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const auto [from_x, from_y] = from(x, y);
      std::copy_n(
          picture.pixels.begin() + static_cast<std::ptrdiff_t>(offset(picture, from_x, from_y)),
          3,
          out.pixels.begin() + static_cast<std::ptrdiff_t>(offset(out, x, y)));
    }
  }
  return out;
}

}  // namespace

Picture make_picture(std::uint32_t seed, std::uint32_t width, std::uint32_t height) {
  Random random(seed);
  const Colour top = random.colour(60, 200);
  const Colour bottom = random.colour(60, 200);
  const std::vector<Thing> things = make_things(random);
  Picture picture = blank(width, height);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const double u = (x + 0.5) / width;
      const double v = (y + 0.5) / height;
      Colour colour{};
      for (std::size_t c = 0; c < 3; ++c) {
        colour[c] = top[c] * (1 - v) + bottom[c] * v;
      }
      for (const Thing& thing : things) {
        const double cover = thing.cover(u, v);
        const bool light = thing.kind == Thing::Kind::kLight;
        for (std::size_t c = 0; c < 3; ++c) {
          colour[c] += light ? thing.colour[c] * cover : (thing.colour[c] - colour[c]) * cover;
        }
      }
      const double grain = random.between(-6, 6);
      for (std::size_t c = 0; c < 3; ++c) {
        picture.pixels[offset(picture, x, y) + c] = to_byte(colour[c] + grain);
      }
    }
  }
  return picture;
}

Picture rotated(const Picture& picture) {
  return mapped(picture, picture.height, picture.width, [&](std::uint32_t x, std::uint32_t y) {
    return std::pair(y, picture.height - 1 - x);
  });
}

Picture mirrored(const Picture& picture) {
  return mapped(picture, picture.width, picture.height, [&](std::uint32_t x, std::uint32_t y) {
    return std::pair(picture.width - 1 - x, y);
  });
}

Picture cropped(const Picture& picture, std::uint32_t border) {
  TUTELA_CHECK(picture.width > 2 * border && picture.height > 2 * border);
  return mapped(
      picture,
      picture.width - 2 * border,
      picture.height - 2 * border,
      [&](std::uint32_t x, std::uint32_t y) { return std::pair(x + border, y + border); });
}

Picture resized(const Picture& picture, std::uint32_t width, std::uint32_t height) {
  Picture out = blank(width, height);
  // Whole input pixels only: near enough for a demonstration, and the same everywhere.
  const auto bounds = [](std::uint32_t i, std::uint32_t from, std::uint32_t to) {
    const auto begin = static_cast<std::uint32_t>(std::uint64_t{i} * from / to);
    const auto end = static_cast<std::uint32_t>((std::uint64_t{i} + 1) * from / to);
    return std::pair(begin, std::max(end, begin + 1));
  };
  for (std::uint32_t y = 0; y < height; ++y) {
    const auto [top, bottom] = bounds(y, picture.height, height);
    for (std::uint32_t x = 0; x < width; ++x) {
      const auto [left, right] = bounds(x, picture.width, width);
      std::array<std::uint32_t, 3> sums{};
      for (std::uint32_t from_y = top; from_y < bottom; ++from_y) {
        for (std::uint32_t from_x = left; from_x < right; ++from_x) {
          for (std::size_t c = 0; c < 3; ++c) {
            sums[c] += picture.pixels[offset(picture, from_x, from_y) + c];
          }
        }
      }
      for (std::size_t c = 0; c < 3; ++c) {
        out.pixels[offset(out, x, y) + c] =
            static_cast<std::uint8_t>(sums[c] / ((bottom - top) * (right - left)));
      }
    }
  }
  return out;
}

Bytes encode_jpeg(const Picture& picture, int quality) {
  jpeg_error_mgr errors{};
  jpeg_compress_struct encoder{};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's own type
  jpeg_mem_dest(&encoder, &buffer, &size);
  encoder.image_width = picture.width;
  encoder.image_height = picture.height;
  encoder.input_components = 3;
  encoder.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, quality, TRUE);
  jpeg_start_compress(&encoder, TRUE);
  std::vector<std::uint8_t> row(std::size_t{picture.width} * 3);
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    std::copy_n(picture.pixels.begin() + static_cast<std::ptrdiff_t>(offset(picture, 0, y)),
                row.size(),
                row.begin());
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&encoder, &rows, 1);
  }
  jpeg_finish_compress(&encoder);
  const auto bytes = std::as_bytes(std::span(buffer, size));
  Bytes out(bytes.begin(), bytes.end());
  jpeg_destroy_compress(&encoder);
  std::free(buffer);  // NOLINT(cppcoreguidelines-no-malloc): libjpeg allocated it
  return out;
}

Bytes encode_png(const Picture& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = picture.width;
  image.height = picture.height;
  image.format = PNG_FORMAT_RGB;
  Bytes out(PNG_IMAGE_PNG_SIZE_MAX(image));
  png_alloc_size_t size = out.size();
  const int written =
      png_image_write_to_memory(&image, out.data(), &size, 0, picture.pixels.data(), 0, nullptr);
  TUTELA_CHECK(written != 0);
  out.resize(size);
  return out;
}

}  // namespace tutela::cli
