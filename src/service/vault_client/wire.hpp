// Wire: frames between a server and its vault process, over a unix socket.
//
// A frame is its kind (1 byte), the length of its body (4 bytes, big-endian) and the body. A call
// is one connection: a request, data where the call takes any, then a reply, data and an end. A
// reply that stops before its end frame is an error. Channels belong to one caller.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/result.hpp"

namespace tutela::vault_client {

enum class FrameKind : std::uint8_t { kMessage = 'M', kData = 'D', kEnd = 'E' };

struct Frame {
  FrameKind kind = FrameKind::kEnd;
  Bytes body;
};

inline constexpr std::size_t kMessageBytesMax = 64U << 10;
inline constexpr std::size_t kDataBytesMax = 256U << 10;

class Channel {
 public:
  /// `patience`: how long one frame may take, however slowly its bytes drip.
  Channel(Fd socket, std::chrono::milliseconds patience);

  /// Error: kUnavailable "vault.cut".
  Status send(FrameKind kind, ByteView body);
  /// Errors: kUnavailable "vault.cut" (closed or too slow), kInvalidInput "vault.bad_frame".
  Result<Frame> receive();

  /// Ends what another thread waits for here: it gets "vault.cut". The only call for two threads.
  void interrupt() const noexcept;

 private:
  Fd socket_;
  std::chrono::milliseconds patience_;
};

/// Error: kUnavailable "vault.down".
Result<Channel> connect_to(const std::filesystem::path& socket, std::chrono::milliseconds patience);

/// Listens at `path` (mode 0660; a socket that nobody listens at is replaced, any other file
/// stays). Errors: kConflict "vault.in_use"; kUnavailable "vault.no_socket".
Result<Fd> listen_at(const std::filesystem::path& path);

}  // namespace tutela::vault_client
