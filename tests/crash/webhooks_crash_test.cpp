// A process that dies while it delivers: the next goes on, every message arrives at least once, is
// settled exactly once, and each key stays in order. The test program starts itself again as the
// process that dies; the receiver lives in the test.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "service/webhooks/webhooks.hpp"
#include "support/driven.hpp"
#include "support/evidence_rows.hpp"
#include "support/receiver.hpp"

namespace tutela::webhooks {
namespace {

using testing::Receiver;
using testing::Request;

constexpr UtcMs kStart = 1'800'000'000'000;
constexpr std::int64_t kBetweenRuns = 3'600'000;  // more than a lease, and than two failures wait
constexpr int kKeys = 4;

/// How long nothing happens until it is over: a process that is to die has the time of a machine
/// that does much besides.
std::chrono::milliseconds quiet() {
  const char* const fault = std::getenv("TUTELA_FAULT");
  const bool dies = fault != nullptr && std::string_view(fault) != "none=kill";
  return std::chrono::milliseconds(dies ? 60'000 : 700);
}

/// Delivers until nothing has happened for a while.
int drive(const std::filesystem::path& folder, const std::string& url, const std::string& now_ms) {
  const auto database = testing::open_database(folder);
  if (!database) {
    return 2;
  }
  const ManualClock clock(std::stoll(now_ms));
  Options options;
  options.url = url;
  options.secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
  options.allow_private = true;
  std::atomic<int> told = 0;
  const auto sender = Sender::start(
      *database,
      clock,
      options,
      [](store::Transaction& transaction, UtcMs at_ms, std::int64_t id, bool done, std::string_view)
          -> Status {
        TUTELA_TRY(transaction.execute(
            "INSERT INTO concern (id, tenant_id, kind, at_ms) VALUES (:id, 'default', :kind, "
            ":at_ms)",
            {std::to_string(id), done ? "done" : "dead", at_ms}));
        return ok();
      },
      [&](std::string_view, std::int64_t, std::string_view) { ++told; });
  if (!sender) {
    return 3;
  }
  for (int before = -1; before != told;) {
    before = told;
    std::this_thread::sleep_for(quiet());
  }
  return 0;
}

class WebhooksCrashTest : public ::testing::TestWithParam<std::string> {
 protected:
  WebhooksCrashTest() : database_(testing::open_database(folder_.path())) {}

  void add_messages(int count) {
    EXPECT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      for (int n = 0; n < count; ++n) {
        TUTELA_TRY(store::add_outbox(
            transaction,
            {"default", "person:lead", "lead"},
            kStart,
            {"case.action", std::to_string(n % kKeys), 1, "{\"n\":" + std::to_string(n) + "}"}));
      }
      return ok();
    }));
    messages_ = count;
  }

  std::vector<std::string> next_run() {
    return {"--drive",
            folder_.path().string(),
            receiver_.url(),
            std::to_string(kStart + kBetweenRuns * ++runs_)};
  }

  void finish_and_expect_all() {
    for (int i = 0; i < 40 && testing::count(*database_, "outbox") > 0; ++i) {
      const testing::Driven driven = testing::run_driver("none", next_run());
      ASSERT_EQ(driven.status, 0);
    }
    EXPECT_EQ(testing::count(*database_, "outbox"), 0);
    EXPECT_EQ(testing::count(*database_, "concern WHERE kind = 'done'"), messages_);
    EXPECT_EQ(testing::count(*database_, "concern"), messages_);
    std::map<int, int> last;
    std::set<int> seen;
    for (const Request& request : receiver_.requests()) {
      const int n = number_of(request);
      const auto at = last.find(n % kKeys);
      EXPECT_TRUE(at == last.end() || at->second <= n) << n << " after " << at->second;
      last[n % kKeys] = n;
      seen.insert(n);
    }
    EXPECT_EQ(static_cast<int>(seen.size()), messages_);
  }

  static int number_of(const Request& request) {
    return std::stoi(request.body.substr(request.body.find("\"n\":") + 4));
  }

  const testing::TemporaryFolder folder_;
  const std::unique_ptr<store::Database> database_;
  std::set<int> failed_once_;  // of the receiver's thread
  Receiver receiver_{[this](const Request& request, const Receiver::Peer& peer) {
    const int n = number_of(request);
    const bool first = n % 7 == 0 && failed_once_.insert(n).second;
    peer.send(Receiver::response(first ? "500 No" : "200 OK"));
  }};
  int messages_ = 0;
  int runs_ = 0;
};

TEST_P(WebhooksCrashTest, AtLeastOnceInOrderNothingLost) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  add_messages(16);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(testing::run_driver(GetParam(), next_run()).killed) << "never came there";
  }
  finish_and_expect_all();
}

INSTANTIATE_TEST_SUITE_P(Points,
                         WebhooksCrashTest,
                         ::testing::Values("outbox.after_lease",
                                           "webhooks.after_answer",
                                           "outbox.after_removal",
                                           "outbox.after_sent",
                                           "outbox.after_failed",
                                           "store.before_commit",
                                           "store.after_commit"));

TEST_F(WebhooksCrashTest, AtLeastOnceInOrderWhenKilledAtAnyTime) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  add_messages(200);
  for (int i = 0; i < 8; ++i) {
    std::vector<std::string> arguments = next_run();
    std::string program = "/proc/self/exe";
    std::vector<char*> argv = {program.data()};
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    pid_t pid = -1;
    ASSERT_EQ(::posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv.data(), environ), 0);
    const std::size_t before = receiver_.requests().size();
    pid_t ended = 0;  // where it was so slow that it believed that all was over
    int status = 0;
    while (receiver_.requests().size() == before && ended == 0 &&
           testing::count(*database_, "outbox") > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      ended = ::waitpid(pid, &status, WNOHANG);
    }
    if (ended == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 200'000));
      ::kill(pid, SIGKILL);
      ended = ::waitpid(pid, &status, 0);
    }
    EXPECT_EQ(ended, pid);
  }
  EXPECT_FALSE(receiver_.requests().empty());
  finish_and_expect_all();
}

}  // namespace
}  // namespace tutela::webhooks

int main(int argc, char** argv) {
  return tutela::testing::drive_or_test(&tutela::webhooks::drive, argc, argv);
}
