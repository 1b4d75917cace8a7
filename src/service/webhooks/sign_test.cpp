#include <gtest/gtest.h>

#include "crypto/base64.hpp"
#include "service/webhooks/body.hpp"
#include "service/webhooks/webhooks.hpp"

namespace tutela::webhooks {
namespace {

constexpr std::string_view kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::string code_of(const Options& options) {
  const Status status = check(options);
  return status ? "ok" : std::string(status.error().code);
}

std::string secret_of(std::size_t bytes) {
  return "whsec_" + crypto::to_base64(Bytes(bytes, std::byte{7}));
}

Options options_with(const std::string& url, bool allow_private = false) {
  Options options;
  options.url = url;
  options.secrets = {std::string(kSecret)};
  options.allow_private = allow_private;
  return options;
}

// The example of the specification's reference libraries.
TEST(Sign, GivesThePublishedSignature) {
  const auto signature = sign({std::string(kSecret)},
                              "msg_p5jXN8AQM9LWM0D4loKWxJek",
                              1'614'265'330,
                              R"({"test": 2432232314})");
  ASSERT_TRUE(signature);
  EXPECT_EQ(*signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Sign, SignsWithEachSecretTheFirstFirst) {
  const auto both = sign({secret_of(24), std::string(kSecret)},
                         "msg_p5jXN8AQM9LWM0D4loKWxJek",
                         1'614'265'330,
                         R"({"test": 2432232314})");
  ASSERT_TRUE(both);
  EXPECT_TRUE(both->starts_with("v1,"));
  EXPECT_TRUE(both->ends_with(" v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
  EXPECT_EQ(both->size(), 2 * 47 + 1U);
}

TEST(Sign, RefusesSecretsThatAreNone) {
  for (const std::string& secret : {std::string(),
                                    std::string("whsec_"),
                                    std::string("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                                    std::string("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"),
                                    std::string("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa S"),
                                    "whpk_" + secret_of(24).substr(6),
                                    secret_of(23),
                                    secret_of(65)}) {
    const auto signature = sign({secret}, "msg_1", 1, "{}");
    ASSERT_FALSE(signature) << secret;
    EXPECT_EQ(signature.error().code, "webhook.bad_secret");
    EXPECT_EQ(signature.error().message.find("MfKQ"), std::string::npos);
    Options options = options_with("https://example.org/");
    options.secrets = {std::string(kSecret), secret};
    EXPECT_EQ(code_of(options), "webhook.bad_secret");
  }
  EXPECT_TRUE(sign({secret_of(24)}, "msg_1", 1, "{}"));
  EXPECT_TRUE(sign({secret_of(64)}, "msg_1", 1, "{}"));
}

TEST(Check, TakesSecureAddressesAndOthersOnlyWhereAllowed) {
  EXPECT_EQ(code_of(options_with("")), "ok");
  EXPECT_EQ(code_of(options_with("https://example.org")), "ok");
  EXPECT_EQ(code_of(options_with("https://example.org:8443/a/b?c=d")), "ok");
  EXPECT_EQ(code_of(options_with("https://[2606:2800::1]/")), "ok");
  EXPECT_EQ(code_of(options_with("http://example.org/")), "webhook.bad_url");
  EXPECT_EQ(code_of(options_with("http://127.0.0.1:8080/", true)), "ok");
  for (const std::string& url : {std::string("example.org"),
                                 std::string("/hook"),
                                 std::string("//example.org/"),
                                 std::string("https:"),
                                 std::string("https://"),
                                 std::string("https:///path"),
                                 std::string("https://example.org/ b"),
                                 std::string("https://example.org/\r\nhost: b"),
                                 std::string("https://user@example.org/"),
                                 std::string("https://user:secret@example.org/"),
                                 std::string("https://example.org/#part"),
                                 std::string("https://example.org:99999/"),
                                 std::string("ftp://example.org/"),
                                 std::string("file:///etc/passwd"),
                                 std::string("gopher://example.org/"),
                                 "https://example.org/" + std::string(2100, 'a')}) {
    EXPECT_EQ(code_of(options_with(url, true)), "webhook.bad_url") << url;
  }
}

TEST(Check, BoundsEverything) {
  Options options = options_with("https://example.org");
  options.secrets = {};
  EXPECT_EQ(code_of(options), "webhook.bad_secret");
  options.secrets.assign(8, std::string(kSecret));
  EXPECT_EQ(code_of(options), "ok");
  options.secrets.assign(9, std::string(kSecret));
  EXPECT_EQ(code_of(options), "webhook.bad_secret");
  options = options_with("https://example.org");
  options.timeout_ms = 99;
  EXPECT_EQ(code_of(options), "webhook.bad_limits");
  options.timeout_ms = 60'001;
  EXPECT_EQ(code_of(options), "webhook.bad_limits");
  options.timeout_ms = 60'000;
  options.attempts_max = 0;
  EXPECT_EQ(code_of(options), "webhook.bad_limits");
  options.attempts_max = 101;
  EXPECT_EQ(code_of(options), "webhook.bad_limits");
}

TEST(Body, WrapsThePayloadAsItWasWritten) {
  outbox::Message message;
  message.id = 17;
  message.topic = "case.action";
  message.created_ms = 1'800'000'000'123;
  message.payload = R"({"z": 1, "a":[true]})";
  EXPECT_EQ(body_of(message).value_or("none"),
            R"({"type":"case.action","timestamp":"2027-01-15T08:00:00.123Z","data":)"
            R"({"z": 1, "a":[true]}})");
  EXPECT_EQ(id_of(message), "msg_17_1800000000123");
  for (const std::string payload :
       {"", "[]", "1", "\"a\"", "null", "{", "{}{}", R"({"a":"\x01"})"}) {
    message.payload = payload;
    EXPECT_EQ(body_of(message), std::nullopt) << payload;
  }
}

}  // namespace
}  // namespace tutela::webhooks
