// Items: the contents of a case with what the ledger, the lists and the vault say of them, read in
// one unit of work. Internal.
#pragma once

#include <vector>

#include "base/uuid.hpp"
#include "casework/cases/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

/// At most 200, in the order of their ids. Other contents with the same bytes and those of a group
/// are counted up to 1000.
Result<std::vector<Item>> read_items(store::Transaction& transaction, const Uuid& case_id);

}  // namespace tutela::cases
