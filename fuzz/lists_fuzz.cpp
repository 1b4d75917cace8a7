// Any text is read as signals and bad lines: values are lowercase hex of their kind's length, line
// numbers grow, and what was read once reads back the same.
#include <cstdint>
#include <span>
#include <string>

#include "base/check.hpp"
#include "exchange/lists/lists.hpp"

namespace {

using namespace tutela;

std::size_t digits_of(match::SignalKind kind) {
  return kind == match::SignalKind::kMd5 ? 32 : kind == match::SignalKind::kSha1 ? 40 : 64;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  std::optional<match::SignalKind> kind;
  if (data[0] % 5 < 4) {
    kind = static_cast<match::SignalKind>(data[0] % 5);
  }
  const std::string_view text = as_text(std::as_bytes(std::span(data, size).subspan(1)));
  std::string written;
  std::int64_t signals = 0;
  std::int64_t last_line = 0;
  lists::parse_signals(
      text,
      kind,
      [&](match::SignalKind signal_kind, const std::string& hex) {
        TUTELA_CHECK(hex.size() == digits_of(signal_kind));
        TUTELA_CHECK(hex.find_first_not_of("0123456789abcdef") == std::string::npos);
        written += std::string(match::to_string(signal_kind)) + "," + hex + "\r\n";
        ++signals;
      },
      [&](const lists::BadLine& bad) {
        TUTELA_CHECK(bad.line > last_line && !bad.why.empty());
        last_line = bad.line;
      });
  lists::parse_signals(
      written,
      {},
      [&](match::SignalKind, const std::string&) { --signals; },
      [](const lists::BadLine&) { TUTELA_CHECK(false); });
  TUTELA_CHECK(signals == 0);
  return 0;
}
