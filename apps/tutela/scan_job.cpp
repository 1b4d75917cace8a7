#include "scan_job.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "crypto/digest.hpp"
#include "file_hash.hpp"
#include "interrupt.hpp"

namespace tutela::cli {
namespace {

constexpr std::size_t kChunkBytes = 256U << 10;
constexpr auto kTick = std::chrono::milliseconds(100);

bool looks_like_media(int fd) {
  std::array<std::byte, 64> head{};
  const ssize_t got = ::pread(fd, head.data(), head.size(), 0);
  // A file that cannot be read is not ignored: reading it whole will tell the error.
  return got < 0 || media::sniff(ByteView(head).first(static_cast<std::size_t>(got))) !=
                        media::MediaType::kUnknown;
}

}  // namespace

bool is_unscannable(const Error& error) noexcept {
  return error.code == "media.too_large" || error.code == "media.empty";
}

bool is_unsupported(std::string_view reason) noexcept {
  return reason == "media.unsupported_type" || reason == "media.empty";
}

ScanJob::ScanJob(pipeline::Pipeline& pipeline, store::Actor actor, ScanOptions options)
    : pipeline_(pipeline),
      actor_(std::move(actor)),
      options_(std::move(options)),
      walk_(options_.paths, options_.data_folder) {}

Status ScanJob::run(const std::function<void(const ScannedFile&)>& on_file,
                    const std::function<void(std::uint64_t done)>& on_tick) {
  TUTELA_TRY(pipeline_.refresh_generation());
  TUTELA_TRY_ASSIGN(const std::int64_t lists_position, pipeline_.lists().position_of_judges());
  basis_ = fmt::format("{}\n{}\n{}\n{}\n",
                       TUTELA_VERSION,
                       lists_position,
                       pipeline_.readiness().policy_version,
                       options_.source + "\n" + options_.account.value_or(""));
  const unsigned count = options_.threads != 0
                             ? options_.threads
                             : std::max(1U, std::thread::hardware_concurrency()) + 4;
  {
    const MutexLock lock(mutex_);
    running_ = count;
  }
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([this, &on_file] { work(on_file); });
  }
  const MutexLock lock(mutex_);
  while (running_ != 0) {
    finished_.wait_for(mutex_, kTick);
    on_tick(done_);
  }
  return ok();
}

void ScanJob::work(const std::function<void(const ScannedFile&)>& on_file) {
  for (;;) {
    std::optional<std::filesystem::path> path;
    {
      const MutexLock lock(mutex_);
      path = stop_requested() ? std::nullopt : walk_.next();
    }
    if (!path) {
      break;
    }
    const ScannedFile file = scan_file(*path);
    const MutexLock lock(mutex_);
    ++done_;
    on_file(file);
  }
  const MutexLock lock(mutex_);
  --running_;
  finished_.notify_all();
}

ScannedFile ScanJob::scan_file(const std::filesystem::path& path) {
  ScannedFile file{.path = path, .content = {}, .error = {}};
  const auto fail_with = [&file](Error error) {
    file.error = std::move(error);
    return file;
  };
  auto fd = open_regular(path, Links::kRefuse);
  if (!fd) {
    return fail_with(std::move(fd).error());
  }
  if (options_.ignore_unsupported && !looks_like_media(fd->get())) {
    file.ignored = true;
    return file;
  }
  auto key = key_of(path, fd->get());
  if (!key) {
    return fail_with(std::move(key).error());
  }
  if (!options_.again) {
    auto earlier = pipeline_.ledger().by_external_id(actor_, *key);
    if (earlier && earlier->outcome.verdict != policy::Verdict::kOwed) {
      file.content = *std::move(earlier);
      file.resumed = true;
      return file;
    }
    if (!earlier && earlier.error().kind != ErrorKind::kNotFound) {
      return fail_with(std::move(earlier).error());
    }
  }
  auto content = submit(fd->get(), *key, !options_.again);
  if (!content && content.error().code == "idempotency.mismatch") {
    // Other bytes under the same state of the file: the earlier verdict is not theirs.
    content = submit(fd->get(), *key, false);
  }
  if (!content) {
    return fail_with(std::move(content).error());
  }
  file.content = *std::move(content);
  return file;
}

Result<std::string> ScanJob::key_of(const std::filesystem::path& path, int fd) const {
  struct stat status {};

  if (::fstat(fd, &status) != 0) {
    return system_error("file.unreadable", "look at the file");
  }
  std::error_code error;
  const std::filesystem::path canonical = std::filesystem::canonical(path, error);
  const std::string state = fmt::format("{}{}\n{} {} {}.{} {}.{}",
                                        basis_,
                                        error ? path.native() : canonical.native(),
                                        status.st_ino,
                                        status.st_size,
                                        status.st_mtim.tv_sec,
                                        status.st_mtim.tv_nsec,
                                        status.st_ctim.tv_sec,
                                        status.st_ctim.tv_nsec);
  return "file:" + to_hex(crypto::sha256_of(as_bytes(state)));
}

Result<ledger::Content> ScanJob::submit(int fd, const std::string& key, bool idempotent) {
  pipeline::Origin origin{.actor = actor_,
                          .door = "cli",
                          .source = options_.source,
                          .external_id = key,
                          .idempotency_key = {},
                          .account = options_.account};
  if (idempotent) {
    origin.idempotency_key = key;
  }
  TUTELA_TRY_ASSIGN(pipeline::Intake intake, pipeline_.receive(origin));
  Bytes chunk(kChunkBytes);
  off_t offset = 0;
  for (;;) {
    const ssize_t got = ::pread(fd, chunk.data(), chunk.size(), offset);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error("file.unreadable", "read the file");
    }
    if (got == 0) {
      break;
    }
    TUTELA_TRY(intake.append(ByteView(chunk.data(), static_cast<std::size_t>(got))));
    offset += got;
  }
  TUTELA_TRY(intake.finish());
  return pipeline_.scan(std::move(intake));
}

}  // namespace tutela::cli
