// World: a simulated service, a database with one released report, and processes that file it.
//
// Time is the world's own: the service, the journal and the processes have the same. A process
// files what is due and ends; between processes time goes on.
#pragma once

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "reporting/filing_process.hpp"
#include "service/cybertip_simulator/simulator.hpp"
#include "service/reporting/test_filings.hpp"

namespace tutela::testing {

namespace sim = cybertip_simulator;

struct Died {
  bool killed = false;
  int status = -1;
  std::int64_t memory_kb = 0;  // the most it had at once
};

class World : public reporting::Filings {
 public:
  explicit World(const std::vector<std::string>& files = {"one file", "another file"}) {
    authority_.environment = reports::Environment::kSimulated;
    start_service();
    id_ = release(files).id;
    for (const std::string& text : files) {
      files_.push_back("text:" + text);
      md5s_.push_back(to_hex(crypto::digests_of(as_bytes(text)).md5));
    }
  }

  /// One generated file.
  World(std::uint64_t size, const std::string& md5) {
    authority_.environment = reports::Environment::kSimulated;
    start_service();
    reports::NewDraft draft;
    draft.authority = authority_;
    draft.body = reporting::document_with(1);
    draft.provenance = "[]";
    draft.files = {add_file(0, "stands for it")};
    draft.files[0].md5 = md5;
    draft.files[0].size_bytes = static_cast<std::int64_t>(size);
    const auto drafted = reports_.draft(lead_.actor, draft);
    EXPECT_TRUE(drafted);
    EXPECT_TRUE(reports_.release(lead_, drafted->id, {drafted->version, ""}, drafted->document));
    id_ = drafted->id;
    files_ = {"generated:" + std::to_string(size)};
    md5s_ = {md5};
  }

  void TestBody() override {}

  void set_faults(const std::string& json) {
    auto faults = sim::parse_faults(json);
    ASSERT_TRUE(faults) << faults.error().message;
    service_->set_faults(*std::move(faults));
  }

  void set_mode(const std::string& mode) {
    auto faults = sim::faults_of_mode(mode);
    ASSERT_TRUE(faults) << faults.error().message;
    service_->set_faults(*std::move(faults));
  }

  /// Processes that wait hardly longer than an answer takes here. Others have the time of a machine
  /// that does much besides.
  void be_hasty() { is_hasty_ = true; }

  void advance(std::int64_t ms) { clock_.advance(ms); }

  /// Starts one; `fault` is TUTELA_FAULT.
  pid_t begin_process(const std::string& fault = "", int stop_at = 0) {
    FilingOrder order{folder_.path().string(),
                      url_,
                      "secret",
                      clock_.now_ms(),
                      stop_at,
                      is_hasty_ ? kHastyMs : kPatientMs,
                      files_};
    std::vector<std::string> arguments = to_arguments(order);
    std::vector<char*> argv = {program_.data()};
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    std::string variable = "TUTELA_FAULT=" + fault;
    char* environment[] = {variable.data(), nullptr};
    pid_t pid = -1;
    EXPECT_EQ(::posix_spawn(&pid, program_.c_str(), nullptr, nullptr, argv.data(), environment), 0);
    return pid;
  }

  static Died end_process(pid_t pid) {
    int status = 0;
    rusage used{};
    EXPECT_EQ(::wait4(pid, &status, 0, &used), pid);
    return {WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
            WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            used.ru_maxrss};
  }

  Died run_process(const std::string& fault = "") { return end_process(begin_process(fault)); }

  [[nodiscard]] reports::Whole report() { return whole(id_); }

  /// Processes one after the other, until the report is finished or waits for a person.
  void settle(std::int64_t step_ms = 0) {
    for (int process = 0; process < 60; ++process) {
      const Died died = run_process();
      ASSERT_EQ(died.status, 0);
      const reports::Report of = report().of;
      if (of.state != reports::State::kReleased) {
        return;
      }
      const std::int64_t due_ms = of.next_at_ms.value_or(0) - clock_.now_ms();
      advance(std::max({due_ms, kFilingLeaseMs + 1, step_ms}));
    }
    FAIL() << "the report was neither finished nor given to a person";
  }

