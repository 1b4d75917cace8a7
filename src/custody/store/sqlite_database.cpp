// The SQLite backend: one connection that writes for all callers, several that read.
#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <system_error>
#include <utility>

#include "base/check.hpp"
#include "base/fault.hpp"
#include "base/mutex.hpp"
#include "custody/store/sqlite_connection.hpp"
#include "custody/store/sqlite_presence.hpp"
#include "custody/store/sqlite_schema.hpp"
#include "custody/store/store.hpp"

namespace tutela::store {
namespace {

using Work = std::function<Status(Transaction&)>;

constexpr std::size_t kBatchMax = 64;
constexpr std::size_t kReadersMax = 8;
constexpr std::chrono::seconds kReaderWaitMax{30};
// Below this size the quick check is a matter of milliseconds, so every start makes it.
constexpr std::uintmax_t kAlwaysCheckedBytes = 16U << 20;

// One call of write() on its way through a commit.
struct Request {
  const Work* work;
  Status status = ok();
  bool done = false;
};

// Set while a unit of work runs on this thread: calling the database from there would wait for
// itself.
thread_local bool inside_work = false;

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::filesystem::path path,
                 Presence presence,
                 std::unique_ptr<Connection> writer,
                 std::unique_ptr<Connection> watcher)
      : path_(std::move(path)),
        presence_(std::move(presence)),
        writer_(std::move(writer)),
        watcher_(std::move(watcher)) {}

  Status write(const Work& work) override;
  Status read(const Work& work) override;
  Result<std::int64_t> change_counter() override;

 private:
  void run_batch(const std::vector<Request*>& batch);
  Status begin();
  Status run_units(const std::vector<Request*>& batch);
  Status run_unit(const Work& work);
  Status commit();
  Result<std::unique_ptr<Connection>> take_reader();
  void give_reader(std::unique_ptr<Connection> reader);

  const std::filesystem::path path_;
  const Presence presence_;  // before the connections: they close first

  Mutex queue_mutex_;
  Condition queue_changed_;
  std::deque<Request*> queue_ TUTELA_GUARDED_BY(queue_mutex_);
  bool leading_ TUTELA_GUARDED_BY(queue_mutex_) = false;
  const std::unique_ptr<Connection> writer_;  // used by the leader only

  Mutex readers_mutex_;
  Condition reader_given_;
  std::vector<std::unique_ptr<Connection>> readers_ TUTELA_GUARDED_BY(readers_mutex_);
  std::size_t readers_out_ TUTELA_GUARDED_BY(readers_mutex_) = 0;

  Mutex watcher_mutex_;
  const std::unique_ptr<Connection> watcher_;  // used under watcher_mutex_; never writes
};

// Leader and followers: whoever finds nobody leading runs what has queued up, its own call among
// it, in one transaction, while later calls queue up behind the leader's fsync.
Status SqliteDatabase::write(const Work& work) {
  TUTELA_CHECK(!inside_work);
  Request request{&work};
  queue_mutex_.lock();
  queue_.push_back(&request);
  while (!request.done) {
    if (leading_) {
      queue_changed_.wait(queue_mutex_);
      continue;
    }
    leading_ = true;
    const auto end =
        queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kBatchMax));
    const std::vector<Request*> batch(queue_.begin(), end);
    queue_.erase(queue_.begin(), end);
    queue_mutex_.unlock();
    run_batch(batch);
    queue_mutex_.lock();
    for (Request* const member : batch) {
      member->done = true;
    }
    leading_ = false;
    queue_changed_.notify_all();
  }
  queue_mutex_.unlock();
  return std::move(request.status);
}

void SqliteDatabase::run_batch(const std::vector<Request*>& batch) {
  Status status = begin();
  if (status) {
    status = run_units(batch);
  }
  if (status) {
    status = commit();
  }
  if (!status) {
    // Where the rollback fails too, BEGIN fails for the next batch: nothing is half done.
    static_cast<void>(!writer_->in_transaction() || writer_->run("ROLLBACK").has_value());
    for (Request* const request : batch) {
      if (request->status) {
        request->status = status;
      }
    }
  }
}

