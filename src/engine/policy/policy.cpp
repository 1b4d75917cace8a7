#include "engine/policy/policy.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "crypto/digest.hpp"
#include "engine/policy/rule.hpp"

namespace tutela::policy {
namespace {

constexpr std::array<std::string_view, 4> kVerdicts = {"no_match", "match", "unscannable", "owed"};
constexpr std::array<std::string_view, 4> kActions = {"pass", "hold", "quarantine", "case"};

/// What one match, or the content where there is none, comes to.
struct Outcome {
  Action action = Action::kHold;
  std::string_view rule = "default";
  std::string reason;
  std::span<const std::string> labels;
};

/// One question to the rules: the content, and one match of it or none.
struct Question {
  const Facts& facts;
  Verdict verdict;
  const ListMatch* match;
};

template <class T>
bool holds(const std::vector<T>& wanted, const T& given) {
  return wanted.empty() || std::ranges::find(wanted, given) != wanted.end();
}

bool holds_for_match(const Rule& rule, const ListMatch& match) {
  return holds(rule.lists, match.list_name) && holds(rule.classifications, match.classification) &&
         holds(rule.purposes, match.purpose) && holds(rule.strengths, match.strength) &&
         holds(rule.kinds, match.kind) &&
         (!rule.automation || *rule.automation == match.automation) &&
         (!rule.distance_max || match.distance <= *rule.distance_max) &&
         (!rule.quality_min || match.quality >= *rule.quality_min);
}

bool holds_for(const Rule& rule, const Question& question) {
  const Facts& facts = question.facts;
  if (!holds(rule.verdicts, question.verdict) || !holds(rule.reasons, facts.reason) ||
      !holds(rule.sources, facts.source) || !holds(rule.doors, facts.door) ||
      !holds(rule.media_types, facts.media_type)) {
    return false;
  }
  return !rule.asks_for_match() ||
         (question.match != nullptr && holds_for_match(rule, *question.match));
}

bool is_trial(const ListMatch& match) {
  return match.purpose == kPurposeTest || match.purpose == kPurposeCanary;
}

/// The mildest action that safeguards.md leaves open; `rule` is null for the built-in rule.
Action mildest(const Question& question, const Rule* rule) {
  const std::string& reason = question.facts.reason;
  if (question.verdict == Verdict::kMatch) {
    if (question.match == nullptr) {
      return Action::kHold;
    }
    const bool milder = rule != nullptr && rule->below_list;
    const Action floor = milder && is_trial(*question.match) ? Action::kPass : Action::kHold;
    return milder ? floor : std::max(floor, question.match->list_action);
  }
  if (reason == kReasonDamaged || reason == kReasonPartial) {
    return Action::kHold;
  }
  switch (question.verdict) {
    case Verdict::kNoMatch:
      return Action::kPass;
    case Verdict::kUnscannable:
      return rule != nullptr && !rule->reasons.empty() ? Action::kPass : Action::kHold;
    case Verdict::kMatch:
    case Verdict::kOwed:
      break;
  }
  return Action::kHold;
}

Action within_safeguards(Action wanted, const Question& question, const Rule* rule) {
  const Action action = std::max(wanted, mildest(question, rule));
  // What survivors' services report holds or opens a case in a queue of its own, nothing more.
  if (action == Action::kQuarantine && question.match != nullptr &&
      question.match->purpose == kPurposeSelfReported) {
    return Action::kHold;
  }
  return action;
}

std::string_view default_reason(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNoMatch:
      return "no list matched";
    case Verdict::kMatch:
      return "a list matched: what the list says, at least hold";
    case Verdict::kUnscannable:
      return "it could not be scanned";
    case Verdict::kOwed:
      return "its scan is still owed";
  }
  return "";
}

Outcome outcome_of(const Rule& rule, const Question& question) {
  Outcome outcome;
  outcome.action = within_safeguards(rule.action, question, &rule);
  outcome.rule = rule.name;
  outcome.labels = rule.labels;
  outcome.reason = rule.because;
  if (outcome.action != rule.action) {
    outcome.reason += outcome.reason.empty() ? "" : " ";
    outcome.reason += "[the rule says " + std::string(to_string(rule.action)) +
                      ", the safeguards " + std::string(to_string(outcome.action)) + "]";
  }
  return outcome;
}

Outcome ask(std::span<const Rule> rules,
            const Question& question,
            std::vector<std::string>& dry_run) {
  for (const Rule& rule : rules) {
    if (!holds_for(rule, question)) {
      continue;
    }
    if (!rule.dry_run) {
      return outcome_of(rule, question);
    }
    if (std::ranges::find(dry_run, rule.name) == dry_run.end()) {
      dry_run.push_back(rule.name);
    }
  }
  Outcome outcome;
  outcome.action = within_safeguards(Action::kPass, question, nullptr);
  outcome.reason = default_reason(question.verdict);
  if (question.verdict == Verdict::kNoMatch && outcome.action != Action::kPass) {
    outcome.reason = "it was not seen whole";
  }
  return outcome;
}

/// Keeps the strictest outcome (the first of equals) and the labels of all.
void add(Decision& decision, const Outcome& outcome, bool first) {
  if (first || outcome.action > decision.action) {
    decision.action = outcome.action;
    decision.rule = outcome.rule;
    decision.reason = outcome.reason;
  }
  for (const std::string& label : outcome.labels) {
    if (std::ranges::find(decision.labels, label) == decision.labels.end()) {
      decision.labels.push_back(label);
    }
  }
}

template <class E>
Result<E> parse_name(std::span<const std::string_view> names,
                     std::string_view text,
                     const Error& error) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) {
    return error;
  }
  return static_cast<E>(found - names.begin());
}

}  // namespace

