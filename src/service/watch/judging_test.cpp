#include "service/watch/judging.hpp"

#include <gtest/gtest.h>

namespace tutela::watch {
namespace {

using canaries::Expected;
using policy::Verdict;

DoorAnswer said(std::string outcome, long status = 200) {
  DoorAnswer answer;
  answer.status = status;
  answer.outcome = std::move(outcome);
  answer.content_id = "c1";
  return answer;
}

Traces traces(std::optional<Verdict> verdict, bool echoed = true) {
  Traces made;
  made.content_id = "c1";
  made.verdict = verdict;
  made.echoed = echoed;
  made.passes = verdict == Verdict::kNoMatch;
  return made;
}

TEST(JudgeTest, APositiveIsGoodWhenItIsHeldMatchedAndEchoed) {
  EXPECT_EQ(judge(Expected::kMatch, said("held"), traces(Verdict::kMatch)), Last::kGood);
  EXPECT_EQ(judge(Expected::kMatch, said("held", 202), traces(Verdict::kMatch)), Last::kGood);
}

TEST(JudgeTest, WaitsForTheVerdictAndThenForTheEcho) {
  for (const Expected expected : {Expected::kMatch, Expected::kNoMatch}) {
    const std::string outcome = expected == Expected::kMatch ? "held" : "accepted";
    const Verdict right = expected == Expected::kMatch ? Verdict::kMatch : Verdict::kNoMatch;
    EXPECT_EQ(judge(expected, said(outcome), traces({})), std::nullopt);
    EXPECT_EQ(judge(expected, said(outcome), traces(right, false)), std::nullopt);
    EXPECT_EQ(judge(expected, said(outcome), traces(right)), Last::kGood);
  }
}

TEST(JudgeTest, APositiveThatIsLetThroughIsMissedAtOnce) {
  EXPECT_EQ(judge(Expected::kMatch, said("accepted"), traces({}, false)), Last::kMissed);
  EXPECT_EQ(judge(Expected::kMatch, said("accepted"), traces(Verdict::kMatch)), Last::kMissed);
}

TEST(JudgeTest, APositiveWithoutItsMatchIsMissed) {
  for (const Verdict verdict : {Verdict::kNoMatch, Verdict::kUnscannable}) {
    EXPECT_EQ(judge(Expected::kMatch, said("held"), traces(verdict)), Last::kMissed);
  }
}

TEST(JudgeTest, ANegativeThatMatchesIsMistaken) {
  EXPECT_EQ(judge(Expected::kNoMatch, said("held"), traces(Verdict::kMatch)), Last::kMistaken);
  EXPECT_EQ(judge(Expected::kNoMatch, said("accepted"), traces(Verdict::kMatch)), Last::kMistaken);
}

TEST(JudgeTest, ANegativeIsAnsweredAsItWasDecided) {
  EXPECT_EQ(judge(Expected::kNoMatch, said("held"), traces(Verdict::kNoMatch)), Last::kMistaken);
  EXPECT_EQ(judge(Expected::kNoMatch, said("held", 202), traces(Verdict::kNoMatch)), Last::kGood)
      << "held until it had a verdict";
  Traces held = traces(Verdict::kNoMatch);
  held.passes = false;
  EXPECT_EQ(judge(Expected::kNoMatch, said("held"), held), Last::kGood) << "a policy of its own";
  EXPECT_EQ(judge(Expected::kNoMatch, said("accepted"), held), Last::kMistaken);
}

TEST(JudgeTest, AnUnscannableNegativeIsMissed) {
  EXPECT_EQ(judge(Expected::kNoMatch, said("held"), traces(Verdict::kUnscannable)), Last::kMissed);
}

TEST(JudgeTest, AnotherListsMatchIsNotTheCanarysFailureAndHasNoEcho) {
  Traces positive = traces(Verdict::kMatch, false);
  positive.ordinary = true;
  EXPECT_EQ(judge(Expected::kMatch, said("held"), positive), Last::kGood);
  Traces negative = traces(Verdict::kNoMatch, false);
  negative.ordinary = true;
  negative.passes = false;
  EXPECT_EQ(judge(Expected::kNoMatch, said("held"), negative), Last::kGood);
}

TEST(JudgeTest, WithoutAnOutcomeItIsUnansweredOrRefused) {
  const auto with = [](long status, std::string failure, std::string code) {
    DoorAnswer answer;
    answer.status = status;
    answer.failure = std::move(failure);
    answer.code = std::move(code);
    return judge(Expected::kMatch, answer, traces(Verdict::kMatch));
  };
  EXPECT_EQ(with(0, "timeout", ""), Last::kUnanswered);
  EXPECT_EQ(with(0, "tls", "server.overloaded"), Last::kUnanswered);
  EXPECT_EQ(with(401, "", "auth.bad_token"), Last::kUnanswered);
  EXPECT_EQ(with(500, "", "store.full"), Last::kUnanswered);
  EXPECT_EQ(with(503, "", "workers.down"), Last::kUnanswered);
  EXPECT_EQ(with(503, "", "server.overloaded"), Last::kRefused);
  EXPECT_EQ(with(200, "", ""), Last::kUnanswered);
}

TEST(JudgeTest, AnAnswerAboutAnotherItemIsNone) {
  DoorAnswer other = said("held");
  other.content_id = "c2";
  EXPECT_EQ(judge(Expected::kMatch, other, traces(Verdict::kMatch)), Last::kUnanswered);
}

TEST(WorseTest, TellsTheOneThatSaysMore) {
  EXPECT_EQ(worse(Last::kRefused, Last::kUnanswered), Last::kUnanswered);
  EXPECT_EQ(worse(Last::kMissed, Last::kUnanswered), Last::kMissed);
  EXPECT_EQ(worse(Last::kMistaken, Last::kMissed), Last::kMistaken);
  EXPECT_EQ(worse(Last::kNone, Last::kRefused), Last::kRefused);
}

}  // namespace
}  // namespace tutela::watch
