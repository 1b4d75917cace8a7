#include "crypto/stream.hpp"

#include <sodium.h>

#include "base/check.hpp"
#include "crypto/sodium_bytes.hpp"

namespace tutela::crypto {
namespace {

static_assert(kStreamHeaderSize == crypto_secretstream_xchacha20poly1305_HEADERBYTES);
static_assert(kMessageOverhead == crypto_secretstream_xchacha20poly1305_ABYTES);
static_assert(static_cast<int>(Mark::kOther) == crypto_secretstream_xchacha20poly1305_TAG_PUSH);
static_assert(static_cast<int>(Mark::kFinal) == crypto_secretstream_xchacha20poly1305_TAG_FINAL);

// A stream's key and counter, wiped at the end.
struct Stream {
  explicit Stream(ByteView bound) : context(bound.begin(), bound.end()) {}

  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  ~Stream() { sodium_memzero(&state, sizeof state); }

  crypto_secretstream_xchacha20poly1305_state state{};
  const Bytes context;
};

}  // namespace

struct StreamSealer::State : Stream {
  using Stream::Stream;
  std::array<std::byte, kStreamHeaderSize> header{};
};

StreamSealer::StreamSealer(const Key& key, ByteView context)
    : state_(std::make_unique<State>(context)) {
  TUTELA_CHECK(!key.bytes().empty());
  crypto_secretstream_xchacha20poly1305_init_push(
      &state_->state, raw(state_->header.data()), raw(key.bytes()));
}

StreamSealer::StreamSealer(StreamSealer&&) noexcept = default;
StreamSealer& StreamSealer::operator=(StreamSealer&&) noexcept = default;
StreamSealer::~StreamSealer() = default;

const std::array<std::byte, kStreamHeaderSize>& StreamSealer::header() const noexcept {
  return state_->header;
}

void StreamSealer::push(ByteView plain, Mark mark, Bytes& out) {
  const std::size_t before = out.size();
  out.resize(before + plain.size() + kMessageOverhead);
  push(plain, mark, std::span(out).subspan(before));
}

void StreamSealer::push(ByteView plain, Mark mark, std::span<std::byte> out) {
  TUTELA_CHECK(out.size() == plain.size() + kMessageOverhead);
  crypto_secretstream_xchacha20poly1305_push(&state_->state,
                                             raw(out.data()),
                                             nullptr,
                                             raw(plain),
                                             plain.size(),
                                             raw(state_->context),
                                             state_->context.size(),
                                             static_cast<unsigned char>(mark));
}

struct StreamOpener::State : Stream {
  using Stream::Stream;
};

StreamOpener::StreamOpener(const Key& key, ByteView header, ByteView context)
    : state_(std::make_unique<State>(context)) {
  TUTELA_CHECK(!key.bytes().empty() && header.size() == kStreamHeaderSize);
  // Only fails where the header's size is wrong.
  TUTELA_CHECK(crypto_secretstream_xchacha20poly1305_init_pull(
                   &state_->state, raw(header), raw(key.bytes())) == 0);
}

StreamOpener::StreamOpener(StreamOpener&&) noexcept = default;
StreamOpener& StreamOpener::operator=(StreamOpener&&) noexcept = default;
StreamOpener::~StreamOpener() = default;

Result<Mark> StreamOpener::pull(ByteView sealed, std::span<std::byte> plain) {
  unsigned char tag = 0;
  if (sealed.size() != plain.size() + kMessageOverhead ||
      crypto_secretstream_xchacha20poly1305_pull(&state_->state,
                                                 raw(plain.data()),
                                                 nullptr,
                                                 &tag,
                                                 raw(sealed),
                                                 sealed.size(),
                                                 raw(state_->context),
                                                 state_->context.size()) != 0 ||
      tag == crypto_secretstream_xchacha20poly1305_TAG_REKEY) {
    return Error{ErrorKind::kCorrupted,
                 "seal.corrupt",
                 "the sealed object is cut short, changed, or sealed with another key"};
  }
  return static_cast<Mark>(tag & 3U);
}

void wipe(std::span<std::byte> bytes) noexcept {
  sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace tutela::crypto
