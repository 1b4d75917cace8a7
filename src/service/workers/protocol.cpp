#include "service/workers/protocol.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <sys/uio.h>

namespace tutela::workers::protocol {

namespace {

constexpr std::string_view kDown = "workers.down";
constexpr std::size_t kAttachedCount = 2;

struct alignas(cmsghdr) ControlBuffer {
  char bytes[CMSG_SPACE(kAttachedCount * sizeof(int))] = {};
};

template <class Visit>
void visit_limits(media::Limits& limits, const Visit& visit) {
  visit("size_bytes_max", limits.size_bytes_max);
  visit("pixels_max", limits.pixels_max);
  visit("side_pixels_max", limits.side_pixels_max);
  visit("frames_max", limits.frames_max);
  visit("time_ms_max", limits.time_ms_max);
  visit("cpu_seconds_max", limits.cpu_seconds_max);
  visit("memory_bytes_max", limits.memory_bytes_max);
}

void take_attached(msghdr& header, Received& received) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    int fds[kAttachedCount] = {-1, -1};
    std::memcpy(fds, CMSG_DATA(part), std::min(sizeof fds, part->cmsg_len - CMSG_LEN(0)));
    received.item = Fd(fds[0]);
    received.reply = Fd(fds[1]);
  }
}

}  // namespace

Status send(int socket, const Message& message, Attached attached, int flags) {
  Message copy = message;
  iovec body{&copy, sizeof copy};
  msghdr header{};
  header.msg_iov = &body;
  header.msg_iovlen = 1;
  ControlBuffer control;
  if (attached.item >= 0) {
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof control.bytes;
    cmsghdr* const part = CMSG_FIRSTHDR(&header);
    const int fds[kAttachedCount] = {attached.item, attached.reply};
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof fds);
    std::memcpy(CMSG_DATA(part), fds, sizeof fds);
  }
  while (::sendmsg(socket, &header, flags | MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) {
      return system_error(kDown, "send to the other decode process");
    }
  }
  return ok();
}

Result<std::optional<Received>> receive(int socket) {
  Received received;
  iovec body{&received.message, sizeof received.message};
  ControlBuffer control;
  msghdr header{};
  header.msg_iov = &body;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes;
  header.msg_controllen = sizeof control.bytes;
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got == 0 || (got < 0 && errno == ECONNRESET)) {
    return std::optional<Received>();
  }
  if (got < 0) {
    return system_error(kDown, "receive from the other decode process");
  }
  take_attached(header, received);
  if (static_cast<std::size_t>(got) != sizeof(Message) || (header.msg_flags & MSG_TRUNC) != 0) {
    return Error{ErrorKind::kUnavailable, kDown, "the other decode process sent a bad message"};
  }
  return std::optional<Received>(std::move(received));
}

std::vector<std::string> to_arguments(media::Limits limits) {
  std::vector<std::string> arguments;
  visit_limits(limits, [&](const char* name, const auto& value) {
    arguments.push_back(std::string(name) + "=" + std::to_string(value));
  });
  return arguments;
}

Result<media::Limits> from_arguments(std::span<const char* const> arguments) {
  media::Limits limits;
  std::size_t understood = 0;
  for (const std::string_view argument : arguments) {
    visit_limits(limits, [&](std::string_view name, auto& value) {
      if (argument.starts_with(name) && argument.substr(name.size()).starts_with("=")) {
        const std::string_view digits = argument.substr(name.size() + 1);
        const char* const end = digits.data() + digits.size();
        const auto parsed = std::from_chars(digits.data(), end, value);
        understood += parsed.ec == std::errc() && parsed.ptr == end && !digits.empty() ? 1U : 0U;
      }
    });
  }
  if (understood != arguments.size()) {
    return Error{ErrorKind::kInvalidInput,
                 "workers.bad_arguments",
                 "an argument is not a limit of the form name=number"};
  }
  return limits;
}

}  // namespace tutela::workers::protocol
