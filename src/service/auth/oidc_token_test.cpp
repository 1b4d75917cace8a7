#include "service/auth/oidc_token.hpp"

#include <functional>
#include <memory>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cjose/cjose.h>
#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "service/auth/opaque.hpp"

namespace tutela::auth::oidc {
namespace {

namespace json = boost::json;

constexpr UtcMs kNow = 1'800'000'000'000;
constexpr const char* kIssuer = "https://id.example.org";

/// A provider's key, made for the test.
class Signer {
 public:
  explicit Signer(bool elliptic, std::size_t bits = 2048) {
    cjose_err error{};
    const unsigned char exponent[] = {1, 0, 1};
    key_ = elliptic ? cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error)
                    : cjose_jwk_create_RSA_random(bits, exponent, sizeof(exponent), &error);
    EXPECT_NE(key_, nullptr);
    EXPECT_TRUE(cjose_jwk_set_kid(key_, "k1", 2, &error));
  }

  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  ~Signer() { cjose_jwk_release(key_); }

  [[nodiscard]] std::string jwks() const {
    cjose_err error{};
    char* text = cjose_jwk_to_json(key_, false, &error);
    const std::string all = "{\"keys\":[" + std::string(text) + "]}";
    cjose_get_dealloc()(text);
    return all;
  }

  [[nodiscard]] std::string sign(const std::string& claims, const char* algorithm) const {
    cjose_err error{};
    cjose_header_t* header = cjose_header_new(&error);
    cjose_header_set(header, CJOSE_HDR_ALG, algorithm, &error);
    cjose_header_set(header, CJOSE_HDR_KID, "k1", &error);
    const std::vector<std::uint8_t> bytes(claims.begin(), claims.end());
    cjose_jws_t* jws = cjose_jws_sign(key_, header, bytes.data(), bytes.size(), &error);
    EXPECT_NE(jws, nullptr) << error.message;
    const char* text = nullptr;
    EXPECT_TRUE(cjose_jws_export(jws, &text, &error));
    std::string token(text);
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
  }

