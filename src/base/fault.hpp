// Fault points: places where a test makes the process die, hang or fail, by name.
//
// Compiled out of release binaries (a test proves it). Where they are compiled in, the environment
// variable TUTELA_FAULT="point=kill" (or =hang, =error; "point=kill@3" acts on the third passing)
// arms one point. Names read "module.after_step".
#pragma once

#include "base/result.hpp"

namespace tutela::fault {

/// True where fault points are compiled in.
#if defined(TUTELA_FAULT_HOOKS)
inline constexpr bool kCompiledIn = true;
#else
inline constexpr bool kCompiledIn = false;
#endif

/// Acts if `point` is armed: kill raises SIGKILL, hang sleeps for ever, error returns kUnavailable
/// "fault.injected". Thread-safe.
Status reach(const char* point);

}  // namespace tutela::fault

/// For functions that return Result: dies, hangs or returns the injected error.
#if defined(TUTELA_FAULT_HOOKS)
#define TUTELA_FAULT_POINT(name) TUTELA_TRY(::tutela::fault::reach(name))
#else
#define TUTELA_FAULT_POINT(name) static_cast<void>(0)
#endif
