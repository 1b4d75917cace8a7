// The wire format of a worker's reply. All integers little-endian.
//
//   "TTLR" u8 version u8 kind
//   kind 0, an inspection:  u8 media type, u8 flags (1 damaged, 2 partial), u32 width, height,
//                           frames_total, frames_decoded, u8 length and that many bytes of decoder,
//                           u32 count, then a record a frame: u32 frame, u8 quality, 8 x 4 x u64
//   kind 1, an error:       u8 place in the table of codes, u16 length and bytes of message
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/inspect/inspect.hpp"

namespace tutela::inspect {

namespace {

constexpr std::string_view kMagic = "TTLR";
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kKindInspection = 0;
constexpr std::uint8_t kKindError = 1;
constexpr std::uint8_t kDamaged = 1;
constexpr std::uint8_t kPartial = 2;
constexpr std::size_t kDecoderBytesMax = 64;
constexpr std::size_t kMessageBytesMax = 512;
constexpr std::size_t kFrameBytes =
    4 + 1 + sizeof(fingerprint::Pdq256) * fingerprint::kOrientations;
constexpr std::size_t kHeaderBytesMax = 128;
constexpr std::size_t kFramesMax = (kReplyBytesMax - kHeaderBytesMax) / kFrameBytes;
constexpr std::uint8_t kQualityMax = 100;

struct KnownError {
  std::string_view code;
  ErrorKind kind;
};

/// Closed, so that a captured worker cannot invent codes. The order is the wire format.
constexpr std::array<KnownError, 6> kErrors = {{
    {"media.empty", ErrorKind::kInvalidInput},
    {"media.unsupported_type", ErrorKind::kInvalidInput},
    {"media.corrupt", ErrorKind::kInvalidInput},
    {"media.too_large", ErrorKind::kLimitExceeded},
    {"media.too_many_pixels", ErrorKind::kLimitExceeded},
    {"media.no_decoder", ErrorKind::kUnavailable},
}};

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

class Writer {
 public:
  template <class Integer>
  void integer(Integer value) {
    for (std::size_t i = 0; i < sizeof(Integer); ++i) {
      bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
    }
  }

  void text(std::string_view text) {
    const ByteView view = as_bytes(text);
    bytes_.insert(bytes_.end(), view.begin(), view.end());
  }

  [[nodiscard]] Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// Reads forward; the first read past the end makes this and all later ones fail.
class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}

  template <class Integer>
  Integer integer() {
    const ByteView taken = take(sizeof(Integer));
    Integer value = 0;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      value = static_cast<Integer>(value | std::to_integer<Integer>(taken[i]) << (8 * i));
    }
    return value;
  }

  std::string_view text(std::size_t length) { return as_text(take(length)); }

  [[nodiscard]] bool failed() const { return failed_; }

  /// All was there, and nothing is left over.
  [[nodiscard]] bool ended() const { return !failed_ && bytes_.empty(); }

  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

 private:
  ByteView take(std::size_t length) {
    failed_ = failed_ || length > bytes_.size();
    if (failed_) {
      return {};
    }
    const ByteView taken = bytes_.first(length);
    bytes_ = bytes_.subspan(length);
    return taken;
  }

  ByteView bytes_;
  bool failed_ = false;
};

