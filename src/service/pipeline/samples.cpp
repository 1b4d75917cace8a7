#include "service/pipeline/samples.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/fault.hpp"
#include "crypto/secret.hpp"
#include "custody/audit/entry.hpp"
#include "service/pipeline/findings.hpp"
#include "service/pipeline/state.hpp"

namespace tutela::pipeline {
namespace {

using policy::Verdict;
using store::Transaction;

/// The cause of a verdict that an audit gave, and its reason.
constexpr std::string_view kCause = "sample_audit";
/// Samples that one walk over the signals serves.
constexpr std::int64_t kAtOnce = 16;
/// More are not chosen while so many wait: where audits cannot be made, the spool must not fill.
constexpr std::int64_t kOwedMax = 200;
constexpr std::int64_t kTriesMax = 3;
/// The next look at one that cannot be ended yet: after half of the time that it is owed.
constexpr std::int64_t kNextMsMin = 1'000;
constexpr std::int64_t kNextMsMax = 300'000;
constexpr std::int64_t kChangesAtOnce = 10'000;
/// Scalar kernels are slower, and the processors belong to others first.
constexpr std::uint32_t kMoreTime = 4;

/// 0..999, not to be foreseen.
std::uint32_t draw_of_1000() {
  std::array<std::byte, 8> bytes{};
  crypto::random_bytes(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), bytes.size());
  return static_cast<std::uint32_t>(number % 1000);
}

Result<bool> set_state(Transaction& transaction,
                       const Uuid& id,
                       std::string_view state,
                       std::string_view detail,
                       UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(
      const std::int64_t changed,
      transaction.execute("UPDATE sample_audit SET state = :state, detail = :detail, "
                          "done_ms = :now WHERE content_id = :id AND state = 'owed'",
                          {std::string(state), std::string(detail), now_ms, to_string(id)}));
  return changed == 1;
}

/// Whether a signal, or its list, came to be searched only after a position of the history.
bool is_newer(const match::Hit& hit,
              const lists::List& list,
              std::span<const lists::Change> changes,
              std::int64_t position) {
  return std::ranges::any_of(changes, [&](const lists::Change& change) {
    const bool grew = change.kind == lists::ChangeKind::kAdded &&
                      change.first_id <= hit.signal_id && hit.signal_id <= change.last_id;
    return change.position > position && change.list_id == list.id &&
           (grew || change.kind == lists::ChangeKind::kActivated);
  });
}

bool same_frames(const std::vector<inspect::FrameFingerprint>& left,
                 const std::vector<inspect::FrameFingerprint>& right) {
  return std::ranges::equal(left, right, [](const auto& a, const auto& b) {
    return a.frame == b.frame && a.pdq == b.pdq;
  });
}

UtcMs next_look(UtcMs asked_ms, UtcMs now_ms) {
  return now_ms + std::clamp((now_ms - asked_ms) / 2, kNextMsMin, kNextMsMax);
}

bool is_gone(const Error& error) {
  return error.kind == ErrorKind::kNotFound || error.kind == ErrorKind::kCorrupted;
}

}  // namespace

bool Samples::choose(const ledger::Outcome& outcome) {
  if (!auditing_ || outcome.verdict != Verdict::kNoMatch || outcome.keep_bytes || outcome.canary ||
      owed_ >= kOwedMax) {
    return false;
  }
  const config::WatchConfig& watch = pipeline_.current_settings()->watch;
  if (draw_of_1000() >= watch.samples_per_1000) {
    return false;
  }
  const double per_hour = watch.samples_per_hour_max;
  const MutexLock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const double hours =
      std::chrono::duration<double, std::ratio<3600>>(now - std::exchange(allowed_at_, now))
          .count();
  // Spread over the hour, so that what comes late in it may be chosen, too.
  allowance_ = std::min(allowance_ + per_hour * hours, std::max(1.0, per_hour / 4));
  if (per_hour == 0 || allowance_ < 1) {
    return false;
  }
  allowance_ -= 1;
  ++owed_;
  return true;
}

