// The same searches by Debian's FAISS, where libfaiss-dev is installed when the benchmark is built.
#pragma once

#include <span>

#include "match_data.hpp"

namespace tutela::bench {

/// Prints; returns the searches a second of IndexBinaryMultiHash(256, 16, 16), nflip 1, under
/// IndexBinaryIDMap2, as HMA has it; 0 where FAISS was not there.
double bench_faiss(std::span<const Pdq256> values, std::span<const Pdq256> queries);

}  // namespace tutela::bench
