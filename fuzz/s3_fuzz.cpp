// Answers of a hostile S3 server. Whatever is shown or used of them is within its bounds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "custody/blobs/s3_answers.hpp"
#include "custody/blobs/s3_client.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tutela::blobs;
  const tutela::ByteView input = std::as_bytes(std::span(data, size));
  const auto listing = parse_listing(input);
  TUTELA_CHECK(!listing || listing->keys.size() <= 20'000);
  const auto versions = parse_versions(input);
  TUTELA_CHECK(!versions || versions->versions.size() <= 20'000);
  const auto uploads = parse_uploads(input);
  TUTELA_CHECK(!uploads || uploads->uploads.size() <= 20'000);
  const auto begun = parse_upload_begun(input);
  TUTELA_CHECK(!begun || !begun->empty());
  static_cast<void>(is_upload_complete(input));
  static_cast<void>(parse_versioning(input).has_value());
  static_cast<void>(parse_object_lock(input).has_value());
  static_cast<void>(parse_retention(input).has_value());
  static_cast<void>(parse_content_range(tutela::as_text(input)));
  const std::string code = error_code_of(input);
  TUTELA_CHECK(code.size() <= 64 && std::all_of(code.begin(), code.end(), [](char c) {
                 return c > ' ' && c < '\x7f' && c != '<' && c != '&';
               }));
  S3Answer answer;
  answer.body.assign(input.begin(), input.end());
  for (const long status : {200L, 307L, 400L, 403L, 404L, 412L, 507L}) {
    answer.status = status;
    TUTELA_CHECK(!to_error(answer).code.empty());
  }
  return 0;
}
