// Reporting: what the server needs for reports to authorities. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "casework/reports/reports.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "custody/opening/opening.hpp"
#include "custody/store/store.hpp"
#include "service/config/config.hpp"
#include "service/http/cached.hpp"
#include "service/reporting/desk.hpp"

namespace tutela::http {

/// How an authority answered of late; of this process alone.
class AuthorityHealth {
 public:
  struct State {
    std::optional<UtcMs> last_success_ms;
    std::optional<UtcMs> last_failure_ms;
    std::string failure;  // a code
  };

  void succeeded(const std::string& authority, UtcMs now_ms);
  void failed(const std::string& authority, UtcMs now_ms, std::string_view failure);
  [[nodiscard]] State of(const std::string& authority) const;

 private:
  mutable Mutex mutex_;
  std::map<std::string, State> states_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace tutela::http
