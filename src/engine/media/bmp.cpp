#include "engine/media/bmp.hpp"

#include <algorithm>

#include "engine/media/frame.hpp"

namespace tutela::media {

namespace {

constexpr std::size_t kFileHeaderBytes = 14;
constexpr std::uint32_t kCoreHeaderBytes = 12;

/// Little-endian integers; zero where the file has ended, which the callers have excluded.
std::uint32_t byte_at(ByteView bytes, std::size_t at) {
  return at < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at]) : 0;
}

std::uint32_t u16(ByteView bytes, std::size_t at) {
  return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8;
}

std::uint32_t u32(ByteView bytes, std::size_t at) {
  return u16(bytes, at) | u16(bytes, at + 2) << 16;
}

void default_masks(BmpHeader& header) {
  header.channels = header.bits == 16 ? std::array<BmpChannel, 3>{{{0x7C00}, {0x03E0}, {0x001F}}}
                                      : std::array<BmpChannel, 3>{{{0xFF0000}, {0xFF00}, {0xFF}}};
}

bool read_core(ByteView bytes, BmpHeader& header) {
  header.width = u16(bytes, 18);
  header.height = u16(bytes, 20);
  header.bits = u16(bytes, 24);
  default_masks(header);
  return true;
}

/// Reads the masks of BITFIELDS; the short header has them behind itself. True if they are usable.
bool read_masks(ByteView bytes, BmpHeader& header) {
  for (std::size_t i = 0; i < 3; ++i) {
    header.channels[i].mask = u32(bytes, kFileHeaderBytes + 40 + 4 * i);
  }
  return std::all_of(header.channels.begin(), header.channels.end(), [](const BmpChannel& channel) {
    return channel.mask != 0;
  });
}

bool read_info(ByteView bytes, BmpHeader& header) {
  constexpr std::uint32_t kRaw = 0;
  constexpr std::uint32_t kRle8 = 1;
  constexpr std::uint32_t kRle4 = 2;
  constexpr std::uint32_t kBitFields = 3;
  header.width = u32(bytes, 18);
  header.height = u32(bytes, 22);
  // A negative height means that the first row is the top one.
  header.top_down = (header.height & 0x80000000U) != 0;
  if (header.top_down) {
    header.height = 0U - header.height;
  }
  header.bits = u16(bytes, 28);
  default_masks(header);
  switch (u32(bytes, 30)) {
    case kRaw:
      return true;
    case kRle8:
      header.coding = BmpCoding::kRle8;
      return header.bits == 8;
    case kRle4:
      header.coding = BmpCoding::kRle4;
      return header.bits == 4;
    case kBitFields:
      return header.bits == 24 ||
             ((header.bits == 16 || header.bits == 32) && read_masks(bytes, header));
    default:
      return false;
  }
}

/// Fills the palette and returns the bytes that it takes in the file.
std::size_t read_palette(ByteView bytes,
                         std::size_t at,
                         std::uint32_t header_bytes,
                         BmpHeader& header) {
  for (std::size_t i = 0; i < header.palette.size(); ++i) {
    header.palette[i].fill(static_cast<std::uint8_t>(i));  // what Pillow has past the file's own
  }
  if (header.bits > 8) {
    return 0;
  }
  const std::size_t entry_bytes = header_bytes == kCoreHeaderBytes ? 3 : 4;
  const std::size_t most = std::size_t{1} << header.bits;
  const std::size_t claimed =
      header_bytes == kCoreHeaderBytes ? 0 : u32(bytes, kFileHeaderBytes + 32);
  const std::size_t entries = claimed == 0 ? most : claimed;
  for (std::size_t i = 0; i < std::min(entries, most); ++i) {
    const std::size_t entry = at + i * entry_bytes;
    if (entry + 3 > bytes.size()) {
      break;
    }
    for (std::size_t colour = 0; colour < 3; ++colour) {  // stored as blue, green, red
      header.palette[i][colour] = static_cast<std::uint8_t>(byte_at(bytes, entry + 2 - colour));
    }
  }
  return entries * entry_bytes;
}

bool is_grey(const BmpHeader& header) {
  return header.bits <= 8 &&
         std::all_of(header.palette.begin(), header.palette.end(), [](const auto& colour) {
           return colour[0] == colour[1] && colour[1] == colour[2];
         });
}

