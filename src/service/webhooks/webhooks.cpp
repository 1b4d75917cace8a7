#include "service/webhooks/webhooks.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "base/fault.hpp"
#include "base/mutex.hpp"
#include "crypto/secret.hpp"
#include "service/webhooks/body.hpp"
#include "service/webhooks/post.hpp"
#include "watch/canaries/canaries.hpp"

namespace tutela::webhooks {

namespace {

constexpr auto kBetweenLooks = std::chrono::milliseconds(500);
constexpr auto kAfterError = std::chrono::seconds(5);
constexpr std::int64_t kEchoLeaseMs = 10'000;
/// The thread that sends takes a turn within so long, an attempt aside; more than kAfterError.
constexpr std::int64_t kMovesWithinMs = 10'000;
constexpr std::int64_t kRetryAfterSMax = 24LL * 3600;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::uint64_t random_number() {
  std::array<std::byte, sizeof(std::uint64_t)> bytes{};
  crypto::random_bytes(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof(number));
  return number;
}

/// Nothing: the message is dead.
std::optional<std::int64_t> delay_of(const outbox::Message& message,
                                     const Answer& answer,
                                     std::int64_t attempts_max) {
  if (answer.failure == "http_410" || answer.failure == "bad_payload") {
    return std::nullopt;
  }
  auto delay_ms = outbox::delay_after(message.attempts + 1, attempts_max, random_number());
  if (delay_ms && (answer.failure == "http_429" || answer.failure == "http_503")) {
    const std::int64_t asked_s = std::clamp(answer.retry_after_s, std::int64_t{0}, kRetryAfterSMax);
    delay_ms = std::max(*delay_ms, asked_s * 1000);
  }
  return delay_ms;
}

}  // namespace

struct Sender::State {
  State(store::Database& database, const Clock& at, Options what, Settle settled, Tell told)
      : clock(at),
        options(std::move(what)),
        settle(std::move(settled)),
        tell(std::move(told)),
        outbox(database, at) {}

  const Clock& clock;
  const Options options;
  const Settle settle;
  const Tell tell;
  outbox::Outbox outbox;
  std::unique_ptr<Poster> poster;  // of the thread
  std::atomic<bool> stop = false;
  Mutex mutex;
  Condition changed;
  std::uint64_t wakes TUTELA_GUARDED_BY(mutex) = 0;
  std::thread thread;
  std::thread echoing;
  std::atomic<std::int64_t> moves_until_ms = 0;  // steady: later, `thread` is stuck

  /// Said by the thread that sends: it moves again within so long.
  void moves_within(std::int64_t ms) { moves_until_ms = steady_ms() + ms; }

  using Next = Result<bool> (State::*)();
  /// Does one after the other with `next`, which says whether there was one.
  void run(Next next);
  /// Or until somebody called wake() after `wakes_seen`, which grows then.
  void wait_for(std::chrono::milliseconds longest, std::uint64_t& wakes_seen);
  Result<bool> send_next();
  Result<bool> echo_next();
  Answer attempt(const outbox::Message& message);
  Status record(const outbox::Message& message, const Answer& answer);
  outbox::Outbox::With settling(const outbox::Message& message, std::string_view failure) const;