Status Samples::ask(Transaction& transaction,
                    const store::Actor& actor,
                    const Uuid& id,
                    std::int64_t lists_position,
                    UtcMs now_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO sample_audit (content_id, tenant_id, principal_id, lists_position, state, "
      "detail, asked_ms) VALUES (:content, :tenant, :principal, :position, 'owed', '', :now)",
      {to_string(id), actor.tenant_id, actor.principal_id, lists_position, now_ms}));
  return ok();
}

Result<std::vector<Samples::Row>> Samples::due(std::int64_t limit) {
  std::vector<Row> rows;
  const UtcMs now_ms = pipeline_.clock.now_ms();
  TUTELA_TRY(pipeline_.database->read([&](Transaction& transaction) -> Status {
    rows.clear();
    TUTELA_TRY(transaction.query(
        "SELECT COUNT(*) FROM sample_audit WHERE state = 'owed'", {}, [&](const store::Row& row) {
          owed_ = row.integer(0);
          return ok();
        }));
    // A look that is further away than any can be was planned before the clock was set back.
    return transaction.query(
        "SELECT s.content_id, s.lists_position, s.asked_ms, s.tries FROM sample_audit s "
        "JOIN content c ON c.id = s.content_id WHERE s.state = 'owed' "
        "AND (s.next_ms <= :now OR s.next_ms > :latest OR c.verdict <> 'no_match' "
        "OR c.spooled = 0) ORDER BY s.next_ms, s.asked_ms LIMIT :limit",
        {now_ms, now_ms + kNextMsMax, limit},
        [&](const store::Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
          rows.push_back({id, row.integer(1), row.integer(2), row.integer(3)});
          return ok();
        });
  }));
  return rows;
}

Result<std::size_t> Samples::audit(const std::function<bool()>& stop_requested) {
  auditing_ = true;
  std::size_t done = 0;
  while (!stop_requested()) {
    TUTELA_TRY_ASSIGN(const std::vector<Row> rows, due(kOwedMax));
    if (rows.empty()) {
      workers_.end_if_idle();
      break;
    }
    std::vector<InFlightGuard> guards;
    std::vector<Sample> samples;
    for (const Row& row : rows) {
      if (samples.size() == static_cast<std::size_t>(kAtOnce) || stop_requested()) {
        break;
      }
      if (!pipeline_.in_flight.enter(row.id)) {
        continue;
      }
      InFlightGuard guard(pipeline_.in_flight, row.id);
      Sample sample;
      TUTELA_TRY_ASSIGN(const bool ready, prepare(row, sample));
      done += ready ? 0 : 1;
      if (ready) {
        guards.push_back(std::move(guard));
        samples.push_back(std::move(sample));
      }
    }
    if (samples.empty()) {
      break;  // what is left is in work elsewhere, or is tried again later
    }
    TUTELA_TRY_ASSIGN(const std::size_t ended, audit_some(samples, stop_requested));
    done += ended;
  }
  return done;
}

Result<std::size_t> Samples::audit_some(std::vector<Sample>& samples,
                                        const std::function<bool()>& stop_requested) {
  const std::int64_t oldest =
      std::ranges::min_element(samples, {}, &Sample::lists_position)->lists_position;
  TUTELA_TRY_ASSIGN(const ListsNow now, lists_since(oldest));
  std::vector<LinearItem> items;
  std::ranges::transform(
      samples, std::back_inserter(items), [](const Sample& sample) { return sample.search; });
  TUTELA_TRY(search_linearly(*pipeline_.lists, now.active, items, stop_requested));
  std::vector<const Sample*> waiting;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].search.hits = std::move(items[i].hits);
    TUTELA_TRY_ASSIGN(const bool over, compare(samples[i], now));
    if (!over) {
      waiting.push_back(&samples[i]);
    }
  }
  TUTELA_TRY(look_later(waiting));
  return samples.size() - waiting.size();
}

