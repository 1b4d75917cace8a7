// Faults: what a broken, captured or overwhelmed worker does, on demand of the tests.
//
// An item that starts with "TUTELA-FAULT:" and a name makes its worker misbehave. Compiled in only
// with TUTELA_FAULT_HOOKS, never in a release.
#pragma once

#include "base/bytes.hpp"

namespace tutela::decode {

#if defined(TUTELA_FAULT_HOOKS)
void act_out_fault(ByteView item, int reply);
#else
inline void act_out_fault(ByteView /*item*/, int /*reply*/) {}
#endif

}  // namespace tutela::decode
