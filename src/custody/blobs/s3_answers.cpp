#include "custody/blobs/s3_answers.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <type_traits>
#include <utility>

#include <expat.h>

namespace tutela::blobs {
namespace {

constexpr std::size_t kDepthMax = 16;
constexpr std::size_t kElementsMax = 20'000;
constexpr std::size_t kCodeSizeMax = 64;

Error not_s3() {
  return Error{ErrorKind::kUnavailable,
               "blob.unavailable",
               "what answers does not speak S3; check s3.endpoint"};
}

class Builder {
 public:
  static Result<XmlElement> parse(ByteView xml) {
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> parser(
        XML_ParserCreate("UTF-8"));
    if (xml.size() > kXmlSizeMax || parser == nullptr) {
      return not_s3();
    }
    Builder builder(parser.get());
    XML_SetUserData(parser.get(), &builder);
    XML_SetElementHandler(parser.get(), on_begin, on_end);
    XML_SetCharacterDataHandler(parser.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
    const std::string_view text = as_text(xml);
    if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) !=
            XML_STATUS_OK ||
        builder.refused_) {
      return not_s3();
    }
    return std::move(builder.root_);
  }

 private:
  struct Free {
    void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
  };

  explicit Builder(XML_Parser parser) : parser_(parser) {}

  void refuse() {
    refused_ = true;
    XML_StopParser(parser_, XML_FALSE);
  }

  static void on_begin(void* data, const XML_Char* name, const XML_Char** /*attributes*/) {
    auto& self = *static_cast<Builder*>(data);
    if (self.open_.size() >= kDepthMax || ++self.elements_ > kElementsMax) {
      self.refuse();
      return;
    }
    self.open_.push_back(XmlElement{name, {}, {}});
  }

  static void on_end(void* data, const XML_Char* /*name*/) {
    auto& self = *static_cast<Builder*>(data);
    if (self.open_.empty()) {
      return;
    }
    XmlElement element = std::move(self.open_.back());
    self.open_.pop_back();
    if (self.open_.empty()) {
      self.root_ = std::move(element);
    } else {
      self.open_.back().children.push_back(std::move(element));
    }
  }

  static void on_text(void* data, const XML_Char* text, int size) {
    auto& self = *static_cast<Builder*>(data);
    if (!self.open_.empty()) {
      self.open_.back().text.append(text, static_cast<std::size_t>(size));
    }
  }

  static void on_doctype(void* data,
                         const XML_Char* /*name*/,
                         const XML_Char* /*system*/,
                         const XML_Char* /*public*/,
                         int) {
    static_cast<Builder*>(data)->refuse();
  }

  XML_Parser parser_;
  std::vector<XmlElement> open_;
  XmlElement root_;
  std::size_t elements_ = 0;
  bool refused_ = false;
};

Result<XmlElement> parse_as(ByteView xml, std::string_view name) {
  TUTELA_TRY_ASSIGN(XmlElement root, parse_xml(xml));
  if (root.name != name) {
    return not_s3();
  }
  return root;
}

}  // namespace

std::string_view XmlElement::text_of(std::string_view child) const noexcept {
  const auto found = std::find_if(
      children.begin(), children.end(), [&](const XmlElement& each) { return each.name == child; });
  return found == children.end() ? std::string_view() : std::string_view(found->text);
}

Result<XmlElement> parse_xml(ByteView xml) {
  return Builder::parse(xml);
}

Result<S3Listing> parse_listing(ByteView xml) {
  TUTELA_TRY_ASSIGN(const XmlElement root, parse_as(xml, "ListBucketResult"));
  S3Listing listing;
  for (const XmlElement& child : root.children) {
    if (child.name == "Contents") {
      listing.keys.emplace_back(child.text_of("Key"));
    }
  }
  if (root.text_of("IsTruncated") == "true") {
    listing.next = root.text_of("NextContinuationToken");
    if (listing.next.empty()) {
      return not_s3();
    }
  }
  return listing;
}

Result<S3Versions> parse_versions(ByteView xml) {
  TUTELA_TRY_ASSIGN(const XmlElement root, parse_as(xml, "ListVersionsResult"));
  S3Versions found;
  for (const XmlElement& child : root.children) {
    if (child.name == "Version" || child.name == "DeleteMarker") {
      found.versions.push_back(
          {std::string(child.text_of("Key")), std::string(child.text_of("VersionId"))});
    }
  }
  if (root.text_of("IsTruncated") == "true") {
    found.next_key = root.text_of("NextKeyMarker");
    found.next_id = root.text_of("NextVersionIdMarker");
    if (found.next_key.empty()) {
      return not_s3();
    }
  }
  return found;
}

Result<S3Uploads> parse_uploads(ByteView xml) {
  TUTELA_TRY_ASSIGN(const XmlElement root, parse_as(xml, "ListMultipartUploadsResult"));
  S3Uploads found;
  for (const XmlElement& child : root.children) {
    if (child.name != "Upload") {
      continue;
    }
    const Result<UtcMs> begun = parse_time(child.text_of("Initiated"));
    if (!begun) {
      return not_s3();
    }
    found.uploads.push_back(
        {std::string(child.text_of("Key")), std::string(child.text_of("UploadId")), *begun});
  }
  if (root.text_of("IsTruncated") == "true") {
    found.next_key = root.text_of("NextKeyMarker");
    found.next_id = root.text_of("NextUploadIdMarker");
    if (found.next_key.empty()) {
      return not_s3();
    }
  }
  return found;
}

Result<std::string> parse_upload_begun(ByteView xml) {
  TUTELA_TRY_ASSIGN(const XmlElement root, parse_as(xml, "InitiateMultipartUploadResult"));
  std::string id(root.text_of("UploadId"));
  if (id.empty()) {
    return not_s3();
  }
  return id;
}

bool is_upload_complete(ByteView xml) {
  return parse_as(xml, "CompleteMultipartUploadResult").has_value();
}

Result<bool> parse_versioning(ByteView xml) {
  TUTELA_TRY_ASSIGN(const XmlElement root, parse_as(xml, "VersioningConfiguration"));
  // Suspended, too: versions from before are still there.
  return !root.text_of("Status").empty();
}

Result<bool> parse_object_lock(ByteView xml) {
  TUTELA_TRY_ASSIGN(const XmlElement root, parse_as(xml, "ObjectLockConfiguration"));
  return root.text_of("ObjectLockEnabled") == "Enabled";
}

Result<UtcMs> parse_retention(ByteView xml) {
  TUTELA_TRY_ASSIGN(const XmlElement root, parse_as(xml, "Retention"));
  return parse_time(root.text_of("RetainUntilDate"));
}

std::string error_code_of(ByteView xml) {
  const Result<XmlElement> root = parse_as(xml, "Error");
  const std::string code(root ? root->text_of("Code") : std::string_view());
  const bool good =
      code.size() <= kCodeSizeMax && std::all_of(code.begin(), code.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '.';
      });
  return good ? code : std::string();
}

std::optional<std::uint64_t> parse_content_range(std::string_view value) {
  const std::size_t slash = value.rfind('/');
  if (!value.starts_with("bytes ") || slash == std::string_view::npos) {
    return std::nullopt;
  }
  std::uint64_t size = 0;
  const char* const end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data() + slash + 1, end, size);
  return error == std::errc() && stopped == end ? std::optional(size) : std::nullopt;
}

}  // namespace tutela::blobs