  void say(std::string_view what, const outbox::Message& message, std::string_view failure) const {
    if (tell) {
      tell(what, message.id, failure);
    }
  }
};

void Sender::State::run(Next next) {
  std::uint64_t wakes_seen = 0;
  while (!stop) {
    const Result<bool> sent = (this->*next)();
    if (!sent) {
      say("error", {}, sent.error().code);
    }
    if (!sent || !*sent) {
      wait_for(sent ? kBetweenLooks : std::chrono::milliseconds(kAfterError), wakes_seen);
    }
  }
}

void Sender::State::wait_for(std::chrono::milliseconds longest, std::uint64_t& wakes_seen) {
  const auto end = std::chrono::steady_clock::now() + longest;
  const MutexLock lock(mutex);
  while (!stop && wakes == wakes_seen &&
         changed.wait_until(mutex, end) != std::cv_status::timeout) {
  }
  wakes_seen = wakes;
}

Result<bool> Sender::State::send_next() {
  moves_within(kMovesWithinMs);
  TUTELA_FAULT_POINT("webhooks.lease");
  // Long enough that nobody else takes the message while this process still waits for an answer.
  const std::int64_t lease_ms = 2 * options.timeout_ms + 30'000;
  TUTELA_TRY_ASSIGN(const std::optional<outbox::Message> message,
                    outbox.lease(options.topics, lease_ms));
  if (!message) {
    return false;
  }
  moves_within(options.timeout_ms + kMovesWithinMs);
  const Answer answer = attempt(*message);
  moves_within(kMovesWithinMs);
  if (answer.stopped) {
    return false;
  }
  TUTELA_FAULT_POINT("webhooks.after_answer");
  const Status recorded = record(*message, answer);
  if (!recorded) {
    say("error", *message, recorded.error().code);
  }
  return true;
}

/// Canaries come out of the outbox only while everything else does.
Result<bool> Sender::State::echo_next() {
  if (poster && steady_ms() > moves_until_ms) {
    return false;
  }
  TUTELA_TRY_ASSIGN(const std::optional<outbox::Message> message,
                    outbox.lease({std::string(kCanaryTopic)}, kEchoLeaseMs));
  if (!message) {
    return false;
  }
  TUTELA_FAULT_POINT("webhooks.before_echo");
  const Result<Uuid> content_id = parse_uuid(message->key);
  if (!content_id) {
    TUTELA_TRY(outbox.failed(*message, "bad_payload", std::nullopt));
    return true;
  }
  TUTELA_TRY(outbox.sent(*message, [&](store::Transaction& transaction) {
    return canaries::note_echo(transaction, *content_id, clock.now_ms());
  }));
  return true;
}

Answer Sender::State::attempt(const outbox::Message& message) {
  const std::optional<std::string> body = body_of(message);
  if (!body) {
    return {false, "bad_payload", 0};
  }
  const std::string id = id_of(message);
  const std::int64_t now_s = clock.now_ms() / 1000;
  const Result<std::string> signature = sign(options.secrets, id, now_s, *body);
  if (!signature) {  // start() has checked the secrets
    return {false, "bad_payload", 0};
  }
  return poster->post({"content-type: application/json",
                       "user-agent: Tutela/" TUTELA_VERSION,
                       "expect:",
                       "webhook-id: " + id,
                       "webhook-timestamp: " + std::to_string(now_s),
                       "webhook-signature: " + *signature},
                      *body);
}

Status Sender::State::record(const outbox::Message& message, const Answer& answer) {
  if (answer.failure.empty()) {
    TUTELA_TRY(outbox.sent(message, settling(message, {})));
    say("sent", message, {});
    return ok();
  }
  const auto delay_ms = delay_of(message, answer, options.attempts_max);
  TUTELA_TRY(outbox.failed(message,
                           answer.failure,
                           delay_ms,
                           delay_ms ? outbox::Outbox::With() : settling(message, answer.failure)));
  say(delay_ms ? "failed" : "dead", message, answer.failure);
  return ok();
}

outbox::Outbox::With Sender::State::settling(const outbox::Message& message,
                                             std::string_view failure) const {
  if (!settle) {
    return {};
  }
  return [this, id = message.id, why = std::string(failure)](store::Transaction& transaction) {
    return settle(transaction, clock.now_ms(), id, why.empty(), why);
  };
}

Sender::Sender(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Sender>> Sender::start(
    store::Database& database, const Clock& clock, Options options, Settle settle, Tell tell) {
  TUTELA_TRY(check(options));
  auto state = std::make_unique<State>(
      database, clock, std::move(options), std::move(settle), std::move(tell));
  if (!state->options.url.empty()) {
    TUTELA_TRY_ASSIGN(state->poster, Poster::open(state->options, state->stop));
    state->moves_within(kMovesWithinMs);
    state->thread = std::thread([running = state.get()] { running->run(&State::send_next); });
  }
  state->echoing = std::thread([running = state.get()] { running->run(&State::echo_next); });
  return std::unique_ptr<Sender>(new Sender(std::move(state)));
}

Sender::~Sender() {
  {
    const MutexLock lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  for (std::thread* const thread : {&state_->thread, &state_->echoing}) {
    if (thread->joinable()) {
      thread->join();
    }
  }
}

void Sender::wake() {
  {
    const MutexLock lock(state_->mutex);
    state_->wakes += 1;
  }
  state_->changed.notify_all();
}

bool Sender::configured() const noexcept {
  return !state_->options.url.empty();
}

}  // namespace tutela::webhooks
