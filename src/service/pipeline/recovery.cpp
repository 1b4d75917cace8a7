#include <chrono>

#include "base/fault.hpp"
#include "service/pipeline/state.hpp"

namespace tutela::pipeline {
namespace {

/// A finished spool file without a row may belong to a process that is about to commit the row;
/// after this time it does not.
constexpr std::int64_t kUnkeptAfterMs = 3'600'000;
constexpr std::int64_t kUnkeptEverySeconds = 60;
constexpr std::int64_t kUnsettledAfterSeconds = 5;  // who seemed to be alive may be dead by then

UtcMs created_ms(const Uuid& id) {
  UtcMs time_ms = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    time_ms = time_ms << 8 | std::to_integer<UtcMs>(id.bytes[i]);
  }
  return time_ms;
}

}  // namespace

Status Internals::finish_owed_item(const ledger::OwedItem& item, workers::Workers& decoders) {
  TUTELA_TRY_ASSIGN(const ledger::Content content, ledger->get(item.actor, item.id));
  if (content.outcome.verdict != policy::Verdict::kOwed) {
    return ok();
  }
  const Circumstances circumstances{content.arrival.door, content.arrival.source, content.canary};
  const auto give_up = [&](std::string_view reason) {
    const std::shared_ptr<const Snapshot> lists_now = current_snapshot();
    const Search search = search_content(*lists_now->generation, content.arrival.digests, {});
    const Error error{ErrorKind::kCorrupted, reason, ""};
    return commit(
        item.actor,
        item.id,
        *lists_now,
        judge(*lists_now, *current_policy(), error, search, circumstances, clock.now_ms()));
  };
  if (item.attempts >= config.workers.attempts_max) {
    return give_up("attempts_exhausted");
  }
  // Held items may be larger than a limit that was lowered since: they still get their scan.
  const Result<Bytes> plain = spool->read(item.id, content.arrival.size_bytes);
  if (!plain) {
    const bool lost =
        plain.error().kind == ErrorKind::kNotFound || plain.error().kind == ErrorKind::kCorrupted;
    return lost ? give_up("spool.lost") : Status(plain.error());
  }
  if (crypto::sha256_of(*plain) != content.arrival.digests.sha256) {
    return give_up("spool.lost");  // whole, but another item's: somebody exchanged the files
  }
  TUTELA_TRY_ASSIGN(const workers::ItemBytes bytes, workers::ItemBytes::from(*plain));
  TUTELA_TRY(ledger->begin_attempt(item.id));
  return scan_owed(
      item.actor, item.id, circumstances, content.arrival.digests, bytes, decoders, nullptr);
}

Status Internals::remove_unkept_files() {
  const std::int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(
                                 std::chrono::steady_clock::now().time_since_epoch())
                                 .count();
  const std::int64_t before_s = unkept_looked_at;
  if (before_s >= 0 && now_s - before_s < kUnkeptEverySeconds) {
    return ok();  // it asks the store of every file that there is
  }
  unkept_looked_at = now_s;
  TUTELA_TRY_ASSIGN(const std::vector<Uuid> ids, spool->list());
  // Asked after the files were listed: whose file is among them was seen to live, or is dead.
  const bool alone = !instance.others_alive();
  for (const Uuid& id : ids) {
    if (!in_flight.enter(id)) {
      continue;
    }
    const InFlightGuard guard(in_flight, id);
    const bool settled = alone || clock.now_ms() - created_ms(id) > kUnkeptAfterMs;
    TUTELA_TRY_ASSIGN(const bool keeps, ledger->keeps_bytes(id));
    if (settled && !keeps) {
      TUTELA_TRY(spool->remove(id));
    } else if (!keeps) {
      unkept_looked_at = now_s - kUnkeptEverySeconds + kUnsettledAfterSeconds;
    }
  }
  return ok();
}

Status Pipeline::finish(const store::Actor& actor, const Uuid& id) {
  Internals& state = *state_;
  if (!state.in_flight.enter(id)) {
    return ok();
  }
  const InFlightGuard guard(state.in_flight, id);
  TUTELA_TRY_ASSIGN(const ledger::Content content, state.ledger->get(actor, id));
  const ledger::OwedItem item{id,
                              {content.tenant_id, content.principal_id},
                              content.arrival.door,
                              content.arrival.received_ms,
                              content.attempts};
  return state.finish_owed_item(item, *state.current_workers());
}

Result<std::size_t> Pipeline::finish_owed(const std::function<bool()>& stop_requested) {
  Internals& state = *state_;
  TUTELA_TRY(
      state.ledger->adopt_owed([&](std::string_view id) { return state.instance.is_alive(id); }));
  TUTELA_TRY_ASSIGN(const std::size_t finished, state.work_off_all(stop_requested));
  state.catch_up_workers.end_if_idle();
  if (!stop_requested()) {
    TUTELA_TRY(state.remove_unkept_files());
  }
  return finished;
}

}  // namespace tutela::pipeline
