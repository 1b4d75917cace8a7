// Sealing into and reading from a vault on a folder of blobs, against bare secretstream of the same
// bytes in the same run. Rounds alternate, so that a busy machine slows both.
//
//   vault_bench [FOLDER]           256 MiB, five rounds
//   vault_bench --heavy [FOLDER]   one object of 2 GiB, and the peak of memory
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sodium.h>
#include <sys/resource.h>

#include "base/check.hpp"
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

struct World {
  explicit World(const std::filesystem::path& folder) {
    database = *tutela::store::Database::open({.path = folder / "tutela.db"});
    blobs = *tutela::blobs::open_folder(folder / "blobs");
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

// Bare: the cipher alone, chunk by chunk, nothing stored.
void bare_seal(ByteView block, std::size_t blocks, std::vector<unsigned char>* kept) {
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
  }
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

double seconds(const std::function<void()>& function) {
  const auto start = std::chrono::steady_clock::now();
  function();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void compare(World& world, ByteView block, std::size_t blocks) {
  const double mb = static_cast<double>(blocks * kBlock) / 1e6;
  tutela::crypto::Digester digester;
  for (std::size_t i = 0; i < blocks; ++i) {
    digester.update(block);
  }
  const tutela::crypto::Digests known = digester.finish();
  std::vector<unsigned char> sealed;
  bare_seal(block, blocks, &sealed);
  std::vector<double> seal_bare, seal_known, seal_all, open_bare, open_vault;
  for (int round = 0; round < 5; ++round) {
    tutela::Uuid id;
    seal_bare.push_back(seconds([&] { bare_seal(block, blocks, nullptr); }));
    seal_known.push_back(seconds([&] { id = world.seal(block, blocks, known); }));
    seal_all.push_back(seconds([&] { world.seal(block, blocks, std::nullopt); }));
    open_bare.push_back(seconds([&] { bare_open(sealed); }));
    open_vault.push_back(seconds([&] { world.read(id, blocks * kBlock); }));
  }
  const auto line = [&](const char* what, const std::vector<double>& took, double bare) {
    std::printf("%-46s %7.0f MB/s  %.2f\n", what, mb / median(took), bare / median(took));
  };
  line("seal: bare secretstream", seal_bare, median(seal_bare));
  line("seal: vault, digests known from the ledger", seal_known, median(seal_bare));
  line("seal: vault, all three digests computed", seal_all, median(seal_bare));
  line("open: bare secretstream", open_bare, median(open_bare));
  line("open: vault, digest compared", open_vault, median(open_bare));
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
  const double sealing = seconds([&] { id = world.seal(block, kBlocks, std::nullopt); });
  const double reading = seconds([&] { world.read(id, kBlocks * kBlock); });
  std::printf(
      "heavy: %.0f MB sealed at %.0f MB/s, read at %.0f MB/s; peak of memory %.1f MiB, "
      "%.1f MiB before\n",
      mb,
      mb / sealing,
      mb / reading,
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
    World world(folder);
    Bytes block(kBlock);
    tutela::crypto::random_bytes(block);
    if (is_heavy) {
      heavy(world, block);
    } else {
      compare(world, block, 256);
    }
  }
  std::filesystem::remove_all(folder);
  return 0;
}
