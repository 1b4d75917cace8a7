// Told: what people outside told us of a case, for its document. Internal.
//
// Who told us is never part of it, nor what they wrote in their own words, which may say who they
// are: a person adds of it what an authority needs.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/intake/model.hpp"
#include "custody/store/store.hpp"
#include "service/reporting/facts.hpp"
#include "service/reporting/paper.hpp"

namespace tutela::reporting {

/// The notices of a case, at most 100, the oldest first.
Result<std::vector<Told>> read_told(store::Transaction& transaction, const Uuid& case_id);

/// Of a case of topic solicitation the messages, each chat a place where it happened; of one that
/// holds nothing the web addresses; other accounts that were named, in words; the time of the first
/// notice where no file has one.
void put_told(Paper& paper, const CaseFacts& facts, const std::string& platform);

}  // namespace tutela::reporting
