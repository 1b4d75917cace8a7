#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Matches whose bytes still lie in the spool are found without reading all matches.
const std::string_view kHandOver = R"sql(
CREATE INDEX content_to_keep ON content (id) WHERE verdict = 'match' AND spooled = 1;
)sql";

}  // namespace tutela::store
