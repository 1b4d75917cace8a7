#include "custody/dual_control/moment.hpp"

#include <algorithm>

namespace tutela::dual_control {

Result<Moment> glance(store::Transaction& transaction, const Clock& clock) {
  Moment moment{clock.now_ms(), -1};
  TUTELA_TRY(transaction.query(
      "SELECT seen_ms, passed_ms FROM passed_time WHERE id = 1", {}, [&](const store::Row& row) {
        moment.passed_ms =
            row.integer(1) + std::max<std::int64_t>(moment.now_ms - row.integer(0), 0);
        return ok();
      }));
  if (moment.passed_ms < 0) {
    return Error{ErrorKind::kCorrupted,
                 "request.no_time",
                 "the database has lost how much time passed; restore the last backup"};
  }
  return moment;
}

Result<Moment> look(store::Transaction& transaction, const Clock& clock) {
  TUTELA_TRY_ASSIGN(const Moment moment, glance(transaction, clock));
  TUTELA_TRY(transaction.execute(
      "UPDATE passed_time SET seen_ms = :seen_ms, passed_ms = :passed_ms WHERE id = 1",
      {moment.now_ms, moment.passed_ms}));
  return moment;
}

}  // namespace tutela::dual_control
