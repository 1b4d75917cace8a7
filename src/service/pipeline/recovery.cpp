#include "base/fault.hpp"
#include "service/pipeline/state.hpp"

namespace tutela::pipeline {
namespace {

constexpr std::int64_t kOwedPage = 256;
/// A finished spool file without a row may belong to a process that is about to commit the row;
/// after this time it does not.
constexpr std::int64_t kUnkeptAfterMs = 3'600'000;

UtcMs created_ms(const Uuid& id) {
  UtcMs time_ms = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    time_ms = time_ms << 8 | std::to_integer<UtcMs>(id.bytes[i]);
  }
  return time_ms;
}

}  // namespace

Status Internals::finish_owed_item(const ledger::OwedItem& item) {
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
  return scan_owed(item.actor, item.id, circumstances, content.arrival.digests, bytes, nullptr);
}

Status Internals::remove_unkept_files() {
  const bool alone = !instance.others_alive();
  TUTELA_TRY_ASSIGN(const std::vector<Uuid> ids, spool->list());
  for (const Uuid& id : ids) {
    if (!in_flight.enter(id)) {
      continue;
    }
    const InFlightGuard guard(in_flight, id);
    const bool settled = alone || clock.now_ms() - created_ms(id) > kUnkeptAfterMs;
    TUTELA_TRY_ASSIGN(const bool keeps, ledger->keeps_bytes(id));
    if (settled && !keeps) {
      TUTELA_TRY(spool->remove(id));
    }
  }
  return ok();
}

Result<std::size_t> Pipeline::finish_owed(const std::function<bool()>& stop_requested) {
  Internals& state = *state_;
  if (!state.current_workers()->health().up) {
    return Error{ErrorKind::kUnavailable, "workers.down", "decode workers are not running"};
  }
  TUTELA_TRY(
      state.ledger->adopt_owed([&](std::string_view id) { return state.instance.is_alive(id); }));
  std::size_t finished = 0;
  std::string after;
  while (true) {
    TUTELA_TRY_ASSIGN(const std::vector<ledger::OwedItem> page,
                      state.ledger->owed(after, kOwedPage));
    for (const ledger::OwedItem& item : page) {
      if (stop_requested()) {
        return finished;
      }
      if (!state.in_flight.enter(item.id)) {
        continue;
      }
      const InFlightGuard guard(state.in_flight, item.id);
      TUTELA_TRY(state.finish_owed_item(item));
      ++finished;
    }
    if (page.size() < static_cast<std::size_t>(kOwedPage)) {
      break;
    }
    after = tutela::to_string(page.back().id);
  }
  TUTELA_TRY(state.remove_unkept_files());
  return finished;
}

}  // namespace tutela::pipeline
