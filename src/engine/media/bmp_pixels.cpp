#include <bit>

#include "engine/media/bmp.hpp"

namespace tutela::media {

namespace {

/// The bits under the mask, stretched to 0..255 the way Pillow does: by value * 255 / most.
std::uint8_t channel_of(std::uint32_t pixel, const BmpChannel& channel) {
  const auto shift = static_cast<unsigned>(std::countr_zero(channel.mask));
  const std::uint64_t value = (pixel & channel.mask) >> shift;
  const std::uint64_t most = channel.mask >> shift;
  return static_cast<std::uint8_t>(value * 255 / most);
}

std::uint32_t little_endian(ByteView row, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value |= std::to_integer<std::uint32_t>(row[at + i]) << (8 * i);
  }
  return value;
}

/// Where run-length data writes to; nothing is ever written outside the picture.
struct Canvas {
  std::vector<std::uint8_t> indices;
  std::size_t width;
  std::size_t height;
  std::size_t x = 0;
  std::size_t y = 0;

  void put(std::uint8_t index) {
    if (x < width && y < height) {
      indices[y * width + x] = index;
    }
    ++x;
  }

  void next_row() {
    x = 0;
    ++y;
  }
};

}  // namespace

void convert_bmp_row(const BmpHeader& header, ByteView row, std::uint8_t* rgb) {
  const std::size_t bits = header.bits;
  for (std::size_t x = 0; x < header.width; ++x, rgb += 3) {
    if (bits <= 8) {
      const std::uint32_t byte = std::to_integer<std::uint32_t>(row[x * bits / 8]);
      const std::size_t shift = 8 - bits - x * bits % 8;
      const auto& colour = header.palette[(byte >> shift) & ((1U << bits) - 1U)];
      rgb[0] = colour[0];
      rgb[1] = colour[1];
      rgb[2] = colour[2];
    } else if (bits == 24) {
      rgb[0] = std::to_integer<std::uint8_t>(row[x * 3 + 2]);
      rgb[1] = std::to_integer<std::uint8_t>(row[x * 3 + 1]);
      rgb[2] = std::to_integer<std::uint8_t>(row[x * 3]);
    } else {
      const std::uint32_t pixel = little_endian(row, x * bits / 8, bits / 8);
      for (std::size_t i = 0; i < 3; ++i) {
        rgb[i] = channel_of(pixel, header.channels[i]);
      }
    }
  }
}

std::vector<std::uint8_t> expand_bmp_rle(const BmpHeader& header, ByteView data, bool& ended) {
  Canvas canvas{.indices = std::vector<std::uint8_t>(std::size_t{header.width} * header.height),
                .width = header.width,
                .height = header.height};
  const bool rle4 = header.coding == BmpCoding::kRle4;
  const auto pixel_of = [rle4](std::uint32_t byte, std::size_t i) {
    return static_cast<std::uint8_t>(!rle4 ? byte : i % 2 == 0 ? byte >> 4 : byte & 0x0FU);
  };
  std::size_t at = 0;
  const auto next = [&] {
    return std::to_integer<std::uint32_t>(data[at++]);
  };
  ended = false;
  // Every turn takes at least two bytes, so the data's length bounds the work.
  while (!ended && data.size() - at >= 2) {
    const std::size_t run = next();
    const std::uint32_t second = next();
    if (run > 0) {
      for (std::size_t i = 0; i < run; ++i) {
        canvas.put(pixel_of(second, i));
      }
    } else if (second == 0) {
      canvas.next_row();
    } else if (second == 1) {
      ended = true;
    } else if (second == 2) {
      if (data.size() - at < 2) {
        break;
      }
      canvas.x += next();
      canvas.y += next();
    } else {
      const std::size_t bytes = rle4 ? (second + 1) / 2 : second;
      if (data.size() - at < bytes) {
        break;
      }
      for (std::size_t i = 0; i < second; ++i) {
        canvas.put(pixel_of(std::to_integer<std::uint32_t>(data[at + (rle4 ? i / 2 : i)]), i));
      }
      at += bytes;
      at += at < data.size() ? bytes % 2 : 0;  // padded to two bytes
    }
    // The end mark is often left out behind the last pixel.
    const bool last = canvas.y + 1 >= canvas.height && canvas.x >= canvas.width;
    ended = ended || canvas.y >= canvas.height || last;
  }
  return std::move(canvas.indices);
}

}  // namespace tutela::media
