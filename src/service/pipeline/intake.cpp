#include <algorithm>
#include <utility>

#include "base/fault.hpp"
#include "service/pipeline/intake_state.hpp"
#include "watch/canaries/canaries.hpp"

namespace tutela::pipeline {

Intake::Intake(std::unique_ptr<State> state) : state_(std::move(state)) {}

Intake::Intake(Intake&&) noexcept = default;
Intake& Intake::operator=(Intake&&) noexcept = default;
Intake::~Intake() = default;

Status Intake::append(ByteView bytes) {
  State& state = *state_;
  const std::uint64_t size_max = state.size_bytes_max;
  if (bytes.size() > size_max - std::min(size_max, state.bytes.size())) {
    return Error{ErrorKind::kLimitExceeded,
                 "media.too_large",
                 "larger than limits.size_bytes_max (" + std::to_string(size_max) + " bytes)"};
  }
  state.digester.update(bytes);
  TUTELA_TRY(state.bytes.append(bytes));
  return state.writer.append(bytes);
}

Result<Uuid> Intake::finish() {
  State& state = *state_;
  if (state.bytes.size() == 0) {
    return Error{ErrorKind::kInvalidInput, "media.empty", "the item has no bytes"};
  }
  ledger::Arrival& arrival = state.arrival;
  arrival.size_bytes = state.bytes.size();
  arrival.digests = state.digester.finish();
  arrival.received_ms = state.pipeline.clock.now_ms();
  TUTELA_FAULT_POINT("pipeline.after_receive");
  TUTELA_TRY(state.writer.finish());
  TUTELA_FAULT_POINT("pipeline.after_spool");
  const auto is_canary = [&](store::Transaction& transaction) {
    return canaries::claim(transaction,
                           state.actor.tenant_id,
                           arrival.id,
                           arrival.digests.sha256,
                           arrival.received_ms);
  };
  const Result<ledger::Ledger::Added> owed =
      state.pipeline.ledger->add_owed(state.actor, arrival, is_canary);
  if (!owed || owed->id != arrival.id) {
    // Nothing answers for these bytes: they were refused, or arrived before.
    TUTELA_TRY(state.pipeline.spool->remove(arrival.id));
    TUTELA_TRY(owed);
    state.repeated = true;
    arrival.id = owed->id;
    return arrival.id;
  }
  state.canary = owed->canary;
  TUTELA_FAULT_POINT("pipeline.after_owed");
  return arrival.id;
}

bool Intake::repeated() const noexcept {
  return state_->repeated;
}

}  // namespace tutela::pipeline
