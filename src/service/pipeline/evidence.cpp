// Evidence: what matched goes from the spool into the vault. The spool's copy goes when the vault
// has said that its own is durable, and not before.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/cases/cases.hpp"
#include "service/pipeline/state.hpp"

namespace tutela::pipeline {

namespace {

constexpr std::int64_t kPage = 100;
constexpr std::size_t kPieceBytes = 256U << 10;

bool is_lost(const Error& error) {
  return error.kind == ErrorKind::kNotFound || error.kind == ErrorKind::kCorrupted;
}

/// Whether the next item would fail too: the vault process is gone, or a disk is full.
bool concerns_all(const Error& error) {
  return error.kind == ErrorKind::kUnavailable || error.kind == ErrorKind::kLimitExceeded;
}

}  // namespace

Status Internals::hand_over(const vault_client::Client& vault, const ledger::Kept& item) {
  const Result<Bytes> plain = spool->read(item.id, item.size_bytes);
  if (!plain) {
    if (!is_lost(plain.error())) {
      return plain.error();
    }
    TUTELA_TRY(ledger->release_bytes(item, "lost"));
    return Error{
        ErrorKind::kCorrupted,
        "evidence.lost",
        "the sealed bytes of an item that matched are gone or damaged, so it cannot become "
        "evidence; the audit log names it (content.bytes, lost)"};
  }
  // What has no case (a match on canaries, or of a time before cases) is one of its own.
  std::optional<Uuid> its_case;
  TUTELA_TRY(database->read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(its_case, cases::case_of(transaction, item.actor.tenant_id, item.id));
    return ok();
  }));
  TUTELA_TRY_ASSIGN(
      vault_client::Sealing sealing,
      vault.seal(item.actor, item.id, to_string(its_case.value_or(item.id)), item.media_type));
  for (ByteView rest = *plain; !rest.empty();) {
    const ByteView piece = rest.first(std::min(rest.size(), kPieceBytes));
    TUTELA_TRY(sealing.append(piece));
    rest = rest.subspan(piece.size());
  }
  TUTELA_TRY(sealing.finish());
  TUTELA_FAULT_POINT("pipeline.after_seal");
  TUTELA_TRY(ledger->release_bytes(item, "kept"));
  TUTELA_FAULT_POINT("pipeline.after_release");
  return spool->remove(item.id);
}

Result<std::size_t> Pipeline::keep_evidence(const vault_client::Client& vault,
                                            const std::function<bool()>& stop_requested) {
  Internals& state = *state_;
  std::size_t handed_over = 0;
  Status first_failure = ok();
  std::string after;
  while (true) {
    TUTELA_TRY_ASSIGN(const std::vector<ledger::Kept> page, state.ledger->to_keep(after, kPage));
    for (const ledger::Kept& item : page) {
      if (stop_requested()) {
        return handed_over;
      }
      if (!state.in_flight.enter(item.id)) {
        continue;  // another thread has it now
      }
      const InFlightGuard guard(state.in_flight, item.id);
      if (Status handed = state.hand_over(vault, item); handed) {
        ++handed_over;
      } else if (concerns_all(handed.error())) {
        return std::move(handed).error();
      } else if (first_failure) {
        first_failure = std::move(handed);  // it waits, and keeps nothing else waiting
      }
    }
    if (page.size() < static_cast<std::size_t>(kPage)) {
      break;
    }
    after = tutela::to_string(page.back().id);
  }
  TUTELA_TRY(first_failure);
  return handed_over;
}

}  // namespace tutela::pipeline
