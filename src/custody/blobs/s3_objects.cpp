#include "custody/blobs/s3_objects.hpp"

#include <algorithm>
#include <array>

#include "crypto/digest.hpp"
#include "custody/blobs/format.hpp"

namespace tutela::blobs {
namespace {

constexpr std::size_t kPagesMax = 10'000;
constexpr std::size_t kVersionsMax = 10'000;

std::string base64(ByteView bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8U | (i < count ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= count ? kDigits[group >> (18 - 6 * i) & 63U] : '=';
    }
  }
  return text;
}

const char* mode_of(LockMode mode) {
  return mode == LockMode::kCompliance ? "COMPLIANCE" : "GOVERNANCE";
}

Error unavailable(std::string message) {
  return Error{ErrorKind::kUnavailable, "blob.unavailable", std::move(message)};
}

}  // namespace

S3Objects::S3Objects(S3Options options, std::unique_ptr<S3Client> client)
    : options_(std::move(options)), client_(std::move(client)) {}

Result<std::unique_ptr<S3Objects>> S3Objects::open(S3Options options) {
  TUTELA_TRY_ASSIGN(auto client, S3Client::make(options));
  // tidy:allow(new): because make_unique cannot call a private constructor.
  auto objects = std::unique_ptr<S3Objects>(new S3Objects(std::move(options), std::move(client)));
  TUTELA_TRY(objects->learn());
  return objects;
}

S3Request S3Objects::request(std::string method, std::string_view key) const {
  S3Request request;
  request.method = std::move(method);
  request.path = "/" + options_.bucket + (key.empty() ? "" : "/") + std::string(key);
  return request;
}

Status S3Objects::learn() {
  S3Request versioning = request("GET", "");
  versioning.query = {{"versioning", ""}};
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(versioning, kXmlSizeMax));
  if (!answer.good()) {
    return to_error(answer);
  }
  TUTELA_TRY_ASSIGN(versioned_, parse_versioning(answer.body));
  if (!options_.object_lock) {
    return ok();
  }
  S3Request locking = request("GET", "");
  locking.query = {{"object-lock", ""}};
  TUTELA_TRY_ASSIGN(const S3Answer told, client_->send(locking, kXmlSizeMax));
  if (!told.good() && (told.status == 401 || told.status == 403 || told.status >= 500)) {
    return to_error(told);
  }
  const Result<bool> locks = parse_object_lock(told.body);
  if (!told.good() || !locks || !*locks) {
    return Error{ErrorKind::kInvalidInput,
                 "s3.no_object_lock",
                 "s3.object_lock is on, but the bucket was not made with object lock"};
  }
  return ok();
}

// A bucket may be given versions while this runs.
void S3Objects::learn_from(const S3Answer& answer) {
  if (answer.headers.contains("x-amz-version-id")) {
    versioned_ = true;
  }
}

void S3Objects::lock(S3Request& request, std::optional<UtcMs> lock_until_ms) const {
  if (!options_.object_lock || !lock_until_ms) {
    return;
  }
  request.headers["x-amz-object-lock-mode"] = mode_of(options_.lock_mode);
  request.headers["x-amz-object-lock-retain-until-date"] = to_rfc3339(*lock_until_ms);
}

Result<bool> S3Objects::exists(std::string_view key) {
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(request("HEAD", key), 0));
  if (answer.status != 404 && !answer.good()) {
    return to_error(answer);
  }
  return answer.good();
}

Status S3Objects::put(std::string_view key,
                      ByteView body,
                      Put how,
                      std::optional<UtcMs> lock_until_ms) {
  S3Request put = request("PUT", key);
  put.body = body;
  put.headers["content-md5"] = base64(crypto::digests_of(body).md5);
  lock(put, lock_until_ms);
  if (how == Put::kNewOnly) {
    // Not every server takes the condition, and radosgw takes no notice of it among versions.
    TUTELA_TRY_ASSIGN(const bool there, exists(key));
    if (there) {
      return blobs::exists();
    }
    if (conditional_) {
      put.headers["if-none-match"] = "*";
    }
  }
  TUTELA_TRY_ASSIGN(S3Answer answer, client_->send(put, kXmlSizeMax));
  if (answer.status == 501 && put.headers.erase("if-none-match") != 0) {
    conditional_ = false;
    TUTELA_TRY_ASSIGN(answer, client_->send(put, kXmlSizeMax));
  }
  learn_from(answer);
  if (answer.good()) {
    return how == Put::kReplace ? remove_earlier(key, answer.header("x-amz-version-id")) : ok();
  }
  // An attempt whose answer was lost may have stored it.
  if (answer.status == 412 && answer.attempts > 1) {
    TUTELA_TRY_ASSIGN(const bool ours, ends_with(key, body.last(kFooterSize)));
    if (ours) {
      return ok();
    }
  }
  return to_error(answer);
}

