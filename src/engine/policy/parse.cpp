#include <algorithm>
#include <initializer_list>
#include <optional>
#include <type_traits>
#include <utility>

#include <toml++/toml.h>

#include "engine/policy/rule.hpp"

namespace tutela::policy {
namespace {

constexpr std::size_t kTextBytesMax = 256 * 1024;
constexpr std::size_t kRulesMax = 1000;
constexpr std::size_t kValuesMax = 100;
constexpr std::size_t kValueCharsMax = 200;
constexpr std::size_t kProblemsMax = 100;
constexpr std::int64_t kVersionMax = 1'000'000'000;

/// Everything that is wrong with a file, each with its line.
class Problems {
 public:
  void add(const toml::node& where, const std::string& what) {
    add(where.source().begin.line, what);
  }

  void add(toml::source_index line, const std::string& what) { all_.emplace_back(line, what); }

  [[nodiscard]] std::size_t count() const { return all_.size(); }

  [[nodiscard]] Error error() {
    std::ranges::stable_sort(all_, {}, &std::pair<toml::source_index, std::string>::first);
    std::string text;
    for (std::size_t i = 0; i < std::min(all_.size(), kProblemsMax); ++i) {
      text += (text.empty() ? "line " : "\nline ") + std::to_string(all_[i].first) + ": " +
              all_[i].second;
    }
    if (all_.size() > kProblemsMax) {
      text += "\nand " + std::to_string(all_.size() - kProblemsMax) + " more problems";
    }
    return {ErrorKind::kInvalidInput, "policy.invalid", std::move(text)};
  }

 private:
  std::vector<std::pair<toml::source_index, std::string>> all_;
};

bool is_plain(std::string_view text) {
  return text.size() <= kValueCharsMax && std::ranges::none_of(text, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7F;
         });
}

bool is_name(std::string_view text) {
  static constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyz0123456789";
  static constexpr std::string_view kRest = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !text.empty() && text.size() <= 64 && kFirst.find(text[0]) != std::string_view::npos &&
         text.find_first_not_of(kRest) == std::string_view::npos;
}

/// Reads the keys of one table and remembers which ones it knows.
class TableReader {
 public:
  TableReader(const toml::table& table, Problems& problems) : table_(table), problems_(problems) {}

  const toml::node* find(std::string_view key) {
    known_.push_back(key);
    return table_.get(key);
  }

  std::optional<std::string> text(std::string_view key) {
    const toml::node* node = find(key);
    return node == nullptr ? std::nullopt : text_of(key, *node);
  }

  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max) {
    const toml::node* node = find(key);
    if (node == nullptr) {
      return {};
    }
    const auto* value = node->as_integer();
    if (value == nullptr || value->get() < min || value->get() > max) {
      problems_.add(*node,
                    "'" + std::string(key) + "' must be a whole number from " +
                        std::to_string(min) + " to " + std::to_string(max));
      return {};
    }
    return value->get();
  }

  std::optional<bool> boolean(std::string_view key) {
    const toml::node* node = find(key);
    if (node == nullptr) {
      return {};
    }
    if (const auto* value = node->as_boolean()) {
      return value->get();
    }
    problems_.add(*node, "'" + std::string(key) + "' must be true or false");
    return {};
  }

  /// One text or an array of texts; an empty array would be a condition that never holds.
  std::vector<std::string> texts(std::string_view key) {
    const toml::node* node = find(key);
    std::vector<std::string> values;
    if (node == nullptr) {
      return values;
    }
    const toml::array* array = node->as_array();
    if (array == nullptr) {
      add_text(key, *node, values);
      return values;
    }
    if (array->empty() || array->size() > kValuesMax) {
      problems_.add(
          *node,
          "'" + std::string(key) + "' must have 1 to " + std::to_string(kValuesMax) + " values");
      return values;
    }
    for (const toml::node& element : *array) {
      add_text(key, element, values);
    }
    return values;
  }

