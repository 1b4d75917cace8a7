// Parts: what every document has: who reports, and the account. Internal.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "service/reporting/gather.hpp"
#include "service/reporting/paper.hpp"

namespace tutela::reporting {

void put_reporter(Paper& paper, const Provider& provider);

/// The account, what the service says of it, and the reports that the authority has of it. What the
/// service says and does not fit is returned.
Result<std::vector<cybertip::Problem>> put_person(Paper& paper,
                                                  reports::Reports& reports,
                                                  const Provider& provider,
                                                  const reports::Authority& authority,
                                                  const std::string& tenant_id,
                                                  const std::string& account);

}  // namespace tutela::reporting
