// Real processes: every test starts the program tutela-decode.
#include "service/workers/workers.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "engine/sandbox/sandbox.hpp"

namespace tutela::workers {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

const std::filesystem::path kProgram = TUTELA_BINARY_DIR "/bin/tutela-decode";

std::unique_ptr<Workers> start(const media::Limits& limits = {}, std::uint32_t processes_max = 4) {
  auto workers =
      Workers::start({.program = kProgram, .processes_max = processes_max, .limits = limits});
  EXPECT_TRUE(workers.has_value()) << (workers ? "" : workers.error().message);
  return workers ? *std::move(workers) : nullptr;
}

void append_le(std::string& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
}

/// A 24-bit BMP of 64 x 64 pixels, a different one for each seed.
std::string make_picture(unsigned seed = 0) {
  std::string bmp = "BM";
  append_le(bmp, 54 + 64 * 64 * 3, 4);
  append_le(bmp, 0, 4);
  append_le(bmp, 54, 4);
  append_le(bmp, 40, 4);
  append_le(bmp, 64, 4);
  append_le(bmp, 64, 4);
  append_le(bmp, 1, 2);
  append_le(bmp, 24, 2);
  append_le(bmp, 0, 24);
  for (unsigned i = 0; i < 64 * 64; ++i) {
    const unsigned shade = (i % 64) * (3 + seed % 5) + (i / 64) * (seed % 7) + ((i * i) >> 7);
    append_le(bmp, (shade & 255U) * 0x010101U, 3);
  }
  return bmp;
}

std::uint32_t crc_of(std::string_view text) {
  std::uint32_t crc = ~0U;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  return ~crc;
}

void append_be32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

void append_chunk(std::string& png, const std::string& type_and_data) {
  append_be32(png, static_cast<std::uint32_t>(type_and_data.size() - 4));
  png += type_and_data;
  append_be32(png, crc_of(type_and_data));
}

/// Claims 65,535 x 65,535 pixels in under 100 bytes.
std::string make_bomb() {
  std::string png("\x89PNG\r\n\x1a\n", 8);
  std::string header = "IHDR";
  append_be32(header, 65'535);
  append_be32(header, 65'535);
  header.append("\x08\x02\x00\x00\x00", 5);
  append_chunk(png, header);
  append_chunk(png, std::string("IDAT\x78\x9c\x03\x00\x00\x00\x00\x01", 12));
  append_chunk(png, "IEND");
  return png;
}

ItemBytes item_of(std::string_view text) {
  auto item = ItemBytes::from(as_bytes(text));
  EXPECT_TRUE(item.has_value());
  return *std::move(item);
}

/// "answered", or the code of the error.
std::string_view scan(Workers& workers, std::string_view text) {
  const auto answer = workers.inspect(item_of(text));
  return answer ? "answered" : answer.error().code;
}

std::string_view act_out(Workers& workers, const std::string& fault) {
  return scan(workers, "TUTELA-FAULT:" + fault);
}

struct Process {
  pid_t pid;
  char state;
};

/// The processes whose parent is `parent`, read from /proc/PID/stat.
std::vector<Process> children_of(std::int64_t parent) {
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

bool eventually(const std::function<bool()>& holds) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

/// Gone, or dead and waiting for whoever inherited it.
bool is_gone(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  return !std::getline(file, line) || line[line.rfind(')') + 2] == 'Z';
}

std::size_t count_open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

#define SKIP_WITHOUT_FAULT_HOOKS()                               \
  if (!fault::kCompiledIn) {                                     \
    GTEST_SKIP() << "this build has no fault hooks (a release)"; \
  }                                                              \
  static_assert(true)

TEST(Workers, GiveTheSameFingerprintsAsThisProcess) {
  const auto workers = start();
  const std::string picture = make_picture();
  const auto answer = workers->inspect(item_of(picture));
  ASSERT_TRUE(answer.has_value()) << answer.error().code;
  const auto here = inspect::inspect(as_bytes(picture), {});
  ASSERT_TRUE(here.has_value());
  EXPECT_EQ(answer->frames, here->frames);
  EXPECT_EQ(answer->report.width, 64U);
}

TEST(Workers, DecodeEveryFormatInsideTheSandbox) {
  const std::filesystem::path folder = TUTELA_SOURCE_DIR "/src/engine/media/testdata";
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "the decoders' test pictures are absent";
  }
  const auto workers = start();
  ASSERT_TRUE(media::warm_up());
  int answered = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename());
    const auto bytes = read_file(entry.path(), 64U << 20);
    ASSERT_TRUE(bytes.has_value());
    const auto there = workers->inspect(item_of(as_text(*bytes)));
    const auto here = inspect::inspect(*bytes, {});
    ASSERT_EQ(there.has_value(), here.has_value()) << (there ? "" : there.error().message);
    if (!there) {
      EXPECT_EQ(there.error().code, here.error().code);
      continue;
    }
    ++answered;
    EXPECT_EQ(there->frames, here->frames);
    EXPECT_EQ(there->report.damaged, here->report.damaged);
  }
  EXPECT_GE(answered, 20);
}

TEST(Workers, MutatedFilesNeverMakeADecoderTryWhatIsForbidden) {
  const std::filesystem::path folder = TUTELA_SOURCE_DIR "/src/engine/media/testdata";
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "the decoders' test pictures are absent";
  }
  // An honest decoder that the sandbox kills would be a gap in its list, not an attack.
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  const auto workers = start();
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto original = read_file(entry.path(), 64U << 20);
    ASSERT_TRUE(original.has_value());
    if (original->empty()) {
      continue;
    }
    for (int round = 0; round < 10; ++round) {
      Bytes bytes = *original;
      for (int flips = 0; flips < 8; ++flips) {
        bytes[random() % bytes.size()] ^= static_cast<std::byte>(1U << (random() % 8));
      }
      bytes.resize(1 + (round % 2 == 0 ? bytes.size() - 1 : random() % bytes.size()));
      const std::string_view code = scan(*workers, as_text(bytes));
      EXPECT_NE(code, "worker.sandbox_violation") << entry.path() << " seed " << seed;
      EXPECT_NE(code, "worker.bad_reply") << entry.path() << " seed " << seed;
      EXPECT_NE(code, "workers.down") << entry.path() << " seed " << seed;
    }
  }
}