  void reject_unknown() {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(known_, key.str()) == known_.end()) {
        problems_.add(key.source().begin.line, "unknown key '" + std::string(key.str()) + "'");
      }
    }
  }

 private:
  std::optional<std::string> text_of(std::string_view key, const toml::node& node) {
    const auto* value = node.as_string();
    if (value == nullptr || !is_plain(value->get())) {
      problems_.add(node,
                    "'" + std::string(key) + "' must be text of at most " +
                        std::to_string(kValueCharsMax) + " characters without control characters");
      return {};
    }
    return value->get();
  }

  void add_text(std::string_view key, const toml::node& node, std::vector<std::string>& values) {
    if (auto value = text_of(key, node)) {
      values.push_back(*std::move(value));
    }
  }

  const toml::table& table_;
  Problems& problems_;
  std::vector<std::string_view> known_;
};

/// Texts that name members of a closed set.
template <class T>
std::vector<T> named(const std::vector<std::string>& texts,
                     const toml::table& table,
                     Problems& problems,
                     std::string_view key,
                     Result<T> (*parse)(std::string_view)) {
  std::vector<T> values;
  for (const std::string& text : texts) {
    if (auto value = parse(text)) {
      values.push_back(*value);
    } else {
      problems.add(*table.get(key), "'" + std::string(key) + "': " + value.error().message);
    }
  }
  return values;
}

Result<Strength> parse_strength(std::string_view text) {
  if (text == "exact") {
    return Strength::kExact;
  }
  if (text == "near") {
    return Strength::kNear;
  }
  return Error{ErrorKind::kInvalidInput, "policy.bad_strength", "a strength is exact or near"};
}

Result<std::string> parse_purpose_name(std::string_view text) {
  if (std::ranges::find(kPurposes, text) != kPurposes.end()) {
    return std::string(text);
  }
  return Error{ErrorKind::kInvalidInput,
               "policy.bad_purpose",
               "a purpose is known_csam, self_reported, test or canary"};
}

template <class T>
bool has(const std::vector<T>& values, const std::type_identity_t<T>& value) {
  return std::ranges::find(values, value) != values.end();
}

void read_conditions(const toml::table& table,
                     TableReader& reader,
                     Problems& problems,
                     Rule& rule) {
  rule.verdicts = named(reader.texts("verdict"), table, problems, "verdict", &parse_verdict);
  rule.reasons = reader.texts("reason");
  rule.sources = reader.texts("source");
  rule.doors = reader.texts("door");
  rule.media_types = reader.texts("media_type");
  rule.lists = reader.texts("list");
  rule.classifications = reader.texts("classification");
  rule.purposes = named(reader.texts("purpose"), table, problems, "purpose", &parse_purpose_name);
  rule.strengths = named(reader.texts("strength"), table, problems, "strength", &parse_strength);
  rule.kinds = named(reader.texts("kind"), table, problems, "kind", &match::parse_signal_kind);
  rule.automation = reader.boolean("automation");
  if (const auto value = reader.integer("distance_max", 0, 256)) {
    rule.distance_max = static_cast<int>(*value);
  }
  if (const auto value = reader.integer("quality_min", 0, 100)) {
    rule.quality_min = static_cast<int>(*value);
  }
}

void read_outcome(const toml::table& table, TableReader& reader, Problems& problems, Rule& rule) {
  if (const auto action = reader.text("action")) {
    for (const Action value :
         named(std::vector{*action}, table, problems, "action", &parse_action)) {
      rule.action = value;
    }
  } else if (!table.contains("action")) {
    problems.add(table, "a rule needs an 'action': pass, hold, quarantine or case");
  }
  rule.labels = reader.texts("labels");
  rule.because = reader.text("because").value_or("");
  rule.below_list = reader.boolean("below_list").value_or(false);
  rule.dry_run = reader.boolean("dry_run").value_or(false);
  for (const std::string& label : rule.labels) {
    if (!is_name(label)) {
      problems.add(*table.get("labels"), "a label is 1 to 64 of a-z 0-9 _ . -");
    }
  }
}

