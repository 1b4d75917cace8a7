// A process that dies anywhere while notices find their place or are answered: each has one case,
// and one answer.
#include <cstdlib>

#include "service/intake/desk_fixture.hpp"
#include "support/disabled_test.hpp"

namespace tutela::intake_service {
namespace {

void work(Place& place) {
  place.sort();
  place.clock_.advance(7 * kHour);
  place.answer();
}

TEST(DeskChild, DISABLED_Works) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  Place place(folder);
  work(place);
}

class DeskCrash : public ::testing::TestWithParam<const char*> {};

TEST_P(DeskCrash, EveryNoticeHasOneCaseAndOneAnswerWhereverTheProcessDied) {
  testing::kill_at_each_passing(
      "DeskChild.DISABLED_Works",
      GetParam(),
      [](const std::filesystem::path& folder) {
        Place place(folder);
        const auto decided = place.accept(Place::about("user-1", "https://example.org/1"));
        place.sort();
        place.decide(place.case_of(decided.id), cases::Outcome::kConfirmed);
        place.pass(61'000);
        auto later = Place::about("user-2");
        later.files = {place.send(testing::picture_bmp(1), later)};
        place.accept(later);
      },
      [](const std::filesystem::path& folder) {
        Place place(folder);
        work(place);
        EXPECT_TRUE(place.pipeline_->finish_owed(testing::never));
        EXPECT_EQ(place.text("SELECT COUNT(*) FROM notice WHERE sorted_ms IS NOT NULL AND case_id "
                             "IS NOT NULL"),
                  "2 ");
        EXPECT_EQ(place.text("SELECT COUNT(*) FROM review_case"), "2 ");
        EXPECT_EQ(place.text("SELECT COUNT(*) FROM notice_event WHERE kind = 'sorted'"), "2 ");
        EXPECT_EQ(place.text("SELECT reports FROM review_case"), "1 1 ");
        EXPECT_EQ(place.text("SELECT COUNT(*) FROM notice_event WHERE kind = 'answered'"), "1 ");
        EXPECT_EQ(place.text("SELECT verdict FROM content"), "no_match ");
        EXPECT_EQ(place.text("SELECT COUNT(*) FROM case_item i JOIN notice_file f ON f.content_id "
                             "= i.content_id JOIN notice n ON n.id = f.notice_id WHERE n.case_id = "
                             "i.case_id"),
                  "1 ");
        EXPECT_EQ(place.text("SELECT COUNT(*) - MAX(id) FROM audit"), "0 ");
      });
}

INSTANTIATE_TEST_SUITE_P(Points,
                         DeskCrash,
                         ::testing::Values("intake.in_case",
                                           "intake.after_place",
                                           "intake.after_sort",
                                           "cases.after_case",
                                           "pipeline.in_case",
                                           "pipeline.after_verdict",
                                           "intake.before_answer",
                                           "intake.after_answer"));

}  // namespace
}  // namespace tutela::intake_service