void write_error(Writer& out, const Error& error) {
  const auto known = std::find_if(
      kErrors.begin(), kErrors.end(), [&](const KnownError& e) { return e.code == error.code; });
  // Nothing else comes out of media::decode; were it to, the item must not look scanned.
  constexpr std::size_t kCorrupt = 2;
  const auto place =
      known == kErrors.end() ? kCorrupt : static_cast<std::size_t>(known - kErrors.begin());
  std::string message = error.message.substr(0, kMessageBytesMax);
  std::replace_if(
      message.begin(), message.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  out.integer(kKindError);
  out.integer(static_cast<std::uint8_t>(place));
  out.integer(static_cast<std::uint16_t>(message.size()));
  out.text(message);
}

void write_inspection(Writer& out, const Inspection& inspection) {
  const media::DecodeReport& report = inspection.report;
  // More distinct frames than a reply holds: the rest was, for the server, not decoded.
  const std::size_t count = std::min(inspection.frames.size(), kFramesMax);
  const bool partial = report.partial || count < inspection.frames.size();
  const std::string_view decoder = std::string_view(report.decoder).substr(0, kDecoderBytesMax);
  out.integer(kKindInspection);
  out.integer(static_cast<std::uint8_t>(report.type));
  out.integer(
      static_cast<std::uint8_t>((report.damaged ? kDamaged : 0) | (partial ? kPartial : 0)));
  out.integer(report.width);
  out.integer(report.height);
  out.integer(report.frames_total);
  out.integer(report.frames_decoded);
  out.integer(static_cast<std::uint8_t>(decoder.size()));
  out.text(decoder);
  out.integer(static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    const FrameFingerprint& frame = inspection.frames[i];
    out.integer(frame.frame);
    out.integer(frame.pdq.quality);
    for (const fingerprint::Pdq256& hash : frame.pdq.hashes) {
      for (const std::uint64_t word : hash.words) {
        out.integer(word);
      }
    }
  }
}

FrameFingerprint read_frame(Reader& in) {
  FrameFingerprint frame;
  frame.frame = in.integer<std::uint32_t>();
  frame.pdq.quality = in.integer<std::uint8_t>();
  for (fingerprint::Pdq256& hash : frame.pdq.hashes) {
    for (std::uint64_t& word : hash.words) {
      word = in.integer<std::uint64_t>();
    }
  }
  return frame;
}

/// What holds of every report of media::decode.
bool plausible(const media::DecodeReport& report) {
  return report.type != media::MediaType::kUnknown && report.type <= media::MediaType::kBmp &&
         report.width > 0 && report.height > 0 && report.frames_decoded > 0 &&
         report.frames_decoded <= report.frames_total && printable(report.decoder) &&
         (report.partial || report.frames_decoded == report.frames_total);
}

/// Frames are in order of first appearance.
bool plausible(const Inspection& inspection) {
  const auto& frames = inspection.frames;
  if (frames.empty() || frames.size() > inspection.report.frames_decoded) {
    return false;
  }
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (frames[i].pdq.quality > kQualityMax || frames[i].frame >= inspection.report.frames_total ||
        (i > 0 && frames[i].frame <= frames[i - 1].frame)) {
      return false;
    }
  }
  return true;
}

std::optional<Inspection> read_inspection(Reader& in) {
  Inspection inspection;
  media::DecodeReport& report = inspection.report;
  report.type = static_cast<media::MediaType>(in.integer<std::uint8_t>());
  const auto flags = in.integer<std::uint8_t>();
  report.damaged = (flags & kDamaged) != 0;
  report.partial = (flags & kPartial) != 0;
  report.width = in.integer<std::uint32_t>();
  report.height = in.integer<std::uint32_t>();
  report.frames_total = in.integer<std::uint32_t>();
  report.frames_decoded = in.integer<std::uint32_t>();
  report.decoder = in.text(in.integer<std::uint8_t>());
  const std::size_t count = in.integer<std::uint32_t>();
  if (in.failed() || flags > (kDamaged | kPartial) || report.decoder.size() > kDecoderBytesMax ||
      !plausible(report) || in.left() != count * kFrameBytes) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < count; ++i) {
    inspection.frames.push_back(read_frame(in));
  }
  return in.ended() && plausible(inspection) ? std::optional(std::move(inspection)) : std::nullopt;
}

std::optional<Error> read_error(Reader& in) {
  const std::size_t place = in.integer<std::uint8_t>();
  const std::size_t length = in.integer<std::uint16_t>();
  const std::string_view message = in.text(length);
  if (!in.ended() || place >= kErrors.size() || length > kMessageBytesMax || !printable(message)) {
    return std::nullopt;
  }
  return Error{kErrors[place].kind, kErrors[place].code, std::string(message)};
}

}  // namespace

Bytes encode_reply(const Result<Inspection>& reply) {
  Writer out;
  out.text(kMagic);
  out.integer(kVersion);
  if (reply) {
    write_inspection(out, *reply);
  } else {
    write_error(out, reply.error());
  }
  return std::move(out).take();
}

Result<Result<Inspection>> decode_reply(ByteView bytes) {
  Reader in(bytes);
  const bool ours = bytes.size() <= kReplyBytesMax && in.text(kMagic.size()) == kMagic &&
                    in.integer<std::uint8_t>() == kVersion;
  const auto kind = in.integer<std::uint8_t>();
  if (ours && !in.failed()) {
    if (kind == kKindInspection) {
      if (auto inspection = read_inspection(in)) {
        return Result<Inspection>(*std::move(inspection));
      }
    } else if (kind == kKindError) {
      if (auto error = read_error(in)) {
        return Result<Inspection>(*std::move(error));
      }
    }
  }
  return Error{ErrorKind::kCorrupted,
               "worker.bad_reply",
               "a decode worker answered with bytes that are no reply: it was replaced"};
}

}  // namespace tutela::inspect
