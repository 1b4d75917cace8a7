#include "base/fault.hpp"

#if defined(TUTELA_FAULT_HOOKS)
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

#include <unistd.h>
#endif

namespace tutela::fault {

#if defined(TUTELA_FAULT_HOOKS)
namespace {

struct Armed {
  std::string point;
  std::string action;
  int passing = 1;
};

Armed parse_environment() {
  const char* const text = std::getenv("TUTELA_FAULT");
  const std::string value = text == nullptr ? "" : text;
  Armed armed;
  const std::size_t equals = value.find('=');
  if (equals == std::string::npos) {
    return armed;
  }
  const std::size_t at = value.find('@', equals);
  armed.point = value.substr(0, equals);
  armed.action = value.substr(equals + 1, at == std::string::npos ? at : at - equals - 1);
  armed.passing = at == std::string::npos ? 1 : std::atoi(value.c_str() + at + 1);
  return armed;
}

}  // namespace

Status reach(const char* point) {
  static const Armed armed = parse_environment();
  static std::atomic<int> passings{0};
  if (armed.point != point || ++passings != armed.passing) {
    return ok();
  }
  if (armed.action == "kill") {
    std::raise(SIGKILL);
  }
  while (armed.action == "hang") {
    ::pause();
  }
  return Error{ErrorKind::kUnavailable, "fault.injected", "a test injected this fault"};
}

#else

Status reach(const char* /*point*/) {
  return ok();
}

#endif

}  // namespace tutela::fault
