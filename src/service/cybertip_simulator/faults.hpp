// Faults: what the simulated service does wrong, when it is told to.
//
// A list of rules; the first that applies to a request acts. Written as JSON:
//   [{"on": "finish", "do": "lose_answer", "nth": 1, "times": 1}]
// `on` is status, submit, upload, fileinfo, finish, retract or any. The rule acts from the nth such
// request since the list was set (1), so many `times` (1; 0: from then on). Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tutela::cybertip_simulator {

inline constexpr std::size_t kFaultsMax = 1000;

enum class Act : std::uint8_t {
  kNothing,
  kLate,          // the effect, `ms` of silence, the answer
  kLateEffect,    // `ms` of silence, the effect, the answer
  kLoseAnswer,    // the effect, then the connection is closed
  kCloseBefore,   // the request is read, then closed: no effect
  kCut,           // closed within the request's body: no effect
  kRefuse,        // no effect; answers `code`, `http` and `body`
  kLie,           // the effect; answers like kRefuse
  kOtherBytes,    // an upload arrives as other bytes
  kTruncated,     // the effect; half of an XML document, in a whole HTTP answer
  kHalf,          // the effect; the connection closes in the middle of the answer
  kOversized,     // the effect; 4 MiB
  kDeep,          // the effect; ten thousand elements in one another
  kDoctype,       // the effect; a document type with entities
  kTwice,         // the effect; responseCode twice, 0 and 1000
  kEmpty,         // the effect; 200 without a body
  kOtherReport,   // the effect; the answer names another report
  kNoFiles,       // finish: the answer lists no files
  kDrip,          // the effect; a byte of the answer each `ms`
  kExpireBefore,  // all open reports expire, then the request is served
};

struct Fault {
  std::string on = "any";
  Act act = Act::kLate;
  std::int64_t nth = 1;
  std::int64_t times = 1;
  std::int64_t ms = 0;  // at most a day
  std::int64_t code = 1000;
  unsigned http_status = 0;  // 0: what goes with the code
  std::string body = "xml";  // "xml", "html", "empty"
};

/// Errors: kInvalidInput "simulator.bad_faults", which says where and what.
Result<std::vector<Fault>> parse_faults(std::string_view json);

/// A good, slow or broken day by name: "normal", "slow", "unavailable", "lost-answers",
/// "wrong-password", "rejecting", "other-bytes", "expiring". Error: "simulator.bad_mode".
Result<std::vector<Fault>> faults_of_mode(std::string_view mode);

class Faults {
 public:
  void set(std::vector<Fault> faults);
  /// What is to happen to this request, which is counted.
  std::optional<Fault> next(std::string_view on);

 private:
  struct Rule {
    Fault fault;
    std::int64_t seen = 0;
  };

  std::vector<Rule> rules_;
};

}  // namespace tutela::cybertip_simulator