Status S3Objects::lock_stored(std::string_view key, UtcMs until_ms) {
  if (!options_.object_lock) {
    return ok();
  }
  const std::string xml = std::string("<Retention><Mode>") + mode_of(options_.lock_mode) +
                          "</Mode><RetainUntilDate>" + to_rfc3339(until_ms) +
                          "</RetainUntilDate></Retention>";
  S3Request put = request("PUT", key);
  put.query = {{"retention", ""}};
  put.headers["content-type"] = "application/xml";
  put.headers["content-md5"] = base64(crypto::digests_of(as_bytes(xml)).md5);
  put.body = as_bytes(xml);
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(put, kXmlSizeMax));
  return answer.good() ? ok() : Status(to_error(answer));
}

Result<bool> S3Objects::ends_with(std::string_view key, ByteView footer) {
  S3Request tail = request("GET", key);
  tail.headers["range"] = "bytes=-" + std::to_string(footer.size());
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(tail, kXmlSizeMax));
  return answer.good() &&
         std::equal(answer.body.begin(), answer.body.end(), footer.begin(), footer.end());
}

Result<S3Range> S3Objects::get(std::string_view key,
                               std::uint64_t from,
                               std::uint64_t size,
                               const std::string& etag) {
  S3Request get = request("GET", key);
  get.headers["range"] = "bytes=" + std::to_string(from) + "-" + std::to_string(from + size - 1);
  if (!etag.empty()) {
    get.headers["if-match"] = etag;
  }
  const std::size_t room = std::max<std::size_t>(static_cast<std::size_t>(size), 65'536);
  TUTELA_TRY_ASSIGN(S3Answer answer, client_->send(get, room));
  if (answer.status == 416) {
    return corrupt();  // shorter than a footer, or than it was
  }
  if (answer.status == 412) {
    return unavailable("a blob was replaced while it was read");
  }
  if (!answer.good()) {
    return to_error(answer);
  }
  S3Range range;
  range.etag = answer.header("etag");
  range.bytes = std::move(answer.body);
  const std::optional<std::uint64_t> whole = parse_content_range(answer.header("content-range"));
  // A server that ignores ranges answers 200 with all; that is good where it is all from the start.
  if (answer.status == 206 ? !whole : from != 0) {
    return unavailable("the S3 server does not answer ranges");
  }
  range.size_bytes = answer.status == 206 ? *whole : range.bytes.size();
  const std::uint64_t due = std::min(size, range.size_bytes - std::min(from, range.size_bytes));
  if (answer.status == 206 && range.bytes.size() != due) {
    return unavailable("the S3 server answered another range than was asked for");
  }
  return range;
}

Result<S3Listing> S3Objects::list(std::string_view prefix, const std::string& next) {
  S3Request list = request("GET", "");
  list.query = {{"list-type", "2"}, {"max-keys", "1000"}, {"prefix", std::string(prefix)}};
  if (!next.empty()) {
    list.query.emplace_back("continuation-token", next);
  }
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(list, kXmlSizeMax));
  if (!answer.good()) {
    return to_error(answer);
  }
  return parse_listing(answer.body);
}

Result<std::vector<S3Version>> S3Objects::versions_of(std::string_view key) {
  std::vector<S3Version> all;
  std::string next_key;
  std::string next_id;
  for (std::size_t page = 0; page < kPagesMax; ++page) {
    S3Request list = request("GET", "");
    list.query = {{"versions", ""}, {"prefix", std::string(key)}};
    if (!next_key.empty()) {
      list.query.emplace_back("key-marker", next_key);
    }
    if (!next_id.empty()) {
      list.query.emplace_back("version-id-marker", next_id);
    }
    TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(list, kXmlSizeMax));
    if (!answer.good()) {
      return to_error(answer);
    }
    TUTELA_TRY_ASSIGN(S3Versions found, parse_versions(answer.body));
    // Other keys that begin with this one come after it.
    const bool beyond = std::any_of(found.versions.begin(),
                                    found.versions.end(),
                                    [&](const S3Version& each) { return each.key > key; });
    std::copy_if(std::make_move_iterator(found.versions.begin()),
                 std::make_move_iterator(found.versions.end()),
                 std::back_inserter(all),
                 [&](const S3Version& each) { return each.key == key; });
    if (beyond || found.next_key.empty()) {
      return all;
    }
    if (all.size() > kVersionsMax || (found.next_key == next_key && found.next_id == next_id)) {
      break;
    }
    next_key = std::move(found.next_key);
    next_id = std::move(found.next_id);
  }
  return unavailable("the S3 server's list of versions does not end");
}

Result<bool> S3Objects::is_locked(const S3Version& version) {
  if (!options_.object_lock) {
    return false;
  }
  S3Request ask = request("GET", version.key);
  ask.query = {{"retention", ""}, {"versionId", version.id}};
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(ask, kXmlSizeMax));
  const Result<UtcMs> until = parse_retention(answer.body);
  return answer.good() && until && *until > SystemClock().now_ms();
}

