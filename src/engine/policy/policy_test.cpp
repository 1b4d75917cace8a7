#include "engine/policy/policy.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/policy/rule.hpp"

namespace tutela::policy {
namespace {

ListMatch match_of(std::string purpose,
                   Strength strength = Strength::kNear,
                   Action list_action = Action::kHold) {
  ListMatch match;
  match.list_name = "first";
  match.classification = "A1";
  match.purpose = std::move(purpose);
  match.list_action = list_action;
  match.strength = strength;
  match.kind = strength == Strength::kExact ? match::SignalKind::kSha256 : match::SignalKind::kPdq;
  match.distance = strength == Strength::kExact ? 0 : 12;
  return match;
}

Facts facts_of(Verdict verdict, std::string reason = "") {
  Facts facts;
  facts.verdict = verdict;
  facts.reason = std::move(reason);
  facts.source = "post";
  facts.door = "http";
  facts.media_type = "image/jpeg";
  return facts;
}

Facts facts_of(std::vector<ListMatch> matches) {
  Facts facts = facts_of(Verdict::kMatch);
  facts.matches = std::move(matches);
  return facts;
}

Policy parsed(const std::string& text) {
  auto policy = Policy::parse(text);
  EXPECT_TRUE(policy) << policy.error().message;
  return policy ? *std::move(policy) : Policy::safe_default();
}

/// A file of one rule that is called "r".
std::string rule(const std::string& lines) {
  return "version = 1\n[[rule]]\nname = \"r\"\n" + lines;
}

std::string problems_of(const std::string& text) {
  const auto policy = Policy::parse(text);
  if (policy) {
    return "accepted";
  }
  EXPECT_EQ(policy.error().kind, ErrorKind::kInvalidInput);
  EXPECT_EQ(policy.error().code, "policy.invalid");
  return policy.error().message;
}

TEST(PolicyNames, RoundTripAndRejectOthers) {
  for (const auto verdict :
       {Verdict::kNoMatch, Verdict::kMatch, Verdict::kUnscannable, Verdict::kOwed}) {
    EXPECT_EQ(*parse_verdict(to_string(verdict)), verdict);
  }
  for (const auto action : {Action::kPass, Action::kHold, Action::kQuarantine, Action::kCase}) {
    EXPECT_EQ(*parse_action(to_string(action)), action);
  }
  EXPECT_EQ(parse_verdict("Match").error().code, "policy.bad_verdict");
  EXPECT_EQ(parse_action("").error().code, "policy.bad_action");
}

TEST(SafeDefault, HoldsAllButACleanNoMatch) {
  const Policy policy = Policy::safe_default();

  struct Row {
    Facts facts;
    Action action;
  };

  const std::vector<Row> table = {
      {facts_of(Verdict::kNoMatch), Action::kPass},
      {facts_of(Verdict::kNoMatch, "quality_low"), Action::kPass},
      {facts_of(Verdict::kNoMatch, "damaged"), Action::kHold},
      {facts_of(Verdict::kNoMatch, "partial"), Action::kHold},
      {facts_of(Verdict::kUnscannable, "media.corrupt"), Action::kHold},
      {facts_of(Verdict::kUnscannable, "damaged"), Action::kHold},
      {facts_of(Verdict::kUnscannable, "partial"), Action::kHold},
      {facts_of(Verdict::kUnscannable), Action::kHold},
      {facts_of(Verdict::kOwed), Action::kHold},
      {facts_of(Verdict::kMatch), Action::kHold},
      {facts_of({match_of("known_csam", Strength::kNear, Action::kPass)}), Action::kHold},
      {facts_of({match_of("known_csam", Strength::kExact, Action::kCase)}), Action::kCase},
      {facts_of({match_of("known_csam", Strength::kNear, Action::kQuarantine)}),
       Action::kQuarantine},
      {facts_of({match_of("self_reported", Strength::kExact, Action::kQuarantine)}), Action::kHold},
      {facts_of({match_of("self_reported", Strength::kExact, Action::kCase)}), Action::kCase},
      {facts_of({match_of("test", Strength::kExact, Action::kPass)}), Action::kHold},
      {facts_of({match_of("canary", Strength::kExact, Action::kPass)}), Action::kHold},
      {facts_of({match_of("no such purpose", Strength::kNear, Action::kPass)}), Action::kHold},
  };
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Decision decision = policy.decide(table[i].facts);
    EXPECT_EQ(decision.action, table[i].action) << "row " << i;
    EXPECT_EQ(decision.rule, "default");
    EXPECT_EQ(decision.policy_version, "default");
    EXPECT_FALSE(decision.reason.empty());
  }
}

TEST(SafeDefault, AMatchCountsWhateverTheVerdictSays) {
  Facts facts = facts_of({match_of("known_csam", Strength::kExact, Action::kCase)});
  for (const auto verdict : {Verdict::kNoMatch, Verdict::kUnscannable, Verdict::kOwed}) {
    facts.verdict = verdict;
    EXPECT_EQ(Policy::safe_default().decide(facts).action, Action::kCase);
  }
}

TEST(Decide, TheFirstRuleThatHoldsDecides) {
  const Policy policy = parsed(R"(
version = 3
[[rule]]
name = "near-avatar"
verdict = "match"
strength = "near"
source = ["avatar", "header"]
action = "quarantine"
labels = ["face"]
because = "pictures of profiles are seen by everyone"
[[rule]]
name = "any-match"
verdict = "match"
action = "case"
)");
  Facts facts = facts_of({match_of("known_csam")});
  EXPECT_EQ(policy.decide(facts).rule, "any-match");
  facts.source = "header";
  const Decision decision = policy.decide(facts);
  EXPECT_EQ(decision.action, Action::kQuarantine);
  EXPECT_EQ(decision.rule, "near-avatar");
  EXPECT_EQ(decision.labels, std::vector<std::string>{"face"});
  EXPECT_EQ(decision.reason, "pictures of profiles are seen by everyone");
  EXPECT_EQ(decision.policy_version, policy.version());
  EXPECT_EQ(policy.decide(facts_of(Verdict::kNoMatch)).rule, "default");
}

TEST(Decide, EachConditionHoldsForWhatItNamesOnly) {
  struct Row {
    std::string condition;
    bool holds;
  };

  ListMatch match = match_of("known_csam", Strength::kNear);
  match.quality = 70;
  const std::vector<Row> table = {
      {"verdict = \"match\"", true},
      {"verdict = \"no_match\"", false},
      {"verdict = [\"unscannable\", \"match\"]", true},
      {"reason = \"quality_low\"", false},
      {"source = \"post\"", true},
      {"source = \"Post\"", false},
      {"door = \"cli\"", false},
      {"door = [\"cli\", \"http\"]", true},
      {"media_type = \"image/jpeg\"", true},
      {"media_type = \"image/png\"", false},
      {"list = \"first\"", true},
      {"list = \"second\"", false},
      {"classification = \"A1\"", true},
      {"classification = \"B2\"", false},
      {"purpose = \"known_csam\"", true},
      {"purpose = [\"test\", \"canary\"]", false},
      {"strength = \"near\"", true},
      {"strength = \"exact\"", false},
      {"kind = \"pdq\"", true},
      {"kind = [\"md5\", \"sha1\"]", false},
      {"automation = false", true},
      {"automation = true", false},
      {"distance_max = 12", true},
      {"distance_max = 11", false},
      {"quality_min = 70", true},
      {"quality_min = 71", false},
      {"list = \"first\"\nquality_min = 71", false},
  };
  for (const Row& row : table) {
    const Policy policy = parsed(rule(row.condition + "\naction = \"case\"\n"));
    EXPECT_EQ(policy.decide(facts_of({match})).rule == "r", row.holds) << row.condition;
  }
}

TEST(Decide, AConditionOnAMatchNeverHoldsWithoutOne) {
  const Policy policy = parsed(rule("distance_max = 31\naction = \"case\"\n"));
  EXPECT_EQ(policy.decide(facts_of(Verdict::kNoMatch)).rule, "default");
  EXPECT_EQ(policy.decide(facts_of(Verdict::kMatch)).rule, "default");
}

TEST(Decide, TheStrictestOfSeveralMatchesWinsAndLabelsOfAllAreKept) {
  const Policy policy = parsed(R"(
version = 1
[[rule]]
name = "trial"
verdict = "match"
purpose = ["test", "canary"]
below_list = true
action = "pass"
labels = ["trial", "both"]
[[rule]]
name = "known"
purpose = "known_csam"
action = "case"
labels = ["both", "known"]
)");
  const ListMatch trial = match_of("canary");
  const ListMatch known = match_of("known_csam");
  EXPECT_EQ(policy.decide(facts_of({trial})).action, Action::kPass);
  for (const auto& matches : {std::vector{trial, known}, std::vector{known, trial}}) {
    const Decision decision = policy.decide(facts_of(matches));
    EXPECT_EQ(decision.action, Action::kCase);
    EXPECT_EQ(decision.rule, "known");
    EXPECT_EQ(decision.labels.size(), 3U);
  }
}

TEST(Decide, ADryRunRuleIsRecordedOnceAndDoesNotDecide) {
  const Policy policy = parsed(R"(
version = 1
[[rule]]
name = "tried"
verdict = "match"
action = "case"
dry_run = true
[[rule]]
name = "real"
verdict = "match"
action = "quarantine"
[[rule]]
name = "later"
verdict = "match"
action = "case"
dry_run = true
)");
  const Decision decision =
      policy.decide(facts_of({match_of("known_csam"), match_of("known_csam")}));
  EXPECT_EQ(decision.action, Action::kQuarantine);
  EXPECT_EQ(decision.rule, "real");
  EXPECT_EQ(decision.dry_run, std::vector<std::string>{"tried"});
}

TEST(Decide, ARuleIsNotMilderThanTheListUnlessItSaysSo) {
  const Facts facts = facts_of({match_of("known_csam", Strength::kNear, Action::kCase)});
  const std::string hold = "verdict = \"match\"\naction = \"hold\"\nbecause = \"why\"\n";
  const Decision raised = parsed(rule(hold)).decide(facts);
  EXPECT_EQ(raised.action, Action::kCase);
  EXPECT_EQ(raised.rule, "r");
  EXPECT_EQ(raised.reason, "why [the rule says hold, the safeguards case]");
  EXPECT_EQ(parsed(rule(hold + "below_list = true\n")).decide(facts).action, Action::kHold);
}

TEST(Decide, ASelfReportedMatchIsNeverQuarantined) {
  const Policy policy = parsed(rule("verdict = \"match\"\naction = \"quarantine\"\n"));
  EXPECT_EQ(policy.decide(facts_of({match_of("self_reported")})).action, Action::kHold);
  EXPECT_EQ(policy.decide(facts_of({match_of("known_csam")})).action, Action::kQuarantine);
}

TEST(Decide, UnscannablePassesOnlyByItsNamedReason) {
  const Policy policy =
      parsed(rule("verdict = \"unscannable\"\nreason = \"media.unknown\"\naction = \"pass\"\n"));
  EXPECT_EQ(policy.decide(facts_of(Verdict::kUnscannable, "media.unknown")).action, Action::kPass);
  EXPECT_EQ(policy.decide(facts_of(Verdict::kUnscannable, "media.corrupt")).action, Action::kHold);
}

TEST(Decide, ARuleMayHoldWhatWouldPass) {
  const Policy policy =
      parsed(rule("verdict = \"no_match\"\nreason = \"quality_low\"\naction = \"hold\"\n"));
  EXPECT_EQ(policy.decide(facts_of(Verdict::kNoMatch, "quality_low")).action, Action::kHold);
  EXPECT_EQ(policy.decide(facts_of(Verdict::kNoMatch)).action, Action::kPass);
}

TEST(Parse, VersionNamesTheNumberAndTheText) {
  const Policy one = parsed("version = 3\n");
  const Policy two = parsed("version = 3 # changed\n");
  EXPECT_EQ(one.version().substr(0, 2), "3-");
  EXPECT_EQ(one.version().size(), 10U);
  EXPECT_NE(one.version(), two.version());
  EXPECT_EQ(one.version(), parsed("version = 3\n").version());
}

TEST(Parse, RefusesWhatTheSafeguardsForbid) {
  const std::vector<std::string> table = {
      "action = \"pass\"",
      "source = \"post\"\naction = \"pass\"",
      "verdict = \"owed\"\naction = \"pass\"",
      "verdict = [\"no_match\", \"owed\"]\naction = \"pass\"",
      "verdict = \"unscannable\"\naction = \"pass\"",
      "verdict = \"unscannable\"\nreason = \"damaged\"\naction = \"pass\"",
      "verdict = \"no_match\"\nreason = [\"quality_low\", \"partial\"]\naction = \"pass\"",
      "verdict = \"match\"\naction = \"pass\"",
      "verdict = \"match\"\nbelow_list = true\naction = \"pass\"",
      "verdict = \"match\"\nstrength = \"exact\"\npurpose = \"known_csam\"\naction = \"pass\"",
      "verdict = \"match\"\npurpose = [\"test\", \"known_csam\"]\nbelow_list = true\n"
      "action = \"pass\"",
      "verdict = \"match\"\npurpose = \"self_reported\"\nbelow_list = true\naction = \"pass\"",
      "verdict = \"match\"\npurpose = \"test\"\naction = \"pass\"",
      "purpose = \"self_reported\"\naction = \"quarantine\"",
      "verdict = \"no_match\"\nlist = \"first\"\naction = \"hold\"",
  };
  for (const std::string& lines : table) {
    EXPECT_NE(problems_of(rule(lines)).find("line 2: "), std::string::npos) << lines;
  }
}

TEST(Parse, RefusesUnknownAndWronglyTyped) {
  const std::vector<std::string> table = {
      "colour = \"red\"",      "verdict = 1",         "verdict = \"maybe\"",
      "verdict = []",          "verdict = [1]",       "source = { a = 1 }",
      "automation = \"yes\"",  "distance_max = -1",   "distance_max = 257",
      "distance_max = 1.5",    "quality_min = 101",   "quality_min = true",
      "labels = [\"A b\"]",    "labels = \"\"",       "because = \"a\\u0007b\"",
      "dry_run = 1",           "below_list = 0",      "purpose = \"speech\"",
      "strength = \"strong\"", "kind = \"photodna\"", "because = \"" + std::string(201, 'x') + "\"",
  };
  for (const std::string& line : table) {
    EXPECT_EQ(problems_of(rule("action = \"case\"\n" + line + "\n")).substr(0, 8), "line 5: ")
        << line;
  }
}

TEST(Parse, NamesEveryProblemWithItsLine) {
  const std::string problems = problems_of(R"(version = "three"
colour = "red"
[[rule]]
name = "Bad Name"
verdict = "perhaps"
action = "explode"
[[rule]]
colour = 1
)");
  for (const char* line : {"line 1: 'version'",
                           "line 2: unknown key 'colour'",
                           "line 4: a rule's",
                           "line 5: 'verdict'",
                           "line 6: 'action'",
                           "line 7: a rule needs a 'name'",
                           "line 7: a rule needs an 'action'",
                           "line 8: unknown key"}) {
    EXPECT_NE(problems.find(line), std::string::npos) << line << " in:\n" << problems;
  }
}

TEST(Parse, RefusesTextThatIsNotAPolicy) {
  EXPECT_EQ(problems_of(""), "line 1: the file needs a 'version', a whole number");
  EXPECT_EQ(problems_of("version = 1\nversion = 2\n").substr(0, 8), "line 2: ");
  EXPECT_EQ(problems_of("version = 1\n\n[[rule]\n").substr(0, 8), "line 3: ");
  EXPECT_NE(problems_of("version = 0\n"), "accepted");
  EXPECT_NE(problems_of("version = 1\nrule = 3\n"), "accepted");
  EXPECT_NE(problems_of("version = 1\nrule = [1]\n"), "accepted");
  EXPECT_NE(problems_of("version = 1\n[rule]\nname = \"r\"\n"), "accepted");
  EXPECT_NE(problems_of(std::string("version = 1\n\xFF\xFE")), "accepted");
  EXPECT_NE(problems_of("version = 1\nx = " + std::string(5000, '[')), "accepted");
  EXPECT_NE(problems_of(rule("action = \"case\"\n") + "[[rule]]\nname = \"r\"\naction = \"case\""),
            "accepted");
  EXPECT_NE(problems_of("version = 1\n[[rule]]\nname = \"default\"\naction = \"case\""),
            "accepted");
}

TEST(Parse, IsBounded) {
  EXPECT_NE(problems_of("version = 1\n" + std::string(256 * 1024, '#')), "accepted");
  std::string text = "version = 1\n";
  for (int i = 0; i < 1000; ++i) {
    text += "[[rule]]\nname = \"r" + std::to_string(i) + "\"\naction = \"case\"\n";
  }
  EXPECT_EQ(problems_of(text), "accepted");
  EXPECT_NE(problems_of(text + "[[rule]]\nname = \"last\"\naction = \"case\"\n"), "accepted");
  std::string values = "source = [";
  for (int i = 0; i < 101; ++i) {
    values += "\"s\",";
  }
  EXPECT_NE(problems_of(rule(values + "]\naction = \"case\"\n")), "accepted");
}

/// Random files and random facts: what is decided is never laxer than safeguards.md.
class RandomPolicies : public testing::Test {
 protected:
  template <class T>
  const T& one_of(const std::vector<T>& values) {
    return values[random_() % values.size()];
  }

