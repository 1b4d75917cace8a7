#include "base/fault.hpp"

#if defined(TUTELA_FAULT_HOOKS)
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

#include "base/mutex.hpp"
#endif

namespace tutela::fault {

#if defined(TUTELA_FAULT_HOOKS)
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kLookAgain{50};
constexpr std::chrono::milliseconds kHangStep{20};

std::string environment(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? "" : text;
}

/// What TUTELA_FAULT arms.
struct Once {
  std::string point;
  std::string action;
  int passing = 1;
};

Once parse_environment() {
  const std::string value = environment("TUTELA_FAULT");
  Once once;
  const std::size_t equals = value.find('=');
  if (equals == std::string::npos) {
    return once;
  }
  const std::size_t at = value.find('@', equals);
  once.point = value.substr(0, equals);
  once.action = value.substr(equals + 1, at == std::string::npos ? at : at - equals - 1);
  once.passing = at == std::string::npos ? 1 : std::atoi(value.c_str() + at + 1);
  return once;
}

/// What the file arms now. It is looked at again at most every 50 ms, and read when it is another
/// file or has changed.
class ArmedByFile {
 public:
  /// Empty: not armed.
  std::string action_of(const char* point) {
    if (path_.empty()) {
      return {};
    }
    const MutexLock lock(mutex_);
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= next_look_) {
      next_look_ = now + kLookAgain;
      look();
    }
    const auto found = actions_.find(point);
    return found == actions_.end() ? std::string() : found->second;
  }

 private:
  void look() TUTELA_REQUIRES(mutex_) {
    struct stat seen {};

    const bool there = ::stat(path_.c_str(), &seen) == 0;
    const std::string version =
        there ? std::to_string(seen.st_ino) + " " + std::to_string(seen.st_size) + " " +
                    std::to_string(seen.st_mtim.tv_sec) + " " + std::to_string(seen.st_mtim.tv_nsec)
              : "";
    if (version == version_) {
      return;
    }
    version_ = version;
    actions_.clear();
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) {
      if (const std::size_t equals = line.find('='); equals != std::string::npos) {
        actions_[line.substr(0, equals)] = line.substr(equals + 1);
      }
    }
  }

  const std::string path_ = environment("TUTELA_FAULT_FILE");
  Mutex mutex_;
  SteadyTime next_look_ TUTELA_GUARDED_BY(mutex_);
  std::string version_ TUTELA_GUARDED_BY(mutex_);
  std::map<std::string, std::string, std::less<>> actions_ TUTELA_GUARDED_BY(mutex_);
};

ArmedByFile& by_file() {
  static ArmedByFile file;
  return file;
}

Status injected() {
  return Error{ErrorKind::kUnavailable, "fault.injected", "a test injected this fault"};
}

}  // namespace

Status reach(const char* point) {
  static const Once once = parse_environment();
  static std::atomic<int> passings{0};
  if (once.point == point && ++passings == once.passing) {
    if (once.action == "kill") {
      std::raise(SIGKILL);
    }
    while (once.action == "hang") {
      ::pause();
    }
    return injected();
  }
  std::string action = by_file().action_of(point);
  if (action.empty()) {
    return ok();
  }
  if (action == "kill") {
    std::raise(SIGKILL);
  }
  const bool hangs = action == "hang";
  while (action == "hang") {
    std::this_thread::sleep_for(kHangStep);
    action = by_file().action_of(point);
  }
  return hangs ? ok() : injected();
}

bool armed(const char* point) {
  return !by_file().action_of(point).empty();
}

#else

Status reach(const char* /*point*/) {
  return ok();
}

bool armed(const char* /*point*/) {
  return false;
}

#endif

}  // namespace tutela::fault
