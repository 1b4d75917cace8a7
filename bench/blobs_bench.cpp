// Blobs in a folder against plain files: written and synced, then read whole.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/uuid.hpp"
#include "custody/blobs/folder_blobs.hpp"

namespace {

using tutela::Bytes;
using tutela::ByteView;

constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr int kRounds = 7;

template <class Function>
double best_seconds(const Function& function) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    function(round);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
  }
  return best;
}

void write_plain(const std::filesystem::path& folder, int round, const Bytes& bytes) {
  const std::string path = folder / ("plain-" + std::to_string(round));
  const tutela::Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  for (std::size_t at = 0; at < bytes.size(); at += kChunk) {
    const std::size_t size = std::min(kChunk, bytes.size() - at);
    TUTELA_CHECK(tutela::write_all(fd.get(), ByteView(bytes).subspan(at, size)).has_value());
  }
  TUTELA_CHECK(::fsync(fd.get()) == 0 && tutela::sync_folder(folder).has_value());
}

void read_plain(const std::filesystem::path& folder, int round, Bytes& block) {
  const std::string path = folder / ("plain-" + std::to_string(round));
  const tutela::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  while (::read(fd.get(), block.data(), block.size()) > 0) {
  }
}

void write_blob(tutela::blobs::Blobs& blobs, int round, const Bytes& bytes) {
  const auto writer = *blobs.create("blob-" + std::to_string(round));
  for (std::size_t at = 0; at < bytes.size(); at += kChunk) {
    const std::size_t size = std::min(kChunk, bytes.size() - at);
    TUTELA_CHECK(writer->append(ByteView(bytes).subspan(at, size)).has_value());
  }
  TUTELA_CHECK(writer->finish().has_value());
}

void read_blob(tutela::blobs::Blobs& blobs, int round, Bytes& block) {
  const auto reader = *blobs.open("blob-" + std::to_string(round));
  while (*reader->read(block) > 0) {
  }
}

void compare(const std::filesystem::path& folder, std::size_t size) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto blobs = *tutela::blobs::open_folder(folder / "blobs", {});
  const Bytes bytes(size, std::byte{7});
  Bytes block(kChunk);
  const double megabytes = static_cast<double>(size) / 1e6;
  const double plain_write = best_seconds([&](int round) { write_plain(folder, round, bytes); });
  const double blob_write = best_seconds([&](int round) { write_blob(*blobs, round, bytes); });
  const double plain_read = best_seconds([&](int round) { read_plain(folder, round, block); });
  const double blob_read = best_seconds([&](int round) { read_blob(*blobs, round, block); });
  std::printf(
      "blobs of %.1f MB: write %.0f MB/s, plain synced file %.0f MB/s, ratio %.2f; "
      "read %.0f MB/s, plain file %.0f MB/s, ratio %.2f\n",
      megabytes,
      megabytes / blob_write,
      megabytes / plain_write,
      plain_write / blob_write,
      megabytes / blob_read,
      megabytes / plain_read,
      plain_read / blob_read);
  std::filesystem::remove_all(folder);
}

}  // namespace

int main() {
  const auto folder =
      std::filesystem::temp_directory_path() /
      ("blobs-bench-" + to_string(tutela::new_uuid(tutela::SystemClock().now_ms())));
  compare(folder, std::size_t{64} << 20);
  compare(folder, std::size_t{1} << 20);
  return 0;
}
