// Policy: matches and rules to one decision. A pure function of its arguments.
//
// Rules are a small TOML file, read from top to bottom; the first rule whose conditions all hold
// decides. A rule marked dry_run is recorded and does not decide. What no rule covers falls to the
// built-in safe default: a match or an unscannable item is held, only a clean no_match passes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/match/match.hpp"

namespace tutela::policy {

enum class Verdict : std::uint8_t { kNoMatch, kMatch, kUnscannable, kOwed };
[[nodiscard]] std::string_view to_string(Verdict verdict) noexcept;  // "no_match", ...
Result<Verdict> parse_verdict(std::string_view text);

enum class Action : std::uint8_t { kPass, kHold, kQuarantine, kCase };
[[nodiscard]] std::string_view to_string(Action action) noexcept;  // "pass", ...
Result<Action> parse_action(std::string_view text);

/// How strong a match is (safeguards.md 1). Exact: SHA-256, or SHA-1 and MD5 together, of the
/// stored bytes. Near: everything else, whatever its distance.
enum class Strength : std::uint8_t { kNear, kExact };

/// One list that matched, with the nearest of its hits.
struct ListMatch {
  std::string list_name;
  std::string classification;          // "A1", "self_reported", a free label
  std::string purpose;                 // "known_csam", "self_reported", "test", "canary"
  Action list_action = Action::kHold;  // what the list itself says a match does
  bool automation = false;             // exact matches may be acted on without a person
  Strength strength = Strength::kNear;
  match::SignalKind kind = match::SignalKind::kPdq;
  int distance = 0;
  int quality = 100;  // of the content's PDQ; 100 for digests
};

struct Facts {
  Verdict verdict = Verdict::kOwed;
  std::string reason;  // of unscannable: "media.corrupt", "damaged", "partial", ...
  std::string source;  // what the caller said: "avatar", "post"
  std::string door;    // "http", "cli"
  std::string media_type;
  std::vector<ListMatch> matches;
};

struct Decision {
  Action action = Action::kHold;
  std::string rule;  // its name; "default" for the built-in rule
  std::vector<std::string> labels;
  std::string reason;
  std::string policy_version;
  std::vector<std::string> dry_run;  // names of dry_run rules that would have decided
};

class Policy {
 public:
  /// The built-in rules, used where no file is configured.
  [[nodiscard]] static Policy safe_default();

  /// Errors: kInvalidInput "policy.invalid", every problem with its line ("line 7: ...").
  static Result<Policy> parse(std::string_view toml);

  /// Declared in the file ("version = ..."), with a digest of the text: "3-9f86d081".
  [[nodiscard]] const std::string& version() const noexcept;

  /// The strictest decision over the matches of one content: case > quarantine > hold > pass.
  [[nodiscard]] Decision decide(const Facts& facts) const;

  Policy(Policy&&) noexcept;
  Policy& operator=(Policy&&) noexcept;
  ~Policy();

 private:
  Policy();
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace tutela::policy
