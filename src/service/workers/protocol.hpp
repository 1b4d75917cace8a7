// Protocol: what the server and the warmed parent (apps/tutela-decode) say to each other over one
// SOCK_SEQPACKET socket. Both come out of one build, so a message is a plain struct.
//
// server -> parent: kInspect or kRender with two descriptors (the sealed item, the write end of the
// reply's pipe), kKill. parent -> server: kReady once, then kEnded or kNotForked for each of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "engine/media/media.hpp"
#include "engine/redact/redact.hpp"

namespace tutela::workers::protocol {

/// The parent finds its end of the socket here.
inline constexpr int kControlFd = 3;
/// First argument of a parent that a server started; without it the program prints its help.
inline constexpr const char* kSupervisedFlag = "--supervised";
/// Exit status of a worker whose allocation failed.
inline constexpr int kExitOutOfMemory = 42;

enum class Kind : std::uint32_t { kReady, kInspect, kRender, kKill, kEnded, kNotForked };

struct Message {
  Kind kind = Kind::kReady;
  std::int32_t wait_status = 0;  // kEnded: as waitpid gives it
  std::uint64_t job = 0;
  std::uint64_t size_bytes = 0;  // kInspect, kRender: of the item
  redact::Request view{};        // kRender
};

/// The two descriptors of kInspect and kRender; -1 for other messages. Borrowed.
struct Attached {
  int item = -1;
  int reply = -1;
};

struct Received {
  Message message;
  Fd item;
  Fd reply;
};

/// `flags` as of sendmsg(2); the server never waits here (MSG_DONTWAIT).
/// Error: kUnavailable "workers.down".
Status send(int socket, const Message& message, Attached attached, int flags);

/// Waits for a message; empty when the other side has closed. Error: kUnavailable "workers.down".
Result<std::optional<Received>> receive(int socket);

/// The limits as arguments of the program, and back. Error: kInvalidInput "workers.bad_arguments".
[[nodiscard]] std::vector<std::string> to_arguments(media::Limits limits);
Result<media::Limits> from_arguments(std::span<const char* const> arguments);

}  // namespace tutela::workers::protocol
