// Encryption to an age recipient against bare ChaCha20-Poly1305 of the same chunks, by OpenSSL and
// by libsodium.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include <openssl/evp.h>
#include <sodium.h>

#include "crypto/age.hpp"
#include "crypto/secret.hpp"

namespace {

using tutela::Bytes;
using tutela::ByteView;

constexpr std::size_t kSize = std::size_t{256} << 20;
constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::size_t kTag = 16;

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

void openssl_chunks(const Bytes& plain, ByteView key, std::vector<unsigned char>& out) {
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex2(context, EVP_chacha20_poly1305(), raw(key), nullptr, nullptr);
  for (std::size_t at = 0; at < kSize; at += kChunk) {
    const unsigned char nonce[12] = {static_cast<unsigned char>(at / kChunk)};
    int size = 0;
    EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce, nullptr);
    EVP_EncryptUpdate(context, out.data(), &size, raw(ByteView(plain).subspan(at)), kChunk);
    EVP_EncryptFinal_ex(context, out.data() + size, &size);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTag, out.data() + kChunk);
  }
  EVP_CIPHER_CTX_free(context);
}

void sodium_chunks(const Bytes& plain, ByteView key, std::vector<unsigned char>& out) {
  for (std::size_t at = 0; at < kSize; at += kChunk) {
    const unsigned char nonce[12] = {static_cast<unsigned char>(at / kChunk)};
    crypto_aead_chacha20poly1305_ietf_encrypt(out.data(),
                                              nullptr,
                                              raw(ByteView(plain).subspan(at)),
                                              kChunk,
                                              nullptr,
                                              0,
                                              nullptr,
                                              nonce,
                                              raw(key));
  }
}

}  // namespace

int main() {
  const Bytes plain(kSize, std::byte{5});
  const tutela::crypto::Key key = tutela::crypto::Key::random();
  const tutela::Result<tutela::crypto::AgeRecipient> recipient =
      tutela::crypto::AgeRecipient::parse(
          "age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef");
  if (!recipient) {
    return 1;
  }
  std::vector<unsigned char> out(kChunk + kTag);
  const double age = best_mb_per_second([&] {
    tutela::crypto::AgeEncryptor encryptor(std::span(&*recipient, 1));
    Bytes encrypted;
    for (std::size_t at = 0; at < kSize; at += kChunk) {
      encrypted.clear();
      encryptor.update(ByteView(plain).subspan(at, kChunk), encrypted);
    }
    encryptor.finish(encrypted);
  });
  const double openssl = best_mb_per_second([&] { openssl_chunks(plain, key.bytes(), out); });
  const double sodium = best_mb_per_second([&] { sodium_chunks(plain, key.bytes(), out); });
  std::printf("age: %.0f MB/s, bare OpenSSL %.0f MB/s, ratio %.2f; bare libsodium %.0f MB/s\n",
              age,
              openssl,
              age / openssl,
              sodium);
  return 0;
}
