#include "service/workers/ending.hpp"

#include <csignal>
#include <string_view>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "service/workers/protocol.hpp"
#include "service/workers/workers.hpp"

namespace tutela::workers {
namespace {

constexpr int exited(int code) {
  return W_EXITCODE(code, 0);
}

constexpr int killed_by(int signal) {
  return W_EXITCODE(0, signal);
}

Bytes honest_reply() {
  return inspect::encode_reply(Error{ErrorKind::kInvalidInput, "media.corrupt", "made up"});
}

std::string_view code_of(const Ending& ending) {
  const auto answer = judge(ending);
  return answer ? "answered" : answer.error().code;
}

TEST(Judge, PassesOnWhatAWorkerSaysThatEndedInGoodOrder) {
  EXPECT_EQ(code_of({.reply = honest_reply(), .wait_status = exited(0)}), "media.corrupt");
}

TEST(Judge, GivesAStableCodeForEachWayToEndBadly) {
  EXPECT_EQ(code_of({.wait_status = killed_by(SIGSYS)}), "worker.sandbox_violation");
  EXPECT_EQ(code_of({.wait_status = killed_by(SIGXCPU)}), "worker.cpu_time");
  EXPECT_EQ(code_of({.wait_status = exited(protocol::kExitOutOfMemory)}), "worker.memory");
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGKILL}) {
    EXPECT_EQ(code_of({.wait_status = killed_by(signal)}), "worker.crashed") << signal;
  }
  EXPECT_EQ(code_of({.timed_out = true, .wait_status = killed_by(SIGKILL)}), "worker.timeout");
}

TEST(Judge, BelievesNoReplyOfAWorkerThatEndedBadly) {
  EXPECT_EQ(code_of({.reply = honest_reply(), .wait_status = exited(1)}), "worker.bad_reply");
  EXPECT_EQ(code_of({.reply = honest_reply(), .wait_status = killed_by(SIGSEGV)}),
            "worker.crashed");
  EXPECT_EQ(code_of({.reply = honest_reply(), .timed_out = true, .wait_status = exited(0)}),
            "worker.timeout");
  EXPECT_EQ(
      code_of(
          {.reply = honest_reply(), .reply_too_large = true, .wait_status = killed_by(SIGKILL)}),
      "worker.bad_reply");
}

TEST(Judge, RefusesAReplyThatDoesNotParse) {
  EXPECT_EQ(code_of({.wait_status = exited(0)}), "worker.bad_reply");
  EXPECT_EQ(code_of({.reply = Bytes(64, std::byte{7}), .wait_status = exited(0)}),
            "worker.bad_reply");
}

TEST(IsItemError, TellsTheItemsFaultFromOurs) {
  const auto is_items = [](std::string_view code) {
    return is_item_error(Error{ErrorKind::kUnavailable, code, ""});
  };
  EXPECT_TRUE(is_items("media.corrupt"));
  EXPECT_TRUE(is_items("worker.timeout"));
  EXPECT_FALSE(is_items("workers.down"));
  EXPECT_FALSE(is_items("workers.no_start"));
  EXPECT_FALSE(is_items("store.busy"));
}

}  // namespace
}  // namespace tutela::workers
