// Streams: messages sealed one after the other with libsodium secretstream (XChaCha20-Poly1305).
//
// Each message carries a sealed mark, and opens only in its place: what is missing, changed, moved
// or of another stream is detected. Where messages end is up to the format that uses this. Not
// thread-safe; one object a stream.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace tutela::crypto {

/// Tells messages apart, unseen from outside: secretstream's tags 0, 1 and 3.
enum class Mark : std::uint8_t { kPlain = 0, kOther = 1, kFinal = 3 };

inline constexpr std::size_t kStreamHeaderSize = 24;
inline constexpr std::size_t kMessageOverhead = 17;

class StreamSealer {
 public:
  /// `context` is bound to every message without being stored.
  StreamSealer(const Key& key, ByteView context);
  StreamSealer(StreamSealer&&) noexcept;
  StreamSealer& operator=(StreamSealer&&) noexcept;
  ~StreamSealer();

  /// Goes before the messages.
  [[nodiscard]] const std::array<std::byte, kStreamHeaderSize>& header() const noexcept;
  /// Appends `plain.size() + kMessageOverhead` bytes to `out`.
  void push(ByteView plain, Mark mark, Bytes& out);
  /// Writes them to `out`, which has exactly this size.
  void push(ByteView plain, Mark mark, std::span<std::byte> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class StreamOpener {
 public:
  /// `header` has kStreamHeaderSize bytes.
  StreamOpener(const Key& key, ByteView header, ByteView context);
  StreamOpener(StreamOpener&&) noexcept;
  StreamOpener& operator=(StreamOpener&&) noexcept;
  ~StreamOpener();

  /// Opens the next message; `plain` has exactly its size less kMessageOverhead. After an error the
  /// stream is of no more use. Error: kCorrupted "seal.corrupt".
  Result<Mark> pull(ByteView sealed, std::span<std::byte> plain);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Overwrites in a way that the compiler does not leave out.
void wipe(std::span<std::byte> bytes) noexcept;

}  // namespace tutela::crypto
