#include "engine/media/structure.hpp"

#include <array>
#include <string_view>

namespace tutela::media {

namespace {

/// Integers out of a view; every read is checked and a read past the end gives nothing.
class Reader {
 public:
  explicit Reader(ByteView bytes) : text_(as_text(bytes)) {}

  [[nodiscard]] std::size_t left() const { return text_.size() - at_; }

  [[nodiscard]] bool skip(std::uint64_t count) {
    if (count > left()) {
      return false;
    }
    at_ += static_cast<std::size_t>(count);
    return true;
  }

  /// Nothing but zero bytes where fewer are left: callers check left() first.
  [[nodiscard]] std::uint32_t peek(std::size_t offset) const {
    return offset < left() ? static_cast<unsigned char>(text_[at_ + offset]) : 0;
  }

  [[nodiscard]] std::uint32_t big32(std::size_t offset) const {
    return peek(offset) << 24 | peek(offset + 1) << 16 | peek(offset + 2) << 8 | peek(offset + 3);
  }

  [[nodiscard]] std::uint32_t little32(std::size_t offset) const {
    return peek(offset + 3) << 24 | peek(offset + 2) << 16 | peek(offset + 1) << 8 | peek(offset);
  }

  [[nodiscard]] std::string_view name(std::size_t offset) const { return text(offset, 4); }

  /// Empty where the range is not all there.
  [[nodiscard]] std::string_view text(std::size_t offset, std::size_t length) const {
    const bool there = offset <= left() && length <= left() - offset;
    return there ? text_.substr(at_ + offset, length) : std::string_view();
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// The table of CRC-32 as PNG's annex D defines it.
constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t n = 0; n < 256; ++n) {
    std::uint32_t c = n;
    for (int bit = 0; bit < 8; ++bit) {
      c = (c & 1U) != 0 ? 0xEDB88320U ^ (c >> 1) : c >> 1;
    }
    table[n] = c;
  }
  return table;
}();

std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) {
    crc = kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8);
  }
  return ~crc;
}

/// libpng stops at the last row, before it has checked the last piece of picture data.
bool png_data_intact(const Reader& reader) {
  const std::size_t length = reader.big32(0);
  return reader.left() >= 12 && length <= reader.left() - 12 &&
         crc32(reader.text(4, length + 4)) == reader.big32(length + 8);
}

Structure examine_png(Reader reader) {
  Structure found;
  found.cut = true;
  if (!reader.skip(8)) {
    return found;
  }
  while (reader.left() >= 12) {
    const std::string_view name = reader.name(4);
    if (name == "IEND") {
      found.cut = false;
      break;
    }
    if (name == "IDAT" && !png_data_intact(reader)) {
      break;
    }
    if (name == "acTL") {
      found.sequence = true;
      found.frames = reader.big32(8);
    }
    if (!reader.skip(std::uint64_t{reader.big32(0)} + 12)) {
      break;
    }
  }
  return found;
}

/// Skips the length-prefixed blocks of a GIF up to the empty one that ends them.
bool skip_blocks(Reader& reader) {
  while (reader.left() > 0) {
    const std::uint32_t length = reader.peek(0);
    if (!reader.skip(std::uint64_t{length} + 1)) {
      return false;
    }
    if (length == 0) {
      return true;
    }
  }
  return false;
}

std::uint64_t colour_table_bytes(std::uint32_t flags) {
  return (flags & 0x80U) != 0 ? std::uint64_t{3} << ((flags & 7U) + 1) : 0;
}

/// The colour with this index of the table at `at`, in a file that has it; else black.
std::array<std::uint8_t, 3> gif_colour(const Reader& reader, std::size_t at, std::uint32_t index) {
  std::array<std::uint8_t, 3> colour{};
  for (std::size_t i = 0; i < 3; ++i) {
    colour[i] = static_cast<std::uint8_t>(reader.peek(at + std::size_t{index} * 3 + i));
  }
  return colour;
}

