#include "service/http/console.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <libdeflate.h>

#include "base/bytes.hpp"
#include "crypto/base64.hpp"
#include "crypto/secret.hpp"
#include "service/http/text.hpp"

namespace tutela::http {

namespace {

constexpr std::string_view kIndex = "/index.html";
constexpr std::string_view kNonceMark = "__CSP_NONCE__";
constexpr std::size_t kNonceBytes = 18;

/// First segments that are the API's own, where a page would hide a mistake.
constexpr auto kApi = std::to_array<std::string_view>(
    {"v1", "livez", "readyz", "version", "openapi.json", "metrics"});

const ConsoleFile* find_file(std::string_view path) {
  const auto files = console_files();
  const auto found = std::ranges::find(files, path, &ConsoleFile::path);
  return found == files.end() ? nullptr : &*found;
}

bool is_api(std::string_view path) {
  path.remove_prefix(1);
  return std::ranges::find(kApi, path.substr(0, path.find('/'))) != kApi.end();
}

/// The bytes of a file; empty when the embedded ones are damaged.
std::string inflate(const ConsoleFile& file) {
  std::string text(file.size_bytes, '\0');
  libdeflate_decompressor* inflater = libdeflate_alloc_decompressor();
  if (inflater == nullptr) {
    return {};
  }
  const libdeflate_result result = libdeflate_gzip_decompress(
      inflater, file.gzip.data(), file.gzip.size(), text.data(), text.size(), nullptr);
  libdeflate_free_decompressor(inflater);
  return result == LIBDEFLATE_SUCCESS ? text : std::string();
}

void set_common(Response& response) {
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

Response page() {
  static const std::string kPage = [] {
    const ConsoleFile* file = find_file(kIndex);
    return file == nullptr ? std::string() : inflate(*file);
  }();
  std::array<std::byte, kNonceBytes> random{};
  crypto::random_bytes(random);
  const std::string nonce = crypto::to_base64(random);
  Response response;
  response.content_type = "text/html; charset=utf-8";
  std::string_view rest = kPage;
  for (std::size_t at = rest.find(kNonceMark); at != std::string_view::npos;
       at = rest.find(kNonceMark)) {
    response.body.append(rest.substr(0, at)).append(nonce);
    rest.remove_prefix(at + kNonceMark.size());
  }
  response.body.append(rest);
  set_common(response);
  response.headers.emplace_back("Content-Security-Policy", console_policy(nonce));
  response.headers.emplace_back(
      "Permissions-Policy",
      "camera=(), clipboard-read=(), display-capture=(), geolocation=(), microphone=(), "
      "payment=(), usb=()");
  response.headers.emplace_back("Vary", "Accept");
  return response;
}

/// Names of files hold their digest, so what was fetched once is never asked for again. The tag is
/// weak: it is the same for both encodings.
Response asset(const ConsoleFile& file, const ConsoleRequest& request) {
  const bool hashed = file.path.starts_with("/assets/");
  const std::string tag = "W/\"" + std::string(file.digest.substr(0, 32)) + "\"";
  Response response;
  set_common(response);
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back("Cache-Control",
                                hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (has_token(request.if_none_match, tag)) {
    response.status = 304;
    return response;
  }
  response.content_type = file.media_type;
  if (has_token(request.accept_encoding, "gzip")) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = as_text(file.gzip);
  } else {
    response.body = inflate(file);
  }
  return response;
}

}  // namespace

std::string console_policy(std::string_view nonce) {
  std::string policy =
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + std::string(nonce);
  policy +=
      "'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; "
      "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
      "trusted-types default";
  return policy;
}

std::optional<Response> console_response(const ConsoleRequest& request) {
  if (!request.path.starts_with('/') || is_api(request.path)) {
    return std::nullopt;
  }
  const ConsoleFile* file = find_file(request.path);
  if (file != nullptr && file->path != kIndex) {
    return asset(*file, request);
  }
  const std::string_view last = request.path.substr(request.path.rfind('/'));
  const bool asks_page = request.path == "/" || has_token(request.accept, "text/html");
  if (!asks_page || last.find('.') != std::string_view::npos ||
      request.path.starts_with("/assets/")) {
    return std::nullopt;
  }
  return page();
}

}  // namespace tutela::http
