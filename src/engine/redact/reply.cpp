// The wire format of a worker's reply to a request for a view. All integers little-endian.
//
//   "TTLV" u8 version u8 kind
//   kind 0, a view:    u8 damaged (0 or 1), u8 tiles, u32 frames_total; each tile: u32 frame,
//                      u8 channels (1 or 3), u32 width, u32 height, then the pixels
//   kind 1, an error:  u8 place in the table of codes
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "engine/redact/redact.hpp"

namespace tutela::redact {

namespace {

constexpr std::string_view kMagic = "TTLV";
constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kKindView = 0;
constexpr std::uint8_t kKindError = 1;
constexpr std::size_t kKindAt = 5;
constexpr std::size_t kAfterKind = 6;
constexpr std::size_t kErrorBytes = 7;

struct KnownError {
  std::string_view code;
  ErrorKind kind;
  const char* message;
};

/// Closed, and in our words: a captured worker cannot invent codes or texts. The order is the wire
/// format.
constexpr std::array<KnownError, 8> kErrors = {{
    {"media.empty", ErrorKind::kInvalidInput, "the item has no bytes"},
    {"media.unsupported_type",
     ErrorKind::kInvalidInput,
     "the item is no picture of a known format"},
    {"media.corrupt", ErrorKind::kInvalidInput, "no pixels can be read; the file is broken"},
    {"media.too_large", ErrorKind::kLimitExceeded, "the item has more bytes than the limit"},
    {"media.too_many_pixels", ErrorKind::kLimitExceeded, "the item has more pixels than the limit"},
    {"media.no_decoder", ErrorKind::kUnavailable, "libvips does not start"},
    {"redact.no_frame", ErrorKind::kNotFound, "the item has no such frame that can be decoded"},
    {"redact.sheet_full", ErrorKind::kInvalidInput, "full is one frame at a time"},
}};
constexpr std::uint8_t kCorruptPlace = 2;

void append_u32(Bytes& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<std::byte>(value >> shift));
  }
}

std::uint32_t read_u32(ByteView bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * i);
  }
  return value;
}

/// Takes one tile from the front of `bytes`.
std::optional<Tile> read_tile(ByteView& bytes, Bounds bounds) {
  if (bytes.size() < kTileHeaderBytes) {
    return std::nullopt;
  }
  Tile tile;
  Picture& picture = tile.picture;
  tile.frame = read_u32(bytes, 0);
  picture.channels = std::to_integer<std::uint32_t>(bytes[4]);
  picture.width = read_u32(bytes, 5);
  picture.height = read_u32(bytes, 9);
  bytes = bytes.subspan(kTileHeaderBytes);
  const bool plausible = picture.width > 0 && picture.width <= bounds.side_max &&
                         picture.height > 0 && picture.height <= bounds.side_max &&
                         (picture.channels == 1 || picture.channels == 3) &&
                         picture.channels <= bounds.channels_max;
  if (!plausible || bytes.size() < picture.stride() * picture.height) {
    return std::nullopt;
  }
  const ByteView pixels = bytes.first(picture.stride() * picture.height);
  picture.pixels.resize(pixels.size());
  std::copy(
      pixels.begin(), pixels.end(), std::as_writable_bytes(std::span(picture.pixels)).begin());
  bytes = bytes.subspan(pixels.size());
  return tile;
}

/// The frame that was asked for, or frames of a sheet in their order.
bool is_in_order(const View& view, const Tile& next, const Request& request) {
  if (!request.is_sheet()) {
    return next.frame == static_cast<std::uint32_t>(request.frame);
  }
  return next.frame < view.frames_total &&
         (view.tiles.empty() || next.frame > view.tiles.back().frame);
}

