#include "service/vault_process/server.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

#include "base/mutex.hpp"
#include "base/thread.hpp"
#include "service/log/log.hpp"
#include "service/vault_client/wire.hpp"

namespace tutela::vault_process {

using log::Level;
using log::log_event;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using vault_client::Channel;
using vault_client::Frame;
using vault_client::FrameKind;
using vault_client::Message;

namespace {

constexpr milliseconds kPatience{60'000};
constexpr int kPollMs = 100;
constexpr milliseconds kFollowPause{200};
constexpr milliseconds kTickPause{60'000};
constexpr milliseconds kSayAgain{60'000};
constexpr milliseconds kScrubPause{24LL * 3'600'000};

Status send_pieces(Channel& channel, ByteView bytes) {
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(bytes.size(), vault_client::kDataBytesMax));
    TUTELA_TRY(channel.send(FrameKind::kData, piece));
    bytes = bytes.subspan(piece.size());
  }
  return ok();
}

Status receive_into(Channel& channel, vault::Vault::Writer& writer) {
  while (true) {
    TUTELA_TRY_ASSIGN(const Frame frame, channel.receive());
    if (frame.kind == FrameKind::kEnd) {
      return ok();
    }
    if (frame.kind != FrameKind::kData) {
      return Error{ErrorKind::kInvalidInput, "vault.bad_frame", "a frame that nobody asked for"};
    }
    TUTELA_TRY(writer.append(frame.body));
  }
}

Status answer_seal(Keeper& keeper, Channel& channel, const Message& request) {
  TUTELA_TRY_ASSIGN(vault::Vault::Writer writer, keeper.seal(request));
  TUTELA_TRY(receive_into(channel, writer));
  TUTELA_TRY_ASSIGN(const vault::Evidence evidence, writer.finish());
  Message reply;
  reply.set("evidence_id", to_string(evidence.id));
  return channel.send(FrameKind::kMessage, reply.encode());
}

/// A call that is answered with bytes.
Status answer_bytes(Keeper& keeper, Channel& channel, const Message& request) {
  const Head head = [&](const Message& reply) {
    return channel.send(FrameKind::kMessage, reply.encode());
  };
  const Sink sink = [&](ByteView bytes) {
    return send_pieces(channel, bytes);
  };
  const std::string_view call = request.get("call");
  if (call == "view") {
    TUTELA_TRY(keeper.view(request, head, sink));
  } else if (call == "original") {
    TUTELA_TRY(keeper.original(request, head, sink));
  } else if (call == "break_glass") {
    TUTELA_TRY(keeper.break_glass(request, head, sink));
  } else if (call == "package") {
    TUTELA_TRY(keeper.package(request, head, sink));
  } else if (call == "report_file") {
    TUTELA_TRY(keeper.report_file(request, head, sink));
  } else if (call == "receipt") {
    TUTELA_TRY(keeper.receipt(request, head, sink));
  } else {
    return Error{ErrorKind::kInvalidInput,
                 "vault.bad_call",
                 "the vault process has no such call; are both processes of one version?"};
  }
  return channel.send(FrameKind::kEnd, {});
}

Status answer_call(Keeper& keeper, Channel& channel) {
  TUTELA_TRY_ASSIGN(const Frame frame, channel.receive());
  if (frame.kind != FrameKind::kMessage) {
    return Error{ErrorKind::kInvalidInput, "vault.bad_frame", "a call begins with a message"};
  }
  TUTELA_TRY_ASSIGN(const Message request, Message::parse(frame.body));
  if (request.get("call") == "seal") {
    return answer_seal(keeper, channel, request);
  }
  if (request.get("call") == "status") {
    TUTELA_TRY_ASSIGN(const Message status, keeper.status());
    return channel.send(FrameKind::kMessage, status.encode());
  }
  if (request.get("call") == "identity") {
    TUTELA_TRY_ASSIGN(const Message identity, keeper.identity(request));
    return channel.send(FrameKind::kMessage, identity.encode());
  }
  if (request.get("call") == "receipt_keys") {
    return channel.send(FrameKind::kMessage, keeper.receipt_keys().encode());
  }
  return answer_bytes(keeper, channel, request);
}

/// Calls that are answered now. At the end they have a while to finish, then they are cut.
class Calls {
 public:
  Calls(std::size_t max, milliseconds grace) : max_(max), grace_(grace) {}

  ~Calls() {
    const MutexLock lock(mutex_);
    const auto patience = steady_clock::now() + grace_;
    while (!running_.empty() && ended_.wait_until(mutex_, patience) != std::cv_status::timeout) {
    }
    for (const Channel& channel : running_) {
      channel.interrupt();
    }
    while (!running_.empty()) {
      ended_.wait(mutex_);
    }
  }

  [[nodiscard]] bool full() {
    const MutexLock lock(mutex_);
    return running_.size() >= max_;
  }

  void start(Keeper& keeper, Channel channel) {
    std::list<Channel>::iterator call;
    {
      const MutexLock lock(mutex_);
      call = running_.insert(running_.end(), std::move(channel));
    }
    try {
      std::thread([this, &keeper, call] {
        answer(keeper, *call);
        end(call);
      }).detach();
    } catch (const std::system_error&) {
      log_event(Level::kError, "no thread for a call of the vault; the caller tries again");
      end(call);
    }
  }

 private:
  void end(std::list<Channel>::iterator call) {
    const MutexLock lock(mutex_);
    running_.erase(call);
    ended_.notify_all();
  }

  std::size_t max_;
  milliseconds grace_;
  Mutex mutex_;
  Condition ended_;
  std::list<Channel> running_ TUTELA_GUARDED_BY(mutex_);
};

/// Work that is done every `pause` until the server stops.
class Repeated {
 public:
  Repeated(std::string_view what,
           milliseconds pause,
           std::function<Status(const std::function<bool()>&)> work)
      : thread_([this, what, pause, work = std::move(work)] {
          lower_priority_of_this_thread();
          const auto stopping = [this] {
            return stop_.load();
          };
          std::string said;
          auto say_again = steady_clock::now();
          while (!stop_.load()) {
            const Status done = work(stopping);
            const std::string code(done ? std::string_view() : done.error().code);
            if (!done && (code != said || steady_clock::now() >= say_again)) {
              log_event(Level::kError, what, {{"code", code}, {"why", done.error().message}});
              say_again = steady_clock::now() + kSayAgain;
            }
            said = code;
            const auto until = steady_clock::now() + pause;
            while (!stop_.load() && steady_clock::now() < until) {
              std::this_thread::sleep_for(std::min(pause, milliseconds(kPollMs)));
            }
          }
        }) {}

  ~Repeated() {
    stop_.store(true);
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace

void answer(Keeper& keeper, Channel& channel) {
  const Status answered = answer_call(keeper, channel);
  if (answered) {
    return;
  }
  if (answered.error().kind == ErrorKind::kCorrupted ||
      answered.error().kind == ErrorKind::kInternal) {
    log_event(Level::kError,
              "a call failed",
              {{"code", std::string(answered.error().code)}, {"why", answered.error().message}});
  }
  // Whoever asked may be gone: then there is nobody to tell.
  static_cast<void>(
      channel.send(FrameKind::kMessage, Message::of(answered.error()).encode()).has_value());
}

Status run(Keeper& keeper,
           Fd listener,
           std::size_t calls_max,
           const std::function<bool()>& stop_requested,
           milliseconds grace) {
  const Repeated follow("audit log not followed", kFollowPause, [&](const auto& stopping) {
    return keeper.follow_log(stopping);
  });
  const Repeated tick("preservation stands still", kTickPause, [&](const auto& stopping) {
    return keeper.tick(stopping);
  });
  const Repeated scrub("evidence is not checked", kScrubPause, [&](const auto& stopping) -> Status {
    TUTELA_TRY_ASSIGN(const blobs::Scrub found, keeper.scrub(stopping));
    if (!found.corrupt.empty()) {
      log_event(Level::kError,
                "evidence is damaged",
                {{"objects", static_cast<std::int64_t>(found.corrupt.size())}});
    }
    return ok();
  });
  Calls calls(calls_max, grace);
  while (!stop_requested()) {
    pollfd waiting{listener.get(), POLLIN, 0};
    if (calls.full() || ::poll(&waiting, 1, kPollMs) <= 0) {
      if (calls.full()) {
        std::this_thread::sleep_for(milliseconds(10));
      }
      continue;
    }
    Fd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (socket.valid()) {
      calls.start(keeper, Channel(std::move(socket), kPatience));
    } else {
      std::this_thread::sleep_for(milliseconds(10));  // too many files are open, perhaps
    }
  }
  return ok();
}

}  // namespace tutela::vault_process
