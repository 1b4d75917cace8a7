// Post: one bounded request to the receiver at a time, through libcurl, with the connection kept
// for the next. Not thread-safe, but for `stop`. Shared with service/authorities and service/watch.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "service/webhooks/webhooks.hpp"

namespace tutela::webhooks {

struct Answer {
  bool stopped = false;
  std::string failure;             // empty: 2xx
  std::int64_t retry_after_s = 0;  // as the receiver asks; 0: it does not
  std::int64_t status = 0;         // of HTTP; 0: there was no answer
  std::string body = {};           // of 2xx: what it says, at most 64 KiB
};

class Poster {
 public:
  /// Borrows `stop`: a request ends within about a second of its becoming true.
  /// Error: kUnavailable "webhook.unavailable".
  static Result<std::unique_ptr<Poster>> open(const Options& options,
                                              const std::atomic<bool>& stop);
  ~Poster();
  /// `headers` are whole lines: "webhook-id: ...".
  Answer post(const std::vector<std::string>& headers, const std::string& body);
  Answer get(const std::vector<std::string>& headers);

 private:
  struct State;
  explicit Poster(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::webhooks
