// Upload: the bytes of one file on their way to the authority. Reads one piece ahead: the last
// piece leaves only when the source has said that it is at its end, that the length is the one that
// was announced, and that the MD5 is the one on record. So nobody can receive the whole of a wrong
// file, and two pieces are all that lies in memory. Not thread-safe. Internal to authorities.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/digest.hpp"
#include "service/authorities/channel.hpp"

namespace tutela::authorities {

class Upload {
 public:
  /// Reads the first pieces. Errors: those of the source, and "authorities.other_bytes".
  static Result<std::unique_ptr<Upload>> open(std::unique_ptr<Source> source,
                                              std::int64_t size_bytes,
                                              std::string md5);

  /// Up to out.size() bytes of the file, 0 after the last. Errors as of open(), the same ever
  /// after.
  Result<std::size_t> read(std::span<std::byte> out);

  [[nodiscard]] std::int64_t size_bytes() const noexcept { return size_bytes_; }

  /// The last byte was given out.
  [[nodiscard]] bool whole() const noexcept { return given_ == size_bytes_; }

  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }

 private:
  struct Piece {
    Bytes bytes;
    std::size_t size = 0;
    std::size_t at = 0;
  };

  Upload(std::unique_ptr<Source> source, std::int64_t size_bytes, std::string md5);
  Status fill(Piece& piece);
  Status check_end();

  std::unique_ptr<Source> source_;
  const std::int64_t size_bytes_;
  const std::string md5_;
  crypto::Digester digester_;
  Piece now_;
  Piece next_;
  std::int64_t taken_ = 0;  // from the source
  std::int64_t given_ = 0;
  bool ended_ = false;
  std::optional<Error> failure_;
};

inline constexpr std::string_view kOtherBytes = "authorities.other_bytes";

}  // namespace tutela::authorities
