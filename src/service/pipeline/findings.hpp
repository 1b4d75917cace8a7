// Findings: what a verdict means for cases, in the unit of work of the verdict, so that there is
// never a match without its case. Internal to the pipeline.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "casework/cases/cases.hpp"
#include "service/pipeline/verdict.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::pipeline {

/// The cause of first verdicts; of later ones see RescanCause.
inline constexpr std::string_view kScanned = "scan";

/// The finding that an outcome is, less what the ledger knows of the content (account, external id,
/// digest). Of several matches the one that weighs most: known material before tests before what
/// people reported of themselves; exact before near; by severity; by distance. What policy lets
/// pass without a match is none. Pure.
[[nodiscard]] std::optional<cases::Finding> finding_of(const Snapshot& snapshot,
                                                       const Uuid& content_id,
                                                       const ledger::Outcome& outcome);

/// Opens or joins the case of an outcome (of what came through ledger::kIntakeDoor: of every one),
/// or takes the content out of its case where it is no
/// finding any more; links the cases of near-duplicates. Of a canary, tells whoever waits for it
/// and nobody else. `cause` is that of the verdict: kScanned, or one of Ledger::redecide().
Status tell_cases(store::Transaction& transaction,
                  const store::Actor& actor,
                  const cases::Rules& rules,
                  const Snapshot& snapshot,
                  const Uuid& content_id,
                  const ledger::Outcome& outcome,
                  std::string_view cause,
                  UtcMs now_ms);

/// Links the case of a content with those of its near-duplicates, where both have one.
Status link_near(store::Transaction& transaction,
                 const store::Actor& actor,
                 UtcMs now_ms,
                 const Uuid& content_id);

}  // namespace tutela::pipeline
