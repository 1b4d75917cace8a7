#include <algorithm>
#include <array>
#include <string_view>

#include "engine/media/media.hpp"

namespace tutela::media {

namespace {

constexpr std::size_t kSniffBytesMax = 64;

bool is_avif_brand(std::string_view brand) {
  return brand == "avif" || brand == "avis";
}

bool is_heic_brand(std::string_view brand) {
  constexpr std::array<std::string_view, 9> kBrands = {
      "heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs", "mif2"};
  return std::find(kBrands.begin(), kBrands.end(), brand) != kBrands.end();
}

/// ISO 23008-12: the major brand decides; mif1, msf1 and foreign major brands say only "some
/// picture", and then the compatible brands do.
MediaType sniff_ftyp(std::string_view head) {
  if (head.size() < 12 || head.substr(4, 4) != "ftyp") {
    return MediaType::kUnknown;
  }
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(head[i]));
  };
  const std::size_t box_bytes = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
  const std::string_view major = head.substr(8, 4);
  if (is_avif_brand(major)) {
    return MediaType::kAvif;
  }
  if (is_heic_brand(major)) {
    return MediaType::kHeic;
  }
  bool heic = major == "mif1" || major == "msf1";
  const std::size_t end = std::min(head.size(), box_bytes);
  for (std::size_t at = 16; at + 4 <= end; at += 4) {
    const std::string_view brand = head.substr(at, 4);
    if (is_avif_brand(brand)) {
      return MediaType::kAvif;
    }
    heic = heic || is_heic_brand(brand) || brand == "mif1" || brand == "msf1";
  }
  return heic ? MediaType::kHeic : MediaType::kUnknown;
}

}  // namespace

MediaType sniff(ByteView head) noexcept {
  const std::string_view text = as_text(head.first(std::min(head.size(), kSniffBytesMax)));
  const auto starts = [&](std::string_view magic) {
    return text.starts_with(magic);
  };
  using namespace std::string_view_literals;
  if (starts("\xFF\xD8\xFF"sv)) {
    return MediaType::kJpeg;
  }
  if (starts("\x89PNG\r\n\x1A\n"sv)) {
    return MediaType::kPng;
  }
  if (starts("GIF87a"sv) || starts("GIF89a"sv)) {
    return MediaType::kGif;
  }
  if (starts("RIFF"sv) && text.size() >= 12 && text.substr(8, 4) == "WEBP"sv) {
    return MediaType::kWebp;
  }
  // 42 is TIFF, 43 BigTIFF.
  if (starts("II\x2A\0"sv) || starts("MM\0\x2A"sv) || starts("II\x2B\0"sv) ||
      starts("MM\0\x2B"sv)) {
    return MediaType::kTiff;
  }
  // "BM" alone begins many texts: the size of the header that follows must be one of BMP's.
  if (starts("BM"sv) && text.size() >= 18) {
    const auto header_bytes = static_cast<unsigned char>(text[14]);
    if ((header_bytes == 12 || header_bytes == 16 || header_bytes == 40 || header_bytes == 52 ||
         header_bytes == 56 || header_bytes == 64 || header_bytes == 108 || header_bytes == 124) &&
        text.substr(15, 3) == "\0\0\0"sv) {
      return MediaType::kBmp;
    }
  }
  return sniff_ftyp(text);
}

std::string_view mime_type(MediaType type) noexcept {
  switch (type) {
    case MediaType::kUnknown:
      return "application/octet-stream";
    case MediaType::kJpeg:
      return "image/jpeg";
    case MediaType::kPng:
      return "image/png";
    case MediaType::kWebp:
      return "image/webp";
    case MediaType::kGif:
      return "image/gif";
    case MediaType::kTiff:
      return "image/tiff";
    case MediaType::kAvif:
      return "image/avif";
    case MediaType::kHeic:
      return "image/heic";
    case MediaType::kBmp:
      return "image/bmp";
  }
  return "application/octet-stream";
}

}  // namespace tutela::media
