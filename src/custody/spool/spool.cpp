#include "custody/spool/spool.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/file.hpp"
#include "base/mutex.hpp"
#include "crypto/seal.hpp"

namespace tutela::spool {
namespace {

constexpr std::string_view kTemporary = ".tmp-";
constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::chrono::seconds kRecountInterval{1};

Error full() {
  return Error{ErrorKind::kLimitExceeded,
               "spool.full",
               "the spool is full; wait until owed items are scanned, or raise its limit or the "
               "size of its disk"};
}

Status or_full(Status status) {
  return !status && status.error().kind == ErrorKind::kLimitExceeded ? Status(full())
                                                                     : std::move(status);
}

struct Temporary {
  Fd fd;
  std::filesystem::path path;
};

// A temporary file is locked while its process lives. One that is found unlocked is removed, so a
// new one is ours only if it still has a name once it is locked.
Result<Temporary> make_temporary(const std::filesystem::path& folder, const Uuid& id) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    Temporary made;
    made.path = folder / (to_string(id) + std::string(kTemporary) +
                          to_string(new_uuid(SystemClock().now_ms())));
    made.fd = Fd(::open(made.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));

    struct stat info {};

    if (!made.fd.valid() || ::flock(made.fd.get(), LOCK_EX) != 0 ||
        ::fstat(made.fd.get(), &info) != 0) {
      Error error = system_error("file.write_failed", "create a file in the spool");
      if (made.fd.valid()) {
        ::unlink(made.path.c_str());
      }
      return error.kind == ErrorKind::kLimitExceeded ? full() : error;
    }
    if (info.st_nlink != 0) {
      return made;
    }
  }
  return Error{ErrorKind::kUnavailable,
               "file.write_failed",
               "another process keeps removing the spool's new files"};
}

void remove_if_dead(const std::filesystem::path& temporary) {
  const Fd fd(::open(temporary.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
    ::unlink(temporary.c_str());
  }
}

std::optional<std::uint64_t> size_of(const std::filesystem::path& path) {
  struct stat info {};

  if (::stat(path.c_str(), &info) != 0) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(info.st_size);
}

// Calls `function(path, name)` for every entry.
template <class Function>
Status for_each_file(const std::filesystem::path& folder, const Function& function) {
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    function(entries->path(), entries->path().filename().string());
  }
  if (error) {
    return Error{ErrorKind::kUnavailable,
                 "file.unreadable",
                 "cannot list the spool folder: " + error.message()};
  }
  return ok();
}

Result<std::uint64_t> count_finished(const std::filesystem::path& folder) {
  std::uint64_t total = 0;
  TUTELA_TRY(for_each_file(folder, [&](const auto& path, const std::string& name) {
    if (parse_uuid(name)) {
      total += size_of(path).value_or(0);
    }
  }));
  return total;
}

}  // namespace

struct Spool::State {
  State(SpoolOptions spool_options, crypto::Key wrapping_key, std::uint64_t finished_size)
      : options(std::move(spool_options)), key(std::move(wrapping_key)), finished(finished_size) {}

  std::filesystem::path path_of(const Uuid& id) const { return options.folder / to_string(id); }

  bool fits(std::uint64_t size) const TUTELA_REQUIRES(mutex) {
    const std::uint64_t used = finished + reserved;
    return used <= options.size_bytes_max && size <= options.size_bytes_max - used;
  }

  Status reserve(std::uint64_t size) {
    const MutexLock lock(mutex);
    const auto now = std::chrono::steady_clock::now();
    if (!fits(size) && now >= next_recount) {
      next_recount = now + kRecountInterval;
      TUTELA_TRY_ASSIGN(finished, count_finished(options.folder));
    }
    if (!fits(size)) {
      return full();
    }
    reserved += size;
    return ok();
  }

  void release(std::uint64_t size) {
    const MutexLock lock(mutex);
    reserved -= size;
  }

  // Under the lock, so that a recount sees a file either as reserved or as finished.
  Status rename_into_place(const std::filesystem::path& from,
                           const std::filesystem::path& to,
                           std::uint64_t size) {
    const MutexLock lock(mutex);
    const std::uint64_t replaced = size_of(to).value_or(0);
    if (::rename(from.c_str(), to.c_str()) != 0) {
      return system_error("file.write_failed", "rename a file in the spool");
    }
    reserved -= size;
    finished += size;
    finished -= std::min(finished, replaced);
    return ok();
  }

  Status unlink_finished(const std::filesystem::path& path) {
    const MutexLock lock(mutex);
    const std::uint64_t size = size_of(path).value_or(0);
    if (::unlink(path.c_str()) == 0) {
      finished -= std::min(finished, size);
    } else if (errno != ENOENT) {
      return system_error("file.remove_failed", "remove a file from the spool");
    }
    return ok();
  }

  const SpoolOptions options;
  const crypto::Key key;
  Mutex mutex;
  std::uint64_t finished TUTELA_GUARDED_BY(mutex);
  std::uint64_t reserved TUTELA_GUARDED_BY(mutex) = 0;
  std::chrono::steady_clock::time_point next_recount TUTELA_GUARDED_BY(mutex);
};

