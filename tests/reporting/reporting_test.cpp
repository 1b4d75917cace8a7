// Everything that can go wrong between a released report and its receipt, in one table: the real
// filer, channel and journal in processes that die, against Tutela's own simulator of the service.
// Each time one finished report with the right files, or one that waits for a person; never two.
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "reporting/world.hpp"

namespace tutela::testing {
namespace {

const std::vector<std::string> kSteps = {"submit", "upload", "fileinfo", "finish"};

// --- what the service and the way to it do wrong, once

const std::map<std::string, std::string> kMishaps = {
    {"answer lost after the effect", R"("do": "lose_answer")"},
    {"closed before the effect", R"("do": "close_before")"},
    {"cut while sending", R"("do": "cut")"},
    {"5xx before the effect", R"("do": "refuse", "http": 500, "code": 1000)"},
    {"5xx after the effect", R"("do": "lie", "http": 500, "code": 1000)"},
    {"save failed", R"("do": "refuse", "code": 1100)"},
    {"upload failed", R"("do": "refuse", "code": 1110)"},
    {"update failed", R"("do": "refuse", "code": 1300)"},
    {"503 page before the effect", R"("do": "refuse", "http": 503, "body": "html")"},
    {"502 page after the effect", R"("do": "lie", "http": 502, "body": "html")"},
    {"200 page after the effect", R"("do": "lie", "http": 200, "body": "html")"},
    {"200 with code 1000 after the effect", R"("do": "lie", "http": 200, "code": 1000)"},
    {"empty answer", R"("do": "empty")"},
    {"half an XML document", R"("do": "truncated")"},
    {"half an answer", R"("do": "half")"},
    {"4 MiB of answer", R"("do": "oversized")"},
    {"ten thousand levels", R"("do": "deep")"},
    {"document type", R"("do": "doctype")"},
    {"two codes", R"("do": "twice")"},
    {"another report's id", R"("do": "other_report")"},
};

class Mishaps : public ::testing::TestWithParam<std::string> {};

TEST_P(Mishaps, OfTheServiceEndInOneFinishedReport) {
  for (const auto& [name, mishap] : kMishaps) {
    SCOPED_TRACE(GetParam() + ": " + name);
    World world;
    world.set_faults(R"([{"on": ")" + GetParam() + R"(", )" + mishap + "}]");
    world.settle();
    if (name == "another report's id" && GetParam() == "submit") {
      // It belongs to nobody, so nothing can come of it but a start from the beginning.
      EXPECT_EQ(world.report().steps.back().round, 2);
    }
    world.expect_filed_once();
  }
}

TEST_P(Mishaps, OfTheSecondFileOrTheRetractionEndInOneFinishedReport) {
  for (const auto& [name, mishap] : kMishaps) {
    if (GetParam() != "upload" && GetParam() != "fileinfo") {
      // The finish is in doubt, and so is the retraction that is to end the doubt.
      SCOPED_TRACE("finish, then retract: " + name);
      World world;
      world.set_faults(R"([{"on": "finish", "do": "close_before"}, {"on": "retract", )" + mishap +
                       "}]");
      world.settle();
      world.expect_filed_once();
      continue;
    }
    SCOPED_TRACE("second " + GetParam() + ": " + name);
    World world;
    world.set_faults(R"([{"on": ")" + GetParam() + R"(", "nth": 2, )" + mishap + "}]");
    world.settle();
    world.expect_filed_once();
  }
}

TEST_P(Mishaps, LateAnswersAndLateEffectsEndInOneFinishedReport) {
  for (const std::string act : {"late", "late_effect"}) {
    SCOPED_TRACE(GetParam() + ": " + act);
    World world;
    world.be_hasty();
    world.set_faults(R"([{"on": ")" + GetParam() + R"(", "do": ")" + act + R"(", "ms": 1800}])");
    world.settle();
    world.expect_filed_once();
  }
  SCOPED_TRACE(GetParam() + ": a byte at a time");
  World world;
  world.set_faults(R"([{"on": ")" + GetParam() + R"(", "do": "drip", "ms": 8}])");
  world.settle();
  world.expect_filed_once();
}

TEST_P(Mishaps, AnExpiryBeforeTheStepStartsAnew) {
  World world;
  world.set_faults(R"([{"on": ")" + GetParam() + R"(", "do": "expire_before"}])");
  world.settle();
  world.expect_filed_once();
  EXPECT_EQ(world.report().steps.back().round, GetParam() == "submit" ? 1 : 2);
}

INSTANTIATE_TEST_SUITE_P(OfEachStep, Mishaps, ::testing::ValuesIn(kSteps), [](const auto& each) {
  return each.param;
});

// --- death

class Deaths : public ::testing::TestWithParam<std::string> {};

TEST_P(Deaths, AtAnyPassingEndInOneFinishedReport) {
  int deaths = 0;
  for (int passing = 1; passing < 100; ++passing) {
    SCOPED_TRACE(GetParam() + " " + std::to_string(passing));
    World world;
    if (!world.run_process(GetParam() + "=kill@" + std::to_string(passing)).killed) {
      break;
    }
    ++deaths;
    world.advance(kFilingLeaseMs + 1);
    world.settle();
    world.expect_filed_once();
  }
  EXPECT_GE(deaths, 1) << "no process came by";
}

TEST_P(Deaths, ADayBeforeTheNextProcessEndInOneFinishedReport) {
  for (int passing = 1; passing < 100; ++passing) {
    SCOPED_TRACE(GetParam() + " " + std::to_string(passing));
    World world;
    if (!world.run_process(GetParam() + "=kill@" + std::to_string(passing)).killed) {
      break;
    }
    world.advance(sim::kOpenMs + sim::kIdleMs);  // what was open has expired
    world.settle();
    world.expect_filed_once();
  }
}

INSTANTIATE_TEST_SUITE_P(AtEachPoint,
                         Deaths,
                         ::testing::Values("reports.after_lease",
                                           "reports.after_step",
                                           "reports.after_row",
                                           "reports.after_entry",
                                           "reports.after_message",
                                           "reports.after_receipt",
                                           "filing.before_call",
                                           "filing.after_call",
                                           "filing.within_file"),
                         [](const auto& each) {
                           std::string name = each.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(Storms, OfDeathsAndMishapsEndInOneFinishedReport) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  const auto any = [&](std::size_t below) {
    return random() % below;
  };
  const std::vector<std::string> points = {
      "reports.after_step", "filing.before_call", "filing.after_call", "filing.within_file"};
  for (int storm = 0; storm < 25; ++storm) {
    SCOPED_TRACE("seed " + std::to_string(seed) + " storm " + std::to_string(storm));
    World world;
    std::string faults;
    for (int i = 0; i < 4; ++i) {
      const std::string step = std::vector<std::string>{
          "submit", "upload", "fileinfo", "finish", "finish", "retract"}[any(6)];
      const auto mishap = std::next(kMishaps.begin(), static_cast<long>(any(kMishaps.size())));
      faults += std::string(i == 0 ? "" : ", ") + R"({"on": ")" + step + R"(", "nth": )" +
                std::to_string(1 + any(3)) + ", " + mishap->second + "}";
    }
    SCOPED_TRACE(faults);
    world.set_faults("[" + faults + "]");
    for (int i = 0; i < 4; ++i) {
      world.run_process(points[any(points.size())] + "=kill@" + std::to_string(1 + any(8)));
      world.advance(kFilingLeaseMs * 10);
    }
    world.settle();
    if (world.report().of.state == reports::State::kWaiting) {
      // A spoilt answer of 4xx is for a person, whatever had become of the report.
      EXPECT_EQ(world.report().of.failure, "report.rejected");
      EXPECT_LE(world.of_stage(sim::Stage::kFinished).size(), 1U);
      world.retry();
      world.settle();
    }
    world.expect_filed_once();
  }
}

// --- two processes

TEST(TwoProcesses, OneThatWasAsleepOverItsLeaseChangesNothingWhenItWakes) {
  for (int call = 1; call <= 6; ++call) {
    SCOPED_TRACE("asleep before call " + std::to_string(call));
    World world;
    const pid_t sleeper = world.begin_process("", call);
    int status = 0;
    ASSERT_EQ(::waitpid(sleeper, &status, WUNTRACED), sleeper);
    ASSERT_TRUE(WIFSTOPPED(status));
    world.advance(kFilingLeaseMs + 1);
    world.settle();
    ::kill(sleeper, SIGCONT);
    EXPECT_EQ(World::end_process(sleeper).status, 0);
    world.expect_filed_once();
  }
}

TEST(TwoProcesses, AtOnceFileOnce) {
  for (int i = 0; i < 5; ++i) {
    World world;
    const pid_t first = world.begin_process();
    const pid_t second = world.begin_process();
    EXPECT_EQ(World::end_process(first).status, 0);
    EXPECT_EQ(World::end_process(second).status, 0);
    world.expect_filed_once();
    EXPECT_EQ(world.service().reports().size(), 1U) << "one opened a report that the other filed";
  }
}

// --- what waits for a person

struct Waiting {
  std::string name;
  std::string faults;
  std::string failure;
};

TEST(Persons, AreAskedWhereNoProcessCanHelpAndThenItIsFiledOnce) {
  for (const Waiting& one : std::vector<Waiting>{
           {"wrong password",
            R"([{"do": "refuse", "code": 2000, "times": 0}])",
            "report.credentials"},
           {"may not submit",
            R"([{"on": "submit", "do": "refuse", "code": 3100, "times": 0}])",
            "report.credentials"},
           {"may not act",
            R"([{"on": "upload", "do": "refuse", "code": 3000, "times": 0}])",
            "report.credentials"},
           {"may not update",
            R"([{"on": "fileinfo", "do": "refuse", "code": 3300, "times": 0}])",
            "report.credentials"},
           {"password changed before the finish",
            R"([{"on": "finish", "do": "refuse", "code": 2000, "times": 0}])",
            "report.credentials"},
           {"password changed before the retraction",
            R"([{"on": "finish", "do": "close_before"},
                {"on": "retract", "do": "refuse", "code": 2000, "times": 0}])",
            "report.credentials"},
           {"report against the schema",
            R"([{"on": "submit", "do": "refuse", "code": 4100, "times": 0}])",
            "report.rejected"},
           {"malformed",
            R"([{"on": "submit", "do": "refuse", "code": 4110, "times": 0}])",
            "report.rejected"},
           {"file refused",
            R"([{"on": "upload", "do": "refuse", "code": 4200, "times": 0}])",
            "report.rejected"},
           {"file information refused",
            R"([{"on": "fileinfo", "do": "refuse", "code": 4100, "times": 0}])",
            "report.rejected"},
           {"finish refused",
            R"([{"on": "finish", "do": "refuse", "code": 4100, "times": 0}])",
            "report.rejected"},
           {"other bytes again and again",
            R"([{"on": "upload", "do": "other_bytes", "times": 0}])",
            "report.other_bytes"},
           {"expires again and again",
            R"([{"on": "finish", "do": "expire_before", "times": 0}])",
            "report.too_many_rounds"},
           {"nobody answers for days",
            R"([{"do": "close_before", "times": 0}])",
            "report.unreachable"},
       }) {
    SCOPED_TRACE(one.name);
    World world;
    world.set_faults(one.faults);
    world.settle(one.failure == "report.unreachable" ? 6LL * 3'600'000 : 0);
    world.expect_waits(one.failure);
    world.advance(3LL * 24 * 3'600'000);
    EXPECT_EQ(world.run_process().status, 0);
    world.expect_waits(one.failure);  // and nothing happens until the person comes
    world.set_mode("normal");
    world.retry();
    world.settle();
    world.expect_filed_once();
  }
}

TEST(Persons, AreNotAskedWhenOtherBytesArriveOnce) {
  World world;
  world.set_faults(R"([{"on": "upload", "nth": 2, "do": "other_bytes"}])");
  world.settle();
  world.expect_filed_once();
  EXPECT_EQ(world.of_stage(sim::Stage::kRetracted).size(), 1U) << "with the wrong file";
}

TEST(Persons, AreAskedWhenTheConnectionIsRefusedForAWeek) {
  World world;
  world.stop_service();
  int processes = 0;
  while (world.report().of.state == reports::State::kReleased && ++processes < 40) {
    EXPECT_EQ(world.run_process().status, 0);
    world.advance(12LL * 3'600'000);
  }
  EXPECT_EQ(world.report().of.failure, "report.unreachable");
  EXPECT_GE(processes, 13) << "a week is tried before a person is asked";
}

TEST(Receipts, ThatNameNoFilesAreKeptWithTheFilesOfTheJournal) {
  World world;
  world.set_faults(R"([{"on": "finish", "do": "no_files"}])");
  world.settle();
  world.expect_filed_once();
}

TEST(Receipts, OfAReportOfTextAloneHaveNoFiles) {
  World world(std::vector<std::string>{});
  world.set_faults(R"([{"on": "finish", "do": "lose_answer"}])");
  world.settle();
  world.expect_filed_once();
  EXPECT_EQ(world.report().receipt->how, "doubt_resolved");
}

}  // namespace
}  // namespace tutela::testing

int main(int count, char** arguments) {
  if (count > 1 && std::string_view(arguments[1]) == tutela::testing::kFilingWord) {
    return tutela::testing::run_filing_process(count, arguments);
  }
  ::testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
