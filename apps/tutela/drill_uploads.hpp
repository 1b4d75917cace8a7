// DrillUploads: pictures sent to the server steadily, known and unknown ones in turn, whatever
// happens to it, and what it answered to each. Thread-safe. Owns threads.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "drill_pictures.hpp"

namespace tutela::cli {

struct DrillUpload {
  using Time = std::chrono::steady_clock::time_point;

  DrillKind kind = DrillKind::kUnknown;
  Time sent;
  Time answered;
  long status = 0;      // 0: no answer
  std::string id;       // empty: it was not taken
  std::string verdict;  // as answered: "match" "no_match" "unscannable" "owed"
};

class DrillUploads {
 public:
  /// Error: kUnavailable "drill.no_client".
  static Result<std::unique_ptr<DrillUploads>> start(const std::string& url,
                                                     const std::string& token);
  DrillUploads(const DrillUploads&) = delete;
  DrillUploads& operator=(const DrillUploads&) = delete;
  /// Waits for what is on its way.
  ~DrillUploads();

  /// From now on those that the list learned during the drill are sent, too.
  void add_late();
  /// Waits until everything that was sent before `until` has its answer, or none came; returns
  /// what was sent in that time.
  [[nodiscard]] std::vector<DrillUpload> between(DrillUpload::Time from,
                                                 DrillUpload::Time until) const;

 private:
  struct State;
  explicit DrillUploads(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::cli
