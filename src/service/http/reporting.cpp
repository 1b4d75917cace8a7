#include "service/http/reporting.hpp"

#include <utility>

namespace tutela::http {

void AuthorityHealth::succeeded(const std::string& authority, UtcMs now_ms) {
  const MutexLock lock(mutex_);
  State& state = states_[authority];
  state.last_success_ms = now_ms;
  state.failure.clear();
}

void AuthorityHealth::failed(const std::string& authority, UtcMs now_ms, std::string_view failure) {
  const MutexLock lock(mutex_);
  State& state = states_[authority];
  state.last_failure_ms = now_ms;
  state.failure = failure;
}

AuthorityHealth::State AuthorityHealth::of(const std::string& authority) const {
  const MutexLock lock(mutex_);
  const auto found = states_.find(authority);
  return found == states_.end() ? State() : found->second;
}

}  // namespace tutela::http
