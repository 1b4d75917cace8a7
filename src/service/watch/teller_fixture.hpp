// What the tests of the teller share: changes, a teller in a hurry, and a socket that is a syslog.
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/un.h>

#include "service/watch/teller.hpp"
#include "support/folder.hpp"
#include "support/programs.hpp"
#include "support/receiver.hpp"

namespace tutela::watch {

using alarms::Change;
using alarms::Level;
using alarms::What;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::Ran;
using testing::Receiver;
using testing::run_program;

inline const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
inline constexpr UtcMs kAt = 1'795'365'241'000;  // 2026-11-22T16:34:01Z

inline Change change(std::int64_t number, What what = What::kRaised, Level level = Level::kBlind) {
  Change made;
  made.what = what;
  made.alarm.condition = {
      "list.empty", "list-" + std::to_string(number), level, "an active list has no signals"};
  made.alarm.since_ms = kAt;
  made.at_ms = kAt + number;
  made.level = what == What::kCleared ? Level::kOk : level;
  return made;
}

inline bool soon(const std::function<bool()>& holds, std::int64_t within_ms = 60'000) {
  const auto end = steady_clock::now() + milliseconds(within_ms);
  while (!holds()) {
    if (steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

class TellerFixture : public ::testing::Test {
 protected:
  static TellerOptions quick() {
    TellerOptions options;
    options.host = "tutela.example";
    options.retry_ms_min = 20;
    options.retry_ms_max = 100;
    return options;
  }

  static TellerOptions webhook_to(const Receiver& receiver) {
    TellerOptions options = quick();
    options.webhook.url = receiver.url();
    options.webhook.secrets = {kSecret};
    options.webhook.allow_private = true;
    return options;
  }

  void start(const TellerOptions& options) {
    auto started = Teller::start(clock_, options);
    ASSERT_TRUE(started) << started.error().message;
    teller_ = *std::move(started);
  }

  Status::Told told(std::string_view channel) {
    for (const Status::Told& one : teller_->told()) {
      if (one.channel == channel) {
        return one;
      }
    }
    ADD_FAILURE() << channel << " is not there";
    return {};
  }

  testing::TemporaryFolder folder_;
  ManualClock clock_{kAt};
  std::unique_ptr<Teller> teller_;
};

/// A syslog that is only a socket.
class SyslogSocket {
 public:
  explicit SyslogSocket(const std::filesystem::path& path) {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path.native(), static_cast<char*>(address.sun_path));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): addresses of the system.
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }

  SyslogSocket(const SyslogSocket&) = delete;
  SyslogSocket& operator=(const SyslogSocket&) = delete;

  ~SyslogSocket() { ::close(fd_); }

  [[nodiscard]] std::string next() const {
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, 60'000) <= 0) {
      return "nothing";
    }
    std::array<char, 4096> text{};
    const ssize_t size = ::recv(fd_, text.data(), text.size(), 0);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

 private:
  int fd_ = -1;
};

}  // namespace tutela::watch
