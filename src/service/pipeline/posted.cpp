#include "service/pipeline/posted.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/fault.hpp"
#include "service/pipeline/findings.hpp"
#include "service/pipeline/marks.hpp"
#include "service/pipeline/uncovered.hpp"

namespace tutela::pipeline {
namespace {

/// Verdicts that are followed together: one block of the content index.
constexpr std::int64_t kFollowedAtOnce = 500;
constexpr std::int64_t kChangesAtOnce = 10'000;
constexpr std::string_view kDistrusted = "detection.distrusted";

std::optional<fingerprint::Pdq256> first_fit_hash(const ledger::Content& content) {
  if (content.outcome.inspection) {
    for (const inspect::FrameFingerprint& frame : content.outcome.inspection->frames) {
      if (frame.pdq.quality >= match::kPdqQualityMin) {
        return frame.pdq.hashes[0];
      }
    }
  }
  return std::nullopt;
}

content_index::Entry entry_of(const ledger::Content& content) {
  content_index::Entry entry{content.arrival.id, content.arrival.digests, {}};
  if (content.outcome.inspection) {
    for (const inspect::FrameFingerprint& frame : content.outcome.inspection->frames) {
      if (frame.pdq.quality >= match::kPdqQualityMin) {
        entry.frames.push_back(frame.pdq.hashes);
      }
    }
  }
  return entry;
}

using MatchKey = std::tuple<Uuid, match::SignalKind, std::int64_t>;

MatchKey key_of(const ledger::MatchRow& match) {
  return {match.list_id, match.kind, match.signal_id};
}

std::set<MatchKey> keys_of(const std::vector<ledger::MatchRow>& matches) {
  std::set<MatchKey> keys;
  for (const ledger::MatchRow& match : matches) {
    keys.insert(key_of(match));
  }
  return keys;
}

/// The list of a match that is in one of two sets alone, which are not equal or of equal verdicts.
Uuid first_difference(const std::set<MatchKey>& left, const std::set<MatchKey>& right) {
  std::vector<MatchKey> differing;
  std::ranges::set_symmetric_difference(left, right, std::back_inserter(differing));
  return differing.empty() ? Uuid{} : std::get<Uuid>(differing.front());
}

/// What a judgement needs of an inspection that is stored, or of its absence. Borrows the reason.
Result<inspect::Inspection> inspected_before(const ledger::Content& content) {
  if (content.outcome.inspection) {
    return *content.outcome.inspection;
  }
  const std::string& reason = content.outcome.reason;
  return Error{
      ErrorKind::kInvalidInput, reason.empty() ? "unscannable" : std::string_view(reason), ""};
}

}  // namespace

Posted::Posted(Internals& pipeline) : pipeline_(pipeline), rescans_(*pipeline.database) {}

Posted::~Posted() = default;

Result<CatchUp> Posted::catch_up(const std::function<bool()>& stop_requested,
                                 const std::function<void(const Rescan&)>& on_progress) {
  const MutexLock one_at_a_time(working_);
  CatchUp done;
  TUTELA_TRY_ASSIGN(const bool ours, open_index(done));
  done.elsewhere = !ours;
  std::optional<Error> distrusted;
  while (ours && !stop_requested()) {
    TUTELA_TRY(pipeline_.refresh_generation());
    TUTELA_TRY(plan());
    const Result<std::size_t> got = follow(stop_requested);
    if (!got && got.error().code != kDistrusted) {
      return got.error();
    }
    // What is not followed now is compared with the present lists later: rescans do not wait.
    distrusted = got ? std::nullopt : std::optional(got.error());
    const std::size_t followed = got ? *got : 0;
    done.followed += followed;
    TUTELA_TRY_ASSIGN(std::vector<Rescan> running, rescans_.running());
    if (pipeline_.distrusts_any()) {
      // What finds nothing now says nothing: no match is taken back until that is over.
      std::erase_if(running, [](const Rescan& rescan) {
        return rescan.cause == RescanCause::kListWithdrawn;
      });
    }
    if (running.empty() && followed == 0) {
      break;
    }
    if (!running.empty()) {
      // A few new signals never wait for the end of a search for very many.
      Rescan& next = *std::ranges::min_element(running, {}, &Rescan::signals);
      TUTELA_TRY(advance(next, stop_requested));
      done.finished += next.state == RescanState::kDone ? 1 : 0;
      if (on_progress) {
        on_progress(next);
      }
    }
  }
  if (distrusted) {
    return *std::move(distrusted);
  }
  return done;
}

Result<bool> Posted::open_index(CatchUp& done) {
  if (index()) {
    return true;
  }
  const content_index::Options options{.folder = index_folder(), .run_steps = run_in_threads};
  TUTELA_TRY_ASSIGN(const std::int64_t mark, Marks(*pipeline_.database).get(Marks::kContents));
  auto opened = content_index::ContentIndex::open(options);
  const bool corrupt = !opened && opened.error().kind == ErrorKind::kCorrupted;
  if (corrupt || (opened && (*opened)->position() > mark)) {
    // Damaged, or of another state of the database: everything in it comes again from the store.
    opened = Error{ErrorKind::kUnavailable, "content_index.locked", ""};  // gives its lock back
    std::error_code failed;
    std::filesystem::remove_all(options.folder, failed);
    done.rebuilding = true;
    opened = content_index::ContentIndex::open(options);
  }
  if (!opened && opened.error().code == "content_index.locked") {
    return false;
  }
  if (!opened) {
    return std::move(opened).error();
  }
  // What a process that died while it made the next one left, or had no time to remove.
  std::error_code failed;
  std::filesystem::remove_all(next_folder(), failed);
  TUTELA_TRY_ASSIGN(auto its_groups,
                    groups::Groups::open(*pipeline_.database,
                                         {.file = pipeline_.index_folder() / "groups.index",
                                          .run_steps = run_in_threads,
                                          .position_max = mark}));
  const MutexLock lock(mutex_);
  index_ = *std::move(opened);
  groups_ = std::move(its_groups);
  return true;
}

std::filesystem::path Posted::index_folder() const {
  return pipeline_.index_folder() / "content";
}

std::filesystem::path Posted::next_folder() const {
  return pipeline_.index_folder() / "content.next";
}

std::shared_ptr<content_index::ContentIndex> Posted::index() const {
  const MutexLock lock(mutex_);
  return index_;
}

std::shared_ptr<groups::Groups> Posted::groups() const {
  const MutexLock lock(mutex_);
  return groups_;
}

Status Posted::plan() {
  if (planned_ < 0) {
    TUTELA_TRY_ASSIGN(planned_, rescans_.covered());
  }
  const std::shared_ptr<const Snapshot> snapshot = pipeline_.current_snapshot();
  TUTELA_TRY_ASSIGN(std::vector<lists::Change> changes,
                    pipeline_.lists->changes_after(planned_, kChangesAtOnce));
  // What the present generation does not have yet is planned when it does.
  std::erase_if(changes,
                [&](const lists::Change& change) { return change.position > snapshot->position; });
  if (changes.empty()) {
    return ok();
  }
  const std::vector<Rescan> planned = rescans_for(changes, *snapshot);
  TUTELA_TRY(rescans_.add(planned));
  TUTELA_FAULT_POINT("rescan.after_plan");
  planned_ = changes.back().position;
  return ok();
}

std::vector<Rescan> Posted::rescans_for(std::span<const lists::Change> changes,
                                        const Snapshot& snapshot) const {
  std::set<Uuid> active;
  for (const match::ListEntry& list : snapshot.generation->lists()) {
    active.insert(list.id);
  }
  const std::int64_t contents = static_cast<std::int64_t>(index()->stats().contents);
  std::map<std::pair<Uuid, RescanCause>, Rescan> planned;
  const auto rescan_for = [&](const lists::Change& change, RescanCause cause) -> Rescan& {
    const auto [entry, is_new] = planned.try_emplace({change.list_id, cause});
    if (is_new) {
      entry->second = new_rescan({change.tenant_id, "system"}, change.list_id, cause);
      entry->second.after_change = planned_;
      entry->second.through_change = changes.back().position;
      entry->second.contents = cause == RescanCause::kListGrew ? contents : 0;
    }
    return entry->second;
  };
  std::set<Uuid> whole;  // lists that are searched for with all their signals
  for (const lists::Change& change : changes) {
    using lists::ChangeKind;
    const auto cause = cause_for(change.kind, active.contains(change.list_id));
    if (!cause || (change.kind == ChangeKind::kAdded && whole.contains(change.list_id))) {
      continue;
    }
    Rescan& rescan = rescan_for(change, *cause);
    if (change.kind == ChangeKind::kActivated) {
      const auto list = snapshot.lists.find(change.list_id);
      rescan.signals = list == snapshot.lists.end() ? 0 : list->second.signal_count;
      whole.insert(change.list_id);
    } else if (change.kind != ChangeKind::kDeactivated) {
      rescan.signals += change.last_id - change.first_id + 1;
    }
  }
  std::vector<Rescan> all;
  for (auto& [key, rescan] : planned) {
    all.push_back(std::move(rescan));
  }
  return all;
}

Rescan Posted::new_rescan(const store::Actor& actor, const Uuid& list_id, RescanCause cause) const {
  Rescan rescan;
  rescan.created_ms = pipeline_.clock.now_ms();
  rescan.updated_ms = rescan.created_ms;
  rescan.id = new_uuid(rescan.created_ms);
  rescan.actor = actor;
  rescan.cause = cause;
  rescan.list_id = list_id;
  if (const auto index_now = index()) {
    rescan.index_id = index_now->id();
    rescan.end = index_now->end();
  }
  return rescan;
}

Result<Uuid> Posted::ask(const store::Actor& actor, const Uuid& list_id, UtcMs since_ms) {
  TUTELA_TRY_ASSIGN(const lists::List list,
                    pipeline_.lists->get(actor, tutela::to_string(list_id)));
  if (list.state != lists::State::kActive) {
    return Error{ErrorKind::kConflict,
                 "list.not_active",
                 "only an active list can be searched for; activate it first"};
  }
  Rescan rescan = new_rescan(actor, list_id, RescanCause::kAsked);
  rescan.since_ms = since_ms;
  rescan.signals = list.signal_count;
  // The process that works on it sets the marks: what it has followed by then is covered.
  rescan.index_id = {};
  TUTELA_TRY(rescans_.add({&rescan, 1}));
  return rescan.id;
}

Result<std::size_t> Posted::follow(const std::function<bool()>& stop_requested) {
  std::size_t followed = 0;
  while (!stop_requested()) {
    TUTELA_TRY_ASSIGN(const std::vector<ledger::Verdicted> verdicts,
                      pipeline_.ledger->verdicts_after(index()->position(), kFollowedAtOnce));
    if (verdicts.empty()) {
      break;
    }
    TUTELA_TRY(follow_some(verdicts));
    followed += verdicts.size();
  }
  return followed;
}

Status Posted::follow_some(std::span<const ledger::Verdicted> verdicts) {
  std::vector<Uuid> ids;
  std::map<Uuid, std::int64_t> positions;
  for (const ledger::Verdicted& verdict : verdicts) {
    ids.push_back(verdict.id);
    positions[verdict.id] = verdict.position;
  }
  TUTELA_TRY_ASSIGN(const std::vector<ledger::Content> contents, pipeline_.ledger->contents(ids));
  const std::int64_t lists_now = pipeline_.current_snapshot()->position;
  std::vector<content_index::Entry> entries;
  std::vector<groups::Newcomer> newcomers;
  for (const ledger::Content& content : contents) {
    if (content.outcome.lists_position < lists_now) {
      // Its lists were older than those that the rescans before it cover.
      TUTELA_TRY(rejudge_one(content, nullptr));
    }
    entries.push_back(entry_of(content));
    newcomers.push_back({positions.at(content.arrival.id),
                         content.arrival.id,
                         content.tenant_id,
                         first_fit_hash(content)});
  }
  TUTELA_TRY(Marks(*pipeline_.database).raise(Marks::kContents, verdicts.back().position));
  TUTELA_FAULT_POINT("posted.before_groups");
  TUTELA_TRY(groups()->add(newcomers));
  TUTELA_FAULT_POINT("posted.before_links");
  TUTELA_TRY(link_cases(newcomers));
  TUTELA_FAULT_POINT("posted.before_append");
  return index()->append(entries, verdicts.back().position);
}

/// What a crash interrupts is done again: the newcomers are followed until they are in the index.
Status Posted::link_cases(std::span<const groups::Newcomer> newcomers) {
  std::vector<groups::Newcomer> in_cases;
  TUTELA_TRY(pipeline_.database->read([&](store::Transaction& transaction) -> Status {
    for (const groups::Newcomer& newcomer : newcomers) {
      TUTELA_TRY_ASSIGN(const auto its_case,
                        cases::case_of(transaction, newcomer.tenant_id, newcomer.content_id));
      if (its_case && newcomer.hash) {
        in_cases.push_back(newcomer);
      }
    }
    return ok();
  }));
  const UtcMs now_ms = pipeline_.clock.now_ms();
  for (const groups::Newcomer& newcomer : in_cases) {
    const store::Actor system{newcomer.tenant_id, "system", "system"};
    TUTELA_TRY(pipeline_.database->write([&](store::Transaction& transaction) {
      return link_near(transaction, system, now_ms, newcomer.content_id);
    }));
  }
  return ok();
}

Result<ledger::Outcome> Posted::judge_again(const Snapshot& snapshot,
                                            const ledger::Content& before,
                                            const Rescan* rescan) {
  const Result<inspect::Inspection> inspected = inspected_before(before);
  const Search search =
      search_content(*snapshot.generation,
                     before.arrival.digests,
                     inspected ? inspected->frames : std::vector<inspect::FrameFingerprint>{});
  const auto judged = [&](std::vector<ledger::MatchRow> stand) {
    return judge(snapshot,
                 *pipeline_.current_policy(),
                 inspected,
                 search,
                 {before.arrival.door, before.arrival.source},
                 pipeline_.clock.now_ms(),
                 std::move(stand));
  };
  ledger::Outcome outcome = judged({});
  const std::set<MatchKey> matches_now = keys_of(outcome.matches);
  std::vector<ledger::MatchRow> lost;
  std::ranges::copy_if(before.outcome.matches, std::back_inserter(lost), [&](const auto& match) {
    return !matches_now.contains(key_of(match));
  });
  if (lost.empty() || !pipeline_.distrusts_type(outcome)) {
    return outcome;
  }
  if (rescan == nullptr || rescan->cause == RescanCause::kListWithdrawn) {
    return Error{ErrorKind::kUnavailable,
                 kDistrusted,
                 "canaries of this kind of file were missed; no match is taken back until they are "
                 "found"};
  }
  return judged(std::move(lost));
}

Result<bool> Posted::rejudge_one(const ledger::Content& before, const Rescan* rescan) {
  const bool too_old = rescan != nullptr && before.arrival.received_ms < rescan->since_ms;
  if (before.outcome.verdict == policy::Verdict::kOwed || too_old) {
    return false;
  }
  const std::shared_ptr<const Snapshot> snapshot = pipeline_.current_snapshot();
  TUTELA_TRY_ASSIGN(ledger::Outcome outcome, judge_again(*snapshot, before, rescan));
  const std::set<MatchKey> matches_before = keys_of(before.outcome.matches);
  const std::set<MatchKey> matches_now = keys_of(outcome.matches);
  if (matches_now == matches_before && outcome.verdict == before.outcome.verdict) {
    return false;
  }
  const bool grew = !std::ranges::includes(matches_before, matches_now);
  const auto cause = to_string(grew ? RescanCause::kListGrew : RescanCause::kListWithdrawn);
  if (before.outcome.inspection && outcome.reason.empty()) {
    outcome.reason = cause;
  } else if (!before.outcome.inspection) {
    outcome.reason = before.outcome.reason;
  }
  // What was removed cannot be kept any more.
  outcome.keep_bytes = outcome.keep_bytes && before.outcome.keep_bytes;
  const Finding finding{
      before.arrival.id, before.outcome.verdict, outcome.verdict, pipeline_.clock.now_ms()};
  // Where no rescan found it, it is listed with the one that made the lists what they are.
  std::optional<Rescan> listed_by = rescan == nullptr ? std::nullopt : std::optional(*rescan);
  if (rescan == nullptr) {
    TUTELA_TRY_ASSIGN(
        listed_by,
        rescans_.latest_of(first_difference(matches_before, matches_now),
                           grew ? RescanCause::kListGrew : RescanCause::kListWithdrawn));
  }
  const store::Actor system{before.tenant_id, "system", "system"};
  TUTELA_TRY(pipeline_.ledger->redecide(
      before, outcome, cause, [&](store::Transaction& transaction) -> Status {
        if (listed_by) {
          TUTELA_TRY(Rescans::add_finding(transaction, *listed_by, finding));
        }
        return tell_cases(transaction,
                          system,
                          pipeline_.case_rules,
                          *snapshot,
                          before.arrival.id,
                          outcome,
                          cause,
                          finding.at_ms);
      }));
  TUTELA_FAULT_POINT("posted.after_new_verdict");
  if (before.outcome.keep_bytes && !outcome.keep_bytes) {
    TUTELA_TRY(pipeline_.spool->remove(before.arrival.id));
  }
  return true;
}

Status Posted::rejudge(std::span<const Uuid> ids, Rescan& rescan) {
  TUTELA_TRY_ASSIGN(const std::vector<ledger::Content> contents, pipeline_.ledger->contents(ids));
  for (const ledger::Content& content : contents) {
    Result<bool> changed = rejudge_one(content, &rescan);
    if (!changed && changed.error().code == "ledger.already_decided") {
      // Somebody was first: once more with what stands there now.
      TUTELA_TRY_ASSIGN(const auto again, pipeline_.ledger->contents({&content.arrival.id, 1}));
      changed = again.empty() ? Result<bool>(false) : rejudge_one(again.front(), &rescan);
    }
    TUTELA_TRY(changed);
    rescan.found += *changed ? 1 : 0;
  }
  return ok();
}

Status Posted::maintain() {
  const std::shared_ptr<groups::Groups> groups_now = groups();
  return groups_now ? groups_now->maintain() : ok();
}

std::optional<content_index::Stats> Posted::index_stats() const {
  const auto index_now = index();
  return index_now ? std::optional(index_now->stats()) : std::nullopt;
}

}  // namespace tutela::pipeline
