// Which kernel runs: the best that the CPU has, unless the environment or a test says otherwise.
#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "base/check.hpp"
#include "engine/fingerprint/pdq.hpp"

namespace tutela::fingerprint {
namespace {

Kernel choose() {
  const std::vector<Kernel> kernels = supported_kernels();
  if (const char* wanted = std::getenv("TUTELA_PDQ_KERNEL"); wanted != nullptr) {
    for (const Kernel kernel : kernels) {
      if (to_string(kernel) == wanted) {
        return kernel;
      }
    }
  }
  return kernels.back();
}

std::atomic<Kernel>& chosen() {
  static std::atomic<Kernel> kernel{choose()};
  return kernel;
}

}  // namespace

std::vector<Kernel> supported_kernels() {
  std::vector<Kernel> kernels{Kernel::kScalar};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back(Kernel::kAvx2);
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) {
    kernels.push_back(Kernel::kAvx512);
  }
#endif
  return kernels;
}

Kernel active_kernel() {
  return chosen().load();
}

std::string_view to_string(Kernel kernel) noexcept {
  switch (kernel) {
    case Kernel::kScalar:
      return "scalar";
    case Kernel::kAvx2:
      return "avx2";
    case Kernel::kAvx512:
      return "avx512";
  }
  return "";
}

void force_kernel(Kernel kernel) {
  const std::vector<Kernel> kernels = supported_kernels();
  TUTELA_CHECK(std::find(kernels.begin(), kernels.end(), kernel) != kernels.end());
  chosen().store(kernel);
}

}  // namespace tutela::fingerprint
