// Watch: looks, all the time, whether detection is on, and says so: it sends canaries through the
// doors, gathers observations, keeps the alarms, tells people and machines, and beats for whoever
// notices silence. Nothing of it goes through what it watches: alarms are sent directly, and kept
// in the store only when that works.
//
// Owns its threads (canaries; asking; looking; telling). Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "service/config/config.hpp"
#include "service/pipeline/pipeline.hpp"
#include "service/vault_client/client.hpp"
#include "watch/alarms/alarm_log.hpp"
#include "watch/alarms/alarms.hpp"
#include "watch/alarms/bands.hpp"

namespace tutela::watch {

/// How canaries of one door and format fare.
struct CanaryLine {
  alarms::CanaryState state;
  UtcMs last_sent_ms = 0;
  UtcMs last_good_ms = 0;
  std::int64_t sent = 0;  // since the start, of those that must match
  std::int64_t good = 0;
  std::int64_t negatives_sent = 0;  // of those that must not
  std::int64_t negatives_good = 0;
};

/// Everything at one moment: what /v1/coverage, /readyz, metrics, and `tutela status` show.
struct Status {
  alarms::Level level = alarms::Level::kBlind;
  UtcMs at_ms = 0;
  UtcMs started_ms = 0;
  std::vector<alarms::Alarm> alarms;
  std::vector<CanaryLine> canaries;
  alarms::Observations seen;
  pipeline::Backlog backlog;

  struct Samples {
    std::int64_t same = 0;
    std::int64_t different = 0;
    std::int64_t failed = 0;
    std::int64_t owed = 0;
    UtcMs last_ms = 0;
  } samples;

  struct Told {           // of alarms
    std::string channel;  // "webhook" "email" "syslog" "heartbeat"
    UtcMs last_success_ms = 0;
    UtcMs last_failure_ms = 0;
    std::string failure;  // a code
    std::int64_t waiting = 0;
    std::int64_t successes = 0;  // since the start; attempts, like failures
    std::int64_t failures = 0;
  };

  std::vector<Told> told;

  struct Door {
    std::string door;
    bool scanning = true;
    std::string on_error;  // "hold" "deny" "allow"
    std::int64_t items_today = 0;
    std::int64_t let_through = 0;  // today
    UtcMs last_item_ms = 0;        // 0: none
  };

  std::vector<Door> doors;

  struct List {
    std::string name;
    std::string purpose;
    std::int64_t signals = 0;
    UtcMs changed_ms = 0;
    std::optional<std::int64_t> not_rescanned;  // items judged before its last change
  };

  std::vector<List> lists;  // active ones, by name
  std::optional<UtcMs> last_verdict_ms;

  /// Since a while before this process began, by door and verdict ("arrived" too).
  std::map<std::pair<std::string, std::string>, std::int64_t> items;

  /// Of this process and others, since the hour in which it began.
  struct Canaries {
    std::string door;
    std::string format;
    std::string expected;  // "match" "no_match"
    std::int64_t sent = 0;
    std::int64_t good = 0;
  };

  std::vector<Canaries> canary_counts;
};

/// The worst of the alarms about a door, or about everything.
[[nodiscard]] alarms::Level level_of_door(const Status& status, std::string_view door);

/// Matches of one list, door and media type in this hour and the one before, against what is usual.
struct RateLine {
  std::string list;
  std::string door;
  std::string media_type;
  std::int64_t items = 0;
  std::int64_t matches = 0;
  double expected = -1;  // negative: too little is known to say
  alarms::Band band;
  alarms::RateVerdict verdict = alarms::RateVerdict::kUnknown;
};

/// Where canaries go.
struct OwnDoor {
  std::string door;     // "http"
  std::string address;  // "https://127.0.0.1:8440", or of a unix socket "unix:/run/tutela.sock"
  std::function<Result<std::string>()> token;  // of scope scan; asked for once, and after a 401
};

class Watch {
 public:
  /// Borrows pipeline and vault. The settings are asked for at every look: SIGHUP changes them.
  /// `intake` is asked then, too, and never blocks.
  static Result<std::unique_ptr<Watch>> start(
      std::function<std::shared_ptr<const config::Config>()> settings,
      pipeline::Pipeline& pipeline,
      const vault_client::Client& vault,
      std::vector<OwnDoor> doors,
      const Clock& clock,
      std::function<alarms::IntakeState()> intake = {});
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  /// As at the last look; when that is older than ten seconds, blind with "watch.stopped".
  [[nodiscard]] std::shared_ptr<const Status> status() const;
  /// As of about half a minute ago; test lists are among them, which raise no alarms of this kind.
  [[nodiscard]] std::vector<RateLine> rates() const;
  /// What was raised, changed and cleared. Asks the store.
  [[nodiscard]] alarms::AlarmLog& log() const noexcept;
  /// Looks and sends canaries now, as after a reload.
  void wake();
  /// Asks the threads that look to end, without waiting for them.
  void request_stop();
  /// Ends the canaries, within about a second: before the doors close, so that none fails by it.
  void end_canaries();

 private:
  struct State;
  explicit Watch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What /v1/coverage answers (schema Coverage of spec/openapi.yaml), and what each process leaves
/// in the store every few seconds, for `tutela status`.
[[nodiscard]] std::string to_json(const Status& status);

}  // namespace tutela::watch
