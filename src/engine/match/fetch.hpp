// Fetch: asks for a cache line that is read later, without waiting for it. Internal to match.
#pragma once

namespace tutela::match {

/// Into the first level: for what is read soon. Any address will do.
[[gnu::always_inline]] inline void fetch_soon(const void* address) {
  __builtin_prefetch(address, 0, 3);
  // GCC 12 takes a function that does nothing but prefetch for one without effect, and drops it.
  asm volatile("");
}

/// Into the second level, which has room for twice as many lines in flight.
[[gnu::always_inline]] inline void fetch_later(const void* address) {
  __builtin_prefetch(address, 0, 2);
  asm volatile("");
}

}  // namespace tutela::match