Result<bool> Samples::prepare(const Row& row, Sample& sample) {
  TUTELA_TRY_ASSIGN(std::vector<ledger::Content> found, pipeline_.ledger->contents({&row.id, 1}));
  if (found.empty()) {
    return Error{ErrorKind::kCorrupted, "store.corrupt", "a sample is of no content"};
  }
  ledger::Content& content = found.front();
  if (content.outcome.verdict != Verdict::kNoMatch || !content.outcome.keep_bytes) {
    TUTELA_TRY(end_without(content, "overtaken", policy::to_string(content.outcome.verdict)));
    return false;
  }
  const Result<Bytes> plain = pipeline_.spool->read(row.id, content.arrival.size_bytes);
  if (!plain && !is_gone(plain.error())) {
    TUTELA_TRY(try_later(row, content, plain.error()));
    return false;
  }
  if (!plain || crypto::sha256_of(*plain) != content.arrival.digests.sha256) {
    TUTELA_TRY(end_without(content, "failed", "spool.lost"));
    return false;
  }
  workers::WorkersOptions options = pipeline_.worker_options();
  options.processes_max = 1;
  options.limits.time_ms_max *= kMoreTime;
  options.limits.cpu_seconds_max *= kMoreTime;
  options.environment = {"TUTELA_PDQ_KERNEL=scalar"};
  TUTELA_TRY_ASSIGN(const std::shared_ptr<workers::Workers> workers, workers_.get(options));
  TUTELA_TRY_ASSIGN(const workers::ItemBytes bytes, workers::ItemBytes::from(*plain));
  sample.inspected = workers->inspect(bytes);
  if (!sample.inspected && !workers::is_item_error(sample.inspected.error())) {
    return std::move(sample.inspected).error();  // of ours: it stays owed
  }
  if (!sample.inspected && sample.inspected.error().code.starts_with("worker.")) {
    TUTELA_TRY(try_later(row, content, sample.inspected.error()));
    return false;
  }
  TUTELA_FAULT_POINT("samples.after_decode");
  sample.lists_position = row.lists_position;
  sample.asked_ms = row.asked_ms;
  sample.search.digests = crypto::digests_of(*plain);
  if (sample.inspected) {
    sample.search.frames = sample.inspected->frames;
  }
  sample.content = std::move(content);
  return true;
}

Result<Samples::ListsNow> Samples::lists_since(std::int64_t position) const {
  ListsNow now;
  TUTELA_TRY_ASSIGN(now.position, pipeline_.lists->position());
  TUTELA_TRY_ASSIGN(now.active, pipeline_.lists->all({}));
  std::erase_if(now.active,
                [](const lists::List& list) { return list.state != lists::State::kActive; });
  std::vector<lists::Change> page;
  do {
    TUTELA_TRY_ASSIGN(page, pipeline_.lists->changes_after(position, kChangesAtOnce));
    now.changes.insert(now.changes.end(), page.begin(), page.end());
    position = page.empty() ? position : page.back().position;
  } while (!page.empty());
  return now;
}

std::string Samples::difference(const Sample& sample, const ListsNow& now) const {
  const bool missed = std::ranges::any_of(sample.search.hits, [&](const match::Hit& hit) {
    return !is_newer(hit, now.active[hit.list], now.changes, sample.lists_position);
  });
  if (missed) {
    return "match";
  }
  if (!sample.inspected) {
    return std::string(sample.inspected.error().code);
  }
  const inspect::Inspection& second = *sample.inspected;
  const auto& first = sample.content.outcome.inspection;
  if (!first || first->report.damaged != second.report.damaged ||
      first->report.partial != second.report.partial) {
    return "decoding";
  }
  const bool same = same_frames(first->frames, second.frames) &&
                    sample.search.digests == sample.content.arrival.digests;
  return same ? "" : "fingerprint";
}

Result<bool> Samples::compare(const Sample& sample, const ListsNow& now) {
  TUTELA_FAULT_POINT("samples.after_search");
  std::string detail = difference(sample, now);
  if (!detail.empty()) {
    TUTELA_TRY(end_different(sample, now, std::move(detail)));
  } else if (sample.search.hits.empty()) {
    TUTELA_TRY(end_same(sample));
  } else {
    return false;  // on what the lists gained: a rescan is to find it, and its bytes are evidence
  }
  return true;
}

