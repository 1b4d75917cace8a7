// Model: what a report to an authority is made of. Values and pure functions.
//
// Words of the outside (JSON, rows, the command line) are those of to_string().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"

namespace tutela::reports {

/// How one reaches an authority. cybertip: NCMEC's Reporting API. webhook: a signed message to a
/// hotline. email: an encrypted message. by_hand: a person files it elsewhere and says so.
enum class Channel : std::uint8_t { kCybertip, kWebhook, kEmail, kByHand };

/// Whether what is filed counts. Only production starts legal clocks and settles debts; the test
/// system of an authority and Tutela's own simulator never do.
enum class Environment : std::uint8_t { kProduction, kTest, kSimulated };

enum class Kind : std::uint8_t { kReport, kCorrection, kReferral };

/// draft: being written. asked: one person released it, policy asks for another. released: to be
/// filed, or being filed. waiting: it cannot be filed until a person does something (failure).
/// finished: the authority has it. withdrawn: was never filed and will not be.
enum class State : std::uint8_t { kDraft, kAsked, kReleased, kWaiting, kFinished, kWithdrawn };

std::string_view to_string(Channel value) noexcept;      // "cybertip" "webhook" "email" "by_hand"
std::string_view to_string(Environment value) noexcept;  // "production" "test" "simulated"
std::string_view to_string(Kind value) noexcept;         // "report" "correction" "referral"
std::string_view to_string(State value) noexcept;        // "draft" "asked" "released" "waiting" ...

/// Each: kInvalidInput "report.bad_<what>", which names the words there are.
Result<Channel> parse_channel(std::string_view text);
Result<Environment> parse_environment(std::string_view text);
Result<Kind> parse_kind(std::string_view text);
Result<State> parse_state(std::string_view text);

/// An authority as configuration names it.
struct Authority {
  std::string name;  // "ncmec": 1 to 32 of a-z 0-9 _ -
  Channel channel = Channel::kByHand;
  Environment environment = Environment::kProduction;
  std::string jurisdiction;           // "US", "GB", "EU", "DE"
  std::int64_t retention_days = 365;  // of the record that something was reported: SI 2026/268
};

struct Report {
  Uuid id;
  std::string tenant_id;
  std::optional<Uuid> case_id;  // none: of text alone, or of what was never a case
  std::optional<std::string> account;
  std::string authority;
  Environment environment = Environment::kProduction;
  std::string jurisdiction;
  std::int64_t retention_days = 365;  // see Authority
  Kind kind = Kind::kReport;
  std::optional<Uuid> corrects;
  State state = State::kDraft;
  std::int64_t version = 0;   // grows with every change; a command says which one it saw
  std::int64_t document = 0;  // the number of the latest document
  bool urgent = false;        // imminent harm: filed first, its own clock
  bool minor = false;         // the person reported may be one (safeguards.md 5)
  bool automatic = false;     // released without a person
  std::optional<UtcMs> due_ms;
  std::optional<std::string> released_by;
  std::optional<std::string> approved_by;
  std::optional<UtcMs> released_ms;
  std::optional<UtcMs> next_at_ms;  // when it is tried, or tried again
  std::int64_t attempts = 0;
  std::optional<UtcMs> failing_since_ms;
  std::string failure;       // a code; why it waits or was not filed yet
  std::string authority_id;  // of the finished report
  bool simulated = false;    // its receipt says so, whatever the environment is
  std::optional<UtcMs> finished_ms;
  UtcMs created_ms = 0;
  std::string created_by;
};

/// Part of it is still to be done: released or waiting for a person.
[[nodiscard]] bool is_debt(State state) noexcept;
/// Finished, in production, and not by a simulator: what starts legal clocks and settles debts.
[[nodiscard]] bool counts_as_filed(const Report& report) noexcept;

struct File {
  std::int64_t number = 0;  // from 0, as in the document
  Uuid content_id;
  Uuid evidence_id;
  std::string md5;  // hex, of the bytes as uploaded by the user
  std::int64_t size_bytes = 0;
};

struct Document {
  std::int64_t number = 0;  // from 1
  std::string by;
  UtcMs at_ms = 0;
  std::string body;        // JSON, see exchange/cybertip
  std::string provenance;  // JSON: [{"path", "source", "detail"}, ...]
};

struct Receipt {
  std::string raw;  // the authority's answer, as it came
  std::string authority_id;
  std::vector<std::string> file_ids;
  bool simulated = false;
  std::string how;  // "answer": the authority's own; "doubt_resolved": the answer was lost and the
                    // report was found finished; "by_hand": a person said so
  UtcMs at_ms = 0;
};

/// A view outside Tutela, said by whoever knows of it.
struct Attestation {
  Uuid id;
  Uuid content_id;
  std::string what;       // "file": the entire contents; "exif"
  std::string reference;  // where that is recorded
  std::string by;
  UtcMs viewed_ms = 0;
  UtcMs at_ms = 0;
};

struct Note {
  std::int64_t number = 0;
  std::string kind;  // "note", "feedback" (of the authority), "withdrawn", "correction"
  std::string by;
  std::string text;
  UtcMs at_ms = 0;
};

/// What the last days looked like, without a person: for the overview and for metrics.
struct Counts {
  std::int64_t drafts = 0;  // with those that wait for a second person
  std::int64_t released = 0;
  std::int64_t waiting = 0;   // for a person
  std::int64_t overdue = 0;   // past due and not finished
  std::int64_t due_soon = 0;  // within a quarter of the clock
  std::optional<UtcMs> oldest_debt_ms;
  std::optional<UtcMs> next_due_ms;
  std::int64_t finished = 0;   // that count
  std::int64_t simulated = 0;  // finished, and count nowhere
};

}  // namespace tutela::reports
