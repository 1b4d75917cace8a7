// App: what handlers work with. Made once by the server and outlives every request; thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "service/auth/auth.hpp"
#include "service/auth/oidc.hpp"
#include "service/auth/people.hpp"
#include "service/auth/sign_in.hpp"
#include "service/config/config.hpp"
#include "service/http/cached.hpp"
#include "service/http/metrics.hpp"
#include "service/pipeline/pipeline.hpp"
#include "service/watch/watch.hpp"

namespace tutela::intake_page {
class Site;
}  // namespace tutela::intake_page

namespace tutela::intake_service {
class Intake;
}  // namespace tutela::intake_service

namespace tutela::http {

/// The present configuration; SIGHUP replaces it.
class Settings {
 public:
  explicit Settings(config::Config config);
  [[nodiscard]] std::shared_ptr<const config::Config> get() const;
  void replace(config::Config config);

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const config::Config> config_ TUTELA_GUARDED_BY(mutex_);
};

/// Counts what is in flight of one kind of work, so that it is bounded.
class Admission {
 public:
  class Slot {
   public:
    explicit Slot(Admission* admission) noexcept : admission_(admission) {}

    Slot(Slot&& other) noexcept : admission_(std::exchange(other.admission_, nullptr)) {}

    Slot& operator=(Slot&&) = delete;
    ~Slot();

    explicit operator bool() const noexcept { return admission_ != nullptr; }

   private:
    Admission* admission_;
  };

  /// An empty slot when `max` are taken.
  [[nodiscard]] Slot enter(std::uint32_t max) noexcept;

  [[nodiscard]] std::uint32_t taken() const noexcept { return taken_.load(); }

 private:
  std::atomic<std::uint32_t> taken_{0};
};

/// A token bucket a principal: `per_minute` looked-up hashes, a minute's worth at once. Its memory
/// is bounded by the number of tokens that exist.
class SearchLimiter {
 public:
  /// Takes all of `count`, which is at most `per_minute`, and returns 0; or takes none and returns
  /// in how many milliseconds there will be so many.
  [[nodiscard]] std::int64_t take(const std::string& principal,
                                  std::uint32_t count,
                                  std::uint32_t per_minute,
                                  UtcMs now_ms);

 private:
  struct Bucket {
    double left = 0;
    UtcMs at_ms = 0;
  };

  Mutex mutex_;
  std::map<std::string, Bucket> buckets_ TUTELA_GUARDED_BY(mutex_);
};

struct Custody;
struct Reporting;
struct Review;

struct App {
  pipeline::Pipeline& pipeline;
  auth::Auth& auth;
  auth::People& people;
  auth::SignIn& sign_in;
  auth::Oidc* oidc;  // nullptr: no single sign-on
  Custody& custody;
  Review& review;
  Reporting& reporting;
  const Clock& clock;
  Settings& settings;
  Metrics metrics{};
  Admission scans{};
  Admission page_uploads{};  // of people outside: neither takes the other's slots
  Admission counting{};      // of the signals of lists
  Admission sign_ons{};
  SearchLimiter searches{};
  Cached<std::string> receipt_keys{std::chrono::minutes(1)};
  std::atomic<bool> stopping{false};
  watch::Watch* watch = nullptr;  // these are there before the first request
  intake_service::Intake* intake = nullptr;
  const intake_page::Site* site = nullptr;
};

}  // namespace tutela::http
