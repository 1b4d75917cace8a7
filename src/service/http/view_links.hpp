// View links: addresses that show one view once, to the session that asked for it, within 30
// seconds (safeguards.md 10). In memory alone: a restart forgets them, and nothing on disk opens
// anything. Nothing is charged before a link is opened. Bounded; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"

namespace tutela::http {

inline constexpr std::int64_t kViewLinkMs = 30'000;

/// What a link shows.
struct LinkedView {
  Uuid evidence_id;
  std::string case_ref;
  std::string purpose;
  std::string grade;
  std::string frame;  // "0" the first, "sheet"
};

class ViewLinks {
 public:
  struct Bounds {
    std::size_t links_max = 10'000;
    std::size_t links_of_session_max = 20;
  };

  ViewLinks() = default;

  explicit ViewLinks(Bounds bounds) : bounds_(bounds) {}

  struct Made {
    std::string token;  // 256 random bits
    UtcMs ends_ms = 0;
  };

  /// Errors: kLimitExceeded "view.too_many" (in 30 seconds).
  Result<Made> make(const Uuid& session, LinkedView view, UtcMs now_ms);
  /// Once. Errors: kNotFound "view.not_found" (never made, of another session, or too old),
  /// "view.used".
  Result<LinkedView> take(std::string_view token, const Uuid& session, UtcMs now_ms);

 private:
  struct Link {
    Uuid session;
    LinkedView view;
    UtcMs made_ms = 0;
    bool used = false;
  };

  void forget_old(UtcMs now_ms) TUTELA_REQUIRES(mutex_);

  Bounds bounds_;
  Mutex mutex_;
  std::unordered_map<std::string, Link> links_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace tutela::http