TEST(Workers, PassOnWhyAnItemCannotBeScanned) {
  const auto workers = start({.size_bytes_max = 100'000});
  EXPECT_EQ(scan(*workers, ""), "media.empty");
  EXPECT_EQ(scan(*workers, "just text"), "media.unsupported_type");
  EXPECT_EQ(scan(*workers, make_picture() + std::string(100'000, 'x')), "media.too_large");
  EXPECT_EQ(scan(*workers, make_bomb()), "media.too_many_pixels");
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
  const auto health = workers->health();
  EXPECT_EQ(health.items, 5U);
  EXPECT_EQ(health.crashes, 0U);
}

TEST(Workers, AnItemIsSealedBeforeItIsHandedOver) {
  const auto workers = start();
  ItemBytes item = item_of(make_picture());
  ASSERT_TRUE(workers->inspect(item).has_value());
  EXPECT_FALSE(item.append(as_bytes("more")).has_value());
  EXPECT_EQ(::ftruncate(item.fd(), 0), -1);
  EXPECT_TRUE(workers->inspect(item).has_value()) << "and may be scanned again";
}

struct Misdeed {
  const char* fault;
  std::string_view code;
};

class MisbehavingWorker : public testing::TestWithParam<Misdeed> {};

TEST_P(MisbehavingWorker, CostsOnlyItsOwnItem) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start();
  EXPECT_EQ(act_out(*workers, GetParam().fault), GetParam().code);
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
  const auto health = workers->health();
  EXPECT_EQ(health.crashes, 1U);
  EXPECT_EQ(health.restarts, 0U);
  EXPECT_TRUE(children_of(health.parent_pid).empty());
}

INSTANTIATE_TEST_SUITE_P(Each,
                         MisbehavingWorker,
                         testing::Values(Misdeed{"crash", "worker.crashed"},
                                         Misdeed{"abort", "worker.crashed"},
                                         Misdeed{"socket", "worker.sandbox_violation"},
                                         Misdeed{"open", "worker.sandbox_violation"},
                                         Misdeed{"execve", "worker.sandbox_violation"},
                                         Misdeed{"exit-badly", "worker.bad_reply"},
                                         Misdeed{"say-nothing", "worker.bad_reply"},
                                         Misdeed{"say-garbage", "worker.bad_reply"},
                                         Misdeed{"say-too-much", "worker.bad_reply"},
                                         Misdeed{"say-too-little", "worker.bad_reply"},
                                         Misdeed{"say-one-byte-more", "worker.bad_reply"},
                                         Misdeed{"claim-wrong-counts", "worker.bad_reply"}),
                         [](const auto& instance) {
                           std::string name = instance.param.fault;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Workers, AWorkerThatLoopsIsKilledAtTheDeadline) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start({.time_ms_max = 500});
  for (const char* const fault : {"loop", "close-and-loop"}) {
    const auto began = steady_clock::now();
    EXPECT_EQ(act_out(*workers, fault), "worker.timeout");
    const auto took = steady_clock::now() - began;
    EXPECT_GE(took, milliseconds(500));
    EXPECT_LT(took, milliseconds(1500));
    EXPECT_TRUE(children_of(workers->health().parent_pid).empty());
  }
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
  EXPECT_EQ(workers->health().restarts, 0U);
}

TEST(Workers, AWorkerThatBurnsProcessorTimeIsKilled) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start({.cpu_seconds_max = 1});
  EXPECT_EQ(act_out(*workers, "loop"), "worker.cpu_time");
}

TEST(Workers, AWorkerThatTakesMemoryWithoutBoundIsKilled) {
  SKIP_WITHOUT_FAULT_HOOKS();
  if (sandbox::kSanitizerBuild) {
    GTEST_SKIP() << "a sanitizer reserves more address space than any limit allows";
  }
  const auto workers = start({.memory_bytes_max = 512ULL << 20});
  EXPECT_EQ(act_out(*workers, "memory"), "worker.memory");
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
}

TEST(Workers, AWorkerSeesNothingOfTheServer) {
  SKIP_WITHOUT_FAULT_HOOKS();
  ASSERT_EQ(::setenv("TUTELA_TEST_SECRET", "1", 1), 0);
  const Fd inheritable(::open("/dev/null", O_RDONLY));  // on purpose without O_CLOEXEC
  const auto workers = start();
  EXPECT_EQ(act_out(*workers, "look-around"), "media.empty");
  ::unsetenv("TUTELA_TEST_SECRET");
}

TEST(Workers, AWorkerKilledFromOutsideCostsOnlyItsItem) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start();
  const std::int64_t parent = workers->health().parent_pid;
  auto answer = std::async(std::launch::async, [&] { return act_out(*workers, "loop"); });
  ASSERT_TRUE(eventually([&] { return children_of(parent).size() == 1; }));
  ASSERT_EQ(::kill(children_of(parent).front().pid, SIGKILL), 0);
  EXPECT_EQ(answer.get(), "worker.crashed");
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
  EXPECT_EQ(workers->health().parent_pid, parent);
}

TEST(Workers, ItemsOfAKilledParentAreTriedOnceMore) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start({.time_ms_max = 1500});
  const std::int64_t first = workers->health().parent_pid;
  auto answer = std::async(std::launch::async, [&] { return act_out(*workers, "loop"); });
  ASSERT_TRUE(eventually([&] { return children_of(first).size() == 1; }));
  const pid_t worker = children_of(first).front().pid;
  ASSERT_EQ(::kill(static_cast<pid_t>(first), SIGKILL), 0);
  EXPECT_EQ(scan(*workers, make_picture()), "answered") << "by the next parent";
  EXPECT_EQ(answer.get(), "worker.timeout") << "of the second try";
  EXPECT_TRUE(eventually([&] { return is_gone(worker); }));
  const auto health = workers->health();
  EXPECT_TRUE(health.up);
  EXPECT_EQ(health.restarts, 1U);
  EXPECT_NE(health.parent_pid, first);
}

TEST(Workers, AnItemThatLostTwoParentsStaysOwed) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start();
  auto answer = std::async(std::launch::async, [&] { return act_out(*workers, "loop"); });
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(eventually([&] {
      const std::int64_t parent = workers->health().parent_pid;
      return parent != 0 && children_of(parent).size() == 1;
    }));
    const std::int64_t parent = workers->health().parent_pid;
    ASSERT_EQ(::kill(static_cast<pid_t>(parent), SIGKILL), 0);
    ASSERT_TRUE(eventually([&] { return workers->health().parent_pid != parent; }));
  }
  EXPECT_EQ(answer.get(), "workers.down");
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
  EXPECT_EQ(workers->health().restarts, 2U);
}

