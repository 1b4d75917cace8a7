// HugeArray: a fixed number of plain values, uninitialised, on huge pages where Linux gives them:
// random reads of a large index otherwise spend their time in page walks. Internal to match.
//
// Owns its memory; moves, does not copy. Threads: as for a plain array.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <type_traits>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "base/check.hpp"

namespace tutela::match {

template <typename T>
class HugeArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  HugeArray() = default;

  explicit HugeArray(std::size_t size) : size_(size) {
    if (size == 0) {
      return;
    }
    const std::size_t page = size_bytes() < kHugePageBytes ? kCacheLineBytes : kHugePageBytes;
    const std::size_t bytes = (size_bytes() + page - 1) / page * page;
    data_.reset(static_cast<T*>(std::aligned_alloc(page, bytes)));
    TUTELA_CHECK(data_ != nullptr);
#if defined(__linux__)
    if (page == kHugePageBytes) {
      // Advice: without huge pages all is right, only slower.
      static_cast<void>(::madvise(data_.get(), bytes, MADV_HUGEPAGE));
    }
#endif
  }

  [[nodiscard]] T* data() noexcept { return data_.get(); }

  [[nodiscard]] const T* data() const noexcept { return data_.get(); }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] std::size_t size_bytes() const noexcept { return size_ * sizeof(T); }

  [[nodiscard]] std::span<const T> span() const noexcept { return {data_.get(), size_}; }

 private:
  static constexpr std::size_t kCacheLineBytes = 64;
  static constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

  struct Free {
    void operator()(T* data) const noexcept { std::free(data); }
  };

  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace tutela::match
