#include <set>

#include "custody/opening/opening.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::opening {
namespace {

constexpr Purpose kPurposes[] = {Purpose::kReview,
                                 Purpose::kQuality,
                                 Purpose::kAppeal,
                                 Purpose::kReport,
                                 Purpose::kLegalRequest,
                                 Purpose::kSafety};
constexpr Grade kGrades[] = {
    Grade::kOutline, Grade::kMosaic, Grade::kGreyBlurred, Grade::kGreySmall, Grade::kFull};

TEST(Words, PurposesAndGradesAreReadBackAsWritten) {
  std::set<std::string_view> words;
  for (const Purpose purpose : kPurposes) {
    EXPECT_TRUE(words.insert(to_string(purpose)).second);
    EXPECT_EQ(*parse_purpose(to_string(purpose)), purpose);
  }
  for (const Grade grade : kGrades) {
    EXPECT_TRUE(words.insert(to_string(grade)).second);
    EXPECT_EQ(*parse_grade(to_string(grade)), grade);
  }
  EXPECT_EQ(words.size(), 11U);
}

TEST(Words, NothingElseIsAPurposeOrAGrade) {
  for (const std::string_view other :
       {"", "Review", "review ", "curiosity", "disposal", "original", "full\n", "legal request"}) {
    EXPECT_EQ(testing::code_of(parse_purpose(other)), "opening.bad_purpose") << other;
    EXPECT_EQ(testing::code_of(parse_grade(other)), "opening.bad_grade") << other;
  }
}

TEST(Words, EveryPurposeCanBeAskedForUnderDualControl) {
  const testing::TemporaryFolder folder;
  const auto database = testing::open_database(folder.path());
  const ManualClock clock(1'800'000'000'000);
  dual_control::DualControl control(*database, clock, {});
  for (const Purpose purpose : kPurposes) {
    const dual_control::Ask ask{dual_control::Kind::kOpenOriginal,
                                "evidence:" + to_string(new_uuid(1)),
                                "C-1",
                                std::string(to_string(purpose)),
                                "reason"};
    EXPECT_EQ(testing::code_of(control.ask({"default", "person:1", "lead"}, ask)), "ok")
        << to_string(purpose);
  }
}

}  // namespace
}  // namespace tutela::opening
