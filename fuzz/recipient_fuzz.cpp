// Keys that somebody pastes for an agency: what is taken encrypts, and an age recipient is taken in
// exactly one spelling.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "casework/disclosure/recipient.hpp"
#include "crypto/bech32.hpp"

using namespace tutela;

namespace {

constexpr UtcMs kNow = 1'798'761'600'000;  // 2027-01-01

void check_encrypts(const disclosure::Recipient& recipient) {
  std::size_t size = 0;
  const Status status = recipient.encrypt(
      [](Bytes& out) -> Result<bool> {
        out.resize(100);
        return false;
      },
      [&](ByteView bytes) {
        size += bytes.size();
        return ok();
      },
      kNow);
  TUTELA_CHECK(status.has_value() && size > 100);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input = std::as_bytes(std::span(data, size));
  const std::string_view text = as_text(input);
  if (const auto age = crypto::AgeRecipient::parse(text)) {
    TUTELA_CHECK(age->text() == text);
  }
  for (const auto kind : {disclosure::RecipientKind::kAge, disclosure::RecipientKind::kOpenPgp}) {
    if (const auto recipient = disclosure::Recipient::parse(kind, text, kNow)) {
      TUTELA_CHECK(!recipient->fingerprint().empty());
      check_encrypts(*recipient);
    }
  }
  // A point of any value, in its one spelling.
  if (size >= 32) {
    const std::string point = crypto::to_bech32("age", input.first(32));
    if (const auto age = crypto::AgeRecipient::parse(point)) {
      TUTELA_CHECK(age->text() == point);
    }
  }
  return 0;
}