TEST(Workers, AParentThatDoesNotAnswerIsReplaced) {
  const auto workers = start({.time_ms_max = 300});
  const std::int64_t stuck = workers->health().parent_pid;
  ASSERT_EQ(::kill(static_cast<pid_t>(stuck), SIGSTOP), 0);
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
  EXPECT_TRUE(is_gone(stuck));
  EXPECT_EQ(workers->health().restarts, 1U);
}

TEST(Workers, NeverRunMoreThanAsManyAsAllowed) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start({.time_ms_max = 200}, 2);
  std::vector<std::thread> callers;
  for (int i = 0; i < 6; ++i) {
    callers.emplace_back([&] { EXPECT_EQ(act_out(*workers, "loop"), "worker.timeout"); });
  }
  std::size_t most = 0;
  while (workers->health().items < 6) {
    most = std::max(most, children_of(workers->health().parent_pid).size());
    EXPECT_LE(workers->health().busy, 2U);
    std::this_thread::sleep_for(milliseconds(5));
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(most, 2U);
  EXPECT_EQ(workers->health().busy, 0U);
}

TEST(Workers, AnswerManyCallersAtOnceEachWithItsOwnItem) {
  const auto workers = start();
  std::atomic<int> right{0};
  std::vector<std::thread> callers;
  for (unsigned caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      const std::string picture = make_picture(caller);
      const auto expected = inspect::inspect(as_bytes(picture), {});
      for (int i = 0; i < 100; ++i) {
        const auto answer = workers->inspect(item_of(picture));
        right += answer && expected && answer->frames == expected->frames ? 1 : 0;
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(right, 400);
  EXPECT_EQ(workers->health().items, 400U);
}

TEST(Workers, LeakNoDescriptorAndLeaveNoZombie) {
  const auto workers = start();
  ASSERT_EQ(scan(*workers, make_picture()), "answered");
  const std::size_t before = count_open_descriptors();
  for (unsigned i = 0; i < 500; ++i) {
    ASSERT_EQ(scan(*workers, make_picture(i)), "answered");
  }
  EXPECT_EQ(count_open_descriptors(), before);
  EXPECT_TRUE(children_of(workers->health().parent_pid).empty());
  for (const Process& child : children_of(::getpid())) {
    EXPECT_NE(child.state, 'Z');
  }
}

TEST(Workers, EndEveryProcessWhenDestroyed) {
  const std::size_t before = count_open_descriptors();
  auto workers = start();
  const std::int64_t parent = workers->health().parent_pid;
  workers.reset();
  EXPECT_TRUE(is_gone(parent));
  EXPECT_TRUE(children_of(::getpid()).empty());
  EXPECT_EQ(count_open_descriptors(), before);
}

TEST(Workers, EndEvenAParentThatIsStuckWhenDestroyed) {
  auto workers = start();
  const std::int64_t parent = workers->health().parent_pid;
  ASSERT_EQ(::kill(static_cast<pid_t>(parent), SIGSTOP), 0);
  workers.reset();
  EXPECT_TRUE(is_gone(parent));
}

TEST(Workers, NoProcessOutlivesAServerThatIsKilled) {
  SKIP_WITHOUT_FAULT_HOOKS();
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Fd read_end(ends[0]);
  const Fd write_end(ends[1]);
  const pid_t server = ::fork();
  if (server == 0) {
    const auto workers = start();
    const std::int64_t parent = workers->health().parent_pid;
    std::thread([&] { act_out(*workers, "loop"); }).detach();
    eventually([&] { return children_of(parent).size() == 1; });
    const std::int64_t told[] = {parent, children_of(parent).front().pid};
    static_cast<void>(::write(write_end.get(), told, sizeof told) == sizeof told);
    ::pause();
  }
  std::int64_t told[2] = {};
  ASSERT_EQ(::read(read_end.get(), told, sizeof told), static_cast<ssize_t>(sizeof told));
  ASSERT_EQ(::kill(server, SIGKILL), 0);
  ASSERT_EQ(::waitpid(server, nullptr, 0), server);
  EXPECT_TRUE(eventually([&] { return is_gone(told[0]) && is_gone(told[1]); }));
}

TEST(Workers, SayWhenTheProgramCannotBeStarted) {
  for (const char* const program : {"/nonexistent/tutela-decode", "/bin/true"}) {
    const auto workers = Workers::start({.program = program, .limits = {}});
    ASSERT_FALSE(workers.has_value());
    EXPECT_EQ(workers.error().code, "workers.no_start");
  }
  EXPECT_TRUE(children_of(::getpid()).empty());
}

TEST(DefaultWorkerProgram, StandsBesideTheRunningProgram) {
  EXPECT_EQ(default_worker_program().filename(), "tutela-decode");
  EXPECT_TRUE(std::filesystem::is_directory(default_worker_program().parent_path()));
}

TEST(TutelaDecode, StartedByHandSaysWhatItIs) {
  for (const char* const arguments : {"", " --help", " --supervised nonsense=1"}) {
    const std::string command = kProgram.string() + arguments + " 2>&1 </dev/null";
    FILE* const output = ::popen(command.c_str(), "r");
    ASSERT_NE(output, nullptr);
    char text[1024] = {};
    const std::size_t size = std::fread(text, 1, sizeof text - 1, output);
    const int status = ::pclose(output);
    EXPECT_EQ(WEXITSTATUS(status), 2);
    EXPECT_NE(std::string_view(text, size).find("tutela-decode"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace tutela::workers
