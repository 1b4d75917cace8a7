// The channel of NCMEC's Reporting API (technical documentation of 2025-06-11).
#include <algorithm>
#include <memory>
#include <utility>

#include "service/authorities/channel.hpp"
#include "service/authorities/cybertip_answer.hpp"
#include "service/authorities/cybertip_call.hpp"
#include "service/authorities/cybertip_upload.hpp"
#include "service/authorities/pace.hpp"

namespace tutela::authorities {

using reports::Phase;
using reports::Step;

namespace {

constexpr std::int64_t kLongestMs = 3'600'000;

Error bad_settings(std::string message) {
  return Error{ErrorKind::kInvalidInput, "config.bad_cybertip", std::move(message)};
}

bool printable(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
}

Took nothing_sent(std::string description, Phase phase = Phase::kTrouble) {
  Took took;
  took.phase = phase;
  took.description = std::move(description);
  return took;
}

class Cybertip final : public Channel {
 public:
  explicit Cybertip(const CybertipOptions& options)
      : options_(options), pace_(options.calls_per_minute) {}

  Took take(const Task& task) override {
    const auto on_progress = task.on_progress;
    const Status may = pace_.wait([&] { return on_progress ? on_progress(0) : ok(); });
    if (!may) {
      return nothing_sent("ended before anything was sent: " + std::string(may.error().code));
    }
    const reports::Next& next = task.next;
    const std::optional<std::int64_t> id = number_of(next.authority_id);
    if (next.step == Step::kDeliver || (next.step != Step::kSubmit && !id)) {
      return nothing_sent("this service has no such step, or no such report", Phase::kRejected);
    }
    switch (next.step) {
      case Step::kSubmit:
      case Step::kFileInfo:
        return take_document(task, id.value_or(0));
      case Step::kUpload:
        return take_upload(task);
      case Step::kFinish:
        return take_form(task, "/finish");
      case Step::kRetract:
      case Step::kDeliver:
        break;
    }
    return take_form(task, "/retract");
  }

  Reached status() override {
    Call call;
    call.path = "/status";
    const Got got = make_call(options_, call);
    Expected expected;
    expected.step = Step::kFileInfo;  // success alone is asked for
    const Took took = judge(expected, got);
    if (took.phase == Phase::kDone) {
      return {true, took.simulated ? "a simulator answers" : "the service answers: success"};
    }
    std::string said = took.description;
    if (took.code) {
      said = "the service answers " + std::to_string(*took.code) + ": " + said;
    }
    return {false, std::move(said)};
  }

 private:
  static Call call_of(const Task& task, std::string_view path) {
    Call call;
    call.path = path;
    call.on_progress = task.on_progress;
    return call;
  }

  [[nodiscard]] Took judged(const Task& task, const Call& call, std::string md5 = {}) const {
    return judge({task.next.step, task.next.authority_id, std::move(md5)},
                 make_call(options_, call));
  }

  Took take_document(const Task& task, std::int64_t id) const {
    const bool opens = task.next.step == Step::kSubmit;
    const auto file = static_cast<std::size_t>(std::max<std::int64_t>(task.next.file, 0));
    if (task.checked == nullptr || (!opens && file >= task.checked->files())) {
      return nothing_sent("there is no checked document for this step", Phase::kRejected);
    }
    Call call = call_of(task, opens ? "/submit" : "/fileinfo");
    call.xml =
        opens ? task.checked->report_xml() : task.checked->file_xml(file, id, task.next.file_id);
    return judged(task, call);
  }

  Took take_form(const Task& task, std::string_view path) const {
    Call call = call_of(task, path);
    call.form_id = task.next.authority_id;
    return judged(task, call);
  }

  Took take_upload(const Task& task) const {
    const auto& files = task.leased.files;
    const auto file = std::find_if(files.begin(), files.end(), [&](const reports::File& each) {
      return each.number == task.next.file;
    });
    if (file == files.end() || !task.open_file) {
      return nothing_sent("the report has no such file", Phase::kRejected);
    }
    auto upload = open(task, *file);
    if (!upload) {
      const bool other = upload.error().code == kOtherBytes;
      return nothing_sent("the file cannot be read: " + std::string(upload.error().code),
                          other ? Phase::kOtherBytes : Phase::kTrouble);
    }
    Call call = call_of(task, "/upload");
    call.form_id = task.next.authority_id;
    call.upload = upload->get();
    // Never what the person reported called it: that is said in fileDetails.
    call.file_name = "file-" + std::to_string(file->number);
    Took took = judged(task, call, file->md5);
    if ((*upload)->failure() && (*upload)->failure()->code == kOtherBytes) {
      took.phase = Phase::kOtherBytes;
    } else if (took.phase == Phase::kDone && !(*upload)->whole()) {
      took.phase = Phase::kUnclear;
      took.description = "the service answers success before it had the whole file";
    }
    return took;
  }

  static Result<std::unique_ptr<Upload>> open(const Task& task, const reports::File& file) {
    TUTELA_TRY_ASSIGN(std::unique_ptr<Source> source, task.open_file(file.number));
    return Upload::open(std::move(source), file.size_bytes, file.md5);
  }

  const CybertipOptions options_;
  Pace pace_;
};

}  // namespace

Result<std::unique_ptr<Channel>> open_cybertip(const CybertipOptions& options) {
  TUTELA_TRY(environment_of(options.url));
  if (!printable(options.username) || !printable(options.password) ||
      options.username.find(':') != std::string::npos) {
    return bad_settings("cybertip.username and cybertip.password must be set; the first has no :");
  }
  for (const std::int64_t limit :
       {options.connect_timeout_ms, options.timeout_ms, options.stall_ms}) {
    if (limit < 1 || limit > kLongestMs) {
      return bad_settings("the time-outs of cybertip are of 1 ms to an hour");
    }
  }
  if (options.calls_per_minute < 1) {
    return bad_settings("reporting.calls_per_minute is at least 1");
  }
  return std::unique_ptr<Channel>(std::make_unique<Cybertip>(options));
}

}  // namespace tutela::authorities
