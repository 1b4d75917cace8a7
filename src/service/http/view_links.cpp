#include "service/http/view_links.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

namespace tutela::http {

namespace {

constexpr std::size_t kTokenBytes = 32;

/// A clock that was set back ends a link too.
bool is_over(UtcMs made_ms, UtcMs now_ms) noexcept {
  return now_ms < made_ms || now_ms - made_ms >= kViewLinkMs;
}

Error not_found() {
  return {ErrorKind::kNotFound, "view.not_found", "there is no such view; ask for a new one"};
}

}  // namespace

Result<ViewLinks::Made> ViewLinks::make(const Uuid& session, LinkedView view, UtcMs now_ms) {
  std::array<std::byte, kTokenBytes> random{};
  crypto::random_bytes(random);
  std::string token = to_hex(random);
  const MutexLock lock(mutex_);
  forget_old(now_ms);
  const auto is_own = [&](const auto& entry) {
    return entry.second.session == session;
  };
  if (links_.size() >= bounds_.links_max ||
      std::cmp_greater_equal(std::ranges::count_if(links_, is_own), bounds_.links_of_session_max)) {
    return Error{
        ErrorKind::kLimitExceeded, "view.too_many", "too many views in 30 seconds; take your time"};
  }
  links_.emplace(token, Link{session, std::move(view), now_ms});
  return Made{std::move(token), now_ms + kViewLinkMs};
}

Result<LinkedView> ViewLinks::take(std::string_view token, const Uuid& session, UtcMs now_ms) {
  const MutexLock lock(mutex_);
  const auto found = links_.find(std::string(token));
  if (found == links_.end() || found->second.session != session ||
      is_over(found->second.made_ms, now_ms)) {
    return not_found();
  }
  if (found->second.used) {
    return Error{
        ErrorKind::kNotFound, "view.used", "this view was opened before; ask for a new one"};
  }
  found->second.used = true;
  return std::move(found->second.view);
}

void ViewLinks::forget_old(UtcMs now_ms) {
  std::erase_if(links_, [&](const auto& entry) { return is_over(entry.second.made_ms, now_ms); });
}

}  // namespace tutela::http
