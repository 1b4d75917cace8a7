// Hashing: digests of a stream, computed beside the sealing of the same bytes. Internal to the
// vault.
//
// Large pieces are hashed on a thread of this object's own, which starts with the first of them:
// digests in front of the cipher would halve the throughput. Used by one caller.
#pragma once

#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "crypto/digest.hpp"

namespace tutela::vault {

class Hashing {
 public:
  explicit Hashing(crypto::Digester::Kinds kinds);
  Hashing(Hashing&&) noexcept;
  Hashing& operator=(Hashing&&) noexcept;
  ~Hashing();

  /// Takes the pieces in order. They must stay until wait() returns; small ones are done at once.
  void start(std::span<const ByteView> pieces);
  void wait();
  /// After wait(). May be called once.
  [[nodiscard]] crypto::Digests finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tutela::vault
