#include "service/pipeline/pipeline.hpp"
#include "service/pipeline/state.hpp"

namespace tutela::pipeline {

Backlog Pipeline::backlog() const {
  Backlog backlog;
  if (const auto counts = state_->ledger->owed_counts()) {
    backlog.owed = counts->owed;
    backlog.oldest_ms = counts->oldest_owed_ms;
  }
  return backlog;
}

}  // namespace tutela::pipeline
