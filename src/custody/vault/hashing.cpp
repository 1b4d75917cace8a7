#include "custody/vault/hashing.hpp"

#include <thread>
#include <vector>

#include "base/mutex.hpp"

namespace tutela::vault {
namespace {

constexpr std::size_t kThreadFrom = std::size_t{128} * 1024;

}  // namespace

struct Hashing::State {
  explicit State(crypto::Digester::Kinds kinds) : digester(kinds) {}

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (thread.joinable()) {
      {
        const MutexLock lock(mutex);
        ending = true;
      }
      changed.notify_all();
      thread.join();
    }
  }

  void hash(std::span<const ByteView> pieces) {
    for (const ByteView piece : pieces) {
      digester.update(piece);
    }
  }

  void run() {
    mutex.lock();
    while (!ending) {
      if (!busy) {
        changed.wait(mutex);
        continue;
      }
      mutex.unlock();
      hash(work);
      mutex.lock();
      busy = false;
      changed.notify_all();
    }
    mutex.unlock();
  }

  crypto::Digester digester;   // of the thread while `busy`, else of the caller
  std::vector<ByteView> work;  // likewise
  std::thread thread;
  Mutex mutex;
  Condition changed;
  bool busy TUTELA_GUARDED_BY(mutex) = false;
  bool ending TUTELA_GUARDED_BY(mutex) = false;
};

Hashing::Hashing(crypto::Digester::Kinds kinds) : state_(std::make_unique<State>(kinds)) {}

Hashing::Hashing(Hashing&&) noexcept = default;
Hashing& Hashing::operator=(Hashing&&) noexcept = default;
Hashing::~Hashing() = default;

void Hashing::start(std::span<const ByteView> pieces) {
  std::size_t size = 0;
  for (const ByteView piece : pieces) {
    size += piece.size();
  }
  if (size < kThreadFrom) {
    state_->hash(pieces);
    return;
  }
  state_->work.assign(pieces.begin(), pieces.end());
  if (!state_->thread.joinable()) {
    State* const state = state_.get();
    state_->thread = std::thread([state] { state->run(); });
  }
  {
    const MutexLock lock(state_->mutex);
    state_->busy = true;
  }
  state_->changed.notify_all();
}

void Hashing::wait() {
  const MutexLock lock(state_->mutex);
  while (state_->busy) {
    state_->changed.wait(state_->mutex);
  }
}

crypto::Digests Hashing::finish() {
  return state_->digester.finish();
}

}  // namespace tutela::vault
