// Fault points: places where a test makes the process die, hang, fail or answer wrongly, by name.
//
// Compiled out of release binaries (a test proves it). Where they are compiled in:
// - the environment variable TUTELA_FAULT="point=kill" (or =hang, =error; "point=kill@3" acts on
//   the third passing) arms one point once;
// - the file that TUTELA_FAULT_FILE names arms points while the process runs, one "point=action" a
//   line, for as long as the line stands there. What changes in it acts within 50 ms. Replace the
//   file whole: one that is half written arms what is in it so far.
// Names read "module.after_step", or "module.what" of those that change a result. Thread-safe.
#pragma once

#include "base/result.hpp"

namespace tutela::fault {

/// True where fault points are compiled in.
#if defined(TUTELA_FAULT_HOOKS)
inline constexpr bool kCompiledIn = true;
#else
inline constexpr bool kCompiledIn = false;
#endif

/// Acts if `point` is armed: kill raises SIGKILL, hang sleeps (for ever, or until its line is
/// gone from the file), error returns kUnavailable "fault.injected".
Status reach(const char* point);

/// Whether the file arms `point`, with any action: for places that change a result.
[[nodiscard]] bool armed(const char* point);

}  // namespace tutela::fault

#if defined(TUTELA_FAULT_HOOKS)
/// For functions that return Result: dies, hangs or returns the injected error.
#define TUTELA_FAULT_POINT(name) TUTELA_TRY(::tutela::fault::reach(name))
/// For functions that cannot fail: dies or hangs.
#define TUTELA_FAULT_PAUSE(name) static_cast<void>(::tutela::fault::reach(name).has_value())
/// A condition: whether a result is to be wrong here.
#define TUTELA_FAULT_ARMED(name) (::tutela::fault::armed(name))
#else
#define TUTELA_FAULT_POINT(name) static_cast<void>(0)
#define TUTELA_FAULT_PAUSE(name) static_cast<void>(0)
#define TUTELA_FAULT_ARMED(name) false
#endif
