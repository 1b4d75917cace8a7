// The filer with the real channel against the strict simulator, which does each thing wrong that it
// can at each call: in the end there is one finished report, whatever happened on the way.
#include <array>
#include <chrono>

#include "service/cybertip_simulator/simulator.hpp"
#include "service/reporting/test_filings.hpp"

namespace tutela::reporting {
namespace {

using cybertip_simulator::Act;
using cybertip_simulator::Fault;
using cybertip_simulator::Simulator;
using cybertip_simulator::Stage;

constexpr auto kActs = std::to_array<Act>({Act::kLate,
                                           Act::kLateEffect,
                                           Act::kLoseAnswer,
                                           Act::kCloseBefore,
                                           Act::kCut,
                                           Act::kRefuse,
                                           Act::kLie,
                                           Act::kOtherBytes,
                                           Act::kTruncated,
                                           Act::kHalf,
                                           Act::kOversized,
                                           Act::kDeep,
                                           Act::kDoctype,
                                           Act::kTwice,
                                           Act::kEmpty,
                                           Act::kOtherReport,
                                           Act::kNoFiles,
                                           Act::kDrip,
                                           Act::kExpireBefore});

class FilerSimulatorTest : public Filings {
 protected:
  FilerSimulatorTest() {
    cybertip_simulator::Options options;
    options.username = "operator";
    options.password = "a secret";
    auto started = Simulator::start(clock_, options);
    EXPECT_TRUE(started) << started.error().message;
    simulator_ = *std::move(started);
    options_.url = simulator_->url();
    options_.username = options.username;
    options_.password = options.password;
    options_.timeout_ms = 60'000;
    options_.stall_ms = 60'000;
    options_.calls_per_minute = 1'000'000;
    authority_.environment = *authorities::environment_of(options_.url);
    EXPECT_EQ(authority_.environment, Environment::kSimulated);
  }

  std::unique_ptr<Filer> real() {
    auto channel = authorities::open_cybertip(options_);
    EXPECT_TRUE(channel) << channel.error().message;
    return filer(*std::move(channel));
  }

  std::int64_t finished() {
    std::int64_t count = 0;
    for (const cybertip_simulator::StoredReport& report : simulator_->reports()) {
      count += report.stage == Stage::kFinished ? 1 : 0;
    }
    return count;
  }

  /// Tries as often as it is due, until it is finished or waits for a person.
  reports::Whole settled(Filer& filer, const Uuid& id) {
    for (int tries = 0; tries < 12; ++tries) {
      work(filer);
      const reports::Report of = whole(id).of;
      if (of.state != State::kReleased || !of.next_at_ms) {
        break;
      }
      clock_.advance(std::max<std::int64_t>(0, *of.next_at_ms - clock_.now_ms()));
    }
    return whole(id);
  }

  std::unique_ptr<Simulator> simulator_;
  authorities::CybertipOptions options_;
};

TEST_F(FilerSimulatorTest, FilesAReportWithFilesAndSaysThatItIsSimulated) {
  const auto filer = real();
  const Uuid id = release({"hello", std::string(700'000, 'x')}).id;
  EXPECT_EQ(work(*filer), 1U);
  const reports::Whole filed = whole(id);
  EXPECT_EQ(filed.of.state, State::kFinished) << filed.of.failure;
  ASSERT_TRUE(filed.receipt);
  EXPECT_TRUE(filed.receipt->simulated);
  EXPECT_NE(filed.receipt->raw.find("reportDoneResponse"), std::string::npos);
  const auto stored = simulator_->reports();
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(std::to_string(stored[0].id), filed.of.authority_id);
  EXPECT_EQ(filed.receipt->file_ids.size(), 2U);
}

TEST_F(FilerSimulatorTest, WhateverGoesWrongOnceThereIsOneFinishedReport) {
  options_.timeout_ms = 1500;
  options_.stall_ms = 1500;
  const auto filer = real();
  std::int64_t before = 0;
  for (const std::string on : {"submit", "upload", "fileinfo", "finish"}) {
    for (const Act act : kActs) {
      Fault fault;
      fault.on = on;
      fault.act = act;
      fault.ms = act == Act::kDrip ? 20 : 2500;
      simulator_->set_faults({fault});
      const std::string where = on + " act " + std::to_string(static_cast<int>(act));
      const Uuid id = release({"hello"}).id;
      const reports::Whole filed = settled(*filer, id);
      EXPECT_EQ(filed.of.state, State::kFinished) << where << ": " << filed.of.failure;
      EXPECT_TRUE(filed.receipt && filed.receipt->simulated) << where;
      EXPECT_FALSE(filed.receipt && filed.receipt->raw.empty()) << where;
      EXPECT_EQ(finished(), before + 1) << where;
      before = finished();
    }
  }
}

TEST_F(FilerSimulatorTest, AWrongPasswordWaitsForAPersonAndIsNotTriedAgain) {
  options_.password = "another";
  const auto filer = real();
  const Uuid id = release().id;
  const reports::Whole waits = settled(*filer, id);
  EXPECT_EQ(waits.of.state, State::kWaiting);
  EXPECT_EQ(waits.of.failure, "report.credentials");
  EXPECT_EQ(waits.steps.size(), 1U);
  for (const reports::StepRow& step : waits.steps) {
    EXPECT_EQ(step.description.find("another"), std::string::npos);
  }
  EXPECT_TRUE(simulator_->reports().empty());
}

TEST_F(FilerSimulatorTest, ARefusalWaitsForAPersonWithTheServicesWords) {
  Fault fault;
  fault.on = "submit";
  fault.act = Act::kRefuse;
  fault.code = 4100;
  simulator_->set_faults({fault});
  const auto filer = real();
  const Uuid id = release().id;
  const reports::Whole waits = settled(*filer, id);
  EXPECT_EQ(waits.of.state, State::kWaiting);
  EXPECT_EQ(waits.of.failure, "report.rejected");
  EXPECT_EQ(waits.steps.back().code, 4100);
  EXPECT_FALSE(waits.steps.back().description.empty());
}

TEST_F(FilerSimulatorTest, TheStatusIsAskedWithoutAReport) {
  auto channel = authorities::open_cybertip(options_);
  ASSERT_TRUE(channel);
  const authorities::Reached reached = (*channel)->status();
  EXPECT_TRUE(reached.ok) << reached.message;
  EXPECT_EQ(reached.message, "a simulator answers");
}

}  // namespace
}  // namespace tutela::reporting
