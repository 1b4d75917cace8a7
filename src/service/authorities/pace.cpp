#include "service/authorities/pace.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

namespace tutela::authorities {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr double kMinuteMs = 60'000;
constexpr double kBurstPart = 0.1;
constexpr milliseconds kNapMax{1000};

}  // namespace

Pace::Pace(std::int64_t calls_per_minute)
    : per_ms_(static_cast<double>(std::max<std::int64_t>(calls_per_minute, 1)) / kMinuteMs),
      most_(std::max(1.0, per_ms_ * kMinuteMs * kBurstPart)),
      tokens_(most_) {}

milliseconds Pace::take(Time now) {
  const MutexLock lock(mutex_);
  if (filled_ != Time() && now > filled_) {
    const std::chrono::duration<double, std::milli> passed = now - filled_;
    tokens_ = std::min(most_, tokens_ + passed.count() * per_ms_);
  }
  filled_ = std::max(filled_, now);
  if (tokens_ >= 1) {
    tokens_ -= 1;
    return milliseconds(0);
  }
  return milliseconds(static_cast<std::int64_t>(std::ceil((1 - tokens_) / per_ms_)));
}

Status Pace::wait(const std::function<Status()>& on_wait) {
  while (true) {
    const milliseconds left = take(steady_clock::now());
    if (left.count() == 0) {
      return ok();
    }
    std::this_thread::sleep_for(std::min(left, kNapMax));
    TUTELA_TRY(on_wait());
  }
}

}  // namespace tutela::authorities
