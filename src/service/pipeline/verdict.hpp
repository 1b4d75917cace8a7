// Verdict: what hits and an inspection mean. Pure functions, the heart of "an error is never
// no_match".
#pragma once

#include <map>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "crypto/digest.hpp"
#include "engine/inspect/inspect.hpp"
#include "engine/match/match.hpp"
#include "engine/policy/policy.hpp"
#include "exchange/lists/lists.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::pipeline {

/// A generation with what policy needs to know of its lists.
struct Snapshot {
  std::shared_ptr<const match::Generation> generation;
  std::map<Uuid, lists::List> lists;
  std::int64_t position = 0;  // of the lists' history
};

struct Search {
  std::vector<match::Hit> hits;
  bool quality_low = false;  // a frame below kPdqQualityMin was not searched
  int quality_min = 100;     // of the frames that were searched
};

/// Searches everything that is known of one content.
[[nodiscard]] Search search_content(const match::Generation& generation,
                                    const crypto::Digests& digests,
                                    const std::vector<inspect::FrameFingerprint>& frames);

/// Where the item came from, as policy sees it.
struct Circumstances {
  std::string door;
  std::string source;
  bool canary = false;  // its bytes are a canary's
};

/// Verdict, reason, matches and decision. `inspected` holds the inspection or why the item cannot
/// be scanned; it must not hold an error of ours. A canary that matched nothing but lists of
/// purpose canary is one; any other match makes it an ordinary item. Matches that `stand` count
/// beside those of the search.
[[nodiscard]] ledger::Outcome judge(const Snapshot& snapshot,
                                    const policy::Policy& policy,
                                    Result<inspect::Inspection> inspected,
                                    const Search& search,
                                    const Circumstances& circumstances,
                                    UtcMs now_ms,
                                    std::vector<ledger::MatchRow> stand = {});

}  // namespace tutela::pipeline
