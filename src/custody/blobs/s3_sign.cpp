#include "custody/blobs/s3_sign.hpp"

#include <algorithm>
#include <ctime>

#include "crypto/digest.hpp"

namespace tutela::blobs {
namespace {

// "20130524T000000Z"
std::string amazon_time(UtcMs now_ms) {
  const auto seconds = static_cast<std::time_t>(now_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
  return {text, size};
}

crypto::Sha256 keyed(ByteView key, std::string_view message) {
  return crypto::hmac_sha256(key, as_bytes(message));
}

std::string signature_of(const std::string& to_sign,
                         const S3Credentials& credentials,
                         std::string_view day) {
  const crypto::Sha256 by_day = keyed(as_bytes("AWS4" + credentials.secret_key), day);
  const crypto::Sha256 by_region = keyed(by_day, credentials.region);
  const crypto::Sha256 by_service = keyed(by_region, "s3");
  return to_hex(keyed(keyed(by_service, "aws4_request"), to_sign));
}

}  // namespace

std::string encode_uri(std::string_view text, Slash slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' ||
                       (c == '/' && slash == Slash::kKept);
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return out;
}

std::string query_text(const S3Request& request) {
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const auto& [key, value] : request.query) {
    encoded.emplace_back(encode_uri(key, Slash::kEncoded), encode_uri(value, Slash::kEncoded));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const auto& [key, value] : encoded) {
    text += (text.empty() ? "" : "&") + key + "=" + value;
  }
  return text;
}

void sign(S3Request& request, const S3Credentials& credentials, UtcMs now_ms) {
  const std::string time = amazon_time(now_ms);
  const std::string day = time.substr(0, 8);
  const std::string body_digest = to_hex(crypto::sha256_of(request.body));
  request.headers.erase("authorization");
  request.headers["x-amz-date"] = time;
  request.headers["x-amz-content-sha256"] = body_digest;
  std::string names;
  std::string canonical = request.method + "\n" + encode_uri(request.path, Slash::kKept) + "\n" +
                          query_text(request) + "\n";
  for (const auto& [name, value] : request.headers) {
    names += (names.empty() ? "" : ";") + name;
    canonical += name + ":" + value + "\n";
  }
  canonical += "\n" + names + "\n" + body_digest;
  const std::string scope = day + "/" + credentials.region + "/s3/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" +
                              to_hex(crypto::sha256_of(as_bytes(canonical)));
  request.headers["authorization"] = "AWS4-HMAC-SHA256 Credential=" + credentials.access_key + "/" +
                                     scope + ",SignedHeaders=" + names +
                                     ",Signature=" + signature_of(to_sign, credentials, day);
}

}  // namespace tutela::blobs
