// Whatever a provider sends is refused or understood, and nothing unsigned is ever believed.
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "service/auth/oidc_token.hpp"

namespace {

// A public EC key whose private part nobody has: RFC 7517, appendix A.1.
constexpr std::string_view kKeys =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
    R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"1"}]})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tutela::auth::oidc;
  static const auto keys = parse_keys(kKeys);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_discovery(text, "https://id.example.org"));
  static_cast<void>(parse_token_answer(text));
  const Expected expected{.issuer = "https://id.example.org",
                          .client_id = "tutela",
                          .nonce = "n",
                          .name_claim = "email",
                          .now_ms = 1'800'000'000'000};
  if (const auto own = parse_keys(text)) {
    static_cast<void>(verify_id_token("eyJhbGciOiJFUzI1NiJ9.e30.AAAA", *own, expected));
  }
  if (!keys || verify_id_token(text, *keys, expected)) {
    std::abort();
  }
  return 0;
}