 private:
  cjose_jwk_t* key_ = nullptr;
};

json::object good_claims() {
  return {{"iss", kIssuer},
          {"aud", "tutela"},
          {"sub", "s-1"},
          {"nonce", "n-1"},
          {"exp", kNow / 1000 + 300},
          {"iat", kNow / 1000},
          {"preferred_username", "Anna"}};
}

Expected expected() {
  return {.issuer = kIssuer,
          .client_id = "tutela",
          .nonce = "n-1",
          .name_claim = "preferred_username",
          .now_ms = kNow};
}

std::string verdict(const Signer& signer,
                    const std::string& token,
                    const Expected& with = expected()) {
  const auto keys = parse_keys(signer.jwks());
  EXPECT_TRUE(keys);
  const auto claims = verify_id_token(token, *keys, with);
  return claims ? claims->subject + " " + claims->name : std::string(claims.error().code);
}

TEST(IdToken, IsTakenFromRsaAndEllipticKeys) {
  const std::string claims = json::serialize(good_claims());
  const Signer rsa(false);
  EXPECT_EQ(verdict(rsa, rsa.sign(claims, "RS256")), "s-1 anna");
  EXPECT_EQ(verdict(rsa, rsa.sign(claims, "PS256")), "s-1 anna");
  const Signer elliptic(true);
  EXPECT_EQ(verdict(elliptic, elliptic.sign(claims, "ES256")), "s-1 anna");
}

TEST(IdToken, IsRefusedForEveryWrongClaim) {
  const Signer signer(true);
  const auto with = [&](const std::function<void(json::object&)>& change) {
    json::object claims = good_claims();
    change(claims);
    return verdict(signer, signer.sign(json::serialize(claims), "ES256"));
  };
  EXPECT_EQ(with([](json::object&) {}), "s-1 anna");
  for (const char* name : {"iss", "aud", "sub", "nonce", "exp", "iat"}) {
    EXPECT_EQ(with([&](json::object& claims) { claims.erase(name); }), "oidc.bad_token") << name;
    EXPECT_EQ(with([&](json::object& claims) { claims[name] = nullptr; }), "oidc.bad_token");
    EXPECT_EQ(with([&](json::object& claims) { claims[name] = json::object(); }), "oidc.bad_token");
    EXPECT_EQ(with([&](json::object& claims) { claims[name] = ""; }), "oidc.bad_token") << name;
  }
  const auto set = [&](const char* name, const json::value& value) {
    return with([&](json::object& claims) { claims[name] = value; });
  };
  EXPECT_EQ(set("iss", "https://id.example.org/"), "oidc.bad_token");
  EXPECT_EQ(set("aud", "other"), "oidc.bad_token");
  EXPECT_EQ(set("aud", json::array{"other"}), "oidc.bad_token");
  EXPECT_EQ(set("aud", json::array{"tutela"}), "s-1 anna");
  EXPECT_EQ(set("aud", json::array{"tutela", "other"}), "oidc.bad_token") << "without azp";
  EXPECT_EQ(set("azp", "other"), "oidc.bad_token");
  EXPECT_EQ(set("nonce", "n-2"), "oidc.bad_token");
  EXPECT_EQ(set("exp", kNow / 1000 - 61), "oidc.bad_token");
  EXPECT_EQ(set("exp", kNow / 1000 - 30), "s-1 anna") << "a minute of leeway";
  EXPECT_EQ(set("exp", "9999999999"), "oidc.bad_token");
  EXPECT_EQ(set("iat", kNow / 1000 + 120), "oidc.bad_token");
  EXPECT_EQ(set("iat", kNow / 1000 - 3600), "oidc.bad_token");
  EXPECT_EQ(set("nbf", kNow / 1000 + 120), "oidc.bad_token");
  EXPECT_EQ(set("sub", "a b"), "oidc.bad_token");
  EXPECT_EQ(set("sub", json::string(256, 'a')), "oidc.bad_token");
}

TEST(IdToken, IsRefusedWithoutAGoodSignature) {
  const Signer signer(true);
  const std::string good = signer.sign(json::serialize(good_claims()), "ES256");
  const std::string body = good.substr(good.find('.'), good.rfind('.') - good.find('.'));
  const auto with_header = [&](const std::string& header, const std::string& signature) {
    return verdict(signer, to_base64url(as_bytes(header)) + body + "." + signature);
  };
  const std::string signature = good.substr(good.rfind('.') + 1);
  EXPECT_EQ(with_header(R"({"alg":"none","kid":"k1"})", ""), "oidc.bad_token");
  EXPECT_EQ(with_header(R"({"alg":"None","kid":"k1"})", signature), "oidc.bad_token");
  EXPECT_EQ(with_header(R"({"alg":"HS256","kid":"k1"})", signature), "oidc.bad_token");
  EXPECT_EQ(with_header(R"({"alg":"RS256","kid":"k1"})", signature), "oidc.bad_token");
  EXPECT_EQ(with_header(R"({"alg":"ES256","kid":"k2"})", signature), "oidc.unknown_key");
  EXPECT_EQ(with_header(R"({"alg":"ES256","kid":"k1","crit":["x"]})", signature), "oidc.bad_token");
  EXPECT_EQ(with_header(R"({"alg":"ES256","kid":"k1"})", ""), "oidc.bad_token");
  std::string changed = good;
  changed[good.find('.') + 10] = changed[good.find('.') + 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(verdict(signer, changed), "oidc.bad_token");
  const Signer other(true);
  EXPECT_EQ(verdict(signer, other.sign(json::serialize(good_claims()), "ES256")), "oidc.bad_token");
  for (const std::string& bad : {std::string(),
                                 std::string("."),
                                 std::string(".."),
                                 std::string("a.b.c.d"),
                                 std::string(20'000, 'a'),
                                 good + "=",
                                 good.substr(0, good.size() - 4)}) {
    EXPECT_EQ(verdict(signer, bad), "oidc.bad_token");
  }
}

// Found by the fuzzer: cjose asserts, and the process would be gone.
TEST(IdToken, TextThatIsNoBase64UrlNeverReachesTheLibrary) {
  const Signer signer(true);
  const std::string good = signer.sign(json::serialize(good_claims()), "ES256");
  for (const std::size_t at : {good.find('.') + 5, good.rfind('.') + 5}) {
    for (const char c : {'=', '\xF0', '+', '/', ' ', '\0'}) {
      std::string bad = good;
      bad[at] = c;
      EXPECT_EQ(verdict(signer, bad), "oidc.bad_token");
    }
  }
  EXPECT_EQ(verdict(signer, good + "AAA"), "oidc.bad_token");
  for (const char* x : {"=", "A=AA", "AAAAA", "", "\xF0\x9F"}) {
    const std::string keys =
        std::string(R"({"keys":[{"kty":"EC","crv":"P-256","y":"AAAA","x":")") + x;
    EXPECT_TRUE(!parse_keys(keys + "\"}]}") || parse_keys(keys + "\"}]}")->empty());
  }
}

// The public key as the secret of an HMAC: the oldest trick.
TEST(IdToken, AnHmacWithThePublicKeyIsNoSignature) {
  const Signer rsa(false);
  const std::string jwks = rsa.jwks();
  cjose_err error{};
  const std::vector<std::uint8_t> bytes(jwks.begin(), jwks.end());
  cjose_jwk_t* secret = cjose_jwk_create_oct_spec(bytes.data(), bytes.size(), &error);
  cjose_header_t* header = cjose_header_new(&error);
  cjose_header_set(header, CJOSE_HDR_ALG, "HS256", &error);
  const std::string claims = json::serialize(good_claims());
  const std::vector<std::uint8_t> plain(claims.begin(), claims.end());
  cjose_jws_t* jws = cjose_jws_sign(secret, header, plain.data(), plain.size(), &error);
  const char* text = nullptr;
  ASSERT_TRUE(cjose_jws_export(jws, &text, &error));
  EXPECT_EQ(verdict(rsa, text), "oidc.bad_token");
  cjose_jws_release(jws);
  cjose_header_release(header);
  cjose_jwk_release(secret);
}

TEST(IdToken, AnEmailIsANameOnlyWhenItIsVerified) {
  const Signer signer(true);
  Expected by_email = expected();
  by_email.name_claim = "email";
  json::object claims = good_claims();
  claims["email"] = "Anna@Example.org";
  EXPECT_EQ(verdict(signer, signer.sign(json::serialize(claims), "ES256"), by_email), "s-1 ");
  claims["email_verified"] = true;
  EXPECT_EQ(verdict(signer, signer.sign(json::serialize(claims), "ES256"), by_email),
            "s-1 anna@example.org");
}

TEST(IdToken, AnAddressIsTakenOnlyWhenItIsVerifiedAndOne) {
  const Signer signer(true);
  const auto email = [&](const json::object& claims) {
    const auto found = verify_id_token(
        signer.sign(json::serialize(claims), "ES256"), *parse_keys(signer.jwks()), expected());
    EXPECT_TRUE(found);
    return found ? found->email : "refused";
  };
  json::object claims = good_claims();
  EXPECT_EQ(email(claims), "");
  claims["email"] = "Anna@Example.org";
  EXPECT_EQ(email(claims), "");
  claims["email_verified"] = "true";
  EXPECT_EQ(email(claims), "");
  claims["email_verified"] = true;
  EXPECT_EQ(email(claims), "Anna@Example.org");
  for (const char* const bad : {"a@b, c@d", "Anna <a@b>", "a@b\r\nBcc: c@d", "a", "@"}) {
    claims["email"] = bad;
    EXPECT_EQ(email(claims), "") << bad;
  }
}

TEST(ProviderKeys, ThatAreWeakSecretOrForEncryptionAreLeftOut) {
  const Signer weak(false, 1024);
  EXPECT_TRUE(parse_keys(weak.jwks())->empty());
  EXPECT_TRUE(parse_keys(R"({"keys":[{"kty":"oct","k":"AAAA"},{"kty":"RSA"},7,null]})")->empty());
  const Signer good(true);
  std::string for_encryption = good.jwks();
  for_encryption.insert(for_encryption.find("\"kty\""), "\"use\":\"enc\",");
  EXPECT_TRUE(parse_keys(for_encryption)->empty());
  for (const char* bad : {"", "{}", "[]", "{\"keys\":{}}", "{\"keys\":[", "\xFF"}) {
    EXPECT_EQ(parse_keys(bad).error().code, "oidc.bad_keys");
  }
}

TEST(ProviderDiscovery, IsOfTheIssuerAskedAndHasSafeAddresses) {
  const auto document = [](const std::string& issuer, const std::string& token) {
    return R"({"issuer":")" + issuer + R"(","authorization_endpoint":"https://id.example.org/a",)" +
           R"("token_endpoint":")" + token + R"(","jwks_uri":"https://id.example.org/k"})";
  };
  EXPECT_TRUE(parse_discovery(document(kIssuer, "https://id.example.org/t"), kIssuer));
  EXPECT_TRUE(parse_discovery(document(kIssuer, "http://127.0.0.1:9/t"), kIssuer));
  EXPECT_FALSE(parse_discovery(document("https://evil.example", "https://a/t"), kIssuer));
  for (const char* bad : {"http://id.example.org/t",
                          "http://127.0.0.1.evil.example/t",
                          "http://localhost@evil.example/",
                          "file:///etc/passwd",
                          "https://",
                          "https:///x",
                          "https://a b",
                          "",
                          "gopher://127.0.0.1/"}) {
    EXPECT_FALSE(parse_discovery(document(kIssuer, bad), kIssuer)) << bad;
  }
}

TEST(TokenAnswer, HasAnIdToken) {
  EXPECT_EQ(*parse_token_answer(R"({"id_token":"a.b.c","access_token":"x"})"), "a.b.c");
  for (const char* bad : {"", "{}", R"({"id_token":7})", "[]"}) {
    EXPECT_EQ(parse_token_answer(bad).error().code, "oidc.bad_token");
  }
}

}  // namespace
}  // namespace tutela::auth::oidc
