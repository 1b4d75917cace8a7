#include "engine/match/scan.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "base/check.hpp"

namespace tutela::match {
namespace {

constexpr std::array<std::string_view, 3> kKernels = {"scalar", "avx2", "avx512"};

/// What the environment forces if this CPU has it, else the best that it has.
Kernel first_kernel() {
  const std::vector<Kernel> supported = supported_kernels();
  const char* forced = std::getenv("TUTELA_MATCH_KERNEL");
  if (forced != nullptr) {
    for (const Kernel kernel : supported) {
      if (to_string(kernel) == forced) {
        return kernel;
      }
    }
  }
  return supported.back();
}

std::atomic<Kernel>& chosen() {
  static std::atomic<Kernel> kernel = first_kernel();
  return kernel;
}

}  // namespace

std::size_t scan_scalar(const ScanRows& rows,
                        std::span<const fingerprint::Pdq256> variants,
                        int limit,
                        Candidate* out) {
  std::size_t found = 0;
  for (std::uint32_t row = 0; row < rows.count; ++row) {
    for (std::uint32_t variant = 0; variant < variants.size(); ++variant) {
      if (fingerprint::distance(rows.values[row], variants[variant]) <= limit) {
        out[found++] = {row, variant};
      }
    }
  }
  return found;
}

std::vector<Kernel> supported_kernels() {
  std::vector<Kernel> kernels = {Kernel::kScalar};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) {
    kernels.push_back(Kernel::kAvx2);
  }
  if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
      __builtin_cpu_supports("avx512vpopcntdq") != 0 &&
      __builtin_cpu_supports("avx512bitalg") != 0) {
    kernels.push_back(Kernel::kAvx512);
  }
#endif
  return kernels;
}

Kernel active_kernel() {
  return chosen().load();
}

std::string_view to_string(Kernel kernel) noexcept {
  return kKernels[static_cast<std::size_t>(kernel)];
}

void force_kernel(Kernel kernel) {
  const std::vector<Kernel> supported = supported_kernels();
  TUTELA_CHECK(std::ranges::find(supported, kernel) != supported.end());
  chosen().store(kernel);
}

ScanFunction active_scan() {
  switch (active_kernel()) {
#if defined(__x86_64__)
    case Kernel::kAvx2:
      return &scan_avx2;
    case Kernel::kAvx512:
      return &scan_avx512;
#else
    case Kernel::kAvx2:
    case Kernel::kAvx512:
#endif
    case Kernel::kScalar:
      break;
  }
  return &scan_scalar;
}

}  // namespace tutela::match
