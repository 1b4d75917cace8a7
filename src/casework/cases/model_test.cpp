#include "casework/cases/model.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "casework/cases/appeals.hpp"
#include "casework/cases/decisions.hpp"

namespace tutela::cases {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

// Every value of an enumeration has a word of its own that is read back as the same value.
template <class T, class Parse>
void expect_words(T last, Parse parse, std::string_view code) {
  std::set<std::string> words;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const T value = static_cast<T>(i);
    const std::string word(to_string(value));
    EXPECT_TRUE(words.insert(word).second) << word;
    const Result<T> back = parse(word);
    ASSERT_TRUE(back) << word;
    EXPECT_EQ(*back, value) << word;
  }
  for (const std::string wrong : {"no_such_word", "Open", " ", "A1 "}) {
    const Result<T> back = parse(wrong);
    ASSERT_FALSE(back) << wrong;
    EXPECT_EQ(back.error().kind, ErrorKind::kInvalidInput);
    EXPECT_EQ(back.error().code, code);
    EXPECT_NE(back.error().message.find(to_string(last)), std::string::npos);
  }
}

TEST(WordsTest, AreReadBackAsWhatTheyWere) {
  expect_words(Queue::kLegal, parse_queue, "case.bad_queue");
  expect_words(State::kAppealed, parse_state, "case.bad_state");
  expect_words(Origin::kSample, parse_origin, "case.bad_origin");
  expect_words(Outcome::kCleared, parse_outcome, "case.bad_outcome");
  expect_words(Classification::kB2, parse_classification, "case.bad_classification");
  expect_words(Annotation::kPossibleMinorReported, parse_annotation, "case.bad_annotation");
  expect_words(Confidence::kUnsure, parse_confidence, "case.bad_confidence");
  expect_words(Basis::kAutomatic, parse_basis, "case.bad_basis");
  expect_words(Mark::kVulnerable, parse_mark, "case.bad_mark");
  expect_words(LinkKind::kRelated, parse_link_kind, "case.bad_link_kind");
}

TEST(WordsTest, OfWhatIsOnlyWrittenAreThoseOfTheInterface) {
  EXPECT_EQ(to_string(ActionState::kFailed), "failed");
  EXPECT_EQ(to_string(AppealState::kExpired), "expired");
  EXPECT_EQ(to_string(State::kSecondLook), "second_look");
  EXPECT_EQ(to_string(Annotation::kAnimeDrawingVirtual), "anime_drawing_virtual");
  EXPECT_EQ(*parse_double_review("all"), DoubleReview::kAll);
  EXPECT_EQ(parse_double_review("some").error().code, "case.bad_double_review");
}

TEST(SeverityTest, GoesFromA1DownToB2AndIsUnknownForOtherLabels) {
  EXPECT_EQ(severity_of("A1"), 4);
  EXPECT_EQ(severity_of("A2"), 3);
  EXPECT_EQ(severity_of("B1"), 2);
  EXPECT_EQ(severity_of("B2"), 1);
  for (const std::string_view other : {"", "a1", "A", "self_reported", "A11"}) {
    EXPECT_EQ(severity_of(other), 0) << other;
  }
}

TEST(RankTest, WhatIsMorePressingComesFirst) {
  const Urgency plain{.opened_ms = 1'000'000'000'000};
  const auto moved = [&](auto change) {
    Urgency urgency = plain;
    change(urgency);
    return (plain.opened_ms - rank_of(urgency)) / kHourMs;
  };
  EXPECT_EQ(rank_of(plain), plain.opened_ms);
  EXPECT_EQ(moved([](Urgency& of) { of.severity = 4; }), 96);
  EXPECT_EQ(moved([](Urgency& of) { of.severity = 1; }), 24);
  EXPECT_EQ(moved([](Urgency& of) { of.spread = 1; }), 0);
  EXPECT_EQ(moved([](Urgency& of) { of.spread = 2; }), 12);
  EXPECT_EQ(moved([](Urgency& of) { of.spread = 1024; }), 120);
  EXPECT_EQ(moved([](Urgency& of) { of.reports = 3; }), 36);
  EXPECT_EQ(moved([](Urgency& of) { of.vulnerable = true; }), 168);
}

TEST(RankTest, NothingMovesACaseByMoreThanThirtyDaysSoThatNothingWaitsForEver) {
  const UtcMs opened_ms = 1'000'000'000'000;
  const Urgency most{.severity = 99,
                     .spread = std::int64_t{1} << 62,
                     .reports = std::int64_t{1} << 62,
                     .vulnerable = true,
                     .opened_ms = opened_ms};
  EXPECT_EQ(rank_of(most), opened_ms - 30 * 24 * kHourMs);
  const Urgency late_and_urgent{.severity = 4, .vulnerable = true, .opened_ms = opened_ms};
  const Urgency old_and_plain{.opened_ms = opened_ms - 31 * 24 * kHourMs};
  EXPECT_LT(rank_of(old_and_plain), rank_of(late_and_urgent));
  const Urgency negative{.severity = -5, .spread = -7, .reports = -9, .opened_ms = opened_ms};
  EXPECT_EQ(rank_of(negative), opened_ms);
}

TEST(LockTest, CountsAsNoneWhenItsTimeIsOver) {
  Case of;
  EXPECT_FALSE(is_locked(of, 100));
  of.lock_by = "person:ann";
  of.lock_until_ms = 200;
  EXPECT_TRUE(is_locked(of, 199));
  EXPECT_FALSE(is_locked(of, 200));
}

TEST(StateTest, IsUndecidedUntilSomebodysWordIsFinal) {
  EXPECT_TRUE(is_undecided(State::kOpen));
  EXPECT_TRUE(is_undecided(State::kSecondLook));
  EXPECT_TRUE(is_undecided(State::kDisagreement));
  EXPECT_TRUE(is_undecided(State::kAppealed));
  EXPECT_FALSE(is_undecided(State::kDecided));
  EXPECT_FALSE(is_undecided(State::kClosed));
}

}  // namespace
}  // namespace tutela::cases
