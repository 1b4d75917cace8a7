// Leases, the journal and what is written when a report is filed.
#include <set>

#include <boost/json.hpp>

#include "casework/reports/reports_fixture.hpp"

namespace tutela::reports {
namespace {

class FilingFlowTest : public ReportsTest {};

TEST_F(FilingFlowTest, AReleasedReportIsFiledStepByStepAndSettledInOneGo) {
  NewDraft what = new_draft(2);
  what.case_id = add_case();
  const Report released = release(draft(what));
  EXPECT_EQ(released.state, State::kReleased);
  EXPECT_EQ(released.next_at_ms, clock_.now_ms());
  const Report filed = file(lease(), receipt());
  EXPECT_EQ(filed.state, State::kFinished);
  EXPECT_EQ(filed.authority_id, "4711");
  EXPECT_EQ(filed.finished_ms, clock_.now_ms());
  EXPECT_FALSE(filed.next_at_ms);
  EXPECT_TRUE(counts_as_filed(filed));
  const Whole all = whole(filed.id);
  std::string steps;
  for (const StepRow& row : all.steps) {
    steps += std::string(to_string(row.step)) + " ";
    EXPECT_EQ(row.authority_id, "4711");
  }
  EXPECT_EQ(steps, "submit upload file_info upload file_info finish ");
  ASSERT_TRUE(all.receipt);
  EXPECT_EQ(all.receipt->raw, "<reportDoneResponse/>");
  EXPECT_EQ(all.receipt->how, "answer");
  const auto messages = texts("SELECT payload FROM outbox WHERE topic = 'report.finished'");
  ASSERT_EQ(messages.size(), 1U);
  const boost::json::object message = boost::json::parse(messages[0]).as_object();
  EXPECT_EQ(message.at("report"), to_string(filed.id).c_str());
  EXPECT_EQ(message.at("case"), to_string(*what.case_id).c_str());
  EXPECT_EQ(message.at("reference"), "4711");
  EXPECT_EQ(message.at("environment"), "production");
  EXPECT_FALSE(try_lease());
}

}  // namespace
}  // namespace tutela::reports
