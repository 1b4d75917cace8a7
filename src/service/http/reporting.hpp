// Reporting: what the server needs for reports to authorities. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "casework/cases/cases.hpp"
#include "casework/reports/reports.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "custody/opening/opening.hpp"
#include "custody/store/store.hpp"
#include "service/config/config.hpp"
#include "service/reporting/desk.hpp"
#include "service/reporting/drafts.hpp"
#include "service/reporting/filer.hpp"

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

struct Custody;

/// Whom to call when somebody is in danger now.
struct EmergencyPhone {
  std::string name;
  std::string number;
  std::string hours;
};

struct Reporting {
  /// Borrows database, custody and clock. Errors: those of reporting::authorities_of(),
  /// routes_of() and open_authorities().
  static Result<std::unique_ptr<Reporting>> open(const config::Config& config,
                                                 store::Database& database,
                                                 Custody& custody,
                                                 const Clock& clock);

  struct Parts {
    std::vector<reports::Authority> authorities;
    std::vector<reports::Route> routes;
    std::vector<reporting::Served> served;
  };

  Reporting(const config::Config& config,
            Parts parts,
            store::Database& database,
            Custody& custody,
            const Clock& clock);

  /// What the background does, each from threads of its own: released reports go to their
  /// authorities, urgent ones past any long upload; drafts, what follows receipts, and alarms. Each
  /// returns how much was done.
  Result<std::size_t> file(const std::function<bool()>& stop_requested, reports::Which which);
  Result<std::size_t> look_after(const std::function<bool()>& stop_requested);

  const Clock& clock;
  store::Database& database;
  Custody& custody;
  reports::Reports reports;
  reporting::Desk desk;
  AuthorityHealth health;
  std::vector<EmergencyPhone> phones;
  cases::Rules case_rules;
  reporting::Drafter drafter;
  reporting::Filer filer;
};

}  // namespace tutela::http