Status SqliteDatabase::begin() {
  if (TUTELA_FAULT_ARMED("store.write")) {  // as where the file system was mounted anew
    return Error{ErrorKind::kUnavailable,
                 "store.unavailable",
                 "the database cannot be used (attempt to write a readonly database)"};
  }
  return writer_->run("BEGIN IMMEDIATE");
}

// An error here means that the whole transaction is lost, not one unit.
Status SqliteDatabase::run_units(const std::vector<Request*>& batch) {
  for (Request* const request : batch) {
    TUTELA_TRY(writer_->run("SAVEPOINT unit"));
    request->status = run_unit(*request->work);
    if (!writer_->in_transaction()) {
      return request->status ? Error{ErrorKind::kUnavailable,
                                     "store.unavailable",
                                     "the database gave up the transaction; nothing was written"}
                             : request->status.error();
    }
    if (!request->status) {
      TUTELA_TRY(writer_->run("ROLLBACK TO unit"));
    }
    TUTELA_TRY(writer_->run("RELEASE unit"));
  }
  return ok();
}

Status SqliteDatabase::run_unit(const Work& work) {
  inside_work = true;
  Status status = work(*writer_);
  inside_work = false;
  return status;
}

Status SqliteDatabase::commit() {
  TUTELA_FAULT_POINT("store.before_commit");
  TUTELA_TRY(writer_->run("COMMIT"));
  TUTELA_FAULT_POINT("store.after_commit");
  return ok();
}

Result<std::unique_ptr<Connection>> SqliteDatabase::take_reader() {
  const auto deadline = std::chrono::steady_clock::now() + kReaderWaitMax;
  {
    const MutexLock lock(readers_mutex_);
    while (readers_out_ >= kReadersMax) {
      if (reader_given_.wait_until(readers_mutex_, deadline) == std::cv_status::timeout) {
        return Error{ErrorKind::kUnavailable, "store.busy", "too many reads at once; try again"};
      }
    }
    ++readers_out_;
    if (!readers_.empty()) {
      std::unique_ptr<Connection> reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
  }
  Result<std::unique_ptr<Connection>> reader = Connection::open(path_, Connection::Mode::kRead);
  if (!reader) {
    give_reader(nullptr);
  }
  return reader;
}

void SqliteDatabase::give_reader(std::unique_ptr<Connection> reader) {
  {
    const MutexLock lock(readers_mutex_);
    --readers_out_;
    if (reader != nullptr) {
      readers_.push_back(std::move(reader));
    }
  }
  reader_given_.notify_one();
}

Status SqliteDatabase::read(const Work& work) {
  TUTELA_CHECK(!inside_work);
  TUTELA_TRY_ASSIGN(std::unique_ptr<Connection> reader, take_reader());
  Status status = reader->run("BEGIN");
  if (status) {
    status = work(*reader);
  }
  if (reader->in_transaction() && !reader->run("ROLLBACK")) {
    reader.reset();
  }
  give_reader(std::move(reader));
  return status;
}

// data_version tells a connection of the commits of all others, so one that never writes learns
// of every commit.
Result<std::int64_t> SqliteDatabase::change_counter() {
  const MutexLock lock(watcher_mutex_);
  return watcher_->query_integer("PRAGMA data_version");
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  const std::filesystem::path path = std::filesystem::absolute(options.path);
  const mode_t mode = options.group_access ? 0660 : 0600;
  TUTELA_TRY_ASSIGN(const OpeningLock lock, OpeningLock::take(path, mode));
  TUTELA_TRY(prepare_file(path, mode));
  TUTELA_TRY_ASSIGN(Presence presence, Presence::enter(path, mode));
  std::error_code error;
  const bool quick = presence.found_unclean_stop() ||
                     std::filesystem::file_size(path, error) <= kAlwaysCheckedBytes;
  const Check check = options.full_check ? Check::kFull : quick ? Check::kQuick : Check::kNone;
  TUTELA_TRY(prepare_schema(path, check));
  presence.forget_unclean_stop();
  TUTELA_TRY_ASSIGN(auto writer, Connection::open(path, Connection::Mode::kWrite));
  TUTELA_TRY_ASSIGN(auto watcher, Connection::open(path, Connection::Mode::kRead));
  return std::unique_ptr<Database>(std::make_unique<SqliteDatabase>(
      path, std::move(presence), std::move(writer), std::move(watcher)));
}

}  // namespace tutela::store
