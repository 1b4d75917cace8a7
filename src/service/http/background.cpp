#include "service/http/background.hpp"

#include <cstdint>
#include <string>

#include "base/thread.hpp"
#include "service/http/reporting.hpp"
#include "service/http/review.hpp"
#include "service/log/log.hpp"

namespace tutela::http {

namespace {

constexpr std::chrono::milliseconds kListsPause{200};
constexpr std::chrono::milliseconds kOwedPause{5000};
constexpr std::chrono::milliseconds kPostedPause{500};
constexpr std::chrono::milliseconds kMergePause{2000};
constexpr std::chrono::milliseconds kEvidencePause{500};
constexpr std::chrono::milliseconds kCasesPause{1000};
constexpr std::chrono::milliseconds kVaultStarts{5000};
constexpr std::chrono::milliseconds kFilingPause{1000};
constexpr std::chrono::milliseconds kReportsPause{1000};
constexpr std::chrono::milliseconds kSamplesPause{1000};
constexpr std::chrono::milliseconds kCompactionPause{600'000};

void complain(std::string_view event, const Error& error) {
  log::log_event(
      log::Level::kError, event, {{"code", std::string(error.code)}, {"why", error.message}});
}

/// What stays wrong is said once, and again when it is something else.
void complain_once(std::string_view event, const Error* error, std::string& said) {
  const std::string code(error == nullptr ? std::string_view() : error->code);
  if (error != nullptr && code != said) {
    complain(event, *error);
  }
  said = code;
}

void tell(const pipeline::Rescan& rescan) {
  if (rescan.state == pipeline::RescanState::kDone) {
    log::log_event(log::Level::kInfo,
                   "rescan finished",
                   {{"rescan", to_string(rescan.id)},
                    {"cause", std::string(to_string(rescan.cause))},
                    {"signals", rescan.signals},
                    {"examined", rescan.examined},
                    {"found", rescan.found}});
  }
}

}  // namespace

Background::Background(pipeline::Pipeline& pipeline,
                       const vault_client::Client& vault,
                       Review& review,
                       Reporting& reporting)
    : pipeline_(pipeline),
      vault_(vault),
      review_(review),
      reporting_(reporting),
      lists_([this] { repeat(kListsPause, [this] { refresh_lists(); }); }),
      owed_([this] { repeat(kOwedPause, [this] { finish_owed(); }); }),
      posted_([this] { repeat(kPostedPause, [this] { follow_posted(); }); }),
      merges_([this] {
        lower_priority_of_this_thread();
        repeat(kMergePause, [this] { merge_indexes(); });
      }),
      evidence_([this] { repeat(kEvidencePause, [this] { keep_evidence(); }); }),
      cases_([this] { repeat(kCasesPause, [this] { close_cases(); }); }),
      filing_([this] {
        repeat(kFilingPause, [this] { file_reports(reports::Which::kAny, filing_failed_); });
      }),
      urgent_([this] {
        repeat(kFilingPause, [this] { file_reports(reports::Which::kUrgent, urgent_failed_); });
      }),
      reports_([this] { repeat(kReportsPause, [this] { look_after_reports(); }); }),
      samples_([this] {
        lower_priority_of_this_thread();
        repeat(kSamplesPause, [this] { audit_samples(); });
      }),
      compaction_([this] {
        lower_priority_of_this_thread();
        repeat(kCompactionPause, [this] { compact_ledger(); });
      }) {}

Background::~Background() {
  request_stop();
  lists_.join();
  owed_.join();
  posted_.join();
  merges_.join();
  evidence_.join();
  cases_.join();
  filing_.join();
  urgent_.join();
  reports_.join();
  samples_.join();
  compaction_.join();
}

void Background::request_stop() {
  const MutexLock lock(mutex_);
  stop_.store(true);
  stopped_.notify_all();
}

void Background::repeat(std::chrono::milliseconds pause, const std::function<void()>& work) {
  while (!stop_.load()) {
    work();
    const MutexLock lock(mutex_);
    const auto until = std::chrono::steady_clock::now() + pause;
    while (!stop_.load() && stopped_.wait_until(mutex_, until) != std::cv_status::timeout) {
    }
  }
}

void Background::refresh_lists() {
  if (const auto refreshed = pipeline_.refresh_generation(); !refreshed) {
    complain("lists not refreshed", refreshed.error());
  }
}

void Background::finish_owed() {
  const auto finished = pipeline_.finish_owed([this] { return stop_.load(); });
  if (!finished) {
    complain("owed items not finished", finished.error());
  } else if (*finished > 0) {
    log::log_event(log::Level::kInfo,
                   "owed items finished",
                   {{"items", static_cast<std::int64_t>(*finished)}});
  }
}

void Background::follow_posted() {
  const auto done = pipeline_.catch_up([this] { return stop_.load(); },
                                       [](const pipeline::Rescan& rescan) { tell(rescan); });
  complain_once(
      "what was posted before is not searched", done ? nullptr : &done.error(), posted_failed_);
  if (done && done->rebuilding) {
    log::log_event(log::Level::kWarn, "the content index was damaged and is made again");
  }
}

void Background::keep_evidence() {
  const auto kept = pipeline_.keep_evidence(vault_, [this] { return stop_.load(); });
  if (!kept && kept.error().code == "evidence.lost") {
    complain("evidence is lost", kept.error());
    return;
  }
  if (!kept) {
    // What matched waits in the spool. A vault that starts takes a moment; then once is enough.
    if (!vault_down_ && std::chrono::steady_clock::now() - vault_up_ > kVaultStarts) {
      complain("evidence waits for the vault", kept.error());
      vault_down_ = true;
    }
    return;
  }
  vault_down_ = false;
  vault_up_ = std::chrono::steady_clock::now();
  if (*kept > 0) {
    log::log_event(
        log::Level::kInfo, "evidence kept", {{"items", static_cast<std::int64_t>(*kept)}});
  }
}

void Background::close_cases() {
  const auto done = review_.decisions.tick([this] { return stop_.load(); });
  if (!done) {
    complain("cases do not go on", done.error());
  } else if (*done > 0) {
    log::log_event(
        log::Level::kInfo, "cases went on", {{"steps", static_cast<std::int64_t>(*done)}});
    if (review_.sender) {
      review_.sender->wake();  // what follows from decisions
    }
  }
}

void Background::file_reports(reports::Which which, std::string& failed) {
  const auto filed = reporting_.file([this] { return stop_.load(); }, which);
  complain_once("reports are not filed", filed ? nullptr : &filed.error(), failed);
  if (filed && *filed > 0 && review_.sender) {
    review_.sender->wake();
  }
}

void Background::look_after_reports() {
  const auto done = reporting_.look_after([this] { return stop_.load(); });
  complain_once("reports are not looked after", done ? nullptr : &done.error(), reports_failed_);
  if (done && *done > 0 && review_.sender) {
    review_.sender->wake();
  }
}

void Background::audit_samples() {
  const auto done = pipeline_.audit_samples([this] { return stop_.load(); });
  const bool failed = !done && done.error().code != "samples.stopped";
  complain_once("sampling audits are not made", failed ? &done.error() : nullptr, samples_failed_);
  const auto counts = pipeline_.sample_counts();
  if (counts && counts->different > differences_) {
    differences_ = counts->different;
    log::log_event(log::Level::kError,
                   "sampling audits found another result than the scan",
                   {{"items", differences_}});
  }
}

void Background::compact_ledger() {
  const auto done = pipeline_.compact([this] { return stop_.load(); });
  complain_once("the ledger is not compacted", done ? nullptr : &done.error(), compaction_failed_);
  if (done && done->items > 0) {
    log::log_event(log::Level::kInfo, "items are kept no longer", {{"items", done->items}});
  }
}

void Background::merge_indexes() {
  if (const auto merged = pipeline_.merge_indexes(); !merged) {
    complain("indexes not merged", merged.error());
  }
}

}  // namespace tutela::http
