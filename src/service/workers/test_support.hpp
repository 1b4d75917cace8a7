// What the tests of the workers share: pictures, faults, and a look at the process table.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>

#include "base/fault.hpp"
#include "service/workers/workers.hpp"

namespace tutela::workers {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

inline const std::filesystem::path kProgram = TUTELA_BINARY_DIR "/bin/tutela-decode";

inline std::unique_ptr<Workers> start(const media::Limits& limits = {},
                                      std::uint32_t processes_max = 4) {
  auto workers =
      Workers::start({.program = kProgram, .processes_max = processes_max, .limits = limits});
  EXPECT_TRUE(workers.has_value()) << (workers ? "" : workers.error().message);
  return workers ? *std::move(workers) : nullptr;
}

inline void append_le(std::string& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
}

/// A 24-bit BMP of 64 x 64 pixels, a different one for each seed.
inline std::string make_picture(unsigned seed = 0) {
  std::string bmp = "BM";
  append_le(bmp, 54 + 64 * 64 * 3, 4);
  append_le(bmp, 0, 4);
  append_le(bmp, 54, 4);
  append_le(bmp, 40, 4);
  append_le(bmp, 64, 4);
  append_le(bmp, 64, 4);
  append_le(bmp, 1, 2);
  append_le(bmp, 24, 2);
  bmp.append(24, '\0');
  for (unsigned i = 0; i < 64 * 64; ++i) {
    const unsigned shade = (i % 64) * (3 + seed % 5) + (i / 64) * (seed % 7) + ((i * i) >> 7);
    append_le(bmp, (shade & 255U) * 0x010101U, 3);
  }
  return bmp;
}

inline ItemBytes item_of(std::string_view text) {
  auto item = ItemBytes::from(as_bytes(text));
  EXPECT_TRUE(item.has_value());
  return *std::move(item);
}

/// "answered", or the code of the error.
inline std::string_view scan(Workers& workers, std::string_view text) {
  const auto answer = workers.inspect(item_of(text));
  return answer ? "answered" : answer.error().code;
}

inline std::string_view act_out(Workers& workers, const std::string& fault) {
  return scan(workers, "TUTELA-FAULT:" + fault);
}

struct Process {
  pid_t pid;
  char state;
};

/// The processes whose parent is `parent`, read from /proc/PID/stat.
inline std::vector<Process> children_of(std::int64_t parent) {
  std::vector<Process> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const int pid = std::atoi(entry.path().filename().c_str());
    std::ifstream file(entry.path() / "stat");
    std::string line;
    if (pid <= 0 || !std::getline(file, line)) {
      continue;
    }
    const std::size_t after_name = line.rfind(')');
    if (std::atoll(line.c_str() + after_name + 4) == parent) {
      found.push_back({pid, line[after_name + 2]});
    }
  }
  return found;
}

inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(60);
  while (!holds()) {
    if (steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

/// Gone, or dead and waiting for whoever inherited it.
inline bool is_gone(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  return !std::getline(file, line) || line[line.rfind(')') + 2] == 'Z';
}

inline std::size_t count_open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

#define SKIP_WITHOUT_FAULT_HOOKS()                               \
  if (!fault::kCompiledIn) {                                     \
    GTEST_SKIP() << "this build has no fault hooks (a release)"; \
  }                                                              \
  static_assert(true)

}  // namespace tutela::workers
