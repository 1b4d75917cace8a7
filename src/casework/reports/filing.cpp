#include "casework/reports/filing.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace tutela::reports {
namespace {

bool is_of_open_report(Step step) noexcept {
  return step == Step::kUpload || step == Step::kFileInfo || step == Step::kFinish;
}

// What an answer without the id that it should have is worth: it may have worked.
Phase phase_of(const StepRow& row) noexcept {
  const bool without_id = (row.step == Step::kSubmit && row.authority_id.empty()) ||
                          (row.step == Step::kUpload && row.file_id.empty());
  return row.phase == Phase::kDone && without_id ? Phase::kUnclear : row.phase;
}

/// The protocol of one journal that is not empty; every case is one of its last row's.
class Protocol {
 public:
  Protocol(const std::vector<StepRow>& journal, std::int64_t files, const FilingRules& rules)
      : journal_(journal), files_(files), rules_(rules), last_(journal.back()) {}

  [[nodiscard]] Next next(Channel channel, UtcMs now_ms) const {
    const bool delivers = channel != Channel::kCybertip;
    const bool of_other_channel = std::ranges::any_of(
        journal_, [&](const StepRow& row) { return (row.step == Step::kDeliver) != delivers; });
    if (of_other_channel) {
      return ask("report.other_channel");
    }
    if (is_over(now_ms)) {
      return ask("report.unreachable");
    }
    switch (last_.step) {
      case Step::kDeliver:
        return after_deliver();
      case Step::kSubmit:
        return after_submit();
      case Step::kRetract:
        return after_retract();
      case Step::kUpload:
      case Step::kFileInfo:
      case Step::kFinish:
        break;
    }
    return after_step();
  }

 private:
  // The time of trying is over, and what was tried last did not work. What was never answered is
  // looked into first.
  [[nodiscard]] bool is_over(UtcMs now_ms) const {
    const Phase phase = phase_of(last_);
    if (last_.before_retry || (phase != Phase::kUnclear && phase != Phase::kTrouble)) {
      return false;
    }
    const auto first =
        std::ranges::find_if(journal_, [](const StepRow& row) { return !row.before_retry; });
    return now_ms - first->begun_ms > rules_.horizon_ms;
  }

  [[nodiscard]] Next step(Step what, std::int64_t file = -1, std::string file_id = {}) const {
    Next next;
    next.step = what;
    next.file = file;
    next.round = last_.round;
    next.file_id = std::move(file_id);
    next.authority_id = what == Step::kSubmit ? std::string() : last_.authority_id;
    return next;
  }

  [[nodiscard]] Next again() const { return step(last_.step, last_.file, last_.file_id); }

  [[nodiscard]] Next from_the_start() const {
    Next next;
    next.round = last_.round + 1;
    return next;
  }

  [[nodiscard]] Next ask(std::string_view failure) const {
    Next next = again();
    next.what = Do::kAskPerson;
    next.failure = failure;
    return next;
  }

  [[nodiscard]] Next again_or_ask(std::string_view failure) const {
    return last_.before_retry ? again() : ask(failure);
  }

  [[nodiscard]] Next finished(bool in_doubt) const {
    Next next = step(last_.step);
    next.what = Do::kFinished;
    next.in_doubt = in_doubt;
    for (const StepRow& row : journal_) {
      if (row.round == last_.round && row.step == Step::kUpload && row.phase == Phase::kDone &&
          row.authority_id == last_.authority_id) {
        next.file_ids.push_back(row.file_id);
      }
    }
    return next;
  }

  // Of all answers that made this report start again, since a person looked.
  [[nodiscard]] bool too_many_rounds() const {
    const auto count = std::ranges::count_if(journal_, [](const StepRow& row) {
      return !row.before_retry && is_of_open_report(row.step) &&
             (row.phase == Phase::kGone || row.phase == Phase::kRetracted ||
              row.phase == Phase::kOtherBytes);
    });
    return count > rules_.rounds_max;
  }

  [[nodiscard]] Next after_deliver() const {
    switch (last_.phase) {
      case Phase::kDone:
        return finished(false);
      case Phase::kBegun:
      case Phase::kUnclear:
      case Phase::kTrouble:
        return again();
      case Phase::kCredentials:
        return again_or_ask("report.credentials");
      default:
        return again_or_ask("report.rejected");
    }
  }

  [[nodiscard]] Next after_submit() const {
    switch (phase_of(last_)) {
      case Phase::kDone:
        return forward();
      case Phase::kBegun:
      case Phase::kUnclear:
      case Phase::kTrouble:
        return step(Step::kSubmit);
      case Phase::kCredentials:
        return last_.before_retry ? step(Step::kSubmit) : ask("report.credentials");
      default:
        return last_.before_retry ? step(Step::kSubmit) : ask("report.rejected");
    }
  }

