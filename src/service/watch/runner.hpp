// Runner: sends canaries through every door of this server, as an ordinary client would, and says
// how they fared.
//
// Every line (a door and a format) has a canary every watch.canary_seconds, evenly spread, and
// every door one that must not match, of one format after the other. Each is registered before its
// bytes go anywhere; what cannot be registered is not sent and has failed. It is good when the door
// answers what it must, the store has its verdict on the list "canary", and its message came out of
// the outbox. One that is bad is repeated at once with fresh bytes, one that is late after half of
// watch.canary_timeout_ms; only when neither becomes good before that time has passed is the line
// called bad. So a fault of one line shows within canary_seconds and canary_timeout_ms.
//
// Owns two threads: one sends and looks, one has pictures drawn by a child process. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/store/store.hpp"
#include "exchange/lists/lists.hpp"
#include "service/config/config.hpp"
#include "service/watch/watch.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::watch {

struct RunnerOptions {
  /// Asked for all the time: SIGHUP changes them.
  std::function<std::shared_ptr<const config::Config>()> settings;
  std::vector<OwnDoor> doors;
  /// What draws: run with "canary draw". Empty: this program.
  std::filesystem::path program;
  /// Called when the list "canary" was changed: Pipeline::refresh_generation().
  std::function<tutela::Status()> list_changed;
};

class Runner {
 public:
  /// Borrows all but the options. Makes the key <store.folder>/canary.key where it is absent.
  /// Errors: those of crypto::load_or_create_key(); kUnavailable "canary.unavailable" when libcurl
  /// does not start. That the list cannot be made now is no error: see problem().
  static Result<std::unique_ptr<Runner>> start(store::Database& database,
                                               lists::Lists& lists,
                                               ledger::Ledger& ledger,
                                               const Clock& clock,
                                               RunnerOptions options);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  /// Ends within about a second.
  ~Runner();

  /// Every door and format of the present settings, in that order; none when canary_seconds is 0.
  /// When this runner's thread has not moved for canary_timeout_ms, and for ten seconds at least,
  /// all are unanswered.
  [[nodiscard]] std::vector<CanaryLine> lines() const;
  /// Why no canaries can be sent: a code ("canary.list_taken", "canary.no_pictures", those of the
  /// store); empty while they can.
  [[nodiscard]] std::string problem() const;
  /// Sends one of every line now.
  void wake();

 private:
  struct State;
  explicit Runner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::watch
