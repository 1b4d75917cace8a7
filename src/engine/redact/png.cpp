#include "engine/redact/png.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>

#include <zlib.h>

namespace tutela::redact {

namespace {

constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
constexpr std::byte kBitDepth{8};
constexpr std::byte kColourGrey{0};
constexpr std::byte kColourRgb{2};
constexpr std::uint8_t kFilterSub = 1;
constexpr std::uint8_t kFilterUp = 2;
// The fastest: a view is made once and sent once.
constexpr int kLevel = 1;

void append_be32(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::byte>(value >> shift));
  }
}

void append_chunk(Bytes& out, std::string_view type, ByteView data) {
  append_be32(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t start = out.size();
  const ByteView name = as_bytes(type);
  out.insert(out.end(), name.begin(), name.end());
  out.insert(out.end(), data.begin(), data.end());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes under zlib's name.
  const auto* const from = reinterpret_cast<const Bytef*>(out.data() + start);
  const uLong crc = ::crc32_z(0, from, out.size() - start);
  append_be32(out, static_cast<std::uint32_t>(crc));
}

/// The filter's byte and the filtered row, in whichever of two filters promises to pack better.
class RowFilter {
 public:
  explicit RowFilter(const Picture& picture)
      : channels_(picture.channels), sub_(picture.stride() + 1), up_(picture.stride() + 1) {
    sub_[0] = kFilterSub;
    up_[0] = kFilterUp;
  }

  std::span<std::uint8_t> filter(const std::uint8_t* row, const std::uint8_t* above) {
    std::uint64_t sub_cost = 0;
    std::uint64_t up_cost = 0;
    for (std::size_t i = 0; i + 1 < sub_.size(); ++i) {
      const std::uint8_t left = i < channels_ ? std::uint8_t{0} : row[i - channels_];
      const std::uint8_t over = above == nullptr ? std::uint8_t{0} : above[i];
      sub_[i + 1] = static_cast<std::uint8_t>(row[i] - left);
      up_[i + 1] = static_cast<std::uint8_t>(row[i] - over);
      sub_cost += cost(sub_[i + 1]);
      up_cost += cost(up_[i + 1]);
    }
    return up_cost <= sub_cost ? up_ : sub_;
  }

 private:
  /// Distance from zero, around the circle.
  static std::uint32_t cost(std::uint8_t value) { return value < 128 ? value : 256U - value; }

  std::size_t channels_;
  std::vector<std::uint8_t> sub_;
  std::vector<std::uint8_t> up_;
};

struct Deflater {
  z_stream stream{};
  bool good = ::deflateInit(&stream, kLevel) == Z_OK;

  Deflater() = default;
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  ~Deflater() { ::deflateEnd(&stream); }

  /// All of `in`; `out` is large enough for whatever comes.
  void feed(std::span<std::uint8_t> in, int flush) {
    stream.next_in = in.data();
    stream.avail_in = static_cast<uInt>(in.size());
    const int result = ::deflate(&stream, flush);
    good = good && result == (flush == Z_FINISH ? Z_STREAM_END : Z_OK) && stream.avail_in == 0;
  }
};

Result<Bytes> compress(const Picture& picture) {
  Deflater deflater;
  const std::size_t raw = (picture.stride() + 1) * picture.height;
  Bytes out(deflater.good ? ::deflateBound(&deflater.stream, raw) : 0);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes under zlib's name.
  deflater.stream.next_out = reinterpret_cast<Bytef*>(out.data());
  deflater.stream.avail_out = static_cast<uInt>(out.size());
  RowFilter filter(picture);
  const std::uint8_t* above = nullptr;
  for (std::uint32_t y = 0; y < picture.height && deflater.good; ++y) {
    const std::uint8_t* const row = picture.pixels.data() + picture.stride() * y;
    deflater.feed(filter.filter(row, above), y + 1 < picture.height ? Z_NO_FLUSH : Z_FINISH);
    above = row;
  }
  if (!deflater.good) {
    return Error{ErrorKind::kInternal, "redact.png", "zlib could not compress a picture"};
  }
  out.resize(deflater.stream.total_out);
  return out;
}

}  // namespace

Result<Bytes> to_png(const Picture& picture) {
  TUTELA_TRY_ASSIGN(const Bytes data, compress(picture));
  Bytes header;
  append_be32(header, picture.width);
  append_be32(header, picture.height);
  header.push_back(kBitDepth);
  header.push_back(picture.channels == 1 ? kColourGrey : kColourRgb);
  header.resize(header.size() + 3);  // compression, filter method, not interlaced: all zero
  const ByteView signature = as_bytes(kSignature);
  Bytes png(signature.begin(), signature.end());
  png.reserve(data.size() + 64);
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", data);
  append_chunk(png, "IEND", {});
  return png;
}

}  // namespace tutela::redact
