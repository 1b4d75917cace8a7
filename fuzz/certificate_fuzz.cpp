// Any text is read as the text of a certificate and as a signed note: what is taken writes back the
// same, and nothing is taken that our key did not sign.
#include <cstdint>
#include <span>
#include <string>

#include "base/check.hpp"
#include "casework/preservation/certificate.hpp"

namespace {

using namespace tutela;
using namespace tutela::preservation;

const crypto::SigningKey& key() {
  static const crypto::SigningKey made(*crypto::Key::from_bytes(Bytes(32, std::byte{7})));
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kName = "fuzz";
  const audit::VerifierKey verifier{std::string(kName), key().public_key()};
  const std::string_view text = as_text(std::as_bytes(std::span(data, size)));
  if (const auto certificate = parse_certificate_text(text)) {
    TUTELA_CHECK(*certificate_text(*certificate) == text);
    const auto note = sign_certificate(*certificate, kName, key());
    TUTELA_CHECK(note.has_value());
    TUTELA_CHECK(*verify_certificate(*note, verifier) == *certificate);
  }
  static_cast<void>(verify_certificate(text, verifier));
  // The text with the input for its signatures.
  static_cast<void>(verify_certificate("a: b\n\n" + std::string(text), verifier));
  return 0;
}
