// Sealing against bare secretstream pushes of the same chunks, and the three digests against one.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include <sodium.h>

#include "crypto/digest.hpp"
#include "crypto/seal.hpp"

namespace {

using tutela::Bytes;
using tutela::ByteView;

constexpr std::size_t kSize = std::size_t{64} << 20;
constexpr std::size_t kChunk = std::size_t{64} << 10;

template <class Function>
double best_mb_per_second(const Function& function) {
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    function();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(kSize) / 1e6 / took.count());
  }
  return best;
}

const unsigned char* raw(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

int main() {
  const Bytes plain(kSize, std::byte{5});
  const tutela::crypto::Key key = tutela::crypto::Key::random();
  const double sealed = best_mb_per_second([&] {
    tutela::crypto::Sealer sealer(key);
    Bytes out;
    for (std::size_t at = 0; at < kSize; at += kChunk) {
      out.clear();
      sealer.update(ByteView(plain).subspan(at, kChunk), out);
    }
    sealer.finish(out);
  });
  const double bare = best_mb_per_second([&] {
    crypto_secretstream_xchacha20poly1305_state state;
    unsigned char header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    std::vector<unsigned char> out(kChunk + crypto_secretstream_xchacha20poly1305_ABYTES);
    crypto_secretstream_xchacha20poly1305_init_push(&state, header, raw(key.bytes()));
    for (std::size_t at = 0; at < kSize; at += kChunk) {
      crypto_secretstream_xchacha20poly1305_push(
          &state, out.data(), nullptr, raw(ByteView(plain).subspan(at)), kChunk, nullptr, 0, 0);
    }
  });
  std::printf(
      "seal: %.0f MB/s, bare secretstream %.0f MB/s, ratio %.2f\n", sealed, bare, sealed / bare);
  const double all =
      best_mb_per_second([&] { static_cast<void>(tutela::crypto::digests_of(plain)); });
  const double one =
      best_mb_per_second([&] { static_cast<void>(tutela::crypto::sha256_of(plain)); });
  std::printf(
      "digests: three %.0f MB/s, SHA-256 alone %.0f MB/s, ratio %.2f\n", all, one, all / one);
  return 0;
}
