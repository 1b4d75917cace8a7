#include "service/http/intake_form.hpp"

#include <utility>

#include "casework/intake/work.hpp"
#include "service/contact/contact.hpp"
#include "service/http/intake_page.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/intake/intake.hpp"

namespace tutela::http {

using intake_page::Filled;
using intake_page::FormKind;

namespace {

constexpr MultipartRules kRules = {.file_name = "files",
                                   .files_max = 64,
                                   .parts_max = 128,
                                   .field_bytes_max = 320U << 10,
                                   .in_any_order = true};

std::string_view path_of(FormKind kind) {
  return kind == FormKind::kReport ? "/?" : kind == FormKind::kLaw ? "/law?" : "/research?";
}

}  // namespace

IntakeForm::IntakeForm(App& app,
                       Request request,
                       Admission::Slot slot,
                       std::optional<FormKind> kind)
    : app_(app), request_(std::move(request)), slot_(std::move(slot)), kind_(kind) {}

Status IntakeForm::begin() {
  TUTELA_TRY_ASSIGN(const std::optional<std::string> boundary,
                    form_boundary(request_.content_type));
  if (!boundary) {
    return Error{
        ErrorKind::kInvalidInput, "request.media_type", "the body must be multipart/form-data"};
  }
  MultipartSink sink;
  sink.on_field = [this](std::string_view name, const std::string& value) {
    return fields_.add(name, value);
  };
  sink.on_file_begin = [this] {
    begin_file();
    return ok();
  };
  sink.on_file_bytes = [this](ByteView bytes) {
    take_file(bytes);
    return ok();
  };
  multipart_ = std::make_unique<MultipartReader>(*boundary, std::move(sink), kRules);
  return ok();
}

Status IntakeForm::append(ByteView bytes) {
  return multipart_->feed(bytes);
}

void IntakeForm::begin_file() {
  if (place_ > 0) {
    end_file();
  }
  ++place_;
  in_file_ = false;
  skipping_ = false;
}

/// Browsers send one empty part where no file was chosen: nothing is begun before a first byte. One
/// of several was chosen, and has no bytes.
void IntakeForm::end_file() {
  if (!in_file_ && !skipping_) {
    lose(place_, {ErrorKind::kInvalidInput, "media.empty", "a file has no bytes"});
  }
}

void IntakeForm::take_file(ByteView bytes) {
  if (skipping_) {
    return;
  }
  Status taken = in_file_ ? ok() : open_file();
  if (taken) {
    taken = files_.back().file.append(bytes);
  }
  if (!taken) {
    if (in_file_) {
      files_.pop_back();
    }
    in_file_ = false;
    skipping_ = true;
    lose(place_, taken.error());
  }
}

void IntakeForm::lose(std::size_t place, const Error& error) {
  using Why = intake_page::LostFile::Why;
  lost_.push_back({place,
                   error.code == "media.too_large"         ? Why::kTooLarge
                   : error.code == "notice.too_many_files" ? Why::kTooMany
                                                           : Why::kFailed});
}

Status IntakeForm::open_file() {
  if (files_.size() >= app_.settings.get()->intake.files_max || kind_ == FormKind::kResearch) {
    return Error{ErrorKind::kLimitExceeded, "notice.too_many_files", "too many files"};
  }
  intake::NewNotice notice;
  if (!kind_) {
    // Files are taken of those who have the PIN alone.
    if (!theirs_) {
      const auto seen = app_.intake->notices().follow(fields_.get("number"), fields_.get("pin"));
      theirs_ = seen.has_value();
    }
    if (!*theirs_) {
      return Error{ErrorKind::kNotFound, "notice.unknown", "number or PIN is wrong"};
    }
  } else if (auto filled = intake_page::notice_of(*kind_, fields_, true); filled) {
    notice = std::move(filled->notice);
  }
  TUTELA_TRY_ASSIGN(pipeline::Intake file, app_.intake->receive_file(page_actor(), notice));
  files_.push_back({place_, std::move(file)});
  in_file_ = true;
  return ok();
}

/// Durable from here on.
std::vector<Uuid> IntakeForm::finish_files() {
  std::vector<Uuid> ids;
  for (auto& [place, file] : files_) {
    if (const auto id = file.finish(); id) {
      ids.push_back(*id);
    } else {
      lose(place, id.error());
    }
  }
  files_.clear();
  return ids;
}

intake_page::Visit IntakeForm::visit(std::string_view path) const {
  intake_page::Visit visit = visit_of(app_, request_, fields_.get("lang"), path);
  visit.chosen = fields_.get("country");
  return visit;
}

Upload::Completion IntakeForm::complete(ByteView last_bytes) {
  if (const Status fed = append(last_bytes); !fed) {
    return {problem(fed.error(), request_.id)};
  }
  if (const Status ended = multipart_->finish(); !ended) {
    return {problem(ended.error(), request_.id)};
  }
  if (place_ > 1) {
    end_file();
  }
  return {kind_ ? take_notice() : take_addition()};
}

/// The form as it was filled in, with what is wrong.
Response IntakeForm::again(std::string_view code) {
  return page_response(
      app_.site->form(visit(path_of(*kind_)), *kind_, fields_, code, lost_), request_, 400);
}

void IntakeForm::prove(Filled& filled) const {
  const std::uint32_t bits = app_.settings.get()->intake.work_bits;
  if (bits == 0 || filled.challenge.empty()) {
    return;
  }
  if (intake::check_work(
          app_.intake->key(), filled.challenge, filled.work, bits, app_.clock.now_ms())) {
    filled.notice.proved = true;
    filled.notice.idempotency_key = "work:" + filled.challenge;  // good for one notice
  }
}

/// A proof that was used before is none; the notice is taken all the same.
Result<intake::Accepted> IntakeForm::accept(intake::NewNotice& notice) const {
  intake::Notices& notices = app_.intake->notices();
  auto accepted = notices.accept(page_actor(), notice);
  const bool used =
      !accepted && notice.idempotency_key && accepted.error().code == "idempotency.mismatch";
  if (used) {
    notice.idempotency_key.reset();
    notice.proved = false;
    return notices.accept(page_actor(), notice);
  }
  return accepted;
}

Response IntakeForm::take_notice() {
  const bool had_files = !files_.empty();
  auto filled = intake_page::notice_of(*kind_, fields_, had_files);
  if (!filled) {
    return again(filled.error().code);
  }
  intake::NewNotice& notice = filled->notice;
  if (const Status good = intake::check(notice.body, had_files); !good) {
    return again(good.error().code);
  }
  intake_page::Receipt receipt;
  if (!filled->contact.empty()) {
    auto sealed = contact::seal(app_.review.database, filled->contact);
    receipt.contact_lost = !sealed;
    if (sealed) {
      notice.contact = *std::move(sealed);
    }
  }
  prove(*filled);
  notice.source = app_.intake->notices().source_of(request_.address);
  notice.files = finish_files();
  const auto accepted = accept(notice);
  if (!accepted) {
    const bool theirs = accepted.error().kind == ErrorKind::kInvalidInput ||
                        accepted.error().kind == ErrorKind::kLimitExceeded;
    return theirs ? again(accepted.error().code) : problem(accepted.error(), request_.id);
  }
  app_.intake->wake();
  receipt.number = accepted->number;
  receipt.pin = accepted->pin;
  receipt.due_ms = accepted->due_ms;
  receipt.imminent = notice.imminent && *kind_ == FormKind::kReport;
  receipt.cares = *kind_ == FormKind::kReport;
  receipt.lost = std::move(lost_);
  return page_response(app_.site->sent(visit(path_of(*kind_)), receipt), request_);
}

Response IntakeForm::take_addition() {
  intake::Notices& notices = app_.intake->notices();
  const std::string_view number = fields_.get("number");
  const std::string_view pin = fields_.get("pin");
  intake_page::FollowedMore more{.pin = std::string(pin), .done = "add.done"};
  auto followed = notices.follow(number, pin);  // before anything of it becomes durable
  if (followed) {
    const std::vector<Uuid> ids = finish_files();
    if (auto added = notices.add(number, pin, fields_.get("text"), ids); added) {
      followed = std::move(added);
      app_.intake->wake();
    } else if (added.error().kind == ErrorKind::kInternal ||
               added.error().kind == ErrorKind::kUnavailable) {
      return problem(added.error(), request_.id);
    } else {
      more.error = added.error().code;
      more.done.clear();
      more.text = fields_.get("text");
    }
    more.lost = std::move(lost_);
  }
  const intake_page::Visit seen = visit("/follow?");
  if (followed) {
    return page_response(app_.site->state(seen, *followed, more), request_);
  }
  return followed.error().kind == ErrorKind::kNotFound
             ? page_response(app_.site->follow(seen, number, followed.error().code), request_, 404)
             : problem(followed.error(), request_.id);
}

std::unique_ptr<Upload> upload_report(App& app, Request request, Admission::Slot slot) {
  return std::make_unique<IntakeForm>(app, std::move(request), std::move(slot), FormKind::kReport);
}

std::unique_ptr<Upload> upload_law(App& app, Request request, Admission::Slot slot) {
  return std::make_unique<IntakeForm>(app, std::move(request), std::move(slot), FormKind::kLaw);
}

std::unique_ptr<Upload> upload_research(App& app, Request request, Admission::Slot slot) {
  return std::make_unique<IntakeForm>(
      app, std::move(request), std::move(slot), FormKind::kResearch);
}

std::unique_ptr<Upload> upload_addition(App& app, Request request, Admission::Slot slot) {
  return std::make_unique<IntakeForm>(app, std::move(request), std::move(slot), std::nullopt);
}

}  // namespace tutela::http
