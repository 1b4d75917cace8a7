#include "casework/reports/reports.hpp"

namespace tutela::reports {

Reports::Reports(store::Database& database,
                 dual_control::DualControl& dual_control,
                 const Clock& clock,
                 Rules rules)
    : database_(database), dual_control_(dual_control), clock_(clock), rules_(rules) {}

}  // namespace tutela::reports
