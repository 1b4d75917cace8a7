#include "custody/blobs/whole.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "custody/blobs/format.hpp"

namespace tutela::blobs {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;
constexpr std::chrono::milliseconds kNap{100};

class Pass {
 public:
  Pass(Blobs& blobs, std::uint64_t bytes_per_second, const std::function<bool()>& stop_requested)
      : blobs_(blobs), bytes_per_second_(bytes_per_second), stop_requested_(stop_requested) {}

  Status one(std::string_view name, Scrub& scrub) {
    const Status status = read(name);
    if (stopped_ || (!status && status.error().kind == ErrorKind::kNotFound)) {
      return ok();
    }
    if (!status && status.error().kind != ErrorKind::kCorrupted) {
      return status;
    }
    ++scrub.blobs;
    scrub.size_bytes = size_;
    if (!status) {
      scrub.corrupt.emplace_back(name);
    }
    return ok();
  }

  [[nodiscard]] bool stopped() {
    stopped_ = stopped_ || (stop_requested_ && stop_requested_());
    return stopped_;
  }

 private:
  Status read(std::string_view name) {
    TUTELA_TRY_ASSIGN(const std::unique_ptr<Reader> reader, blobs_.open(name));
    while (!stopped()) {
      TUTELA_TRY_ASSIGN(const std::size_t count, reader->read(block_));
      if (count == 0) {
        return ok();
      }
      size_ += count;
      wait();
    }
    return ok();
  }

  // Sleeps until the bytes read so far are due, in naps, so that a stop is heard.
  void wait() {
    while (bytes_per_second_ != 0 && !stopped()) {
      const std::chrono::duration<double> due(static_cast<double>(size_) /
                                              static_cast<double>(bytes_per_second_));
      const std::chrono::duration<double> left = due - (std::chrono::steady_clock::now() - begun_);
      if (left.count() <= 0) {
        return;
      }
      std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(left, kNap));
    }
  }

  Blobs& blobs_;
  const std::uint64_t bytes_per_second_;
  const std::function<bool()>& stop_requested_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  Bytes block_ = Bytes(kBlock);
  std::uint64_t size_ = 0;
  bool stopped_ = false;
};

}  // namespace

Result<Bytes> read_whole(Reader& reader, std::uint64_t size_bytes_max) {
  if (reader.size_bytes() > size_bytes_max) {
    return too_large();
  }
  Bytes bytes(static_cast<std::size_t>(reader.size_bytes()));
  std::size_t filled = 0;
  while (true) {
    std::byte beyond{};
    const std::span<std::byte> room = std::span(bytes).subspan(filled);
    TUTELA_TRY_ASSIGN(const std::size_t count,
                      reader.read(room.empty() ? std::span(&beyond, 1) : room));
    if (count == 0) {
      return filled == bytes.size() ? Result<Bytes>(std::move(bytes)) : Result<Bytes>(corrupt());
    }
    if (room.empty()) {
      return corrupt();
    }
    filled += count;
  }
}

Result<Scrub> scrub_blobs(Blobs& blobs,
                          std::string_view prefix,
                          std::uint64_t bytes_per_second,
                          const std::function<bool()>& stop_requested,
                          const std::function<void(const Scrub&)>& on_progress) {
  Scrub scrub;
  Pass pass(blobs, bytes_per_second, stop_requested);
  const Error stop{ErrorKind::kUnavailable, "blob.scrub_stopped", "the scrub was told to stop"};
  const Status status = blobs.list(prefix, [&](std::string_view name) -> Status {
    if (!pass.stopped()) {
      TUTELA_TRY(pass.one(name, scrub));
    }
    if (pass.stopped()) {
      return stop;
    }
    if (on_progress) {
      on_progress(scrub);
    }
    return ok();
  });
  if (!status && status.error().code != stop.code) {
    return status.error();
  }
  return scrub;
}

}  // namespace tutela::blobs
