// Sealing into and reading from a vault on a folder of blobs, against bare secretstream of the same
// bytes in the same run. Rounds alternate, so that a busy machine slows both; processor time tells
// what two free cores would do.
//
//   vault_bench [FOLDER]           256 MiB, five rounds
//   vault_bench --heavy [FOLDER]   one object of 2 GiB, and the peak of memory
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sodium.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "custody/blobs/folder_blobs.hpp"
#include "custody/vault/vault.hpp"

namespace {

using tutela::Bytes;
using tutela::ByteView;
namespace vault = tutela::vault;

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::size_t kOverhead = crypto_secretstream_xchacha20poly1305_ABYTES;

const unsigned char* raw(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// A store that keeps nothing and costs nothing, to see what the vault itself costs.
class NoBlobs final : public tutela::blobs::Blobs {
 public:
  tutela::Result<std::unique_ptr<tutela::blobs::Writer>> create(
      std::string_view, std::optional<tutela::UtcMs>) override {
    return std::unique_ptr<tutela::blobs::Writer>(std::make_unique<NoWriter>());
  }

  tutela::Result<std::unique_ptr<tutela::blobs::Reader>> open(std::string_view) override {
    return missing();
  }

  tutela::Status replace(std::string_view, ByteView) override { return tutela::ok(); }

  tutela::Result<Bytes> get(std::string_view, std::uint64_t) override { return missing(); }

  tutela::Status remove(std::string_view) override { return tutela::ok(); }

  tutela::Status list(std::string_view,
                      const std::function<tutela::Status(std::string_view)>&) override {
    return tutela::ok();
  }

  tutela::Result<tutela::blobs::Scrub> scrub(
      std::string_view,
      const std::function<bool()>&,
      const std::function<void(const tutela::blobs::Scrub&)>&) override {
    return tutela::blobs::Scrub();
  }

 private:
  struct NoWriter final : tutela::blobs::Writer {
    tutela::Status append(ByteView) override { return tutela::ok(); }

    tutela::Status finish() override { return tutela::ok(); }
  };

  static tutela::Error missing() {
    return {tutela::ErrorKind::kNotFound, "blob.missing", "nothing is kept"};
  }
};

struct World {
  World(const std::filesystem::path& folder, std::unique_ptr<tutela::blobs::Blobs> store)
      : blobs(std::move(store)) {
    std::filesystem::create_directories(folder);
    database = *tutela::store::Database::open({.path = folder / "tutela.db"});
    opened = *vault::Vault::open({{folder / "epochs"}, 30},
                                 vault::make_file_key(tutela::crypto::Key::random()),
                                 *database,
                                 *blobs,
                                 clock);
  }

  tutela::Uuid seal(ByteView block,
                    std::size_t blocks,
                    const std::optional<tutela::crypto::Digests>& known) {
    auto writer = opened->seal(actor, {{}, "bench", "video/mp4", known});
    TUTELA_CHECK(writer);
    for (std::size_t i = 0; i < blocks; ++i) {
      TUTELA_CHECK(writer->append(block));
    }
    const auto evidence = writer->finish();
    TUTELA_CHECK(evidence);
    return evidence->id;
  }

  void read(const tutela::Uuid& id, std::uint64_t size) {
    const auto entry = tutela::audit::record(
        *database,
        actor,
        clock.now_ms(),
        {"evidence.open", "evidence:" + tutela::to_string(id), "review", "ok"});
    auto reader = opened->read(id, *entry);
    TUTELA_CHECK(reader);
    Bytes buffer(kBlock);
    std::uint64_t done = 0;
    for (std::size_t got = 1; got > 0; done += got) {
      const auto answer = reader->read(buffer);
      TUTELA_CHECK(answer);
      got = *answer;
    }
    TUTELA_CHECK(done == size);
  }

  tutela::SystemClock clock;
  tutela::store::Actor actor{"default", "cli:bench", "operator"};
  std::unique_ptr<tutela::store::Database> database;
  std::unique_ptr<tutela::blobs::Blobs> blobs;
  std::unique_ptr<vault::Vault> opened;
};

// Bare: the cipher, chunk by chunk; what it gives goes to `file` or to `kept`, or nowhere.
void bare_seal(ByteView block,
               std::size_t blocks,
               std::vector<unsigned char>* kept,
               const std::filesystem::path& file = {}) {
  const tutela::Fd fd(file.empty() ? -1 : ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600));
  crypto_secretstream_xchacha20poly1305_state state;
  unsigned char header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
  const std::vector<unsigned char> key(crypto_secretstream_xchacha20poly1305_KEYBYTES, 7);
  std::vector<unsigned char> out(kChunk + kOverhead);
  crypto_secretstream_xchacha20poly1305_init_push(&state, header, key.data());
  if (kept != nullptr) {
    kept->assign(header, header + sizeof header);
  }
  for (std::size_t i = 0; i < blocks * (kBlock / kChunk); ++i) {
    const ByteView chunk = block.subspan(i % (kBlock / kChunk) * kChunk, kChunk);
    crypto_secretstream_xchacha20poly1305_push(
        &state, out.data(), nullptr, raw(chunk), chunk.size(), nullptr, 0, 0);
    if (kept != nullptr) {
      kept->insert(kept->end(), out.begin(), out.end());
    }
    TUTELA_CHECK(!fd.valid() || tutela::write_all(fd.get(), std::as_bytes(std::span(out))));
  }
  TUTELA_CHECK(!fd.valid() || ::fsync(fd.get()) == 0);
}

void bare_open(const std::vector<unsigned char>& sealed) {
  crypto_secretstream_xchacha20poly1305_state state;
  const std::vector<unsigned char> key(crypto_secretstream_xchacha20poly1305_KEYBYTES, 7);
  std::vector<unsigned char> out(kChunk);
  std::size_t at = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
  TUTELA_CHECK(crypto_secretstream_xchacha20poly1305_init_pull(&state, sealed.data(), key.data()) ==
               0);
  for (; at < sealed.size(); at += kChunk + kOverhead) {
    unsigned char tag = 0;
    TUTELA_CHECK(crypto_secretstream_xchacha20poly1305_pull(&state,
                                                            out.data(),
                                                            nullptr,
                                                            &tag,
                                                            sealed.data() + at,
                                                            kChunk + kOverhead,
                                                            nullptr,
                                                            0) == 0);
  }
}

double cpu_seconds(clockid_t clock) {
  struct timespec now {};

  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Of the wall, of the processor by the calling thread, and by all threads of this process.
struct Took {
  double wall = 0;
  double caller = 0;
  double all = 0;
};

Took measure(const std::function<void()>& function) {
  const auto start = std::chrono::steady_clock::now();
  const double caller = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
  const double all = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
  function();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - caller,
          cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - all};
}

double median(const std::vector<Took>& rounds, double Took::*of) {
  std::vector<double> values;
  for (const Took& took : rounds) {
    values.push_back(took.*of);
  }
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void compare(World& world, World& unstored, ByteView block, const std::filesystem::path& file) {
  constexpr std::size_t kBlocks = 256;
  const double mb = static_cast<double>(kBlocks * kBlock) / 1e6;
  tutela::crypto::Digester digester;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    digester.update(block);
  }
  const tutela::crypto::Digests known = digester.finish();
  std::vector<unsigned char> sealed;
  bare_seal(block, kBlocks, &sealed);
  std::vector<Took> seal_bare, seal_file, seal_unstored, seal_known, seal_all, open_bare,
      open_vault;
  for (int round = 0; round < 5; ++round) {
    tutela::Uuid id;
    seal_bare.push_back(measure([&] { bare_seal(block, kBlocks, nullptr); }));
    seal_file.push_back(measure([&] { bare_seal(block, kBlocks, nullptr, file); }));
    seal_unstored.push_back(measure([&] { unstored.seal(block, kBlocks, known); }));
    seal_known.push_back(measure([&] { id = world.seal(block, kBlocks, known); }));
    seal_all.push_back(measure([&] { world.seal(block, kBlocks, std::nullopt); }));
    open_bare.push_back(measure([&] { bare_open(sealed); }));
    open_vault.push_back(measure([&] { world.read(id, kBlocks * kBlock); }));
  }
  const auto line =
      [&](const char* what, const std::vector<Took>& took, const std::vector<Took>& bare) {
        const double wall = median(took, &Took::wall);
        const double caller = median(took, &Took::caller);
        const double helper = median(took, &Took::all) - caller;
        const double cpu = median(bare, &Took::caller);
        std::printf("%-42s %6.0f MB/s  %.2f | %.2f of the cipher's processor time, helper %.2f\n",
                    what,
                    mb / wall,
                    median(bare, &Took::wall) / wall,
                    caller / cpu,
                    helper / cpu);
      };
  line("seal: bare secretstream", seal_bare, seal_bare);
  line("seal: bare secretstream to a file", seal_file, seal_bare);
  line("seal: vault, digests known, nothing stored", seal_unstored, seal_bare);
  line("seal: vault, digests known", seal_known, seal_bare);
  line("seal: vault, three digests computed", seal_all, seal_bare);
  line("open: bare secretstream", open_bare, open_bare);
  line("open: vault, digest compared", open_vault, open_bare);
}

void heavy(World& world, ByteView block) {
  constexpr std::size_t kBlocks = 2048;
  const double mb = static_cast<double>(kBlocks * kBlock) / 1e6;
  const auto peak_mib = [] {
    struct rusage usage {};

    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
  };
  const double before = peak_mib();
  tutela::Uuid id;
  const Took sealing = measure([&] { id = world.seal(block, kBlocks, std::nullopt); });
  const Took reading = measure([&] { world.read(id, kBlocks * kBlock); });
  std::printf(
      "heavy: %.0f MB sealed at %.0f MB/s, read at %.0f MB/s; peak of memory %.1f MiB, "
      "%.1f MiB before\n",
      mb,
      mb / sealing.wall,
      mb / reading.wall,
      peak_mib(),
      before);
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_heavy = argc > 1 && std::string_view(argv[1]) == "--heavy";
  const int at = is_heavy ? 2 : 1;
  const std::filesystem::path parent =
      argc > at ? std::filesystem::path(argv[at]) : std::filesystem::temp_directory_path();
  const std::filesystem::path folder =
      parent / ("tutela-bench-" + tutela::to_string(tutela::new_uuid(1)));
  std::filesystem::create_directory(folder);
  {
    World world(folder / "stored", *tutela::blobs::open_folder(folder / "blobs"));
    World unstored(folder / "unstored", std::make_unique<NoBlobs>());
    Bytes block(kBlock);
    tutela::crypto::random_bytes(block);
    if (is_heavy) {
      heavy(world, block);
    } else {
      compare(world, unstored, block, folder / "bare");
    }
  }
  std::filesystem::remove_all(folder);
  return 0;
}