  void retry() {
    const reports::Report of = report().of;
    const auto retried = reports_.retry(lead_, of.id, {of.version, ""});
    ASSERT_TRUE(retried) << retried.error().message;
  }

  /// Exactly one finished report, with the right files; and the journal knows which.
  void expect_filed_once() {
    const reports::Whole whole = report();
    EXPECT_EQ(whole.of.state, reports::State::kFinished) << whole.of.failure;
    const std::vector<sim::StoredReport> finished = of_stage(sim::Stage::kFinished);
    ASSERT_EQ(finished.size(), 1U) << service_->reports_json();
    ASSERT_TRUE(whole.receipt);
    EXPECT_EQ(whole.receipt->authority_id, std::to_string(finished[0].id));
    EXPECT_EQ(whole.of.authority_id, whole.receipt->authority_id);
    EXPECT_TRUE(whole.receipt->simulated) << "it counts nowhere";
    ASSERT_EQ(finished[0].files.size(), md5s_.size());
    for (std::size_t i = 0; i < md5s_.size(); ++i) {
      EXPECT_EQ(finished[0].files[i].md5, md5s_[i]);
      EXPECT_FALSE(finished[0].files[i].details.empty()) << "file information is missing";
      EXPECT_EQ(whole.receipt->file_ids.at(i), finished[0].files[i].id);
    }
    expect_nothing_left_open();
    expect_readable_journal();
  }

  /// Not at the service, and a person is told why.
  void expect_waits(const std::string& failure) {
    const reports::Report of = report().of;
    EXPECT_EQ(of.state, reports::State::kWaiting);
    EXPECT_EQ(of.failure, failure);
    EXPECT_FALSE(of.next_at_ms);
    EXPECT_TRUE(of_stage(sim::Stage::kFinished).empty()) << service_->reports_json();
    expect_readable_journal();
  }

  std::vector<sim::StoredReport> of_stage(sim::Stage stage) {
    std::vector<sim::StoredReport> found;
    for (sim::StoredReport& each : service_->reports()) {
      if (each.stage == stage) {
        found.push_back(std::move(each));
      }
    }
    return found;
  }

  /// What was opened and forgotten is deleted by the service itself within a day.
  void expect_nothing_left_open() {
    service_->advance(sim::kOpenMs + 1);
    EXPECT_TRUE(of_stage(sim::Stage::kOpen).empty());
  }

  void expect_readable_journal() {
    const reports::Whole whole = report();
    EXPECT_FALSE(whole.steps.empty());
    std::int64_t round = 0;
    for (const reports::StepRow& row : whole.steps) {
      EXPECT_GE(row.round, round) << "rounds only grow";
      round = row.round;
      EXPECT_TRUE(row.phase == reports::Phase::kBegun || row.ended_ms);
      EXPECT_EQ(row.description.find("holiday"), std::string::npos) << "a file's name";
    }
  }

  void stop_service() {
    service_.reset();  // its address answers nobody
  }

  sim::Simulator& service() { return *service_; }

 private:
  void start_service() {
    sim::Options options;
    options.username = kFilingUser;
    options.password = "secret";
    auto started = sim::Simulator::start(clock_, std::move(options));
    ASSERT_TRUE(started) << started.error().message;
    service_ = *std::move(started);
    url_ = service_->url();
  }

  static constexpr std::int64_t kHastyMs = 1000;
  static constexpr std::int64_t kPatientMs = 60'000;

  std::string program_ = "/proc/self/exe";
  bool is_hasty_ = false;
  std::unique_ptr<sim::Simulator> service_;
  std::string url_;
  Uuid id_;
  std::vector<std::string> files_;
  std::vector<std::string> md5s_;
};

}  // namespace tutela::testing
