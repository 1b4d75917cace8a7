// Objects: evidence as it lies in a store of blobs, sealed chunk by chunk and padded.
//
// The layout is spec/evidence-object.md. Memory does not depend on the size of an object. Not
// thread-safe; one per object. Knows nothing of databases or stores.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/digest.hpp"
#include "crypto/secret.hpp"

namespace tutela::evidence_format {

inline constexpr std::size_t kChunk = std::size_t{64} * 1024;  // of plain bytes
inline constexpr std::size_t kObjectHeaderSize = 48;
inline constexpr std::size_t kSealedPartMax = kChunk + 17;
inline constexpr std::size_t kMediaTypeMax = 127;

/// What is sealed with the bytes, at their end.
struct Facts {
  std::uint64_t size_bytes = 0;
  crypto::Digests digests;
  UtcMs sealed_ms = 0;
  std::string media_type;  // at most kMediaTypeMax of printable ASCII

  friend bool operator==(const Facts&, const Facts&) = default;
};

[[nodiscard]] bool is_media_type(std::string_view text) noexcept;

/// How many bytes an object takes whose content has so many: equal for contents of about the same
/// size, at most 12 % more than the content where that is over 4 KiB.
[[nodiscard]] std::uint64_t object_size_bytes(std::uint64_t content_size_bytes) noexcept;

class ObjectSealer {
 public:
  /// Takes sealed bytes, in order; at most kSealedPartMax at once. Its error ends the call.
  using Sink = std::function<Status(ByteView)>;

  ObjectSealer(const Uuid& id, const crypto::Key& object_key);
  ObjectSealer(ObjectSealer&&) noexcept;
  ObjectSealer& operator=(ObjectSealer&&) noexcept;
  ~ObjectSealer();

  /// The room that an update with so many bytes needs.
  [[nodiscard]] static constexpr std::size_t room_for(std::size_t plain_size) noexcept {
    return kObjectHeaderSize + (plain_size / kChunk + 1) * kSealedPartMax;
  }

  /// Seals to the beginning of `out` and returns what it wrote there, maybe nothing.
  ByteView update(ByteView plain, std::span<std::byte> out);
  /// The padding, then `facts`, whose size must be that of all updates. After an error the object
  /// is of no more use.
  Status finish(const Facts& facts, const Sink& sink);

  [[nodiscard]] std::uint64_t size_bytes() const noexcept;  // of the content until now

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Opens an object part by part: `next_size()` sealed bytes at a time, until that is 0.
class ObjectOpener {
 public:
  /// `size_bytes` of the whole object. Error: kCorrupted "vault.corrupt", as all that follow.
  static Result<ObjectOpener> open(ByteView header,
                                   std::uint64_t size_bytes,
                                   const Uuid& id,
                                   const crypto::Key& object_key);
  ObjectOpener(ObjectOpener&&) noexcept;
  ObjectOpener& operator=(ObjectOpener&&) noexcept;
  ~ObjectOpener();

  [[nodiscard]] std::size_t next_size() const noexcept;
  /// Gives the content of one part, which lies in `room` (kChunk bytes); empty for padding and at
  /// the end. Every byte is authenticated.
  Result<ByteView> next(ByteView sealed, std::span<std::byte> room);

  /// Set once next_size() is 0; their size is that of the content, their digests are not compared.
  [[nodiscard]] const Facts& facts() const noexcept;

 private:
  struct State;
  explicit ObjectOpener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The id that an object's header names. Error: kCorrupted "vault.corrupt".
Result<Uuid> parse_object_header(ByteView header);

}  // namespace tutela::evidence_format
