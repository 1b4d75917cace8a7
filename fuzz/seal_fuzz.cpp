// Sealed objects as an attacker with the disk would leave them: hostile bytes never open, and an
// edited honest object opens only if the edit changed nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "crypto/seal.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tutela::crypto::Key key = tutela::crypto::Key::random();
  static const tutela::Bytes honest = [] {
    tutela::Bytes out;
    tutela::crypto::Sealer sealer(key);
    sealer.update(tutela::Bytes(70'000, std::byte{3}), out);
    sealer.finish(out);
    return out;
  }();
  const tutela::ByteView input = std::as_bytes(std::span(data, size));
  TUTELA_CHECK(!tutela::crypto::open_sealed(key, input, 1U << 20));
  if (size < 4) {
    return 0;
  }
  // The first three bytes say where, the fourth how much is cut, the rest overwrites.
  const std::size_t at = (data[0] * 65'536U + data[1] * 256U + data[2]) % honest.size();
  tutela::Bytes edited(honest.begin(), honest.end() - static_cast<std::ptrdiff_t>(data[3]));
  if (at < edited.size()) {
    const std::size_t count = std::min(size - 4, edited.size() - at);
    std::copy_n(input.begin() + 4, count, edited.begin() + static_cast<std::ptrdiff_t>(at));
  }
  const bool opened = tutela::crypto::open_sealed(key, edited, 1U << 20).has_value();
  TUTELA_CHECK(opened == (edited == honest));
  return 0;
}
