// Rule: one rule of a policy file, and the names of its words. Internal to policy.
//
// Plain values. An empty condition holds always; a condition on a match never holds without one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/policy/policy.hpp"

namespace tutela::policy {

inline constexpr std::string_view kPurposeSelfReported = "self_reported";
inline constexpr std::string_view kPurposeTest = "test";
inline constexpr std::string_view kPurposeCanary = "canary";
/// The closed set of safeguards.md 7.
inline constexpr std::array<std::string_view, 4> kPurposes = {
    "known_csam", kPurposeSelfReported, kPurposeTest, kPurposeCanary};

/// Reasons that are held whatever a rule says: the content was not seen whole.
inline constexpr std::string_view kReasonDamaged = "damaged";
inline constexpr std::string_view kReasonPartial = "partial";

struct Rule {
  std::string name;

  // Conditions on the content.
  std::vector<Verdict> verdicts;
  std::vector<std::string> reasons;
  std::vector<std::string> sources;
  std::vector<std::string> doors;
  std::vector<std::string> media_types;

  // Conditions on one match.
  std::vector<std::string> lists;
  std::vector<std::string> classifications;
  std::vector<std::string> purposes;
  std::vector<Strength> strengths;
  std::vector<match::SignalKind> kinds;
  std::optional<bool> automation;
  std::optional<int> distance_max;
  std::optional<int> quality_min;

  // Outcome.
  Action action = Action::kHold;
  bool below_list = false;  // may be milder than the list's own action
  bool dry_run = false;
  std::vector<std::string> labels;
  std::string because;

  [[nodiscard]] bool asks_for_match() const noexcept {
    return !lists.empty() || !classifications.empty() || !purposes.empty() || !strengths.empty() ||
           !kinds.empty() || automation || distance_max || quality_min;
  }
};

struct RuleFile {
  std::int64_t version = 0;
  std::vector<Rule> rules;
};

/// Errors: as Policy::parse.
Result<RuleFile> parse_rule_file(std::string_view toml);

}  // namespace tutela::policy
