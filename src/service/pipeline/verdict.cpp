#include "service/pipeline/verdict.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace tutela::pipeline {
namespace {

constexpr std::size_t kMatchRowsMax = 100;

/// Lists on which an exact match stands (safeguards.md 1): SHA-256, or SHA-1 and MD5 together.
std::set<std::uint32_t> exact_lists(const std::vector<match::Hit>& hits) {
  std::set<std::uint32_t> md5;
  std::set<std::uint32_t> exact;
  for (const match::Hit& hit : hits) {
    if (hit.kind == match::SignalKind::kMd5) {
      md5.insert(hit.list);
    } else if (hit.kind == match::SignalKind::kSha256) {
      exact.insert(hit.list);
    }
  }
  for (const match::Hit& hit : hits) {
    if (hit.kind == match::SignalKind::kSha1 && md5.contains(hit.list)) {
      exact.insert(hit.list);
    }
  }
  return exact;
}

ledger::MatchRow row_of(const match::ListEntry& list,
                        const match::Hit& hit,
                        bool list_is_exact,
                        UtcMs now_ms) {
  const bool exact = list_is_exact && hit.kind != match::SignalKind::kPdq;
  return {new_uuid(now_ms),
          list.id,
          {},
          list.version,
          hit.signal_id,
          hit.kind,
          hit.distance,
          hit.orientation,
          hit.frame,
          exact ? policy::Strength::kExact : policy::Strength::kNear};
}

/// The row that says most about a list's match: exact before near, then the smallest distance.
bool says_more(const ledger::MatchRow& left, const ledger::MatchRow& right) {
  const bool left_exact = left.strength == policy::Strength::kExact;
  const bool right_exact = right.strength == policy::Strength::kExact;
  return left_exact != right_exact ? left_exact : left.distance < right.distance;
}

/// One row a list, the one that says most, then the others up to a bound: a list may hold one value
/// thousands of times, and a verdict must stay small.
std::vector<ledger::MatchRow> bounded(std::vector<ledger::MatchRow> rows) {
  std::stable_sort(rows.begin(), rows.end(), says_more);
  std::set<Uuid> lists_seen;
  const auto rest = std::stable_partition(rows.begin(), rows.end(), [&](const auto& row) {
    return lists_seen.insert(row.list_id).second;
  });
  const auto best_count = static_cast<std::size_t>(rest - rows.begin());
  rows.resize(std::min(rows.size(), std::max(best_count, kMatchRowsMax)));
  return rows;
}

std::vector<policy::ListMatch> facts_of(const Snapshot& snapshot,
                                        const std::vector<ledger::MatchRow>& rows,
                                        int quality) {
  std::set<Uuid> lists_seen;
  std::vector<policy::ListMatch> facts;
  for (const ledger::MatchRow& row : rows) {
    if (!lists_seen.insert(row.list_id).second) {
      continue;  // bounded() put the row that says most of each list first
    }
    policy::ListMatch fact;
    if (const auto list = snapshot.lists.find(row.list_id); list != snapshot.lists.end()) {
      const lists::NewList& spec = list->second.spec;
      fact.list_name = spec.name;
      fact.classification = spec.classification;
      fact.purpose = std::string(lists::to_string(spec.purpose));
      fact.list_action = spec.action;
      fact.automation = spec.automation;
    }
    fact.strength = row.strength;
    fact.kind = row.kind;
    fact.distance = row.distance;
    fact.quality = row.kind == match::SignalKind::kPdq ? quality : 100;
    facts.push_back(std::move(fact));
  }
  return facts;
}

/// Whether nothing was matched but what canaries are to match.
bool matches_canaries_alone(const Snapshot& snapshot, const std::vector<ledger::MatchRow>& rows) {
  return std::ranges::all_of(rows, [&](const ledger::MatchRow& row) {
    const auto list = snapshot.lists.find(row.list_id);
    return list != snapshot.lists.end() && list->second.spec.purpose == lists::Purpose::kCanary;
  });
}

void set_verdict(ledger::Outcome& outcome,
                 const Result<inspect::Inspection>& inspected,
                 bool quality_low) {
  using policy::Verdict;
  if (!outcome.matches.empty()) {
    outcome.verdict = Verdict::kMatch;
  } else if (!inspected) {
    outcome.verdict = Verdict::kUnscannable;
    outcome.reason = inspected.error().code;
  } else if (inspected->report.damaged) {
    outcome.verdict = Verdict::kUnscannable;
    outcome.reason = "damaged";
  } else if (inspected->report.partial) {
    outcome.verdict = Verdict::kUnscannable;
    outcome.reason = "partial";
  } else if (inspected->frames.empty()) {
    outcome.verdict = Verdict::kUnscannable;
    outcome.reason = "no_frames";
  } else {
    outcome.verdict = Verdict::kNoMatch;
    outcome.reason = quality_low ? "quality_low" : "";
  }
}

}  // namespace

Search search_content(const match::Generation& generation,
                      const crypto::Digests& digests,
                      const std::vector<inspect::FrameFingerprint>& frames) {
  Search search;
  search.hits = generation.search_digests(digests);
  for (const inspect::FrameFingerprint& frame : frames) {
    if (frame.pdq.quality < match::kPdqQualityMin) {
      search.quality_low = true;
      continue;
    }
    search.quality_min = std::min<int>(search.quality_min, frame.pdq.quality);
    std::vector<match::Hit> hits = generation.search_pdq({frame.pdq.hashes, frame.frame});
    search.hits.insert(search.hits.end(),
                       std::make_move_iterator(hits.begin()),
                       std::make_move_iterator(hits.end()));
  }
  return search;
}

ledger::Outcome judge(const Snapshot& snapshot,
                      const policy::Policy& policy,
                      Result<inspect::Inspection> inspected,
                      const Search& search,
                      const Circumstances& circumstances,
                      UtcMs now_ms,
                      std::vector<ledger::MatchRow> stand) {
  ledger::Outcome outcome;
  outcome.matches = std::move(stand);
  const std::set<std::uint32_t> exact = exact_lists(search.hits);
  for (const match::Hit& hit : search.hits) {
    outcome.matches.push_back(
        row_of(snapshot.generation->lists()[hit.list], hit, exact.contains(hit.list), now_ms));
  }
  outcome.matches = bounded(std::move(outcome.matches));
  outcome.quality_low = search.quality_low;
  outcome.lists_position = snapshot.position;
  set_verdict(outcome, inspected, search.quality_low);

  policy::Facts facts;
  facts.verdict = outcome.verdict;
  facts.reason = outcome.reason;
  facts.source = circumstances.source;
  facts.door = circumstances.door;
  facts.media_type =
      media::mime_type(inspected ? inspected->report.type : media::MediaType::kUnknown);
  facts.matches = facts_of(snapshot, outcome.matches, search.quality_min);
  outcome.decision = policy.decide(facts);
  outcome.canary = circumstances.canary && matches_canaries_alone(snapshot, outcome.matches);
  outcome.keep_bytes = !outcome.canary && (outcome.verdict == policy::Verdict::kMatch ||
                                           outcome.decision.action != policy::Action::kPass ||
                                           circumstances.door == ledger::kIntakeDoor);
  if (inspected) {
    outcome.inspection = *std::move(inspected);
  }
  return outcome;
}

}  // namespace tutela::pipeline
