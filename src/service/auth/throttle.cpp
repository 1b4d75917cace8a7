#include "service/auth/throttle.hpp"

#include <algorithm>

namespace tutela::auth {

std::int64_t Throttle::attempt(const std::string& key, UtcMs now_ms) {
  const MutexLock lock(mutex_);
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    make_room(now_ms);
    found = entries_.emplace(key, Entry{}).first;
  }
  Entry& entry = found->second;
  if (now_ms - entry.last_ms > rules_.forget_ms || now_ms < entry.last_ms) {
    entry = Entry{};  // also when the clock was set back: a delay must not last for ever
  }
  if (now_ms < entry.next_ms) {
    return entry.next_ms - now_ms;
  }
  ++entry.attempts;
  entry.last_ms = now_ms;
  if (entry.attempts >= rules_.free_attempts) {
    const std::uint32_t doublings = std::min(entry.attempts - rules_.free_attempts, 30U);
    entry.next_ms = now_ms + std::min(rules_.first_delay_ms << doublings, rules_.delay_ms_max);
  }
  return 0;
}

void Throttle::succeeded(const std::string& key) {
  const MutexLock lock(mutex_);
  entries_.erase(key);
}

void Throttle::give_back(const std::string& key) {
  const MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second.attempts > 0) {
    --found->second.attempts;
    if (found->second.attempts < rules_.free_attempts) {
      found->second.next_ms = 0;
    }
  }
}

std::size_t Throttle::size() const {
  const MutexLock lock(mutex_);
  return entries_.size();
}

// Those that are over go first; when all are recent, the table is full of an attack's keys and the
// least tried one goes.
void Throttle::make_room(UtcMs now_ms) {
  if (entries_.size() < rules_.keys_max) {
    return;
  }
  std::erase_if(entries_, [&](const auto& entry) {
    return now_ms - entry.second.last_ms > rules_.forget_ms;
  });
  if (entries_.size() >= rules_.keys_max) {
    const auto least = std::ranges::min_element(
        entries_, {}, [](const auto& entry) { return entry.second.attempts; });
    entries_.erase(least);
  }
}

}  // namespace tutela::auth
