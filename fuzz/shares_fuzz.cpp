// Shares as people type them: lines of anything never give a key, and edited honest ones give the
// right key or none.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "custody/vault/shares.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tutela::crypto::Key key = tutela::crypto::Key::random();
  static const std::vector<std::string> honest = *tutela::vault::split_key(key, 3, 2);
  const std::string text(tutela::as_text(std::as_bytes(std::span(data, size))));
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back().push_back(c);
    }
  }
  TUTELA_CHECK(!tutela::vault::join_key(lines));
  if (size < 2) {
    return 0;
  }
  std::vector<std::string> edited = {honest[0], honest[1]};
  edited[1].replace(data[0] % edited[1].size(), data[1] % 8, text.substr(2));
  const auto joined = tutela::vault::join_key(edited);
  TUTELA_CHECK(!joined || tutela::crypto::equal_constant_time(joined->bytes(), key.bytes()));
  return 0;
}
