// Words, queues and outcomes against their definition.
#include "casework/intake/model.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>

#include <gtest/gtest.h>

#include "support/evidence_rows.hpp"

namespace tutela::intake {
namespace {

using testing::code_of;

template <class T>
void expect_words(const std::vector<std::string_view>& words,
                  const std::function<Result<T>(std::string_view)>& parse,
                  std::string_view code) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(to_string(static_cast<T>(i)), words[i]);
    const Result<T> value = parse(words[i]);
    ASSERT_TRUE(value) << words[i];
    EXPECT_EQ(*value, static_cast<T>(i));
  }
  EXPECT_EQ(to_string(static_cast<T>(words.size())), "");
  for (const std::string_view bad : {"", "Open", "none such", " page", "page "}) {
    EXPECT_EQ(code_of(parse(bad)), code);
  }
  EXPECT_NE(parse("").error().message.find(words.back()), std::string::npos);
}

/// The words between what follows `before` and `end`, in this file of the project.
std::vector<std::string> words_in(const std::string& file,
                                  const std::string& before,
                                  const std::string& end) {
  std::ifstream in(std::filesystem::path(TUTELA_SOURCE_DIR) / file);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::size_t from = text.find(before);
  EXPECT_NE(from, text.npos) << file;
  const std::string found =
      from == text.npos ? std::string()
                        : text.substr(from + before.size(),
                                      text.find(end, from + before.size()) - from - before.size());
  std::vector<std::string> words;
  const std::regex word("[a-z_]+");
  for (std::sregex_iterator each(found.begin(), found.end(), word), none; each != none; ++each) {
    words.push_back(each->str());
  }
  return words;
}

TEST(IntakeModel, QueuesAreTheSameEverywhere) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < kQueues.size(); ++i) {
    EXPECT_EQ(kQueues[i], static_cast<Queue>(i)) << "each once, in order";
    words.emplace_back(to_string(kQueues[i]));
    EXPECT_FALSE(words.back().empty());
  }
  EXPECT_EQ(to_string(static_cast<Queue>(kQueues.size())), "");
  EXPECT_EQ(words_in("spec/openapi.yaml", "    NoticeQueue:\n      enum: [", "]"), words);
  EXPECT_EQ(words_in("web/console/src/pages/notices/words.tsx", "export const queues = [", "]"),
            words);
  EXPECT_EQ(words_in("src/casework/partners/duty.cpp", "string_view kQueues[] = {", "}"), words);
  for (const std::string language : {"en", "de"}) {
    const std::string console = "web/console/src/locales/" + language + "/notices.json";
    for (const std::string& queue : words) {
      EXPECT_FALSE(
          words_in("web/intake/locales/" + language + ".json", "\"queue." + queue + "\":", "\n")
              .empty());
      EXPECT_FALSE(words_in("docs/intake.md", "\n| `" + queue + "` |", "\n").empty());
      EXPECT_FALSE(words_in(console, "\"" + queue + "\":", "\n").empty());
    }
  }
}

TEST(IntakeModel, WordsAreThoseOfTheSpecification) {
  expect_words<Channel>({"page", "api", "mail", "desk"}, parse_channel, "notice.bad_channel");
  expect_words<Kind>({"content", "solicitation", "account", "detection", "law_request", "other"},
                     parse_kind,
                     "notice.bad_kind");
  expect_words<Sender>({"anyone",
                        "victim",
                        "guardian",
                        "flagger",
                        "hotline",
                        "researcher",
                        "council",
                        "authority",
                        "service"},
                       parse_sender,
                       "notice.bad_sender");
  expect_words<Queue>({"imminent", "victim", "flagger", "law", "detection", "public", "flood"},
                      parse_queue,
                      "notice.bad_queue");
  expect_words<State>(
      {"open", "question", "answered", "withdrawn", "closed"}, parse_state, "notice.bad_state");
  expect_words<Outcome>(
      {"acted", "gone", "no_violation", "handled", "elsewhere", "declined", "done"},
      parse_outcome,
      "notice.bad_outcome");
  expect_words<Verified>(
      {"none", "unverified", "verified", "refused"}, parse_verified, "notice.bad_verified");
}

