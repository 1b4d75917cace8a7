// What the memory of this machine gives, to compare searches with: the time of the bytes that they
// touch, without anything being done with them.
#pragma once

#include <cstddef>

namespace tutela::bench {

class MemoryProbe {
 public:
  /// Reads within so many bytes of memory on huge pages.
  explicit MemoryProbe(std::size_t bytes);
  ~MemoryProbe();
  MemoryProbe(const MemoryProbe&) = delete;
  MemoryProbe& operator=(const MemoryProbe&) = delete;

  /// Bytes a second, one after the other.
  [[nodiscard]] double sequential() const;
  /// Seconds a random line, asked for ahead as suits the machine best.
  [[nodiscard]] double random_line() const;
  /// Seconds a chunk of so many lines at a random place, the same.
  [[nodiscard]] double random_chunk(std::size_t lines) const;

 private:
  [[nodiscard]] double chunks_of(std::size_t lines, std::size_t ahead, bool far) const;

  std::byte* memory_;
  std::size_t lines_;
};

}  // namespace tutela::bench
