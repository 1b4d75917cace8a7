// Courier: sends canaries and follows them to their ends. Internal to watch; of the runner's
// thread.
//
// A round is one canary of a door and format, and its repetition with fresh bytes: at once when the
// first one is bad, after half of the time when it is late.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "service/watch/door_client.hpp"
#include "service/watch/judging.hpp"
#include "service/watch/stock.hpp"
#include "service/watch/watch.hpp"
#include "watch/canaries/canaries.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::watch {

using Steady = std::chrono::steady_clock;

struct Attempt {
  std::optional<Uuid> canary;  // absent: it could not be registered, and was not sent
  std::uint64_t request = 0;
  Steady::time_point sent;
  std::optional<DoorAnswer> answer;
  std::optional<std::chrono::milliseconds> took;  // until there was an answer and a verdict
  std::optional<Last> end;
};

struct Round {
  std::size_t door = 0;
  std::string format;
  canaries::Expected expected = canaries::Expected::kMatch;
  Steady::time_point second_at;
  Steady::time_point deadline;
  std::vector<Attempt> attempts;  // at most two
};

struct Ended {
  Last last = Last::kNone;
  std::chrono::milliseconds took{0};  // of a good one
};

class Courier {
 public:
  /// Borrows all but the doors.
  Courier(canaries::Canaries& canaries,
          ledger::Ledger& ledger,
          Stock& stock,
          DoorClient& client,
          std::vector<OwnDoor> doors);

  /// After the start, and when settings have changed.
  void find_doors(const config::Config& config);
  [[nodiscard]] std::vector<std::string> doors() const;

  [[nodiscard]] static Round begin(std::size_t door,
                                   std::string format,
                                   canaries::Expected expected,
                                   std::chrono::milliseconds timeout);
  /// Sends, looks, and ends it when there is a result.
  std::optional<Ended> advance(Round& round);
  void drop(Round& round);
  /// What drive() of the client gave.
  void take(DoorClient::Done done);

 private:
  struct Door {
    OwnDoor own;
    std::optional<DoorTarget> target;
    std::optional<std::string> token;
  };

  std::optional<Attempt> attempt(const Round& round);
  tutela::Status send(const Round& round, Bytes picture, Attempt& made);
  void look(const Round& round, Attempt& attempt);
  Result<Traces> traces_of(const Round& round, const Uuid& canary);
  tutela::Status read_ordinary(const Uuid& content_id, Traces& traces);
  Ended end(Round& round, Last last, const Attempt& told);

  canaries::Canaries& canaries_;
  ledger::Ledger& ledger_;
  Stock& stock_;
  DoorClient& client_;
  std::vector<Door> doors_;
  std::map<std::uint64_t, DoorAnswer> answers_;
};

}  // namespace tutela::watch
