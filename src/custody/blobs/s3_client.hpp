// One signed request to an S3 server and its answer, tried again where that helps. Uses libcurl.
//
// Thread-safe. Credentials are never in an error's message.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "custody/blobs/s3_blobs.hpp"
#include "custody/blobs/s3_sign.hpp"

namespace tutela::blobs {

struct S3Answer {
  long status = 0;
  std::map<std::string, std::string> headers;  // names in lowercase
  Bytes body;
  std::uint32_t attempts = 1;  // more: an earlier one may have done its work

  [[nodiscard]] bool good() const noexcept { return status >= 200 && status < 300; }

  [[nodiscard]] std::string_view header(const std::string& name) const;
};

class S3Client {
 public:
  /// Error: kInvalidInput "s3.bad_settings".
  static Result<std::unique_ptr<S3Client>> make(const S3Options& options);
  ~S3Client();

  /// An answer of any status that is the server's last word; a failing or busy server, and one that
  /// sends more than `answer_size_max`, is kUnavailable "blob.unavailable".
  Result<S3Answer> send(S3Request request, std::size_t answer_size_max);
  /// The same, once: for what is only tidied up.
  Result<S3Answer> send_once(S3Request request, std::size_t answer_size_max);

 private:
  struct State;
  explicit S3Client(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What a status that is not good means, in the contract's words.
[[nodiscard]] Error to_error(const S3Answer& answer);

}  // namespace tutela::blobs