struct Spool::Writer::State {
  State(Spool::State& owner, const Uuid& id, Temporary made)
      : spool(owner), sealer(owner.key), target(owner.path_of(id)), temporary(std::move(made)) {}

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (!renamed) {
      ::unlink(temporary.path.c_str());
      spool.release(reserved);
    }
  }

  Status write_sealed() {
    TUTELA_TRY(or_full(write_all(temporary.fd.get(), sealed)));
    sealed.clear();
    return ok();
  }

  Status append(ByteView plain) {
    const std::uint64_t needed = crypto::sealed_size_bytes(plain_size + plain.size()) - reserved;
    TUTELA_TRY(spool.reserve(needed));
    reserved += needed;
    plain_size += plain.size();
    while (!plain.empty()) {
      const ByteView block = plain.first(std::min(plain.size(), kBlock));
      plain = plain.subspan(block.size());
      sealer.update(block, sealed);
      TUTELA_TRY(write_sealed());
    }
    return ok();
  }

  Status finish() {
    sealer.finish(sealed);
    TUTELA_TRY(write_sealed());
    TUTELA_FAULT_POINT("spool.before_sync");
    if (::fsync(temporary.fd.get()) != 0) {
      return or_full(system_error("file.sync_failed", "fsync a file of the spool"));
    }
    TUTELA_FAULT_POINT("spool.after_sync");
    TUTELA_TRY(spool.rename_into_place(temporary.path, target, reserved));
    renamed = true;
    const Status durable = make_name_durable();
    if (!durable) {
      TUTELA_TRY(spool.unlink_finished(target));
    }
    return durable;
  }

  Status make_name_durable() {
    TUTELA_FAULT_POINT("spool.after_rename");
    return sync_folder(spool.options.folder);
  }

  Spool::State& spool;
  crypto::Sealer sealer;
  const std::filesystem::path target;
  const Temporary temporary;
  Bytes sealed;
  std::uint64_t plain_size = 0;
  std::uint64_t reserved = 0;
  bool renamed = false;
};

Spool::Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Spool::Writer::Writer(Writer&&) noexcept = default;
Spool::Writer& Spool::Writer::operator=(Writer&&) noexcept = default;
Spool::Writer::~Writer() = default;

namespace {

Error ended() {
  return Error{ErrorKind::kInternal, "spool.ended", "the writer has finished or failed before"};
}

}  // namespace

Status Spool::Writer::append(ByteView plain) {
  if (state_ == nullptr) {
    return ended();
  }
  Status status = state_->append(plain);
  if (!status) {
    state_.reset();
  }
  return status;
}

Status Spool::Writer::finish() {
  if (state_ == nullptr) {
    return ended();
  }
  Status status = state_->finish();
  state_.reset();
  return status;
}

Spool::Spool(std::unique_ptr<State> state) : state_(std::move(state)) {}

Spool::~Spool() = default;

Result<std::unique_ptr<Spool>> Spool::open(SpoolOptions options, crypto::Key key) {
  options.folder = std::filesystem::absolute(options.folder);
  if (::mkdir(options.folder.c_str(), 0700) == 0) {
    TUTELA_TRY(sync_folder(options.folder.parent_path()));
  } else if (errno != EEXIST) {
    return system_error("file.write_failed", "make the spool folder");
  }
  TUTELA_TRY(for_each_file(options.folder, [](const auto& path, const std::string& name) {
    if (name.find(kTemporary) != std::string::npos) {
      remove_if_dead(path);
    }
  }));
  TUTELA_TRY_ASSIGN(const std::uint64_t finished, count_finished(options.folder));
  return std::unique_ptr<Spool>(
      new Spool(std::make_unique<State>(std::move(options), std::move(key), finished)));
}

Result<Spool::Writer> Spool::create(const Uuid& id) {
  TUTELA_TRY_ASSIGN(Temporary temporary, make_temporary(state_->options.folder, id));
  Writer writer(std::make_unique<Writer::State>(*state_, id, std::move(temporary)));
  TUTELA_TRY(writer.append({}));  // reserves the room of an empty item
  return writer;
}

Result<Bytes> Spool::read(const Uuid& id, std::uint64_t size_bytes_max) const {
  Result<Bytes> sealed = read_file(state_->path_of(id), crypto::sealed_size_bytes(size_bytes_max));
  if (sealed) {
    return crypto::open_sealed(state_->key, *sealed, size_bytes_max);
  }
  if (sealed.error().kind == ErrorKind::kNotFound) {
    return Error{ErrorKind::kNotFound, "spool.missing", "the spool does not hold this item"};
  }
  if (sealed.error().code == "file.too_large") {
    return Error{
        ErrorKind::kLimitExceeded,
        "seal.too_large",
        "the item is larger than the limit of " + std::to_string(size_bytes_max) + " bytes"};
  }
  return sealed;
}

Status Spool::remove(const Uuid& id) {
  return state_->unlink_finished(state_->path_of(id));
}

bool Spool::contains(const Uuid& id) const {
  return ::access(state_->path_of(id).c_str(), F_OK) == 0;
}

Result<std::vector<Uuid>> Spool::list() const {
  std::vector<Uuid> ids;
  TUTELA_TRY(for_each_file(state_->options.folder, [&](const auto&, const std::string& name) {
    if (const Result<Uuid> id = parse_uuid(name)) {
      ids.push_back(*id);
    }
  }));
  return ids;
}

std::uint64_t Spool::size_bytes() const noexcept {
  const MutexLock lock(state_->mutex);
  return state_->finished + state_->reserved;
}

}  // namespace tutela::spool
