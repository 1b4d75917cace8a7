// Filing: how a released report gets to the authority exactly once, whatever dies in between.
//
// The journal has a row for each step, written before the step and completed when its answer is
// there. next_of() is the whole of the protocol: from the journal it says what to do next. A step
// that was begun and never answered is in doubt. The service has no way to ask for a report's
// state, but /retract tells (documentation chapter "retract", codes 5001, 5101, 5102):
//
//   in doubt             what is done
//   submit               again: an open report nobody knows of is deleted by the service
//   upload, fileinfo     retract, then again from the start
//   finish               retract: done -> was open, again from the start; 5102 -> it is finished;
//                        5001, 5101 -> it is gone, again from the start
//   retract              again: 5101 says that it had worked
//
// Of answers: other bytes and a refusal that a person had tried again are retracted and begun from
// the start; an expired report is begun from the start; a refusal asks a person.
//
// No step but `finish` makes a report count, and finish is begun only with an id in the journal, so
// at no time can two reports of one document be finished. Pure; the journal's rows are the input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/reports/model.hpp"

namespace tutela::reports {

enum class Step : std::uint8_t { kSubmit, kUpload, kFileInfo, kFinish, kRetract, kDeliver };
std::string_view to_string(Step value) noexcept;  // "submit" "upload" "file_info" ... "deliver"
Result<Step> parse_step(std::string_view text);

/// How a step ended. begun: not yet, or nobody knows.
enum class Phase : std::uint8_t {
  kBegun,
  kDone,
  kUnclear,      // no answer, half an answer, a server's trouble: it may have worked
  kTrouble,      // certainly nothing happened (no connection): again later
  kCredentials,  // the authority refuses who we are
  kRejected,     // the authority refuses what we say
  kOtherBytes,   // it received other bytes than were sent
  kGone,         // no such report or file: expired
  kRetracted,    // it had been retracted
  kFinished,     // it had been finished
};
std::string_view to_string(Phase value) noexcept;
Result<Phase> parse_phase(std::string_view text);

struct StepRow {
  std::int64_t id = 0;
  std::int64_t round = 1;  // grows with every start from the beginning
  Step step = Step::kSubmit;
  std::int64_t file = -1;  // number, for uploads and their information
  std::string authority_id;
  std::string file_id;
  Phase phase = Phase::kBegun;
  std::optional<std::int64_t> code;
  std::optional<std::int64_t> http_status;
  std::string description;  // the authority's words, or ours for what went wrong on the way
  std::string request_ref;  // its Request-ID, which its support asks for
  UtcMs begun_ms = 0;
  std::optional<UtcMs> ended_ms;
  bool before_retry = false;  // a person had it tried again since: counts against nothing
};

struct FilingRules {
  std::int64_t rounds_max = 5;  // starts from the beginning because of what the authority answered
  std::int64_t horizon_ms = 7LL * 24 * 3'600'000;  // of trying, before a person must look
};

enum class Do : std::uint8_t { kStep, kFinished, kAskPerson };

struct Next {
  Do what = Do::kStep;
  Step step = Step::kSubmit;
  std::int64_t file = -1;
  std::int64_t round = 1;
  std::string authority_id;           // of the open report, for all but submit
  std::string file_id;                // for file_info
  bool in_doubt = false;              // kFinished without an answer of finish
  std::string_view failure;           // kAskPerson: "report.credentials", "report.rejected",
                                      // "report.other_bytes", "report.finished_elsewhere",
                                      // "report.too_many_rounds", "report.unreachable",
                                      // "report.by_hand", "report.other_channel"
  std::vector<std::string> file_ids;  // kFinished: those of the round
};

/// What is next for a report with `files` files. `channel` other than cybertip: one step, deliver,
/// which is repeated in doubt (the receiver knows it by its id).
[[nodiscard]] Next next_of(Channel channel,
                           const std::vector<StepRow>& journal,
                           std::int64_t files,
                           const FilingRules& rules,
                           UtcMs now_ms);

/// Whether the authority may have a finished report of this journal: false only where it proves
/// that there is none.
[[nodiscard]] bool may_be_finished(const std::vector<StepRow>& journal);

/// The wait before try number `attempts` (from 1): 30 s, 1, 2, 5, 10, 30 min, then an hour each,
/// with a tenth of jitter taken from `random`.
[[nodiscard]] std::int64_t delay_after(std::int64_t attempts, std::uint64_t random) noexcept;

}  // namespace tutela::reports
