#include "service/vault_client/wire.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace tutela::vault_client {

namespace {

constexpr int kBacklog = 64;
constexpr std::size_t kHeadBytes = 5;

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

Status send_all(int socket, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      return cut();
    }
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return ok();
}

Status receive_all(int socket, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::recv(socket, out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return cut();
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return ok();
}

}  // namespace

Channel::Channel(Fd socket, std::chrono::milliseconds patience) : socket_(std::move(socket)) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  timeval limit{};
  limit.tv_sec = seconds.count();
  limit.tv_usec = std::chrono::duration_cast<std::chrono::microseconds>(patience - seconds).count();
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    ::setsockopt(socket_.get(), SOL_SOCKET, option, &limit, sizeof(limit));
  }
}

Status Channel::send(FrameKind kind, ByteView body) {
  const auto size = static_cast<std::uint32_t>(body.size());
  std::array<std::byte, kHeadBytes> head{static_cast<std::byte>(kind),
                                         static_cast<std::byte>(size >> 24U),
                                         static_cast<std::byte>(size >> 16U),
                                         static_cast<std::byte>(size >> 8U),
                                         static_cast<std::byte>(size)};
  TUTELA_TRY(send_all(socket_.get(), head));
  return send_all(socket_.get(), body);
}

Result<Frame> Channel::receive() {
  std::array<std::byte, kHeadBytes> head{};
  TUTELA_TRY(receive_all(socket_.get(), head));
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
  TUTELA_TRY(receive_all(socket_.get(), frame.body));
  return frame;
}

std::uint32_t Channel::peer_user() const {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return UINT32_MAX;
  }
  return peer.uid;
}

Result<Channel> connect_to(const std::filesystem::path& socket,
                           std::chrono::milliseconds patience) {
  TUTELA_TRY_ASSIGN(const Address address, Address::of(socket));
  TUTELA_TRY_ASSIGN(Fd fd, open_socket());
  if (::connect(fd.get(), address.get(), Address::kSize) != 0) {
    return Error{ErrorKind::kUnavailable,
                 "vault.down",
                 "no vault process answers: start tutela serve, or the unit of tutela vault serve"};
  }
  return Channel(std::move(fd), patience);
}

Result<Fd> listen_at(const std::filesystem::path& path) {
  TUTELA_TRY_ASSIGN(const Address address, Address::of(path));
  TUTELA_TRY_ASSIGN(Fd probe, open_socket());
  if (::connect(probe.get(), address.get(), Address::kSize) == 0) {
    return Error{ErrorKind::kConflict,
                 "vault.in_use",
                 "another vault process listens at this socket; stop it first"};
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
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
