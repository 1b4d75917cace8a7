// Processes that die while they make a package: the test program starts itself again as the one to
// be killed.
#include <cstdlib>

#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "casework/disclosure/test_disclosures.hpp"
#include "support/disabled_test.hpp"

namespace tutela::disclosure {
namespace {

constexpr std::string_view kSomeAge =
    "age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef";

TEST(DisclosureChild, DISABLED_MakesAPackage) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  Room room(folder);
  room.add(random_content(200'000));
  room.add(random_content(200'000));
  const Disclosure asked = room.approved(room.ask(std::string(kSomeAge)));
  static_cast<void>(
      room.disclosures_->run_to_folder(room.asker_, asked.request_id, room.access(), room.out()));
}

TEST(DisclosureChild, DISABLED_Recovers) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  Room room(folder);
  static_cast<void>(room.disclosures_->recover(room.out()));
}

bool killed(const std::filesystem::path& folder,
            const std::string& test,
            const std::string& fault) {
  return testing::is_killed("DisclosureChild." + test, folder, fault);
}

class DisclosureCrash : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!fault::kCompiledIn) {
      GTEST_SKIP() << "fault points are not compiled in";
    }
  }

  tutela::testing::TemporaryFolder folder_;
};

TEST_P(DisclosureCrash, LeavesNoPackageAndTheNextStartSaysThatItFailed) {
  ASSERT_TRUE(killed(folder_.path(), "DISABLED_MakesAPackage", GetParam()));
  Room room(folder_.path());
  ASSERT_EQ(room.disclosures_->list("default", 10)->size(), 1U);
  const Disclosure before = room.disclosures_->list("default", 10)->front();
  ASSERT_EQ(before.state, State::kRunning);
  // What is on the disk is marked as a part, except in the moment between file and row.
  const bool whole = GetParam() == "disclosure.after_finish=kill";
  for (const auto& entry : std::filesystem::directory_iterator(room.out())) {
    EXPECT_EQ(entry.path().extension() == ".partial", !whole) << entry.path();
  }
  EXPECT_TRUE(killed(folder_.path(), "DISABLED_Recovers", "disclosure.in_recover=kill"));
  EXPECT_EQ(*room.disclosures_->recover(room.out()), 1U);
  EXPECT_EQ(*room.disclosures_->recover(room.out()), 0U);
  EXPECT_EQ(room.files(), 0U);
  const Disclosure after = *room.disclosures_->find("default", before.id);
  EXPECT_EQ(after.state, State::kFailed);
  EXPECT_EQ(after.failure, "disclosure.abandoned");
  EXPECT_EQ(room.entries("disclosure.end"), 1U);
  EXPECT_EQ(
      room.disclosures_->run_to_folder(room.asker_, before.request_id, room.access(), room.out())
          .error()
          .code,
      "disclosure.not_asked");
}

INSTANTIATE_TEST_SUITE_P(AtEveryStep,
                         DisclosureCrash,
                         ::testing::Values("disclosure.after_begin=kill",
                                           "disclosure.after_open=kill",
                                           "disclosure.after_object=kill",
                                           "disclosure.after_object=kill@2",
                                           "disclosure.before_manifest=kill",
                                           "disclosure.before_finish=kill",
                                           "disclosure.after_finish=kill"));

TEST(DisclosureCrashBetween, RequestAndRowLeavesARequestThatLeadsNowhere) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  const tutela::testing::TemporaryFolder folder;
  ASSERT_TRUE(killed(folder.path(), "DISABLED_MakesAPackage", "disclosure.after_request=kill"));
  Room room(folder.path());
  const auto requests = *room.control_->list("default", true, 10);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(room.disclosures_->run_to_folder(room.asker_, requests[0].id, room.access(), room.out())
                .error()
                .code,
            "disclosure.not_found");
}

}  // namespace
}  // namespace tutela::disclosure