/// The definition, rule by rule; the first that holds.
Queue defined(Kind kind, Sender sender, bool imminent, bool flood) {
  const std::vector<std::pair<bool, Queue>> rules = {
      {flood, Queue::kFlood},
      {imminent, Queue::kImminent},
      {kind == Kind::kLawRequest, Queue::kLaw},
      {sender == Sender::kAuthority, Queue::kLaw},
      {kind == Kind::kDetection, Queue::kDetection},
      {sender == Sender::kVictim || sender == Sender::kGuardian, Queue::kVictim},
      {sender != Sender::kAnyone, Queue::kFlagger}};
  const auto found = std::ranges::find_if(rules, [](const auto& rule) { return rule.first; });
  return found == rules.end() ? Queue::kPublic : found->second;
}

TEST(IntakeModel, EveryNoticeHasTheQueueOfTheFirstRuleThatHolds) {
  for (int kind = 0; kind < 6; ++kind) {
    for (int sender = 0; sender < 9; ++sender) {
      for (int flags = 0; flags < 4; ++flags) {
        const auto k = static_cast<Kind>(kind);
        const auto s = static_cast<Sender>(sender);
        EXPECT_EQ(queue_of(k, s, (flags & 1) != 0, (flags & 2) != 0),
                  defined(k, s, (flags & 1) != 0, (flags & 2) != 0))
            << kind << " " << sender << " " << flags;
      }
    }
  }
}

bool may(const Notice& notice, const Body& body, Outcome outcome) {
  const std::vector<Outcome> all = outcomes_of(notice, body);
  return std::ranges::find(all, outcome) != all.end();
}

TEST(IntakeModel, OfFilesAloneNothingIsToldThatDependsOnWhatTheyAre) {
  for (const Kind kind : {Kind::kContent, Kind::kSolicitation, Kind::kAccount, Kind::kOther}) {
    Notice notice;
    notice.kind = kind;
    Body words_alone;
    words_alone.text = "is this one known to you?";
    EXPECT_EQ(outcomes_of(notice, words_alone),
              (std::vector<Outcome>{Outcome::kHandled, Outcome::kElsewhere}));
    Body link;
    link.links = {"https://example.org/1"};
    EXPECT_TRUE(may(notice, link, Outcome::kActed));
    EXPECT_TRUE(may(notice, link, Outcome::kNoViolation));
    EXPECT_FALSE(may(notice, link, Outcome::kDone));
    EXPECT_FALSE(may(notice, link, Outcome::kDeclined));
  }
}

TEST(IntakeModel, RequestsAreDoneOrDeclinedAndDetectionIsHandled) {
  Notice notice;
  Body body;
  body.links = {"https://example.org/1"};
  notice.kind = Kind::kLawRequest;
  EXPECT_EQ(outcomes_of(notice, body),
            (std::vector<Outcome>{Outcome::kDone, Outcome::kDeclined, Outcome::kElsewhere}));
  notice.kind = Kind::kDetection;
  EXPECT_EQ(outcomes_of(notice, body),
            (std::vector<Outcome>{Outcome::kHandled, Outcome::kElsewhere}));
}

TEST(IntakeModel, AnAnswerIsOwedWhileOpenOrAskedOnly) {
  EXPECT_TRUE(is_waiting(State::kOpen));
  EXPECT_TRUE(is_waiting(State::kQuestion));
  EXPECT_FALSE(is_waiting(State::kAnswered));
  EXPECT_FALSE(is_waiting(State::kWithdrawn));
  EXPECT_FALSE(is_waiting(State::kClosed));
}

}  // namespace
}  // namespace tutela::intake
