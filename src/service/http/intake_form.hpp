// Intake form: one form of the public pages, taken as it arrives: fields, and files that go
// straight into the spool. What of it cannot be taken (a file that is too large, say) does not keep
// the rest from being taken, and whoever sent it is told.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/http/app.hpp"
#include "service/http/multipart.hpp"
#include "service/http/request.hpp"
#include "service/http/upload.hpp"
#include "service/intake_page/form.hpp"
#include "service/intake_page/site.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::http {

class IntakeForm final : public Upload {
 public:
  /// `kind`: nothing for what is added to a notice that is there.
  IntakeForm(App& app,
             Request request,
             Admission::Slot slot,
             std::optional<intake_page::FormKind> kind);

  /// Errors: "request.media_type", "multipart.no_boundary".
  Status begin() override;
  /// Errors: those of MultipartReader, and "request.too_large".
  Status append(ByteView bytes) override;
  Completion complete(ByteView last_bytes) override;

  /// The sorter scans what came with a notice.
  void scan_owed() override {}

 private:
  struct Taken {
    std::size_t place;
    pipeline::Intake file;
  };

  void begin_file();
  void end_file();
  void take_file(ByteView bytes);
  void lose(std::size_t place, const Error& error);
  Status open_file();
  std::vector<Uuid> finish_files();
  [[nodiscard]] intake_page::Visit visit(std::string_view path) const;
  Response take_notice();
  Response take_addition();
  Response again(std::string_view code);
  void prove(intake_page::Filled& filled) const;
  Result<intake::Accepted> accept(intake::NewNotice& notice) const;

  App& app_;
  const Request request_;
  Admission::Slot slot_;
  const std::optional<intake_page::FormKind> kind_;
  std::unique_ptr<MultipartReader> multipart_;
  intake_page::Fields fields_;
  std::vector<Taken> files_;
  std::size_t place_ = 0;       // of the file that arrives
  bool in_file_ = false;        // the last of files_ is being filled
  bool skipping_ = false;       // what cannot be taken
  std::optional<bool> theirs_;  // number and PIN of an addition: asked once for all of its files
  std::vector<intake_page::LostFile> lost_;
};

}  // namespace tutela::http
