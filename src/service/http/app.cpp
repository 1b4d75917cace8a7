#include "service/http/app.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tutela::http {

Settings::Settings(config::Config config)
    : config_(std::make_shared<const config::Config>(std::move(config))) {}

std::shared_ptr<const config::Config> Settings::get() const {
  const MutexLock lock(mutex_);
  return config_;
}

void Settings::replace(config::Config config) {
  auto next = std::make_shared<const config::Config>(std::move(config));
  const MutexLock lock(mutex_);
  config_ = std::move(next);
}

Admission::Slot::~Slot() {
  if (admission_ != nullptr) {
    admission_->taken_.fetch_sub(1);
  }
}

Admission::Slot Admission::enter(std::uint32_t max) noexcept {
  if (taken_.fetch_add(1) >= max) {
    taken_.fetch_sub(1);
    return Slot(nullptr);
  }
  return Slot(this);
}

std::int64_t SearchLimiter::take(const std::string& principal,
                                 std::uint32_t count,
                                 std::uint32_t per_minute,
                                 UtcMs now_ms) {
  constexpr double kMinuteMs = 60'000.0;
  const MutexLock lock(mutex_);
  auto [entry, added] = buckets_.try_emplace(principal, Bucket{double(per_minute), now_ms});
  Bucket& bucket = entry->second;
  const double passed_ms = std::max<double>(0, static_cast<double>(now_ms - bucket.at_ms));
  bucket.left = std::min<double>(per_minute, bucket.left + passed_ms * per_minute / kMinuteMs);
  bucket.at_ms = now_ms;
  if (bucket.left < count) {
    return static_cast<std::int64_t>(std::ceil((count - bucket.left) * kMinuteMs / per_minute));
  }
  bucket.left -= count;
  return 0;
}

}  // namespace tutela::http
