#include "service/http/notice_file.hpp"

#include <string>
#include <utility>

#include "service/http/json.hpp"
#include "service/http/problem.hpp"
#include "service/intake/intake.hpp"

namespace tutela::http {

NoticeFile::NoticeFile(App& app, Request request, Admission::Slot slot)
    : app_(app), request_(std::move(request)), slot_(std::move(slot)) {}

Status NoticeFile::begin() {
  TUTELA_TRY_ASSIGN(const std::optional<std::string> boundary,
                    form_boundary(request_.content_type));
  if (!boundary) {
    return ok();
  }
  MultipartSink sink;
  sink.on_field = [](std::string_view, const std::string&) -> Status {
    return Error{
        ErrorKind::kInvalidInput, "request.unknown_field", "the only part is the file itself"};
  };
  sink.on_file_begin = [this] {
    return open();
  };
  sink.on_file_bytes = [this](ByteView bytes) {
    return file_->append(bytes);
  };
  multipart_ = std::make_unique<MultipartReader>(*boundary, std::move(sink));
  return ok();
}

Status NoticeFile::open() {
  intake::NewNotice notice;
  notice.channel = intake::Channel::kApi;
  TUTELA_TRY_ASSIGN(file_, app_.intake->receive_file(request_.principal->actor, notice));
  return ok();
}

Status NoticeFile::append(ByteView bytes) {
  if (multipart_) {
    return multipart_->feed(bytes);
  }
  if (!file_) {
    TUTELA_TRY(open());
  }
  return bytes.empty() ? ok() : file_->append(bytes);
}

Result<Uuid> NoticeFile::make_durable(ByteView last_bytes) {
  TUTELA_TRY(append(last_bytes));
  if (multipart_) {
    TUTELA_TRY(multipart_->finish());
  }
  return file_->finish();
}

Upload::Completion NoticeFile::complete(ByteView last_bytes) {
  const auto id = make_durable(last_bytes);
  file_.reset();  // it is owed: scanned when its notice has its place, or with what is owed
  if (!id) {
    if (status_of(id.error()) >= 500) {
      app_.metrics.count_scan_error(id.error().code);
    }
    return {problem(id.error(), request_.id)};
  }
  return {json_response(202, {{"id", to_string(*id)}})};
}

}  // namespace tutela::http
