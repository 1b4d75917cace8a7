#include "casework/cases/cases.hpp"

#include <utility>

namespace tutela::cases {

Cases::Cases(store::Database& database, const Clock& clock, Rules rules)
    : database_(database), clock_(clock), rules_(std::move(rules)) {}

}  // namespace tutela::cases
