#include "crypto/age.hpp"

#include <algorithm>
#include <cstdint>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>

#include "base/check.hpp"
#include "crypto/bech32.hpp"
#include "crypto/secret.hpp"

namespace tutela::crypto {
namespace {

constexpr std::string_view kPrefix = "age";
constexpr std::string_view kVersion = "age-encryption.org/v1\n";
constexpr std::string_view kX25519 = "age-encryption.org/v1/X25519";
constexpr std::size_t kFileKey = 16;
constexpr std::size_t kNonce = 16;
constexpr std::size_t kChunk = std::size_t{64} * 1024;
constexpr std::size_t kTag = 16;
constexpr std::size_t kRecipientsMax = 20;

// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): bytes to the libraries' bytes and back.
unsigned char* raw(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

const unsigned char* raw(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)

// Secret bytes, wiped at the end.
template <std::size_t kSize>
struct Secret {
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  ~Secret() { sodium_memzero(bytes.data(), kSize); }

  std::array<std::byte, kSize> bytes{};
};

using Key32 = Secret<32>;

struct FreeKdf {
  void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
};

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

OSSL_PARAM octets(const char* name, ByteView bytes) {
  // OpenSSL's parameters are not const, but it does not write to those that it is given to read.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  auto* const data = const_cast<unsigned char*>(raw(bytes));
  return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
}

// HKDF-SHA-256 (RFC 5869).
void hkdf(ByteView secret, ByteView salt, std::string_view info, Key32& out) {
  EVP_KDF* const kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(EVP_KDF_CTX_new(kdf));
  EVP_KDF_free(kdf);
  TUTELA_CHECK(context != nullptr);
  std::string digest = "SHA256";
  const std::array<OSSL_PARAM, 5> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      octets(OSSL_KDF_PARAM_KEY, secret),
      octets(OSSL_KDF_PARAM_SALT, salt),
      octets(OSSL_KDF_PARAM_INFO, as_bytes(info)),
      OSSL_PARAM_construct_end()};
  TUTELA_CHECK(EVP_KDF_derive(
                   context.get(), raw(out.bytes.data()), out.bytes.size(), parameters.data()) == 1);
}

std::string base64(ByteView bytes) {
  constexpr int kKind = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kKind), '\0');
  sodium_bin2base64(text.data(), text.size(), raw(bytes), bytes.size(), kKind);
  text.pop_back();  // its NUL
  return text;
}

void base_point_times(const Key32& secret, std::array<std::byte, 32>& out) {
  TUTELA_CHECK(crypto_scalarmult_base(raw(out.data()), raw(secret.bytes)) == 0);
}

// False where the product is zero, which it is for every secret when the point is of low order.
bool times(const Key32& secret, const std::array<std::byte, 32>& point, Key32& out) {
  return crypto_scalarmult(raw(out.bytes.data()), raw(secret.bytes), raw(point)) == 0;
}

// "-> X25519 share" and the file key, wrapped for this recipient.
std::string stanza(const AgeRecipient& recipient,
                   const Secret<kFileKey>& file_key,
                   const Key32& ephemeral) {
  std::array<std::byte, 32> share{};
  base_point_times(ephemeral, share);
  Key32 shared;
  TUTELA_CHECK(times(ephemeral, recipient.point(), shared));
  std::array<std::byte, 64> salt{};
  std::copy_n(share.begin(), 32, salt.begin());
  std::copy_n(recipient.point().begin(), 32, salt.begin() + 32);
  Key32 wrapping;
  hkdf(shared.bytes, salt, kX25519, wrapping);
  std::array<std::byte, kFileKey + kTag> body{};
  const std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_NPUBBYTES> zero{};
  crypto_aead_chacha20poly1305_ietf_encrypt(raw(body.data()),
                                            nullptr,
                                            raw(file_key.bytes),
                                            kFileKey,
                                            nullptr,
                                            0,
                                            nullptr,
                                            zero.data(),
                                            raw(wrapping.bytes));
  return "-> X25519 " + base64(share) + "\n" + base64(body) + "\n";
}

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

Result<AgeRecipient> AgeRecipient::parse(std::string_view text) {
  TUTELA_CHECK(sodium_init() >= 0);
  const Result<Bytes> bytes = parse_bech32(text, kPrefix);
  if (!bytes || bytes->size() != 32) {
    return Error{ErrorKind::kInvalidInput,
                 "age.bad_recipient",
                 "this is no age recipient (age1 and 58 lower-case letters and digits): " +
                     (bytes ? std::string("it is of another kind or length; ask for a key made by "
                                          "age-keygen without options")
                            : bytes.error().message)};
  }
  AgeRecipient recipient({});
  std::copy_n(bytes->begin(), 32, recipient.point_.begin());
  Key32 any;
  any.bytes[0] = std::byte{8};
  if (Key32 product; !times(any, recipient.point_, product)) {
    return Error{ErrorKind::kInvalidInput,
                 "age.weak_recipient",
                 "this age recipient protects nothing: ask for a key made by age-keygen"};
  }
  return recipient;
}

