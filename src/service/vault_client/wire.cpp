#include "service/vault_client/wire.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace tutela::vault_client {

namespace {

constexpr int kBacklog = 64;
constexpr std::size_t kHeadBytes = 5;
constexpr std::int64_t kLongestPollMs = 3'600'000;
constexpr std::chrono::milliseconds kProbePatience{2000};

Error cut() {
  return Error{ErrorKind::kUnavailable,
               "vault.cut",
               "the connection with the vault process ended early; try again"};
}

/// An address holds 107 bytes of path, so it goes through a descriptor of the folder.
class Address {
 public:
  static Result<Address> of(const std::filesystem::path& path) {
    Address address;
    const std::filesystem::path folder =
        path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    address.folder_ = Fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    address.name_.sun_family = AF_UNIX;
    const std::string text =
        "/proc/self/fd/" + std::to_string(address.folder_.get()) + "/" + path.filename().string();
    if (!address.folder_.valid() || !path.has_filename() ||
        text.size() >= sizeof(address.name_.sun_path)) {
      return Error{ErrorKind::kUnavailable,
                   "vault.down",
                   "the folder of the vault's socket is not there; start tutela serve, or the unit "
                   "of tutela vault serve"};
    }
    std::memcpy(address.name_.sun_path, text.data(), text.size());
    return address;
  }

  [[nodiscard]] const sockaddr* get() const {
    // tidy:allow(reinterpret_cast): the interface of sockets.
    return reinterpret_cast<const sockaddr*>(&name_);
  }

  static constexpr socklen_t kSize = sizeof(sockaddr_un);

 private:
  Fd folder_;
  sockaddr_un name_{};
};

Result<Fd> open_socket() {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) {
    return system_error("vault.no_socket", "open a socket");
  }
  return fd;
}

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Deadline = steady_clock::time_point;

/// Waits until bytes can move. False: not in time, or never.
bool wait_until(int socket, short direction, Deadline deadline) {
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) {
      return false;
    }
    pollfd waiting{socket, direction, 0};
    const int ready =
        ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, kLongestPollMs)));
    if (ready > 0) {
      return true;
    }
    if (ready < 0 && errno != EINTR) {
      return false;
    }
  }
}

/// Whether the call that just failed is worth another try.
bool may_go_on(int socket, short direction, Deadline deadline) {
  return errno == EINTR ||
         ((errno == EAGAIN || errno == EWOULDBLOCK) && wait_until(socket, direction, deadline));
}

Status send_all(int socket, ByteView bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && may_go_on(socket, POLLOUT, deadline)) {
      continue;
    }
    if (sent <= 0) {
      return cut();
    }
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return ok();
}

Status receive_all(int socket, std::span<std::byte> out, Deadline deadline) {
  while (!out.empty()) {
    const ssize_t got = ::recv(socket, out.data(), out.size(), MSG_DONTWAIT);
    if (got < 0 && may_go_on(socket, POLLIN, deadline)) {
      continue;
    }
    if (got <= 0) {
      return cut();
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return ok();
}

/// 0 or an errno. A listener whose queue is full would let a caller wait for ever.
int connect_within(const Fd& fd, const Address& address, milliseconds patience) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  timeval limit{};
  limit.tv_sec = seconds.count();
  limit.tv_usec = std::chrono::duration_cast<std::chrono::microseconds>(patience - seconds).count();
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0) {
    return errno;
  }
  return ::connect(fd.get(), address.get(), Address::kSize) == 0 ? 0 : errno;
}

}  // namespace

Channel::Channel(Fd socket, milliseconds patience)
    : socket_(std::move(socket)), patience_(patience) {}

Status Channel::send(FrameKind kind, ByteView body) {
  const auto size = static_cast<std::uint32_t>(body.size());
  std::array<std::byte, kHeadBytes> head{static_cast<std::byte>(kind),
                                         static_cast<std::byte>(size >> 24U),
                                         static_cast<std::byte>(size >> 16U),
                                         static_cast<std::byte>(size >> 8U),
                                         static_cast<std::byte>(size)};
  const Deadline deadline = steady_clock::now() + patience_;
  TUTELA_TRY(send_all(socket_.get(), head, deadline));
  return send_all(socket_.get(), body, deadline);
}

Result<Frame> Channel::receive() {
  const Deadline deadline = steady_clock::now() + patience_;
  std::array<std::byte, kHeadBytes> head{};
  TUTELA_TRY(receive_all(socket_.get(), head, deadline));
  Frame frame;
  std::size_t size_max = 0;
  switch (static_cast<FrameKind>(head[0])) {
    case FrameKind::kMessage:
      size_max = kMessageBytesMax;
      break;
    case FrameKind::kData:
      size_max = kDataBytesMax;
      break;
    case FrameKind::kEnd:
      break;
    default:
      return Error{ErrorKind::kInvalidInput, "vault.bad_frame", "a frame of an unknown kind"};
  }
  frame.kind = static_cast<FrameKind>(head[0]);
  std::size_t size = 0;
  for (std::size_t at = 1; at < kHeadBytes; ++at) {
    size = size << 8U | std::to_integer<std::size_t>(head[at]);
  }
  if (size > size_max) {
    return Error{ErrorKind::kInvalidInput, "vault.bad_frame", "a frame that is too large"};
  }
  frame.body.resize(size);
  TUTELA_TRY(receive_all(socket_.get(), frame.body, deadline));
  return frame;
}

void Channel::interrupt() const noexcept {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

Result<Channel> connect_to(const std::filesystem::path& socket, milliseconds patience) {
  TUTELA_TRY_ASSIGN(const Address address, Address::of(socket));
  TUTELA_TRY_ASSIGN(Fd fd, open_socket());
  if (connect_within(fd, address, patience) != 0) {
    return Error{ErrorKind::kUnavailable,
                 "vault.down",
                 "no vault process answers: start tutela serve, or the unit of tutela vault serve"};
  }
  return Channel(std::move(fd), patience);
}

Result<Fd> listen_at(const std::filesystem::path& path) {
  TUTELA_TRY_ASSIGN(const Address address, Address::of(path));
  TUTELA_TRY_ASSIGN(Fd probe, open_socket());
  const int refused = connect_within(probe, address, kProbePatience);
  if (refused == 0 || refused == EAGAIN) {  // EAGAIN: too busy to take one more
    return Error{ErrorKind::kConflict,
                 "vault.in_use",
                 "another vault process listens at this socket; stop it first"};
  }
  std::error_code ignored;
  if (refused == ECONNREFUSED && std::filesystem::is_socket(path, ignored)) {
    std::filesystem::remove(path, ignored);
  }
  TUTELA_TRY_ASSIGN(Fd fd, open_socket());
  const mode_t before = ::umask(0117);
  const int bound = ::bind(fd.get(), address.get(), Address::kSize);
  ::umask(before);
  if (bound != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return system_error("vault.no_socket", "listen at the vault's socket");
  }
  return fd;
}

}  // namespace tutela::vault_client
