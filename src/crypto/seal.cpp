#include "crypto/seal.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/check.hpp"
#include "crypto/stream.hpp"
#include "crypto/wrap.hpp"

namespace tutela::crypto {
namespace {

// magic | nonce | data key, wrapped with XChaCha20-Poly1305 | secretstream header | chunks
//
// Every chunk holds 64 KiB of plain bytes but the last, which holds 0 to 64 KiB and carries the
// final tag. Where a chunk ends therefore follows from the size of the whole.
constexpr std::string_view kMagic = "TUTSEAL1";
constexpr std::size_t kWrapped = std::tuple_size_v<WrappedKey>;
constexpr std::size_t kHeader = kMagic.size() + kWrapped + kStreamHeaderSize;
constexpr std::size_t kChunk = std::size_t{64} * 1024;
constexpr std::size_t kOverhead = kMessageOverhead;

Error corrupt() {
  return Error{ErrorKind::kCorrupted,
               "seal.corrupt",
               "the sealed object is cut short, changed, or sealed with another key"};
}

Bytes make_header(const Key& wrapping_key, const Key& key, const StreamSealer& stream) {
  Bytes header(as_bytes(kMagic).begin(), as_bytes(kMagic).end());
  const WrappedKey wrapped = wrap_key(wrapping_key, key, as_bytes(kMagic));
  header.insert(header.end(), wrapped.begin(), wrapped.end());
  header.insert(header.end(), stream.header().begin(), stream.header().end());
  return header;
}

Result<StreamOpener> read_header(const Key& wrapping_key, ByteView header) {
  const ByteView magic = header.first(kMagic.size());
  const Result<Key> key =
      unwrap_key(wrapping_key, header.subspan(kMagic.size(), kWrapped), as_bytes(kMagic));
  if (as_text(magic) != kMagic || !key) {
    return corrupt();
  }
  return StreamOpener(*key, header.last(kStreamHeaderSize), {});
}

}  // namespace

struct Sealer::State {
  State(const Key& wrapping_key, const Key& key)
      : stream(key, {}), header(make_header(wrapping_key, key, stream)) {
    pending.reserve(kChunk);
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() { wipe_pending(); }

  void wipe_pending() {
    wipe(pending);
    pending.clear();
  }

  StreamSealer stream;
  Bytes header;   // until it is handed out
  Bytes pending;  // at most one chunk of plain bytes; never grows past its first allocation
};

Sealer::Sealer(const Key& wrapping_key)
    : state_(std::make_unique<State>(wrapping_key, Key::random())) {}

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
      state.stream.push(state.pending, Mark::kPlain, out);
      state.wipe_pending();
    }
    if (state.pending.empty() && plain.size() > kChunk) {
      state.stream.push(plain.first(kChunk), Mark::kPlain, out);
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
  state_->stream.push(state_->pending, Mark::kFinal, out);
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
  TUTELA_TRY_ASSIGN(StreamOpener stream, read_header(wrapping_key, sealed.first(kHeader)));
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
    const std::size_t size = chunk.size() - kOverhead;
    const Result<Mark> mark = stream.pull(chunk, std::span(plain).subspan(done, size));
    if (!mark || *mark != (rest.empty() ? Mark::kFinal : Mark::kPlain)) {
      wipe(plain);
      return corrupt();
    }
    done += size;
  }
  return plain;
}

}  // namespace tutela::crypto