Status S3Objects::remove_version(const S3Version& version) {
  S3Request remove = request("DELETE", version.key);
  if (!version.id.empty()) {
    remove.query = {{"versionId", version.id}};
  }
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(remove, kXmlSizeMax));
  if (answer.good()) {
    learn_from(answer);
    return ok();
  }
  const Error error = to_error(answer);
  if (error.kind == ErrorKind::kNotFound) {
    return ok();
  }
  if (error.kind == ErrorKind::kForbidden && !version.id.empty()) {
    TUTELA_TRY_ASSIGN(const bool locked, is_locked(version));
    if (locked) {
      return Error{ErrorKind::kForbidden,
                   "blob.locked",
                   "an object lock keeps this blob until its day; nobody can remove it before"};
    }
  }
  return error;
}

Status S3Objects::remove(std::string_view key) {
  if (!versioned_) {
    TUTELA_TRY(remove_version({std::string(key), ""}));
    if (!versioned_) {
      return ok();
    }
    // The bucket has been given versions since, and that made a delete marker.
  }
  TUTELA_TRY_ASSIGN(const std::vector<S3Version> versions, versions_of(key));
  // The oldest first: should it stop on the way, the newest still answers.
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    TUTELA_TRY(remove_version(*version));
  }
  return ok();
}

Status S3Objects::remove_earlier(std::string_view key, std::string_view than_version) {
  if (!versioned_) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const std::vector<S3Version> versions, versions_of(key));
  auto version = std::find_if(versions.begin(), versions.end(), [&](const S3Version& each) {
    return each.id == than_version;
  });
  // Where ours is not there any more, whoever replaced it has removed it, or will.
  for (; version != versions.end(); ++version) {
    if (version->id != than_version) {
      TUTELA_TRY(remove_version(*version));
    }
  }
  return ok();
}

Result<std::string> S3Objects::begin_upload(std::string_view key,
                                            std::optional<UtcMs> lock_until_ms) {
  S3Request begin = request("POST", key);
  begin.query = {{"uploads", ""}};
  lock(begin, lock_until_ms);
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(begin, kXmlSizeMax));
  if (!answer.good()) {
    return to_error(answer);
  }
  return parse_upload_begun(answer.body);
}

Result<std::string> S3Objects::put_part(std::string_view key,
                                        const std::string& upload,
                                        std::size_t number,
                                        ByteView body) {
  S3Request put = request("PUT", key);
  put.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload}};
  put.body = body;
  put.headers["content-md5"] = base64(crypto::digests_of(body).md5);
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(put, kXmlSizeMax));
  if (!answer.good()) {
    return to_error(answer);
  }
  std::string etag(answer.header("etag"));
  const bool good =
      !etag.empty() && etag.size() <= 128 && etag.find_first_of("<>&") == std::string::npos;
  if (!good) {
    return unavailable("the S3 server stored a part without saying which");
  }
  return etag;
}

Status S3Objects::complete_upload(std::string_view key,
                                  const std::string& upload,
                                  const std::vector<std::string>& etags,
                                  ByteView footer) {
  std::string xml = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    xml += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" + etags[i] +
           "</ETag></Part>";
  }
  xml += "</CompleteMultipartUpload>";
  S3Request complete = request("POST", key);
  complete.query = {{"uploadId", upload}};
  complete.headers["content-type"] = "application/xml";
  complete.body = as_bytes(xml);
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(complete, kXmlSizeMax));
  learn_from(answer);
  if (answer.good() && is_upload_complete(answer.body)) {
    return ok();
  }
  // Servers end an upload once, and an attempt whose answer was lost may have been that once.
  const Error error = to_error(answer);
  if (answer.good() || error.kind == ErrorKind::kNotFound) {
    TUTELA_TRY_ASSIGN(const bool ours, ends_with(key, footer));
    return ours ? ok() : Status(unavailable("the S3 server did not complete an upload"));
  }
  return error;
}

Status S3Objects::abort_upload(std::string_view key, const std::string& upload) {
  S3Request abort = request("DELETE", key);
  abort.query = {{"uploadId", upload}};
  TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send_once(abort, kXmlSizeMax));
  if (!answer.good() && answer.status != 404) {
    return to_error(answer);
  }
  return ok();
}

Status S3Objects::abort_abandoned(UtcMs begun_before_ms) {
  std::string next_key;
  std::string next_id;
  for (std::size_t page = 0; page < kPagesMax; ++page) {
    S3Request list = request("GET", "");
    list.query = {{"uploads", ""}};
    if (!next_key.empty()) {
      list.query.emplace_back("key-marker", next_key);
      list.query.emplace_back("upload-id-marker", next_id);
    }
    TUTELA_TRY_ASSIGN(const S3Answer answer, client_->send(list, kXmlSizeMax));
    if (!answer.good()) {
      return to_error(answer);
    }
    TUTELA_TRY_ASSIGN(S3Uploads found, parse_uploads(answer.body));
    for (const S3Upload& upload : found.uploads) {
      if (upload.begun_ms < begun_before_ms && check_name(upload.key)) {
        TUTELA_TRY(abort_upload(upload.key, upload.id));
      }
    }
    if (found.next_key.empty() || (found.next_key == next_key && found.next_id == next_id)) {
      return ok();
    }
    next_key = std::move(found.next_key);
    next_id = std::move(found.next_id);
  }
  return ok();
}

}  // namespace tutela::blobs
