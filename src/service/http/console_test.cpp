// The console as it is embedded in this binary.
#include "service/http/console.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "crypto/digest.hpp"

namespace tutela::http {
namespace {

constexpr std::string_view kBrowser = "text/html,application/xhtml+xml,*/*;q=0.8";

std::string header_of(const Response& response, std::string_view name) {
  const auto found =
      std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
  return found == response.headers.end() ? std::string() : found->second;
}

const ConsoleFile& first_script() {
  const auto files = console_files();
  const auto found = std::ranges::find_if(files, [](const ConsoleFile& file) {
    return file.media_type.starts_with("text/javascript");
  });
  EXPECT_NE(found, files.end());
  return *found;
}

std::string nonce_of(const Response& page) {
  const std::string policy = header_of(page, "Content-Security-Policy");
  const std::size_t begin = policy.find("'nonce-") + 7;
  return policy.substr(begin, policy.find('\'', begin) - begin);
}

TEST(Console, APageCarriesTheNonceOfItsPolicyAndEachHasItsOwn) {
  std::set<std::string> nonces;
  for (int i = 0; i < 20; ++i) {
    const auto page = console_response({"/", {}, {}, {}});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 200);
    EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
    const std::string nonce = nonce_of(*page);
    EXPECT_EQ(nonce.size(), 24U);
    EXPECT_NE(page->body.find("nonce=\"" + nonce + "\""), std::string::npos);
    EXPECT_EQ(page->body.find("__CSP_NONCE__"), std::string::npos);
    nonces.insert(nonce);
  }
  EXPECT_EQ(nonces.size(), 20U);
}

TEST(Console, ThePolicyLetsNothingInFromElsewhereAndNothingInline) {
  const std::string policy = console_policy("abc");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self';"));
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_NE(policy.find("require-trusted-types-for 'script'"), std::string::npos);
  for (const std::string_view loose : {"unsafe-inline", "unsafe-eval", "http", "*", "data:"}) {
    EXPECT_EQ(policy.find(loose), std::string::npos) << loose;
  }
  const auto page = console_response({"/", {}, {}, {}});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->body.find("<style"), std::string::npos);
  EXPECT_EQ(page->body.find("http://"), std::string::npos);
  EXPECT_EQ(page->body.find("https://"), std::string::npos);
  EXPECT_EQ(header_of(*page, "Referrer-Policy"), "no-referrer");
  EXPECT_EQ(header_of(*page, "Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(header_of(*page, "Cross-Origin-Resource-Policy"), "same-origin");
  EXPECT_EQ(header_of(*page, "Cache-Control"), "");  // the server's own: no-store
}

TEST(Console, EveryScriptAndStyleOfThePageIsThere) {
  const auto page = console_response({"/", {}, {}, {}});
  ASSERT_TRUE(page);
  std::size_t seen = 0;
  std::string_view rest = page->body;
  for (std::size_t at = rest.find("\"/assets/"); at != std::string_view::npos;
       at = rest.find("\"/assets/")) {
    rest.remove_prefix(at + 1);
    const std::string_view path = rest.substr(0, rest.find('"'));
    EXPECT_TRUE(console_response({path, {}, {}, {}})) << path;
    ++seen;
  }
  EXPECT_GE(seen, 2U);
}

TEST(Console, FilesAreWholeWithAndWithoutGzip) {
  for (const ConsoleFile& file : console_files()) {
    if (file.path == "/index.html") {
      continue;
    }
    const auto plain = console_response({file.path, {}, {}, {}});
    ASSERT_TRUE(plain) << file.path;
    EXPECT_EQ(plain->content_type, file.media_type);
    EXPECT_EQ(header_of(*plain, "Content-Encoding"), "");
    EXPECT_EQ(to_hex(crypto::sha256_of(as_bytes(plain->body))), file.digest) << file.path;
    const auto packed = console_response({file.path, {}, "gzip, br", {}});
    ASSERT_TRUE(packed);
    EXPECT_EQ(header_of(*packed, "Content-Encoding"), "gzip");
    EXPECT_LT(packed->body.size(), plain->body.size() + 64);
  }
}

TEST(Console, FilesNamedByTheirDigestAreKeptForEverAndOthersAskedForAgain) {
  const auto script = console_response({first_script().path, {}, {}, {}});
  ASSERT_TRUE(script);
  EXPECT_EQ(header_of(*script, "Cache-Control"), "public, max-age=31536000, immutable");
  const auto icon = console_response({"/icon.svg", {}, {}, {}});
  ASSERT_TRUE(icon);
  EXPECT_EQ(header_of(*icon, "Cache-Control"), "no-cache");
  const auto again = console_response({"/icon.svg", {}, {}, header_of(*icon, "ETag")});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 304);
  EXPECT_TRUE(again->body.empty());
  EXPECT_EQ(console_response({"/icon.svg", {}, {}, "\"other\""})->status, 200);
}

TEST(Console, PathsOfPagesAreThePageForBrowsersAlone) {
  for (const std::string_view path : {"/queue", "/cases/0190", "/lists/a/b"}) {
    EXPECT_TRUE(console_response({path, kBrowser, {}, {}})) << path;
    EXPECT_FALSE(console_response({path, "*/*", {}, {}})) << path;
    EXPECT_FALSE(console_response({path, {}, {}, {}})) << path;
  }
}

TEST(Console, PathsOfTheApiAndMissingFilesAreNeverThePage) {
  for (const std::string_view path : {"/v1",
                                      "/v1/nothing",
                                      "/livez/a",
                                      "/openapi.json",
                                      "/metrics",
                                      "/assets/gone.js",
                                      "/assets/gone",
                                      "/assets/../index.html",
                                      "/favicon.ico",
                                      "/index.html",
                                      "/.vite/manifest.json",
                                      ""}) {
    EXPECT_FALSE(console_response({path, kBrowser, {}, {}})) << path;
  }
}

}  // namespace
}  // namespace tutela::http
