// Answers of S3 servers: XML of listings, uploads and errors, and the headers that matter.
//
// Read as hostile: bounded in size, depth and count, without document types, entities or anything
// fetched. Expat does the parsing. Pure functions. XML of another kind than was asked for is
// kUnavailable "blob.unavailable": something else than S3 answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela::blobs {

inline constexpr std::size_t kXmlSizeMax = std::size_t{4} << 20;

/// One element: its text is only that between its own tags.
struct XmlElement {
  std::string name;
  std::string text;
  std::vector<XmlElement> children;

  /// The text of the first child of this name; empty where there is none.
  [[nodiscard]] std::string_view text_of(std::string_view child) const noexcept;
};

/// At most 16 deep and 20,000 elements.
Result<XmlElement> parse_xml(ByteView xml);

struct S3Listing {
  std::vector<std::string> keys;
  std::string next;  // continuation token; empty at the end
};

Result<S3Listing> parse_listing(ByteView xml);

struct S3Version {
  std::string key;
  std::string id;
};

/// Versions and delete markers, the newest of a key first.
struct S3Versions {
  std::vector<S3Version> versions;
  std::string next_key;  // both empty at the end
  std::string next_id;
};

Result<S3Versions> parse_versions(ByteView xml);

struct S3Upload {
  std::string key;
  std::string id;
  UtcMs begun_ms = 0;
};

struct S3Uploads {
  std::vector<S3Upload> uploads;
  std::string next_key;  // both empty at the end
  std::string next_id;
};

Result<S3Uploads> parse_uploads(ByteView xml);

/// The upload's id.
Result<std::string> parse_upload_begun(ByteView xml);
/// A completion is answered with 200 before it is known to succeed: the body says whether it did.
[[nodiscard]] bool is_upload_complete(ByteView xml);
Result<bool> parse_versioning(ByteView xml);
Result<bool> parse_object_lock(ByteView xml);
/// Until when an object is locked.
Result<UtcMs> parse_retention(ByteView xml);

/// The code of an error, "NoSuchKey"; empty where there is none that is good to show.
[[nodiscard]] std::string error_code_of(ByteView xml);

/// The whole size in "bytes 0-99/1234".
[[nodiscard]] std::optional<std::uint64_t> parse_content_range(std::string_view value);

}  // namespace tutela::blobs
