#include "service/watch/drawing.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arguments.hpp"
#include "base/file.hpp"

namespace tutela::watch {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kLookMs = 100;
constexpr std::size_t kReadBytes = 64U << 10;

Error no_pictures() {
  return {ErrorKind::kUnavailable,
          "canary.no_pictures",
          "the process that draws canaries did not do its work"};
}

/// A process of its own with a pipe each way. Ends it when destroyed.
class Drawer {
 public:
  explicit Drawer(const DrawingOptions& options);
  Drawer(const Drawer&) = delete;
  Drawer& operator=(const Drawer&) = delete;

  ~Drawer() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }

  [[nodiscard]] bool runs() const noexcept { return pid_ > 0; }

  Fd orders;    // what it reads
  Fd pictures;  // what it writes

 private:
  pid_t pid_ = 0;
};

/// Writing to a socket that nobody reads any more is an error, not a signal that ends the server.
bool make_sockets(Fd& one, Fd& other) {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return false;
  }
  one = Fd(ends[0]);
  other = Fd(ends[1]);
  return true;
}

bool make_pipe(Fd& from, Fd& to) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return false;
  }
  from = Fd(ends[0]);
  to = Fd(ends[1]);
  return true;
}

void set_non_blocking(const Fd& fd) {
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

Drawer::Drawer(const DrawingOptions& options) {
  Fd its_orders;
  Fd its_pictures;
  if (!make_sockets(its_orders, orders) || !make_pipe(pictures, its_pictures)) {
    return;
  }
  std::vector<std::string> arguments = {options.program.string()};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  const std::vector<char*> pointers = pointers_to(arguments);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, its_orders.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, its_pictures.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  if (::posix_spawn(&pid_, options.program.c_str(), &actions, nullptr, pointers.data(), environ) !=
      0) {
    pid_ = 0;
  }
  ::posix_spawn_file_actions_destroy(&actions);
  set_non_blocking(orders);
  set_non_blocking(pictures);
}

/// Writes what there is room for; closes when all is written or nobody reads.
void give(Fd& to, std::string_view& text) {
  const ssize_t count = ::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL);
  if (count > 0) {
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (text.empty() || (count < 0 && errno != EAGAIN && errno != EINTR)) {
    to.reset();
  }
}

/// Reads what is there; closes at the end.
Status take(Fd& from,
            canaries::FrameReader& reader,
            std::vector<Bytes>& pictures,
            std::size_t most) {
  std::array<std::byte, kReadBytes> buffer{};
  const ssize_t count = ::read(from.get(), buffer.data(), buffer.size());
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
    from.reset();
  }
  if (count <= 0) {
    return ok();
  }
  TUTELA_TRY(reader.feed(ByteView(buffer).first(static_cast<std::size_t>(count)),
                         [&](Bytes picture) { pictures.push_back(std::move(picture)); }));
  return pictures.size() <= most ? ok() : Status(no_pictures());
}

}  // namespace

Result<std::vector<Bytes>> draw_pictures(const DrawingOptions& options,
                                         const std::vector<canaries::Order>& orders,
                                         const std::atomic<bool>& stop) {
  std::string text;
  for (const canaries::Order& order : orders) {
    text += canaries::to_line(order) + '\n';
  }
  std::string_view to_give = text;
  std::vector<Bytes> pictures;
  canaries::FrameReader reader;
  Drawer drawer(options);
  const auto until = steady_clock::now() + options.longest;
  while (drawer.runs() && drawer.pictures.valid() && pictures.size() < orders.size() && !stop &&
         steady_clock::now() < until) {
    // poll() passes over a descriptor of -1.
    std::array<pollfd, 2> ready = {
        {{drawer.pictures.get(), POLLIN, 0}, {drawer.orders.get(), POLLOUT, 0}}};
    if (::poll(ready.data(), ready.size(), kLookMs) <= 0) {
      continue;
    }
    if (ready[1].revents != 0) {
      give(drawer.orders, to_give);
    }
    if (ready[0].revents != 0) {
      TUTELA_TRY(take(drawer.pictures, reader, pictures, orders.size()));
    }
  }
  if (pictures.size() != orders.size()) {
    return no_pictures();
  }
  return pictures;
}

}  // namespace tutela::watch