/// The stored rows, whichever way they are coded.
class BmpRows {
 public:
  BmpRows(const BmpHeader& header, ByteView data) : header_(header), data_(data) {
    if (header.coding != BmpCoding::kPlain) {
      bool ended = false;
      indices_ = expand_bmp_rle(header, data, ended);
      whole_ = ended;
    }
  }

  [[nodiscard]] bool whole() const { return whole_; }

  [[nodiscard]] bool any() const { return any_; }

  /// Row `y` from the top as RGB; black where the file has ended.
  void read(std::uint32_t y, std::uint8_t* rgb) {
    const std::size_t stored = header_.top_down ? y : header_.height - 1 - y;
    if (header_.coding != BmpCoding::kPlain) {
      any_ = any_ || !data_.empty();
      for (std::size_t x = 0; x < header_.width; ++x) {
        const auto& colour = header_.palette[indices_[stored * header_.width + x]];
        std::copy(colour.begin(), colour.end(), rgb + x * 3);
      }
      return;
    }
    const auto row_bytes = static_cast<std::size_t>(bmp_row_bytes(header_));
    // The padding of the last row is often left out.
    const std::size_t needed = (std::size_t{header_.width} * header_.bits + 7) / 8;
    const std::size_t at = stored * row_bytes;
    if (at > data_.size() || data_.size() - at < needed) {
      std::fill_n(rgb, std::size_t{header_.width} * 3, std::uint8_t{0});
      whole_ = false;
      return;
    }
    any_ = true;
    convert_bmp_row(header_, data_.subspan(at, needed), rgb);
  }

 private:
  const BmpHeader& header_;
  ByteView data_;
  std::vector<std::uint8_t> indices_;
  bool whole_ = true;
  bool any_ = false;
};

}  // namespace

Result<BmpHeader> read_bmp_header(ByteView bytes) {
  const std::uint32_t header_bytes = u32(bytes, kFileHeaderBytes);
  BmpHeader header;
  const bool known =
      header_bytes == kCoreHeaderBytes || (header_bytes >= 40 && header_bytes <= 124);
  if (!known || bytes.size() < kFileHeaderBytes + header_bytes ||
      !(header_bytes == kCoreHeaderBytes ? read_core(bytes, header) : read_info(bytes, header))) {
    return corrupt("BMP");
  }
  constexpr std::array<std::uint32_t, 6> kBits = {1, 4, 8, 16, 24, 32};
  if (std::find(kBits.begin(), kBits.end(), header.bits) == kBits.end()) {
    return corrupt("BMP");
  }
  const std::size_t palette_at = kFileHeaderBytes + header_bytes;
  const std::size_t palette_bytes = read_palette(bytes, palette_at, header_bytes, header);
  header.pixels_at = u32(bytes, 10);
  if (header.pixels_at == 0 || header.pixels_at == palette_at) {
    // Some writers give the palette's place, or none.
    header.pixels_at = palette_at + palette_bytes;
  }
  return header;
}

Result<DecodeReport> decode_bmp(ByteView bytes, const Limits& limits, FrameSink& sink) {
  TUTELA_TRY_ASSIGN(const BmpHeader header, read_bmp_header(bytes));
  TUTELA_TRY(check_dimensions(header.width, header.height, limits));
  if (header.pixels_at >= bytes.size()) {
    return corrupt("BMP");
  }
  const bool grey = is_grey(header);
  const FrameInfo frame{
      .index = 0,
      .width = header.width,
      .height = header.height,
      .format = grey ? fingerprint::PixelFormat::kGrey8 : fingerprint::PixelFormat::kRgb24};
  BmpRows rows(header, bytes.subspan(header.pixels_at));
  FrameWriter writer(sink, frame);
  std::vector<std::uint8_t> rgb(std::size_t{header.width} * 3);
  for (std::uint32_t y = 0; y < header.height; ++y) {
    rows.read(y, rgb.data());
    if (grey) {
      for (std::size_t x = 0; x < header.width; ++x) {
        rgb[x] = rgb[x * 3];
      }
    }
    writer.add_rows(rgb.data(), rgb.size(), 1);
  }
  if (!writer.finish() || !rows.any()) {
    return corrupt("BMP");
  }
  DecodeReport report;
  report.type = MediaType::kBmp;
  report.width = header.width;
  report.height = header.height;
  report.frames_decoded = 1;
  report.damaged = !rows.whole();
  report.decoder = "tutela-bmp 1";
  return report;
}

}  // namespace tutela::media