  [[nodiscard]] Next forward() const {
    if (last_.step == Step::kUpload) {
      return step(Step::kFileInfo, last_.file, last_.file_id);
    }
    const std::int64_t file = last_.step == Step::kSubmit ? 0 : last_.file + 1;
    return file < files_ ? step(Step::kUpload, file) : step(Step::kFinish);
  }

  // Of an upload, its information, or the finish.
  [[nodiscard]] Next after_step() const {
    switch (phase_of(last_)) {
      case Phase::kDone:
        return last_.step == Step::kFinish ? finished(false) : forward();
      case Phase::kBegun:
      case Phase::kUnclear:
        return step(Step::kRetract);
      case Phase::kTrouble:
        return again();
      case Phase::kCredentials:
        return again_or_ask("report.credentials");
      case Phase::kRejected:
        return last_.before_retry ? step(Step::kRetract) : ask("report.rejected");
      case Phase::kOtherBytes:
        return too_many_rounds() ? ask("report.other_bytes") : step(Step::kRetract);
      case Phase::kGone:
      case Phase::kRetracted:
        return too_many_rounds() ? ask("report.too_many_rounds") : from_the_start();
      case Phase::kFinished:
        break;
    }
    return last_.step == Step::kFinish ? finished(true) : ask("report.finished_elsewhere");
  }

  [[nodiscard]] Next after_retract() const {
    switch (last_.phase) {
      case Phase::kDone:
      case Phase::kGone:
      case Phase::kRetracted:
        return from_the_start();
      case Phase::kBegun:
      case Phase::kUnclear:
      case Phase::kTrouble:
      case Phase::kOtherBytes:
        return step(Step::kRetract);
      case Phase::kCredentials:
        return again_or_ask("report.credentials");
      case Phase::kRejected:
        return again_or_ask("report.rejected");
      case Phase::kFinished:
        break;
    }
    const bool by_us = std::ranges::any_of(journal_, [&](const StepRow& row) {
      return row.step == Step::kFinish && row.authority_id == last_.authority_id;
    });
    return by_us ? finished(true) : ask("report.finished_elsewhere");
  }

  const std::vector<StepRow>& journal_;
  std::int64_t files_;
  const FilingRules& rules_;
  const StepRow& last_;
};

}  // namespace

Next next_of(Channel channel,
             const std::vector<StepRow>& journal,
             std::int64_t files,
             const FilingRules& rules,
             UtcMs now_ms) {
  Next next;
  if (channel == Channel::kByHand) {
    next.what = Do::kAskPerson;
    next.failure = "report.by_hand";
    return next;
  }
  if (journal.empty()) {
    next.step = channel == Channel::kCybertip ? Step::kSubmit : Step::kDeliver;
    return next;
  }
  return Protocol(journal, files, rules).next(channel, now_ms);
}

bool may_be_finished(const std::vector<StepRow>& journal) {
  std::map<std::string_view, bool> doubt;  // by the authority's id
  for (const StepRow& row : journal) {
    const bool may_have_worked =
        row.phase == Phase::kBegun || row.phase == Phase::kUnclear || row.phase == Phase::kDone;
    const bool ends = row.step == Step::kFinish || row.step == Step::kDeliver;
    if (row.phase == Phase::kFinished || (ends && row.phase == Phase::kDone) ||
        (row.step == Step::kDeliver && may_have_worked)) {
      return true;
    }
    if (ends && may_have_worked) {
      doubt[row.authority_id] = true;
    }
    if (row.step == Step::kRetract && (row.phase == Phase::kDone || row.phase == Phase::kGone ||
                                       row.phase == Phase::kRetracted)) {
      doubt[row.authority_id] = false;
    }
  }
  return std::ranges::any_of(doubt, [](const auto& each) { return each.second; });
}

std::int64_t delay_after(std::int64_t attempts, std::uint64_t random) noexcept {
  constexpr std::int64_t kMinute = 60'000;
  constexpr std::array<std::int64_t, 7> kDelays = {
      30'000, kMinute, 2 * kMinute, 5 * kMinute, 10 * kMinute, 30 * kMinute, 60 * kMinute};
  const auto last = static_cast<std::int64_t>(kDelays.size());
  const std::int64_t delay =
      kDelays[static_cast<std::size_t>(std::clamp(attempts, std::int64_t{1}, last) - 1)];
  const auto jitter_max = static_cast<std::uint64_t>(delay / 10);
  return delay + static_cast<std::int64_t>(random % (jitter_max + 1));
}

}  // namespace tutela::reports
