// DrillReceiver: the other end of webhooks and heartbeats: checks each signature, notes when an
// alarm came, and notices silence, as an operator's own receiver and dead-man's switch would.
// Thread-safe. Owns a thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tutela::cli {

class DrillReceiver {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Alarm {
    Time at;
    std::string what;  // "raised" "changed" "cleared"
    std::string code;
    std::string object;
    std::string level;
  };

  /// On a free port of this machine. Error: kUnavailable "drill.no_receiver".
  static Result<std::unique_ptr<DrillReceiver>> start(std::string secret);
  DrillReceiver(const DrillReceiver&) = delete;
  DrillReceiver& operator=(const DrillReceiver&) = delete;
  ~DrillReceiver();

  [[nodiscard]] std::string webhook_url() const;
  [[nodiscard]] std::string heartbeat_url() const;
  [[nodiscard]] std::vector<Alarm> alarms_since(Time from) const;
  /// The latest; that of the start before the first.
  [[nodiscard]] Time last_heartbeat() const;
  /// Messages whose signature was wrong or absent.
  [[nodiscard]] std::int64_t forged() const;

 private:
  struct State;
  explicit DrillReceiver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::cli