  std::string random_rule(int number) {
    static const std::vector<std::string> kConditions = {
        "verdict = \"match\"",
        "verdict = \"no_match\"",
        "verdict = [\"match\", \"unscannable\"]",
        "verdict = [\"no_match\", \"unscannable\"]",
        "verdict = \"owed\"",
        "",
        "reason = [\"media.corrupt\", \"quality_low\"]",
        "reason = \"damaged\"",
        "source = \"post\"",
        "list = \"first\"",
        "purpose = \"test\"",
        "purpose = \"known_csam\"",
        "purpose = [\"test\", \"canary\"]",
        "purpose = \"self_reported\"",
        "strength = \"exact\"",
        "distance_max = 10",
        "quality_min = 60",
        "automation = true",
        "kind = \"pdq\"",
        "dry_run = true",
        "below_list = true"};
    std::string text = "[[rule]]\nname = \"r" + std::to_string(number) + "\"\naction = \"" +
                       one_of<std::string>({"pass", "hold", "quarantine", "case"}) + "\"\n";
    std::vector<std::string> keys;
    for (int i = 0; i < 4; ++i) {
      const std::string line = one_of(kConditions);
      const std::string key = line.substr(0, line.find(' '));
      if (std::ranges::find(keys, key) == keys.end()) {
        keys.push_back(key);
        text += line + "\n";
      }
    }
    return text;
  }