std::string AgeRecipient::text() const {
  return to_bech32(kPrefix, point_);
}

struct AgeEncryptor::State {
  State() { pending.reserve(kChunk); }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() { wipe_pending(); }

  void wipe_pending() {
    sodium_memzero(pending.data(), pending.size());
    pending.clear();
  }

  void start_payload(const Secret<kFileKey>& file_key, ByteView file_nonce) {
    Key32 key;
    hkdf(file_key.bytes, file_nonce, "payload", key);
    cipher.reset(EVP_CIPHER_CTX_new());
    TUTELA_CHECK(cipher != nullptr &&
                 EVP_EncryptInit_ex2(
                     cipher.get(), EVP_chacha20_poly1305(), raw(key.bytes), nullptr, nullptr) == 1);
  }

  // The nonce of a chunk: 11 bytes of counter, most significant first, and whether it is the last.
  void push(ByteView plain, bool last, Bytes& out) {
    std::array<unsigned char, 12> nonce{};
    for (std::size_t i = 0; i < 8; ++i) {
      nonce[10 - i] = static_cast<unsigned char>(counter >> (8 * i));
    }
    nonce[11] = last ? 1 : 0;
    ++counter;
    const std::size_t at = out.size();
    out.resize(at + plain.size() + kTag);
    int size = 0;
    int rest = 0;
    unsigned char* const to = raw(out.data() + at);
    TUTELA_CHECK(EVP_EncryptInit_ex2(cipher.get(), nullptr, nullptr, nonce.data(), nullptr) == 1 &&
                 (plain.empty() ||
                  EVP_EncryptUpdate(
                      cipher.get(), to, &size, raw(plain), static_cast<int>(plain.size())) == 1) &&
                 EVP_EncryptFinal_ex(cipher.get(), to + size, &rest) == 1 &&
                 static_cast<std::size_t>(size) == plain.size() && rest == 0 &&
                 EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTag, to + size) == 1);
  }

  std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> cipher;
  Bytes header;   // until it is handed out
  Bytes pending;  // at most one chunk of plain bytes; never grows past its first allocation
  std::uint64_t counter = 0;
};

AgeEncryptor::AgeEncryptor(std::span<const AgeRecipient> recipients, const FillRandom& random)
    : state_(std::make_unique<State>()) {
  TUTELA_CHECK(!recipients.empty() && recipients.size() <= kRecipientsMax);
  const auto fill = [&](std::span<std::byte> out) {
    random ? random(out) : random_bytes(out);
  };
  Secret<kFileKey> file_key;
  fill(file_key.bytes);
  std::string header(kVersion);
  for (const AgeRecipient& recipient : recipients) {
    Key32 ephemeral;
    fill(ephemeral.bytes);
    header += stanza(recipient, file_key, ephemeral);
  }
  header += "---";
  Key32 mac_key;
  hkdf(file_key.bytes, as_bytes(""), "header", mac_key);  // OpenSSL takes no null for empty
  std::array<std::byte, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256(raw(mac.data()), raw(as_bytes(header)), header.size(), raw(mac_key.bytes));
  header += " " + base64(mac) + "\n";
  std::array<std::byte, kNonce> nonce{};
  fill(nonce);
  state_->start_payload(file_key, nonce);
  append(state_->header, as_bytes(header));
  append(state_->header, nonce);
}

AgeEncryptor::AgeEncryptor(AgeEncryptor&&) noexcept = default;
AgeEncryptor& AgeEncryptor::operator=(AgeEncryptor&&) noexcept = default;
AgeEncryptor::~AgeEncryptor() = default;

void AgeEncryptor::update(ByteView plain, Bytes& out) {
  TUTELA_CHECK(state_ != nullptr);
  State& state = *state_;
  append(out, state.header);
  state.header.clear();
  // A full chunk is kept until a further byte shows that it is not the last.
  while (!plain.empty()) {
    if (state.pending.size() == kChunk) {
      state.push(state.pending, false, out);
      state.wipe_pending();
    }
    if (state.pending.empty() && plain.size() > kChunk) {
      state.push(plain.first(kChunk), false, out);
      plain = plain.subspan(kChunk);
      continue;
    }
    const std::size_t take = std::min(plain.size(), kChunk - state.pending.size());
    append(state.pending, plain.first(take));
    plain = plain.subspan(take);
  }
}

void AgeEncryptor::finish(Bytes& out) {
  update({}, out);
  state_->push(state_->pending, true, out);
  state_.reset();
}

}  // namespace tutela::crypto
