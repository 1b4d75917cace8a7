#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace tutela {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "tutela: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace tutela