std::optional<View> read_view(ByteView bytes, const Request& request) {
  if (bytes.size() < kReplyHeaderBytes || !check_request(request)) {
    return std::nullopt;
  }
  const auto damaged = std::to_integer<std::uint8_t>(bytes[kAfterKind]);
  const auto tiles = std::to_integer<std::size_t>(bytes[kAfterKind + 1]);
  View view;
  view.damaged = damaged == 1;
  view.frames_total = read_u32(bytes, kAfterKind + 2);
  const std::size_t tiles_max = request.is_sheet() ? kSheetTilesMax : 1;
  if (damaged > 1 || view.frames_total == 0 || tiles == 0 || tiles > tiles_max) {
    return std::nullopt;
  }
  bytes = bytes.subspan(kReplyHeaderBytes);
  for (std::size_t i = 0; i < tiles; ++i) {
    auto tile = read_tile(bytes, bounds_of(request.grade));
    if (!tile || !is_in_order(view, *tile, request)) {
      return std::nullopt;
    }
    view.tiles.push_back(*std::move(tile));
  }
  return bytes.empty() ? std::optional(std::move(view)) : std::nullopt;
}

std::optional<Error> read_error(ByteView bytes) {
  const auto place = std::to_integer<std::size_t>(bytes[kErrorBytes - 1]);
  if (bytes.size() != kErrorBytes || place >= kErrors.size()) {
    return std::nullopt;
  }
  const KnownError& known = kErrors[place];
  return Error{known.kind, known.code, known.message};
}

}  // namespace

std::size_t reply_bytes_max(const Request& request) noexcept {
  const Bounds bounds = bounds_of(request.grade);
  const std::size_t pixels = std::size_t{bounds.side_max} * bounds.side_max * bounds.channels_max;
  const std::size_t tiles = request.is_sheet() ? kSheetTilesMax : 1;
  return kReplyHeaderBytes + tiles * (kTileHeaderBytes + pixels);
}

Bytes encode_reply(const Result<View>& reply) {
  const ByteView magic = as_bytes(kMagic);
  Bytes out(magic.begin(), magic.end());
  out.push_back(std::byte{kVersion});
  if (!reply) {
    const auto* const known = std::find_if(kErrors.begin(), kErrors.end(), [&](const auto& e) {
      return e.code == reply.error().code;
    });
    // Nothing else comes out of render().
    const auto place =
        known == kErrors.end() ? kCorruptPlace : static_cast<std::uint8_t>(known - kErrors.begin());
    out.push_back(std::byte{kKindError});
    out.push_back(std::byte{place});
    return out;
  }
  out.push_back(std::byte{kKindView});
  out.push_back(std::byte{reply->damaged});
  out.push_back(static_cast<std::byte>(reply->tiles.size()));
  append_u32(out, reply->frames_total);
  for (const Tile& tile : reply->tiles) {
    const Picture& picture = tile.picture;
    append_u32(out, tile.frame);
    out.push_back(static_cast<std::byte>(picture.channels));
    append_u32(out, picture.width);
    append_u32(out, picture.height);
    const auto pixels = std::as_bytes(std::span(picture.pixels));
    out.insert(out.end(), pixels.begin(), pixels.end());
  }
  return out;
}

Result<Result<View>> decode_reply(ByteView bytes, const Request& request) {
  const bool ours = bytes.size() >= kErrorBytes && bytes.size() <= reply_bytes_max(request) &&
                    as_text(bytes).starts_with(kMagic) &&
                    bytes[kMagic.size()] == std::byte{kVersion};
  if (ours && bytes[kKindAt] == std::byte{kKindView}) {
    if (auto view = read_view(bytes, request)) {
      return Result<View>(*std::move(view));
    }
  } else if (ours && bytes[kKindAt] == std::byte{kKindError}) {
    if (auto error = read_error(bytes)) {
      return Result<View>(*std::move(error));
    }
  }
  return Error{ErrorKind::kCorrupted,
               "worker.bad_reply",
               "a render worker answered with bytes that are no reply: treat the item as hostile"};
}

}  // namespace tutela::redact