Status Samples::end_same(const Sample& sample) {
  const Uuid& id = sample.content.arrival.id;
  bool ours = false;
  bool dropped = false;
  TUTELA_TRY(pipeline_.database->write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(dropped, ledger::drop_bytes(transaction, id, sample.content.revision));
    TUTELA_FAULT_POINT("samples.in_same");
    const std::string_view state = dropped ? "same" : "overtaken";
    TUTELA_TRY_ASSIGN(ours, set_state(transaction, id, state, "", pipeline_.clock.now_ms()));
    return ok();
  }));
  TUTELA_FAULT_POINT("samples.after_same");
  if (dropped) {
    TUTELA_TRY(pipeline_.spool->remove(id));
  }
  TUTELA_FAULT_POINT("samples.after_remove");
  if (ours && dropped) {
    count(&SampleCounts::same);
  }
  return ok();
}

/// For a judgement alone. Not of the present generation: it may be what is broken.
Snapshot Samples::snapshot_of(const ListsNow& now) {
  Snapshot snapshot;
  match::GenerationBuilder builder;
  for (const lists::List& list : now.active) {
    builder.add_list({list.id, list.version, list.spec.pdq_distance_max});
    snapshot.lists.emplace(list.id, list);
  }
  snapshot.generation = std::move(builder).build();
  snapshot.position = now.position;
  return snapshot;
}

ledger::Outcome Samples::judge_again(const Sample& sample, const ListsNow& now) const {
  const Snapshot snapshot = snapshot_of(now);
  Search search{.hits = sample.search.hits};
  for (const inspect::FrameFingerprint& frame : sample.search.frames) {
    const bool low = frame.pdq.quality < match::kPdqQualityMin;
    search.quality_low = search.quality_low || low;
    search.quality_min =
        low ? search.quality_min : std::min<int>(search.quality_min, frame.pdq.quality);
  }
  return judge(snapshot,
               *pipeline_.current_policy(),
               sample.inspected,
               search,
               {sample.content.arrival.door, sample.content.arrival.source},
               pipeline_.clock.now_ms());
}

Status Samples::end_different(const Sample& sample, const ListsNow& now, std::string detail) {
  const ledger::Content& content = sample.content;
  const Uuid& id = content.arrival.id;
  const UtcMs now_ms = pipeline_.clock.now_ms();
  const store::Actor system{content.tenant_id, "system", "system"};
  ledger::Outcome outcome = judge_again(sample, now);
  outcome.keep_bytes = true;
  if (outcome.reason.empty()) {
    outcome.reason = kCause;
  }
  const auto note = [&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const bool ours, set_state(transaction, id, "different", detail, now_ms));
    if (!ours) {
      return Error{ErrorKind::kConflict, "ledger.already_decided", "another process was first"};
    }
    TUTELA_FAULT_POINT("samples.in_different");
    return audit::add(transaction,
                      system,
                      now_ms,
                      {"sample.audit", "content:" + to_string(id), "sampling audit", "different"});
  };
  const auto note_and_tell = [&](Transaction& transaction) -> Status {
    TUTELA_TRY(note(transaction));
    return tell_cases(
        transaction, system, pipeline_.case_rules, snapshot_of(now), id, outcome, kCause, now_ms);
  };
  const Status noted = outcome.verdict == Verdict::kNoMatch
                           ? pipeline_.database->write(note)
                           : pipeline_.ledger->redecide(content, outcome, kCause, note_and_tell);
  if (!noted) {
    // Where somebody was first, it is looked at again with what stands there then.
    return noted.error().code == "ledger.already_decided" ? ok() : noted;
  }
  TUTELA_FAULT_POINT("samples.after_different");
  count(&SampleCounts::different);
  return ok();
}

