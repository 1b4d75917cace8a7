#include "crypto/digest.hpp"

#include <algorithm>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.hpp"

namespace tutela::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

class Hash {
 public:
  explicit Hash(const EVP_MD* kind) : context_(EVP_MD_CTX_new()) {
    TUTELA_CHECK(context_ != nullptr && EVP_DigestInit_ex(context_.get(), kind, nullptr) == 1);
  }

  /// Begins anew with the same kind of digest.
  void restart() {
    TUTELA_CHECK(EVP_DigestInit_ex(context_.get(), nullptr, nullptr) == 1);
  }

  void update(ByteView bytes) {
    TUTELA_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }

  void finish(std::span<std::byte> out) {
    TUTELA_CHECK(static_cast<std::size_t>(EVP_MD_CTX_size(context_.get())) == out.size());
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes to OpenSSL's bytes.
    auto* const to = reinterpret_cast<unsigned char*>(out.data());
    TUTELA_CHECK(EVP_DigestFinal_ex(context_.get(), to, nullptr) == 1);
  }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

// Small enough that the second and third digest find the bytes in the first-level cache.
constexpr std::size_t kBlock = std::size_t{16} * 1024;

}  // namespace

struct Digester::State {
  explicit State(Kinds chosen) : kinds(chosen) {}

  const Kinds kinds;
  Hash md5{EVP_md5()};
  Hash sha1{EVP_sha1()};
  Hash sha256{EVP_sha256()};
};

Digester::Digester(Kinds kinds) : state_(std::make_unique<State>(kinds)) {}

Digester::Digester(Digester&&) noexcept = default;
Digester& Digester::operator=(Digester&&) noexcept = default;
Digester::~Digester() = default;

void Digester::update(ByteView bytes) {
  TUTELA_CHECK(state_ != nullptr);
  while (!bytes.empty()) {
    const ByteView block = bytes.first(std::min(bytes.size(), kBlock));
    if (state_->kinds == Kinds::kAll) {
      state_->md5.update(block);
      state_->sha1.update(block);
    }
    state_->sha256.update(block);
    bytes = bytes.subspan(block.size());
  }
}

Digests Digester::finish() {
  TUTELA_CHECK(state_ != nullptr);
  Digests digests;
  if (state_->kinds == Kinds::kAll) {
    state_->md5.finish(digests.md5);
    state_->sha1.finish(digests.sha1);
  }
  state_->sha256.finish(digests.sha256);
  state_.reset();
  return digests;
}

struct Sha256Stream::State {
  Hash sha256{EVP_sha256()};
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}

Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::update(ByteView bytes) {
  TUTELA_CHECK(state_ != nullptr);
  state_->sha256.update(bytes);
}

Sha256 Sha256Stream::finish() {
  TUTELA_CHECK(state_ != nullptr);
  Sha256 digest{};
  state_->sha256.finish(digest);
  state_.reset();
  return digest;
}

Digests digests_of(ByteView bytes) {
  Digester digester;
  digester.update(bytes);
  return digester.finish();
}

Sha256 sha256_of(ByteView bytes) {
  // One context a thread: making one takes several times as long as the digest of a short text.
  thread_local Hash hash(EVP_sha256());
  Sha256 digest{};
  hash.restart();
  hash.update(bytes);
  hash.finish(digest);
  return digest;
}

Sha256 hmac_sha256(ByteView key, ByteView message) {
  Sha256 digest{};
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): bytes to OpenSSL's bytes.
  const unsigned char* const done = HMAC(EVP_sha256(),
                                         key.data(),
                                         static_cast<int>(key.size()),
                                         reinterpret_cast<const unsigned char*>(message.data()),
                                         message.size(),
                                         reinterpret_cast<unsigned char*>(digest.data()),
                                         nullptr);
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  TUTELA_CHECK(done != nullptr);
  return digest;
}

}  // namespace tutela::crypto