struct Policy::State {
  std::string version = "default";
  std::vector<Rule> rules;
};

std::string_view to_string(Verdict verdict) noexcept {
  return kVerdicts[static_cast<std::size_t>(verdict)];
}

Result<Verdict> parse_verdict(std::string_view text) {
  return parse_name<Verdict>(kVerdicts,
                             text,
                             {ErrorKind::kInvalidInput,
                              "policy.bad_verdict",
                              "a verdict is no_match, match, unscannable or owed"});
}

std::string_view to_string(Action action) noexcept {
  return kActions[static_cast<std::size_t>(action)];
}

Result<Action> parse_action(std::string_view text) {
  return parse_name<Action>(kActions,
                            text,
                            {ErrorKind::kInvalidInput,
                             "policy.bad_action",
                             "an action is pass, hold, quarantine or case"});
}

Policy::Policy() : state_(std::make_shared<State>()) {}

Policy::Policy(Policy&&) noexcept = default;
Policy& Policy::operator=(Policy&&) noexcept = default;
Policy::~Policy() = default;

Policy Policy::safe_default() {
  return {};
}

Result<Policy> Policy::parse(std::string_view toml) {
  TUTELA_TRY_ASSIGN(RuleFile file, parse_rule_file(toml));
  auto state = std::make_shared<State>();
  const crypto::Sha256 digest = crypto::sha256_of(as_bytes(toml));
  state->version = std::to_string(file.version) + "-" + to_hex(ByteView(digest).first(4));
  state->rules = std::move(file.rules);
  Policy policy;
  policy.state_ = std::move(state);
  return policy;
}

const std::string& Policy::version() const noexcept {
  return state_->version;
}

Decision Policy::decide(const Facts& facts) const {
  Decision decision;
  decision.policy_version = state_->version;
  if (facts.matches.empty()) {
    add(decision, ask(state_->rules, {facts, facts.verdict, nullptr}, decision.dry_run), true);
    return decision;
  }
  bool first = true;
  for (const ListMatch& match : facts.matches) {
    // A caller that names a match has a match, whatever else it says.
    add(decision, ask(state_->rules, {facts, Verdict::kMatch, &match}, decision.dry_run), first);
    first = false;
  }
  return decision;
}

}  // namespace tutela::policy