  /// Rules that the parser takes, in random order.
  Policy random_policy() {
    std::string text = "version = 1\n";
    for (int i = 0; i < 6; ++i) {
      const std::string candidate = random_rule(i);
      if (Policy::parse("version = 1\n" + candidate)) {
        text += candidate;
      }
    }
    return parsed(text);
  }

  Facts random_facts() {
    Facts facts =
        facts_of(one_of<Verdict>(
                     {Verdict::kNoMatch, Verdict::kMatch, Verdict::kUnscannable, Verdict::kOwed}),
                 one_of<std::string>({"", "damaged", "partial", "media.corrupt", "quality_low"}));
    for (std::size_t left = random_() % 4; left > 0; --left) {
      ListMatch match = match_of(
          one_of<std::string>({"known_csam", "self_reported", "test", "canary", "unheard of"}),
          one_of<Strength>({Strength::kNear, Strength::kExact}),
          one_of<Action>({Action::kPass, Action::kHold, Action::kQuarantine, Action::kCase}));
      match.automation = random_() % 2 == 0;
      facts.matches.push_back(match);
    }
    return facts;
  }

  std::mt19937 random_;
};

TEST_F(RandomPolicies, AreNeverLaxerThanTheSafeguards) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_.seed(seed);
  int passed = 0;
  for (int round = 0; round < 400; ++round) {
    const Policy policy = random_policy();
    for (int i = 0; i < 25; ++i) {
      const Facts facts = random_facts();
      const Decision decision = policy.decide(facts);
      const bool trials_only = std::ranges::all_of(facts.matches, [](const ListMatch& match) {
        return match.purpose == "test" || match.purpose == "canary";
      });
      if (decision.action == Action::kPass) {
        ++passed;
        ASSERT_TRUE(trials_only);
        if (facts.matches.empty()) {
          ASSERT_NE(facts.reason, "damaged");
          ASSERT_NE(facts.reason, "partial");
          ASSERT_TRUE(facts.verdict == Verdict::kNoMatch ||
                      (facts.verdict == Verdict::kUnscannable && decision.rule != "default"));
        } else {
          ASSERT_NE(decision.rule, "default");
        }
      }
      if (decision.action == Action::kQuarantine) {
        ASSERT_FALSE(facts.matches.size() == 1 && facts.matches[0].purpose == "self_reported");
      }
      ASSERT_EQ(policy.decide(facts).action, decision.action);
    }
  }
  EXPECT_GT(passed, 0);
}

}  // namespace
}  // namespace tutela::policy