/// safeguards.md 1, 3 and 6, said when the file is read; decide() holds to them again.
void check_safeguards(const toml::table& table, const Rule& rule, Problems& problems) {
  const bool may_match = rule.verdicts.empty() || has(rule.verdicts, Verdict::kMatch);
  if (rule.asks_for_match() && !may_match) {
    problems.add(table, "the rule never applies: it asks for a match and for another verdict");
  }
  if (rule.action == Action::kQuarantine && has(rule.purposes, std::string(kPurposeSelfReported))) {
    problems.add(table, "a self_reported match is held or becomes a case, never quarantined");
  }
  if (rule.action != Action::kPass) {
    return;
  }
  if (rule.verdicts.empty()) {
    problems.add(table, "a rule that passes must say for which 'verdict'");
    return;
  }
  if (has(rule.verdicts, Verdict::kOwed)) {
    problems.add(table, "what is owed a scan cannot pass");
  }
  if (has(rule.verdicts, Verdict::kUnscannable) && rule.reasons.empty()) {
    problems.add(table, "a rule that passes what is unscannable must name the 'reason'");
  }
  if (has(rule.reasons, std::string(kReasonDamaged)) ||
      has(rule.reasons, std::string(kReasonPartial))) {
    problems.add(table, "what is damaged or partial cannot pass");
  }
  const bool only_trials =
      !rule.purposes.empty() && std::ranges::all_of(rule.purposes, [](const std::string& purpose) {
        return purpose == kPurposeTest || purpose == kPurposeCanary;
      });
  if (may_match && !(only_trials && rule.below_list)) {
    problems.add(table,
                 "a match cannot pass, but for purposes test and canary with below_list = true");
  }
}

Rule read_rule(const toml::table& table, Problems& problems) {
  Rule rule;
  TableReader reader(table, problems);
  if (const auto name = reader.text("name")) {
    rule.name = *name;
    if (!is_name(rule.name) || rule.name == "default") {
      problems.add(*table.get("name"),
                   "a rule's name is 1 to 64 of a-z 0-9 _ . - and not 'default'");
    }
  } else if (!table.contains("name")) {
    problems.add(table, "a rule needs a 'name'");
  }
  const std::size_t before = problems.count();
  read_conditions(table, reader, problems, rule);
  read_outcome(table, reader, problems, rule);
  reader.reject_unknown();
  if (problems.count() == before) {
    check_safeguards(table, rule, problems);
  }
  return rule;
}

void read_rules(const toml::node& node, Problems& problems, std::vector<Rule>& rules) {
  const toml::array* array = node.as_array();
  if (array == nullptr || !array->is_array_of_tables()) {
    problems.add(node, "'rule' must be written as [[rule]] tables");
    return;
  }
  if (array->size() > kRulesMax) {
    problems.add(node, "more than " + std::to_string(kRulesMax) + " rules");
    return;
  }
  std::vector<std::string> names;
  for (const toml::node& element : *array) {
    Rule rule = read_rule(*element.as_table(), problems);
    if (!rule.name.empty() && has(names, rule.name)) {
      problems.add(element, "a second rule with this name");
    }
    names.push_back(rule.name);
    rules.push_back(std::move(rule));
  }
}

}  // namespace

Result<RuleFile> parse_rule_file(std::string_view toml) {
  Problems problems;
  if (toml.size() > kTextBytesMax) {
    problems.add(1, "the file is larger than " + std::to_string(kTextBytesMax) + " bytes");
    return problems.error();
  }
  RuleFile file;
  try {
    const toml::table table = toml::parse(toml);
    TableReader reader(table, problems);
    if (const auto version = reader.integer("version", 1, kVersionMax)) {
      file.version = *version;
    } else if (!table.contains("version")) {
      problems.add(1, "the file needs a 'version', a whole number");
    }
    if (const toml::node* rules = reader.find("rule")) {
      read_rules(*rules, problems, file.rules);
    }
    reader.reject_unknown();
  } catch (const toml::parse_error& error) {
    problems.add(error.source().begin.line, std::string(error.description()));
  }
  if (problems.count() > 0) {
    return problems.error();
  }
  return file;
}

}  // namespace tutela::policy
