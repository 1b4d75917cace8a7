// Door client: uploads through doors of this very server, over the network like anybody else's, a
// connection each. Internal to watch. Not thread-safe, but for wake().
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::watch {

/// Where a door is.
struct DoorTarget {
  std::string url;        // "https://127.0.0.1:8440/v1/scan"
  std::string unix_path;  // not empty: of its unix socket; the url's host counts no more
  std::string pin;        // of the key of the server's certificate; nothing else is asked of it
};

/// Of OwnDoor::address. Whether it speaks TLS is said by `certificate` (of server.tls_certificate;
/// empty: it does not). Errors: kInvalidInput "config.bad_tls", "config.bad_listen".
Result<DoorTarget> target_of(std::string_view address,
                             const std::filesystem::path& certificate,
                             std::string_view source);

struct DoorAnswer {
  std::string failure;     // empty: there was one. "timeout" "no_answer" "tls" "bad_answer"
  long status = 0;         // of HTTP
  std::string outcome;     // "held" "accepted"
  std::string content_id;  // of the item
  std::string code;        // of a problem
};

class DoorClient {
 public:
  /// Error: kUnavailable "canary.unavailable".
  static Result<std::unique_ptr<DoorClient>> open();
  DoorClient(const DoorClient&) = delete;
  DoorClient& operator=(const DoorClient&) = delete;
  ~DoorClient();

  /// Begins one. Returns its number, never 0.
  std::uint64_t post(const DoorTarget& target,
                     const std::string& token,
                     Bytes body,
                     std::chrono::milliseconds longest);
  void cancel(std::uint64_t number);

  using Done = std::vector<std::pair<std::uint64_t, DoorAnswer>>;
  /// Waits for at most so long that something happens, and gives what has ended.
  Done drive(std::chrono::milliseconds longest);
  /// Ends a drive().
  void wake() noexcept;

 private:
  struct State;
  explicit DoorClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::watch
