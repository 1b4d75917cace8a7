// A file of 5 GB goes from its source to the service without either holding it.
#include <cstdlib>

#include <gtest/gtest.h>

#include "reporting/world.hpp"

namespace tutela::testing {
namespace {

std::string md5_of_generated(std::uint64_t size) {
  crypto::Digester digester;
  Bytes piece(1U << 20);
  for (std::uint64_t at = 0; at < size;) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), size - at));
    generate(at, std::span(piece).first(part));
    digester.update(ByteView(piece).first(part));
    at += part;
  }
  return to_hex(digester.finish().md5);
}

std::int64_t own_memory_kb() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss;
}

void file_one_of(std::uint64_t size) {
  World world(size, md5_of_generated(size));
  const std::int64_t before_kb = own_memory_kb();
  const Died died = world.run_process();
  EXPECT_EQ(died.status, 0);
  const std::int64_t service_kb = own_memory_kb() - before_kb;
  std::printf("%.1f MB: peak memory of the filing process %lld MB, the simulator grew by %lld MB\n",
              static_cast<double>(size) / 1e6,
              static_cast<long long>(died.memory_kb / 1024),
              static_cast<long long>(service_kb / 1024));
  EXPECT_LT(died.memory_kb, 96 * 1024);
  EXPECT_LT(service_kb, 32 * 1024);
  world.expect_filed_once();
}

TEST(LargeFile, Of64MegabytesTakesNoMemory) {
  file_one_of(64'000'000);
}

TEST(LargeFile, Of5GigabytesTakesNoMemory) {
  if (std::getenv("TUTELA_HEAVY") == nullptr) {
    GTEST_SKIP() << "a heavy test: TUTELA_HEAVY=1, or ./dev check --heavy";
  }
  file_one_of(5'000'000'000);
}

}  // namespace
}  // namespace tutela::testing
