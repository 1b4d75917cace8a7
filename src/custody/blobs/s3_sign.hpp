// Signing of S3 requests: AWS Signature Version 4, with the body's digest signed too.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. Ours, because
// libcurl 7.88 signs a query key without a value ("?uploads") in a way that no server accepts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace tutela::blobs {

struct S3Credentials {
  std::string access_key;
  std::string secret_key;
  std::string region;
};

struct S3Request {
  std::string method;                                      // GET PUT POST DELETE HEAD
  std::string path;                                        // "/bucket/key", not encoded
  std::vector<std::pair<std::string, std::string>> query;  // not encoded
  std::map<std::string, std::string> headers;              // names in lowercase
  ByteView body;
};

/// Percent-encodes all but A-Z a-z 0-9 - . _ ~ (and "/" where it may stay).
enum class Slash { kEncoded, kKept };
[[nodiscard]] std::string encode_uri(std::string_view text, Slash slash);

/// "key=value&key=value", encoded and in the order of keys that the signature wants.
[[nodiscard]] std::string query_text(const S3Request& request);

/// Adds x-amz-date, x-amz-content-sha256 and authorization. `headers` must hold the host.
void sign(S3Request& request, const S3Credentials& credentials, UtcMs now_ms);

}  // namespace tutela::blobs
