// Core: what a request means and does, apart from sockets: paths, credentials, faults, effects.
//
// Thread-safe. Borrows the clock.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "service/cybertip_simulator/answer.hpp"
#include "service/cybertip_simulator/desk.hpp"
#include "service/cybertip_simulator/faults.hpp"
#include "service/cybertip_simulator/intake.hpp"

namespace tutela::cybertip_simulator {

struct Head {
  std::string method;
  std::string target;
  std::string content_type;
  std::string authorization;
  std::string peer;  // the address it came from
};

/// What is known before the body is read.
struct Opened {
  std::string endpoint;  // "submit", ...; "control" under /simulator/
  std::optional<Fault> fault;
  std::optional<Reply> refused;  // without looking at the body

  [[nodiscard]] bool wants_form() const {
    return endpoint == "upload" || endpoint == "finish" || endpoint == "retract";
  }
};

struct CoreOptions {
  std::string username;
  std::string password;
  std::filesystem::path folder;  // reports as files; empty: none
  double time_scale = 1;         // how fast its time goes
  std::int64_t first_id = 1;
};

class Core {
 public:
  Core(const Clock& clock, CoreOptions options);

  Opened open(const Head& head);
  /// The effect of a request, and what is to be said of it.
  Answer serve(const Head& head, const Opened& opened, Body body);
  /// Of a request that has no effect.
  Answer refuse(const Opened& opened);

  void set_faults(std::vector<Fault> faults);
  void advance(std::int64_t by_ms);
  void expire_all();
  [[nodiscard]] std::vector<StoredReport> reports();
  [[nodiscard]] std::string reports_json();

 private:
  [[nodiscard]] UtcMs now_ms() const TUTELA_REQUIRES(mutex_);
  [[nodiscard]] bool knows(std::string_view authorization) const;
  Reply perform(const Opened& opened, Body body) TUTELA_REQUIRES(mutex_);
  Reply perform_form(const Opened& opened, const Body& body) TUTELA_REQUIRES(mutex_);
  Answer control(const Head& head, const Body& body);
  void write_files(std::int64_t id) TUTELA_REQUIRES(mutex_);

  const Clock& clock_;
  const CoreOptions options_;
  const UtcMs started_ms_;
  Mutex mutex_;
  std::int64_t advanced_ms_ TUTELA_GUARDED_BY(mutex_) = 0;
  Desk desk_ TUTELA_GUARDED_BY(mutex_);
  Faults faults_ TUTELA_GUARDED_BY(mutex_);
  std::map<std::string, std::int64_t> calls_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace tutela::cybertip_simulator
