#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Where a person of the team is written to when a promise to somebody outside is near its end.
const std::string_view kPeopleMail = R"sql(
ALTER TABLE person ADD COLUMN email TEXT;
)sql";

}  // namespace tutela::store
