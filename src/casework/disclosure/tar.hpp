// Tar: a POSIX archive (pax, plain ustar where that is enough) written to memory bit by bit,
// through libarchive. Internal. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela::disclosure {

class Tar {
 public:
  /// Every entry has this time, so that an archive tells nothing of when files were touched.
  explicit Tar(UtcMs time_ms);
  Tar(Tar&&) noexcept;
  Tar& operator=(Tar&&) noexcept;
  ~Tar();

  /// Begins a file; the one before must be whole. Error: kInternal "disclosure.archive".
  Status begin(const std::string& path, std::uint64_t size_bytes);
  /// More than begin() announced is an error, and less is one at the next begin() or finish().
  Status append(ByteView bytes);
  Status finish();

  /// Moves what is ready to the end of `out`.
  void take(Bytes& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tutela::disclosure
