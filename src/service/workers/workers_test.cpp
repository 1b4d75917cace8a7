// Real processes: every test starts the program tutela-decode.
#include "service/workers/workers.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
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

#include "engine/sandbox/sandbox.hpp"
#include "service/workers/test_support.hpp"

namespace tutela::workers {
namespace {

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
  if (sandbox::kSanitizerBuild && GetParam().fault == std::string_view("open")) {
    GTEST_SKIP() << "a sanitizer's runtime opens files itself; only Landlock refuses them there";
  }
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
    EXPECT_LT(took, std::chrono::seconds(30));
    EXPECT_TRUE(children_of(workers->health().parent_pid).empty());
  }
  EXPECT_EQ(scan(*workers, make_picture()), "answered");
  EXPECT_EQ(workers->health().restarts, 0U);
}

TEST(Workers, AWorkerThatBurnsProcessorTimeIsKilled) {
  SKIP_WITHOUT_FAULT_HOOKS();
  const auto workers = start({.time_ms_max = 60'000, .cpu_seconds_max = 1});
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
