// NoticeFile: one POST /v1/notices/files. The answer is the same whatever the file is: it is
// scanned afterwards.
#pragma once

#include <memory>
#include <optional>

#include "service/http/app.hpp"
#include "service/http/multipart.hpp"
#include "service/http/upload.hpp"

namespace tutela::http {

class NoticeFile final : public Upload {
 public:
  NoticeFile(App& app, Request request, Admission::Slot slot);

  /// Errors: "request.media_type", "multipart.no_boundary".
  Status begin() override;
  /// Errors: those of pipeline::Intake and of MultipartReader; "request.unknown_field".
  Status append(ByteView bytes) override;
  Completion complete(ByteView last_bytes) override;

 private:
  Status open();
  Result<Uuid> make_durable(ByteView last_bytes);

  App& app_;
  Request request_;
  Admission::Slot slot_;
  std::unique_ptr<MultipartReader> multipart_;
  std::optional<pipeline::Intake> file_;
};

}  // namespace tutela::http
