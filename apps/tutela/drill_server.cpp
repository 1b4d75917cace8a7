#include "drill_server.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arguments.hpp"
#include "base/file.hpp"
#include "commands.hpp"

extern char** environ;

namespace tutela::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kOurs = "TUTELA_";
constexpr milliseconds kStopPatience{40'000};
constexpr milliseconds kStep{20};

/// Nothing of what configures Tutela: the drill's instance is what its own file says.
std::vector<std::string> clean_environment() {
  std::vector<std::string> clean;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with(kOurs)) {
      clean.emplace_back(*entry);
    }
  }
  return clean;
}

/// This program anew. It dies with the thread that calls this. 0 when it could not be forked.
pid_t spawn(std::vector<std::string> arguments,
            std::vector<std::string> environment,
            const fs::path& log) {
  arguments.insert(arguments.begin(), "tutela");
  const std::vector<char*> argument_pointers = pointers_to(arguments);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) {
    return std::max(child, 0);
  }
  // Only what is safe between fork and exec of a program with threads.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setpgid(0, 0);
  // A limit of a file's size is to be an error of the write, not the end of the process.
  ::signal(SIGXFSZ, SIG_IGN);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (::getppid() == parent && out >= 0 && ::dup2(out, STDOUT_FILENO) >= 0 &&
      ::dup2(out, STDERR_FILENO) >= 0) {
    ::execve("/proc/self/exe", argument_pointers.data(), environment_pointers.data());
  }
  ::_exit(kError);
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

pid_t number_of(std::string_view text) {
  pid_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Every process of this machine with its parent.
std::map<pid_t, pid_t> parents() {
  std::map<pid_t, pid_t> all;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", error)) {
    const pid_t pid = number_of(entry.path().filename().string());
    const std::string stat = pid > 0 ? text_of(entry.path() / "stat") : "";
    // "PID (name, which may hold anything) STATE PARENT ..."
    if (const std::size_t name_end = stat.rfind(')'); name_end != std::string::npos) {
      all[pid] = number_of(std::string_view(stat).substr(std::min(name_end + 4, stat.size())));
    }
  }
  return all;
}

}  // namespace

DrillServer::~DrillServer() {
  stop();
}

Status DrillServer::start() {
  std::vector<std::string> environment = clean_environment();
  environment.push_back("TUTELA_FAULT_FILE=" + files_.faults.string());
  pid_ = spawn({"serve", "--config", files_.config.string()}, std::move(environment), files_.log);
  return pid_ != 0 ? ok() : system_error("drill.no_server", "start the server");
}

bool DrillServer::running() const {
  return pid_ != 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0;
}

void DrillServer::reload() const {
  if (pid_ != 0) {
    ::kill(pid_, SIGHUP);
  }
}

void DrillServer::kill() {
  if (pid_ != 0) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
  }
}

void DrillServer::stop() {
  if (pid_ == 0) {
    return;
  }
  ::kill(pid_, SIGTERM);
  const auto until = steady_clock::now() + kStopPatience;
  while (running() && steady_clock::now() < until) {
    std::this_thread::sleep_for(kStep);
  }
  kill();
}

std::vector<pid_t> DrillServer::processes(std::string_view word) const {
  const pid_t server = pid_;
  std::vector<pid_t> found;
  const std::map<pid_t, pid_t> all = parents();
  for (const auto& [pid, first_parent] : all) {
    pid_t at = first_parent;
    while (at > 1 && at != server) {
      const auto next = all.find(at);
      at = next == all.end() ? 0 : next->second;
    }
    if (server != 0 && at == server &&
        text_of(fs::path("/proc") / std::to_string(pid) / "cmdline").find(word) !=
            std::string::npos) {
      found.push_back(pid);
    }
  }
  return found;
}

Result<std::uint16_t> free_port() {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  void* const any = &address;
  if (!socket.valid() || ::bind(socket.get(), static_cast<sockaddr*>(any), size) != 0 ||
      ::getsockname(socket.get(), static_cast<sockaddr*>(any), &size) != 0) {
    return system_error("drill.no_port", "find a free port");
  }
  return ntohs(address.sin_port);
}

Status run_drill_command(const fs::path& config,
                         const fs::path& log,
                         std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"--config", config.string()});
  const pid_t child = spawn(std::move(arguments), clean_environment(), log);
  int status = 0;
  while (child != 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child == 0 || !WIFEXITED(status) || WEXITSTATUS(status) >= kError) {
    return Error{ErrorKind::kUnavailable,
                 "drill.command",
                 "a command of the drill failed; what it said is in " + log.string()};
  }
  return ok();
}

}  // namespace tutela::cli
