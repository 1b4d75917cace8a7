#include "custody/evidence_format/object.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/check.hpp"
#include "crypto/stream.hpp"
#include "custody/evidence_format/little_endian.hpp"

namespace tutela::evidence_format {
namespace {

// magic | object id | stream header | parts. A part is one message of the stream. Full parts hold
// kChunk bytes of content and the mark kPlain. Then come parts with the mark kOther: how many bytes
// of content, these, zeros. The last part, with the mark kFinal, holds the facts.
constexpr std::string_view kMagic = "TUTEVID1";
constexpr std::size_t kContext = 8 + 16;  // magic and id, bound to every part
constexpr std::size_t kLength = 4;        // in front of a part that is not full
constexpr std::size_t kFacts = 256;
constexpr std::size_t kPaddedMin = 4096;
static_assert(kObjectHeaderSize == kContext + crypto::kStreamHeaderSize);
static_assert(kSealedPartMax == kChunk + crypto::kMessageOverhead);

Error corrupt() {
  return Error{ErrorKind::kCorrupted,
               "vault.corrupt",
               "the object is cut short, changed, or not the one that its name says; restore its "
               "blobs from a backup"};
}

// Padme (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
// PURBs", 2019): at most 12 % more, O(log log n) bits of the size remain.
std::uint64_t padme(std::uint64_t size) {
  const auto e = static_cast<unsigned>(std::bit_width(size)) - 1U;
  const auto s = static_cast<unsigned>(std::bit_width(e));
  const std::uint64_t mask = (std::uint64_t{1} << (e - s)) - 1;
  return (size + mask) & ~mask;
}

// Of all parts but the last, without what sealing adds. Above kChunk a multiple of 2048, so no part
// is too small for its length field.
std::uint64_t padded_size(std::uint64_t content) {
  const std::uint64_t rest = content % kChunk;
  std::uint64_t needed = content;
  if (rest > 0) {
    needed += rest + kLength > kChunk ? 2 * kLength : kLength;
  }
  return padme(std::max<std::uint64_t>(needed, kPaddedMin));
}

std::uint64_t part_count(std::uint64_t padded) {
  return padded / kChunk + (padded % kChunk == 0 ? 0 : 1);
}

std::array<std::byte, kContext> context_of(const Uuid& id) {
  std::array<std::byte, kContext> context{};
  std::ranges::copy(as_bytes(kMagic), context.begin());
  std::ranges::copy(id.bytes, context.begin() + kMagic.size());
  return context;
}

// 0 size | 8 SHA-256 | 40 SHA-1 | 60 MD5 | 76 time | 84 length of the media type | 85 media type
std::array<std::byte, kFacts> encode_facts(const Facts& facts) {
  std::array<std::byte, kFacts> out{};
  put_number(facts.size_bytes, std::span(out).subspan(0, 8));
  std::ranges::copy(facts.digests.sha256, out.begin() + 8);
  std::ranges::copy(facts.digests.sha1, out.begin() + 40);
  std::ranges::copy(facts.digests.md5, out.begin() + 60);
  put_number(static_cast<std::uint64_t>(facts.sealed_ms), std::span(out).subspan(76, 8));
  put_number(facts.media_type.size(), std::span(out).subspan(84, 1));
  std::ranges::copy(as_bytes(facts.media_type), out.begin() + 85);
  return out;
}

Result<Facts> decode_facts(ByteView in) {
  Facts facts;
  facts.size_bytes = get_number(in.subspan(0, 8));
  std::ranges::copy(in.subspan(8, 32), facts.digests.sha256.begin());
  std::ranges::copy(in.subspan(40, 20), facts.digests.sha1.begin());
  std::ranges::copy(in.subspan(60, 16), facts.digests.md5.begin());
  facts.sealed_ms = static_cast<UtcMs>(get_number(in.subspan(76, 8)));
  const std::size_t length = get_number(in.subspan(84, 1));
  if (length > kMediaTypeMax) {
    return corrupt();
  }
  facts.media_type = as_text(in.subspan(85, length));
  if (!is_media_type(facts.media_type)) {
    return corrupt();
  }
  return facts;
}

}  // namespace

bool is_media_type(std::string_view text) noexcept {
  return text.size() <= kMediaTypeMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::uint64_t object_size_bytes(std::uint64_t content_size_bytes) noexcept {
  const std::uint64_t padded = padded_size(content_size_bytes);
  return kObjectHeaderSize + padded + part_count(padded) * crypto::kMessageOverhead + kFacts +
         crypto::kMessageOverhead;
}

struct ObjectSealer::State {
  State(const Uuid& id, const crypto::Key& key) : stream(key, context_of(id)) {
    std::ranges::copy(context_of(id), header.begin());
    std::ranges::copy(stream.header(), header.begin() + kContext);
    pending.reserve(kChunk);
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() { crypto::wipe(pending); }

  /// Where the first part goes: behind the header, unless that is written.
  std::size_t begin(std::span<std::byte> out) {
    if (begun) {
      return 0;
    }
    begun = true;
    std::ranges::copy(header, out.begin());
    return header.size();
  }

  /// Seals one part to `out` at `at`. Returns where the next one goes.
  std::size_t push(ByteView plain, crypto::Mark mark, std::span<std::byte> out, std::size_t at) {
    const std::size_t sealed_size = plain.size() + crypto::kMessageOverhead;
    stream.push(plain, mark, out.subspan(at, sealed_size));
    return at + sealed_size;
  }

  // What is left of the content, then zeros until the padded size is reached.
  Status pad(std::span<std::byte> room, const Sink& sink) {
    std::uint64_t left = padded_size(size) - (size - pending.size());
    Bytes part;
    ByteView rest = pending;
    while (left > 0) {
      part.assign(static_cast<std::size_t>(std::min<std::uint64_t>(left, kChunk)), std::byte{0});
      left -= part.size();
      const ByteView take = rest.first(std::min(rest.size(), part.size() - kLength));
      rest = rest.subspan(take.size());
      put_number(take.size(), std::span(part).first(kLength));
      std::ranges::copy(take, part.begin() + kLength);
      const std::size_t used = push(part, crypto::Mark::kOther, room, 0);
      crypto::wipe(part);
      TUTELA_TRY(sink(room.first(used)));
    }
    TUTELA_CHECK(rest.empty());
    return ok();
  }

  crypto::StreamSealer stream;
  std::array<std::byte, kObjectHeaderSize> header{};
  bool begun = false;  // the header is written
  Bytes pending;       // less than a chunk of content; never grows past its first allocation
  std::uint64_t size = 0;
};

ObjectSealer::ObjectSealer(const Uuid& id, const crypto::Key& object_key)
    : state_(std::make_unique<State>(id, object_key)) {}

ObjectSealer::ObjectSealer(ObjectSealer&&) noexcept = default;
ObjectSealer& ObjectSealer::operator=(ObjectSealer&&) noexcept = default;
ObjectSealer::~ObjectSealer() = default;

ByteView ObjectSealer::update(ByteView plain, std::span<std::byte> out) {
  State& state = *state_;
  TUTELA_CHECK(out.size() >= room_for(plain.size()));
  state.size += plain.size();
  std::size_t used = state.begin(out);
  while (!plain.empty()) {
    if (state.pending.empty() && plain.size() >= kChunk) {
      used = state.push(plain.first(kChunk), crypto::Mark::kPlain, out, used);
      plain = plain.subspan(kChunk);
      continue;
    }
    const ByteView take = plain.first(std::min(plain.size(), kChunk - state.pending.size()));
    state.pending.insert(state.pending.end(), take.begin(), take.end());
    plain = plain.subspan(take.size());
    if (state.pending.size() == kChunk) {
      used = state.push(state.pending, crypto::Mark::kPlain, out, used);
      crypto::wipe(state.pending);
      state.pending.clear();
    }
  }
  return out.first(used);
}

Status ObjectSealer::finish(const Facts& facts, const Sink& sink) {
  TUTELA_CHECK(facts.size_bytes == state_->size && is_media_type(facts.media_type));
  Bytes room(kSealedPartMax);
  if (const std::size_t used = state_->begin(room); used > 0) {
    TUTELA_TRY(sink(ByteView(room).first(used)));
  }
  TUTELA_TRY(state_->pad(room, sink));
  std::array<std::byte, kFacts> last = encode_facts(facts);
  const std::size_t used = state_->push(last, crypto::Mark::kFinal, room, 0);
  crypto::wipe(last);
  return sink(ByteView(room).first(used));
}

std::uint64_t ObjectSealer::size_bytes() const noexcept {
  return state_->size;
}

struct ObjectOpener::State {
  State(ByteView header, const Uuid& id, const crypto::Key& key, std::uint64_t sealed_padded)
      : stream(key, header.last(crypto::kStreamHeaderSize), context_of(id)), left(sealed_padded) {}

  crypto::StreamOpener stream;
  std::uint64_t left;        // sealed bytes of the parts before the last
  std::uint64_t padded = 0;  // plain bytes of the parts until now
  std::uint64_t size = 0;    // of the content until now
  bool full_parts = true;    // until the first part that is not
  bool ended = false;
  Facts facts;
};

ObjectOpener::ObjectOpener(std::unique_ptr<State> state) : state_(std::move(state)) {}

ObjectOpener::ObjectOpener(ObjectOpener&&) noexcept = default;
ObjectOpener& ObjectOpener::operator=(ObjectOpener&&) noexcept = default;
ObjectOpener::~ObjectOpener() = default;

Result<Uuid> parse_object_header(ByteView header) {
  if (header.size() != kObjectHeaderSize || as_text(header.first(kMagic.size())) != kMagic) {
    return corrupt();
  }
  Uuid id;
  std::ranges::copy(header.subspan(kMagic.size(), id.bytes.size()), id.bytes.begin());
  return id;
}

Result<ObjectOpener> ObjectOpener::open(ByteView header,
                                        std::uint64_t size_bytes,
                                        const Uuid& id,
                                        const crypto::Key& object_key) {
  TUTELA_TRY_ASSIGN(const Uuid named, parse_object_header(header));
  constexpr std::size_t kLast = kFacts + crypto::kMessageOverhead;
  if (named != id || size_bytes < object_size_bytes(0)) {
    return corrupt();
  }
  const std::uint64_t parts = size_bytes - kObjectHeaderSize - kLast;
  const std::uint64_t cut = parts % kSealedPartMax;
  if (cut != 0 && cut <= kLength + crypto::kMessageOverhead) {
    return corrupt();
  }
  return ObjectOpener(std::make_unique<State>(header, id, object_key, parts));
}

std::size_t ObjectOpener::next_size() const noexcept {
  if (state_->ended) {
    return 0;
  }
  return state_->left == 0
             ? kFacts + crypto::kMessageOverhead
             : static_cast<std::size_t>(std::min<std::uint64_t>(state_->left, kSealedPartMax));
}

Result<ByteView> ObjectOpener::next(ByteView sealed, std::span<std::byte> room) {
  State& state = *state_;
  TUTELA_CHECK(!sealed.empty() && room.size() >= kChunk);
  if (sealed.size() != next_size()) {
    return corrupt();
  }
  const std::span<std::byte> plain = room.first(sealed.size() - crypto::kMessageOverhead);
  const Result<crypto::Mark> mark = state.stream.pull(sealed, plain);
  const bool last = state.left == 0;
  if (!mark || (*mark == crypto::Mark::kFinal) != last) {
    return corrupt();
  }
  if (last) {
    TUTELA_TRY_ASSIGN(state.facts, decode_facts(plain));
    crypto::wipe(plain);
    if (state.facts.size_bytes != state.size || padded_size(state.size) != state.padded) {
      return corrupt();
    }
    state.ended = true;
    return ByteView{};
  }
  state.left -= sealed.size();
  state.padded += plain.size();
  if (*mark == crypto::Mark::kPlain) {
    if (plain.size() != kChunk || !state.full_parts) {
      return corrupt();
    }
    state.size += kChunk;
    return ByteView(plain);
  }
  state.full_parts = false;
  const std::uint64_t content = get_number(plain.first(kLength));
  if (content > plain.size() - kLength) {
    return corrupt();
  }
  state.size += content;
  return ByteView(plain).subspan(kLength, static_cast<std::size_t>(content));
}

const Facts& ObjectOpener::facts() const noexcept {
  return state_->facts;
}

}  // namespace tutela::evidence_format
