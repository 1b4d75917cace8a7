// Closing: what the background does with cases, a unit of work each. Internal.
#pragma once

#include "casework/cases/decisions.hpp"
#include "casework/cases/judging.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

/// Of a decided case whose undo window is over: its actions, the offer to appeal, the next state.
/// False where it is not to be closed (any more).
Result<bool> close_case(store::Transaction& transaction,
                        const Rules& rules,
                        UtcMs now_ms,
                        const std::string& tenant_id,
                        const Uuid& id);
/// Of an open case, by the trust of its lists. False where they do not decide it.
Result<bool> decide_alone(store::Transaction& transaction,
                          const Rules& rules,
                          UtcMs now_ms,
                          const std::string& tenant_id,
                          const Uuid& id);

/// A case that looks like `original` for somebody else to decide.
Result<Case> insert_sample(store::Transaction& transaction,
                           const store::Actor& maker,
                           const Rules& rules,
                           UtcMs now_ms,
                           const Case& original,
                           std::string_view kind);
/// What was said of a sample; an event of its original where that differs.
Status answer_sample(store::Transaction& transaction,
                     const store::Actor& system,
                     UtcMs now_ms,
                     const Case& of,
                     const Sample& sample,
                     const Decision& answer);
/// Whether a case of this id is among `percent` of a hundred: always the same.
[[nodiscard]] bool is_sampled(const Uuid& id, int percent);

}  // namespace tutela::cases