Status Samples::end_without(const ledger::Content& content,
                            std::string_view state,
                            std::string_view why) {
  const Uuid& id = content.arrival.id;
  bool ours = false;
  bool dropped = false;
  TUTELA_TRY(pipeline_.database->write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(dropped, ledger::drop_bytes(transaction, id, content.revision));
    TUTELA_TRY_ASSIGN(ours, set_state(transaction, id, state, why, pipeline_.clock.now_ms()));
    return ok();
  }));
  if (dropped) {
    TUTELA_TRY(pipeline_.spool->remove(id));
  }
  if (ours && state == "failed") {
    count(&SampleCounts::failed);
  }
  return ok();
}

Status Samples::try_later(const Row& row, const ledger::Content& content, const Error& error) {
  if (row.tries + 1 >= kTriesMax) {
    return end_without(content, "failed", error.code);
  }
  const UtcMs next_ms = next_look(row.asked_ms, pipeline_.clock.now_ms());
  return pipeline_.database->write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(
        transaction.execute("UPDATE sample_audit SET tries = :tries, next_ms = :next "
                            "WHERE content_id = :id AND state = 'owed'",
                            {row.tries + 1, next_ms, to_string(row.id)}));
    return ok();
  });
}

Status Samples::look_later(const std::vector<const Sample*>& waiting) {
  if (waiting.empty()) {
    return ok();
  }
  const UtcMs now_ms = pipeline_.clock.now_ms();
  return pipeline_.database->write([&](Transaction& transaction) -> Status {
    for (const Sample* const sample : waiting) {
      TUTELA_TRY(transaction.execute(
          "UPDATE sample_audit SET next_ms = :next WHERE content_id = :id AND state = 'owed'",
          {next_look(sample->asked_ms, now_ms), to_string(sample->content.arrival.id)}));
    }
    return ok();
  });
}

Status Samples::settle_differences(const store::Actor& actor) {
  const UtcMs now_ms = pipeline_.clock.now_ms();
  std::vector<Uuid> dropped;
  TUTELA_TRY(pipeline_.database->write([&](Transaction& transaction) -> Status {
    std::vector<std::pair<Uuid, std::int64_t>> found;
    dropped.clear();
    TUTELA_TRY(transaction.query(
        "SELECT s.content_id, c.revision FROM sample_audit s JOIN content c ON c.id = s.content_id "
        "WHERE s.state = 'different' AND s.tenant_id = :tenant",
        {actor.tenant_id},
        [&](const store::Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
          found.emplace_back(id, row.integer(1));
          return ok();
        }));
    for (const auto& [id, revision] : found) {
      TUTELA_TRY(transaction.execute(
          "UPDATE sample_audit SET state = 'settled' WHERE content_id = :id", {to_string(id)}));
      TUTELA_TRY(
          audit::add(transaction,
                     actor,
                     now_ms,
                     {"sample.settle", "content:" + to_string(id), "sampling audit", "settled"}));
      TUTELA_TRY_ASSIGN(const bool gone, ledger::drop_bytes(transaction, id, revision));
      if (gone) {
        dropped.push_back(id);
      }
    }
    return ok();
  }));
  for (const Uuid& id : dropped) {
    TUTELA_TRY(pipeline_.spool->remove(id));
  }
  return ok();
}

void Samples::count(std::int64_t SampleCounts::*which) {
  const MutexLock lock(mutex_);
  ++(counts_.*which);
  counts_.last_ms = pipeline_.clock.now_ms();
}

Result<SampleCounts> Samples::counts() const {
  SampleCounts counts;
  {
    const MutexLock lock(mutex_);
    counts = counts_;
  }
  TUTELA_TRY(pipeline_.database->read([&](Transaction& transaction) -> Status {
    TUTELA_TRY(
        transaction.query("SELECT COUNT(*), MIN(asked_ms) FROM sample_audit WHERE state = 'owed'",
                          {},
                          [&](const store::Row& row) {
                            counts.owed = row.integer(0);
                            counts.oldest_owed_ms = row.integer(1);
                            return ok();
                          }));
    return transaction.query("SELECT COUNT(*) FROM sample_audit WHERE state = 'different'",
                             {},
                             [&](const store::Row& row) {
                               counts.different_open = row.integer(0);
                               return ok();
                             });
  }));
  return counts;
}

}  // namespace tutela::pipeline
