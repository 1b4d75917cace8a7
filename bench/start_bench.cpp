// A start with many signals: `start_bench [--n N] [--folder F]`, one million by default, imports
// random PDQ signals into a list (sorted: an import in random order is slower, a start is not), and
// then opens the pipeline on them: first without a file of the index, then twice with it. Each in a
// process of its own, so that its memory counts alone.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <random>
#include <string>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.hpp"
#include "service/pipeline/pipeline.hpp"

namespace {

using namespace tutela;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void in_a_process(const std::function<void()>& work) {
  const pid_t child = ::fork();
  TUTELA_CHECK(child >= 0);
  if (child == 0) {
    work();
    std::fflush(stdout);
    ::_exit(0);
  }
  int status = 0;
  TUTELA_CHECK(::waitpid(child, &status, 0) == child && status == 0);
}

/// So many lines of hex, in order from `first` of `n`.
std::string signals_text(std::uint64_t first, std::uint64_t count, std::uint64_t n) {
  std::mt19937_64 random(first);
  std::string text;
  text.reserve(count * 65);
  char line[66];
  for (std::uint64_t i = first; i < first + count; ++i) {
    std::uint64_t words[4] = {~std::uint64_t{0} / n * i, random(), random(), random()};
    static_cast<void>(std::snprintf(line,
                                    sizeof(line),
                                    "%016llx%016llx%016llx%016llx\n",
                                    static_cast<unsigned long long>(words[0]),
                                    static_cast<unsigned long long>(words[1]),
                                    static_cast<unsigned long long>(words[2]),
                                    static_cast<unsigned long long>(words[3])));
    text += line;
  }
  return text;
}

void fill(const std::filesystem::path& folder, std::uint64_t n) {
  const auto start = Clock::now();
  std::filesystem::create_directories(folder);
  const SystemClock clock;
  auto database = store::Database::open({.path = folder / "tutela.db"});
  TUTELA_CHECK(database.has_value());
  lists::Lists lists(**database, clock, {});
  const store::Actor actor{"default", "token:bench"};
  lists::NewList spec;
  spec.name = "bench";
  spec.source = "own";
  spec.provenance = "random values";
  spec.classification = "test";
  spec.purpose = lists::Purpose::kTest;
  const auto list = lists.create(actor, spec);
  TUTELA_CHECK(list.has_value());
  lists::ImportReport report;
  for (std::uint64_t first = 0; first < n; first += 1'000'000) {
    const std::string text = signals_text(first, std::min<std::uint64_t>(1'000'000, n - first), n);
    TUTELA_CHECK(lists.import_signals(actor, list->id, text, {}, report).has_value());
  }
  TUTELA_CHECK(
      lists.record_dry_run(actor, list->id, {.list_version = report.version, .sample_size = 1})
          .has_value());
  TUTELA_CHECK(lists.activate(actor, list->id).has_value());
  std::printf("import %14.2f s\n", seconds_since(start));
}

void open(const std::filesystem::path& folder, std::uint64_t n, const char* what) {
  const auto start = Clock::now();
  const SystemClock clock;
  config::Config config;
  config.store.folder = folder;
  config.workers.program = TUTELA_DECODE;
  config.workers.processes_max = 1;
  auto pipeline = pipeline::Pipeline::open(config, clock);
  TUTELA_CHECK(pipeline.has_value());
  const double took = seconds_since(start);
  TUTELA_CHECK((*pipeline)->readiness().signals == n);

  struct rusage used {};

  ::getrusage(RUSAGE_SELF, &used);
  std::printf("%-10s %10.3f s, at most %ld MiB\n", what, took, used.ru_maxrss / 1024);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t n = 1'000'000;
  std::filesystem::path folder = std::filesystem::temp_directory_path();
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--n") == 0) {
      n = std::strtoull(argv[i + 1], nullptr, 10);
    } else if (std::strcmp(argv[i], "--folder") == 0) {
      folder = argv[i + 1];
    }
  }
  if (n == 0 || argc % 2 == 0) {
    std::fprintf(stderr, "usage: start_bench [--n SIGNALS] [--folder FOLDER]\n");
    return 2;
  }
  folder /= "start_bench-" + std::to_string(::getpid());
  std::printf("start: %llu signals in %s\n", static_cast<unsigned long long>(n), folder.c_str());
  std::fflush(stdout);
  in_a_process([&] { fill(folder, n); });
  in_a_process([&] { open(folder, n, "first"); });
  in_a_process([&] { open(folder, n, "second"); });
  in_a_process([&] { open(folder, n, "third"); });
  std::filesystem::remove_all(folder);
  return 0;
}