Structure examine_gif(Reader reader) {
  Structure found;
  found.cut = true;
  const Reader file = reader;
  if (reader.left() < 13 || !reader.skip(13 + colour_table_bytes(reader.peek(10)))) {
    return found;
  }
  bool has_transparent = false;
  std::uint32_t transparent_index = 0;
  while (reader.left() > 0) {
    const std::uint32_t introducer = reader.peek(0);
    if (introducer == 0x3B) {
      found.cut = false;
      break;
    }
    if (introducer == 0x21 && reader.peek(1) == 0xF9 && found.frames == 0) {
      has_transparent = (reader.peek(3) & 1U) != 0;
      transparent_index = reader.peek(6);
    }
    if (introducer == 0x2C && found.frames++ == 0 && has_transparent) {
      const bool local = colour_table_bytes(reader.peek(9)) != 0;
      found.transparent = gif_colour(local ? reader : file, local ? 10 : 13, transparent_index);
    }
    // An image has nine bytes of place and flags, its colours, and the LZW code size.
    const std::uint64_t header =
        introducer == 0x2C ? 10 + colour_table_bytes(reader.peek(9)) + 1 : 2;
    if ((introducer != 0x2C && introducer != 0x21) || !reader.skip(header) ||
        !skip_blocks(reader)) {
      break;
    }
  }
  return found;
}

/// Follows the chain of directories: libtiff takes an unreadable one for the end of the file.
Structure examine_tiff(const Reader& file) {
  constexpr std::uint32_t kDirectoriesMax = 65'536;  // a chain may run in a circle
  Structure found;
  const bool big_endian = file.peek(0) == 'M';
  const bool big_tiff = file.peek(big_endian ? 3 : 2) == 43;
  const auto number = [&](const Reader& reader, std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value = value << 8 | reader.peek(at + (big_endian ? i : bytes - 1 - i));
    }
    return value;
  };
  const std::size_t offset_bytes = big_tiff ? 8 : 4;
  const std::size_t count_bytes = big_tiff ? 8 : 2;
  std::uint64_t next = number(file, big_tiff ? 8 : 4, offset_bytes);
  while (next != 0 && !found.cut) {
    Reader directory = file;
    if (!directory.skip(next) || directory.left() < count_bytes) {
      found.cut = true;
      break;
    }
    const std::uint64_t entries = number(directory, 0, count_bytes);
    const std::uint64_t entry_bytes = big_tiff ? 20 : 12;
    if (entries > directory.left() / entry_bytes ||
        !directory.skip(count_bytes + entries * entry_bytes) || directory.left() < offset_bytes) {
      found.cut = true;
      break;
    }
    next = number(directory, 0, offset_bytes);
    ++found.frames;
    found.cut = found.frames >= kDirectoriesMax;
  }
  return found;
}

Structure examine_webp(const Reader& reader) {
  Structure found;
  found.cut = reader.left() < 12 || std::uint64_t{reader.little32(4)} + 8 > reader.left();
  return found;
}

Structure examine_boxes(Reader reader) {
  Structure found;
  while (reader.left() >= 8) {
    std::uint64_t length = reader.big32(0);
    if (length == 1) {
      length = std::uint64_t{reader.big32(8)} << 32 | reader.big32(12);
    } else if (length == 0) {  // up to the end of the file
      length = reader.left();
    }
    found.sequence = found.sequence || reader.name(4) == "moov";
    if (length < 8 || !reader.skip(length)) {
      found.cut = true;
      return found;
    }
  }
  found.cut = found.cut || reader.left() > 0;
  return found;
}

}  // namespace

Structure examine(ByteView bytes, MediaType type) noexcept {
  switch (type) {
    case MediaType::kPng:
      return examine_png(Reader(bytes));
    case MediaType::kGif:
      return examine_gif(Reader(bytes));
    case MediaType::kWebp:
      return examine_webp(Reader(bytes));
    case MediaType::kAvif:
    case MediaType::kHeic:
      return examine_boxes(Reader(bytes));
    case MediaType::kTiff:
      return examine_tiff(Reader(bytes));
    case MediaType::kUnknown:
    case MediaType::kJpeg:
    case MediaType::kBmp:
      return {};
  }
  return {};
}

}  // namespace tutela::media
