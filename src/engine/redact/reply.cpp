// The wire format of a worker's reply to a request for a view. All integers little-endian.
//
//   "TTLV" u8 version u8 kind
//   kind 0, a view:    u8 damaged (0 or 1), u8 channels (1 or 3), u32 frames_total, u32 width,
//                      u32 height, then the pixels
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
constexpr std::uint8_t kVersion = 1;
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
constexpr std::array<KnownError, 7> kErrors = {{
    {"media.empty", ErrorKind::kInvalidInput, "the item has no bytes"},
    {"media.unsupported_type",
     ErrorKind::kInvalidInput,
     "the item is no picture of a known format"},
    {"media.corrupt", ErrorKind::kInvalidInput, "no pixels can be read; the file is broken"},
    {"media.too_large", ErrorKind::kLimitExceeded, "the item has more bytes than the limit"},
    {"media.too_many_pixels", ErrorKind::kLimitExceeded, "the item has more pixels than the limit"},
    {"media.no_decoder", ErrorKind::kUnavailable, "libvips does not start"},
    {"redact.no_frame", ErrorKind::kNotFound, "the item has no such frame that can be decoded"},
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

std::optional<View> read_view(ByteView bytes, Grade grade) {
  if (bytes.size() < kReplyHeaderBytes) {
    return std::nullopt;
  }
  const auto damaged = std::to_integer<std::uint8_t>(bytes[kAfterKind]);
  View view;
  view.damaged = damaged == 1;
  view.frames_total = read_u32(bytes, kAfterKind + 2);
  Picture& picture = view.picture;
  picture.channels = std::to_integer<std::uint32_t>(bytes[kAfterKind + 1]);
  picture.width = read_u32(bytes, kAfterKind + 6);
  picture.height = read_u32(bytes, kAfterKind + 10);
  const Bounds bounds = bounds_of(grade);
  const bool plausible =
      damaged <= 1 && view.frames_total > 0 && picture.width > 0 &&
      picture.width <= bounds.side_max && picture.height > 0 && picture.height <= bounds.side_max &&
      (picture.channels == 1 || picture.channels == 3) && picture.channels <= bounds.channels_max;
  const ByteView pixels = bytes.subspan(kReplyHeaderBytes);
  if (!plausible || pixels.size() != picture.stride() * picture.height) {
    return std::nullopt;
  }
  picture.pixels.resize(pixels.size());
  std::copy(
      pixels.begin(), pixels.end(), std::as_writable_bytes(std::span(picture.pixels)).begin());
  return view;
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
  const Picture& picture = reply->picture;
  out.reserve(kReplyHeaderBytes + picture.pixels.size());
  out.push_back(std::byte{kKindView});
  out.push_back(std::byte{reply->damaged});
  out.push_back(static_cast<std::byte>(picture.channels));
  append_u32(out, reply->frames_total);
  append_u32(out, picture.width);
  append_u32(out, picture.height);
  const auto pixels = std::as_bytes(std::span(picture.pixels));
  out.insert(out.end(), pixels.begin(), pixels.end());
  return out;
}

Result<Result<View>> decode_reply(ByteView bytes, Grade grade) {
  const bool ours = bytes.size() >= kErrorBytes && bytes.size() <= kReplyBytesMax &&
                    as_text(bytes).starts_with(kMagic) &&
                    bytes[kMagic.size()] == std::byte{kVersion};
  if (ours && bytes[kKindAt] == std::byte{kKindView}) {
    if (auto view = read_view(bytes, grade)) {
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
