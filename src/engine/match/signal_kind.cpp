#include <algorithm>
#include <array>

#include "engine/match/match.hpp"

namespace tutela::match {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"pdq", "md5", "sha1", "sha256"};

}  // namespace

std::string_view to_string(SignalKind kind) noexcept {
  return kKinds[static_cast<std::size_t>(kind)];
}

Result<SignalKind> parse_signal_kind(std::string_view text) {
  const auto found = std::ranges::find(kKinds, text);
  if (found == kKinds.end()) {
    return Error{
        ErrorKind::kInvalidInput, "match.bad_kind", "a kind of signal is pdq, md5, sha1 or sha256"};
  }
  return static_cast<SignalKind>(found - kKinds.begin());
}

}  // namespace tutela::match
