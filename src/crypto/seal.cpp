#include "crypto/seal.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <sodium.h>

#include "base/check.hpp"

namespace tutela::crypto {
namespace {

// magic | nonce | data key, wrapped with XChaCha20-Poly1305 | secretstream header | chunks
//
// Every chunk holds 64 KiB of plain bytes but the last, which holds 0 to 64 KiB and carries the
// final tag. Where a chunk ends therefore follows from the size of the whole.
constexpr std::string_view kMagic = "TUTSEAL1";
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kDataKey = crypto_secretstream_xchacha20poly1305_KEYBYTES;
constexpr std::size_t kWrapped = kDataKey + crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kStreamHeader = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kHeader = kMagic.size() + kNonce + kWrapped + kStreamHeader;
constexpr std::size_t kChunk = std::size_t{64} * 1024;
constexpr std::size_t kOverhead = crypto_secretstream_xchacha20poly1305_ABYTES;

// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): bytes to libsodium's bytes and back.
unsigned char* raw(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

const unsigned char* raw(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)

// A stream's key and state, wiped at the end.
struct Stream {
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  ~Stream() { sodium_memzero(&state, sizeof state); }

  crypto_secretstream_xchacha20poly1305_state state{};
};

std::byte* grow(Bytes& out, std::size_t by) {
  out.resize(out.size() + by);
  return out.data() + out.size() - by;
}

void write_header(const Key& wrapping_key, Stream& stream, Bytes& out) {
  TUTELA_CHECK(!wrapping_key.bytes().empty());
  std::array<std::byte, kDataKey> key{};
  random_bytes(key);
  std::byte* to = grow(out, kHeader);
  to = std::copy_n(as_bytes(kMagic).begin(), kMagic.size(), to);
  std::byte* const nonce = to;
  random_bytes({nonce, kNonce});
  to += kNonce;
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(to),
                                             nullptr,
                                             raw(key),
                                             key.size(),
                                             raw(as_bytes(kMagic)),
                                             kMagic.size(),
                                             nullptr,
                                             raw(nonce),
                                             raw(wrapping_key.bytes()));
  to += kWrapped;
  crypto_secretstream_xchacha20poly1305_init_push(&stream.state, raw(to), raw(key));
  sodium_memzero(key.data(), key.size());
}

bool read_header(const Key& wrapping_key, ByteView header, Stream& stream) {
  const ByteView magic = header.first(kMagic.size());
  const ByteView nonce = header.subspan(kMagic.size(), kNonce);
  const ByteView wrapped = header.subspan(kMagic.size() + kNonce, kWrapped);
  std::array<std::byte, kDataKey> key{};
  const bool good = as_text(magic) == kMagic &&
                    crypto_aead_xchacha20poly1305_ietf_decrypt(raw(key.data()),
                                                               nullptr,
                                                               nullptr,
                                                               raw(wrapped),
                                                               wrapped.size(),
                                                               raw(magic),
                                                               magic.size(),
                                                               raw(nonce),
                                                               raw(wrapping_key.bytes())) == 0 &&
                    crypto_secretstream_xchacha20poly1305_init_pull(
                        &stream.state, raw(header.last(kStreamHeader)), raw(key)) == 0;
  sodium_memzero(key.data(), key.size());
  return good;
}

Error corrupt() {
  return Error{ErrorKind::kCorrupted,
               "seal.corrupt",
               "the sealed object is cut short, changed, or sealed with another key"};
}

}  // namespace

struct Sealer::State {
  explicit State(const Key& wrapping_key) {
    pending.reserve(kChunk);
    write_header(wrapping_key, stream, header);
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() { wipe_pending(); }

  void wipe_pending() {
    sodium_memzero(pending.data(), pending.size());
    pending.clear();
  }

  void push(ByteView plain, unsigned char tag, Bytes& out) {
    std::byte* const to = grow(out, plain.size() + kOverhead);
    crypto_secretstream_xchacha20poly1305_push(
        &stream.state, raw(to), nullptr, raw(plain), plain.size(), nullptr, 0, tag);
  }

  Stream stream;
  Bytes header;   // until it is handed out
  Bytes pending;  // at most one chunk of plain bytes; never grows past its first allocation
};

Sealer::Sealer(const Key& wrapping_key) : state_(std::make_unique<State>(wrapping_key)) {}

Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

void Sealer::update(ByteView plain, Bytes& out) {
  TUTELA_CHECK(state_ != nullptr);
  State& state = *state_;
  out.insert(out.end(), state.header.begin(), state.header.end());
  state.header.clear();
  // A full chunk is kept until a further byte shows that it is not the last.
  while (!plain.empty()) {
    if (state.pending.size() == kChunk) {
      state.push(state.pending, 0, out);
      state.wipe_pending();
    }
    if (state.pending.empty() && plain.size() > kChunk) {
      state.push(plain.first(kChunk), 0, out);
      plain = plain.subspan(kChunk);
      continue;
    }
    const std::size_t take = std::min(plain.size(), kChunk - state.pending.size());
    state.pending.insert(
        state.pending.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(take));
    plain = plain.subspan(take);
  }
}

void Sealer::finish(Bytes& out) {
  update({}, out);
  state_->push(state_->pending, crypto_secretstream_xchacha20poly1305_TAG_FINAL, out);
  state_.reset();
}

std::uint64_t sealed_size_bytes(std::uint64_t plain_size_bytes) noexcept {
  const std::uint64_t chunks =
      plain_size_bytes == 0 ? 1 : plain_size_bytes / kChunk + (plain_size_bytes % kChunk != 0);
  return kHeader + plain_size_bytes + chunks * kOverhead;
}

Result<Bytes> open_sealed(const Key& wrapping_key, ByteView sealed, std::uint64_t size_bytes_max) {
  TUTELA_CHECK(!wrapping_key.bytes().empty());
  if (sealed.size() < kHeader + kOverhead) {
    return corrupt();
  }
  Stream stream;
  if (!read_header(wrapping_key, sealed.first(kHeader), stream)) {
    return corrupt();
  }
  ByteView rest = sealed.subspan(kHeader);
  const std::size_t chunks = (rest.size() + kChunk + kOverhead - 1) / (kChunk + kOverhead);
  if (rest.size() < chunks * kOverhead) {
    return corrupt();
  }
  const std::size_t plain_size = rest.size() - chunks * kOverhead;
  if (plain_size > size_bytes_max) {
    return Error{ErrorKind::kLimitExceeded,
                 "seal.too_large",
                 "the sealed object is larger than the limit of " + std::to_string(size_bytes_max) +
                     " bytes"};
  }
  Bytes plain(plain_size);
  std::size_t done = 0;
  while (!rest.empty()) {
    const ByteView chunk = rest.first(std::min(rest.size(), kChunk + kOverhead));
    rest = rest.subspan(chunk.size());
    unsigned char tag = 0;
    const int result = crypto_secretstream_xchacha20poly1305_pull(&stream.state,
                                                                  raw(plain.data() + done),
                                                                  nullptr,
                                                                  &tag,
                                                                  raw(chunk),
                                                                  chunk.size(),
                                                                  nullptr,
                                                                  0);
    const unsigned char expected =
        rest.empty() ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0;
    if (result != 0 || tag != expected) {
      sodium_memzero(plain.data(), plain.size());
      return corrupt();
    }
    done += chunk.size() - kOverhead;
  }
  return plain;
}

}  // namespace tutela::crypto
