#include "service/intake/desk.hpp"

#include <utility>

#include "base/thread.hpp"
#include "service/log/log.hpp"

namespace tutela::intake_service {

namespace {

constexpr std::chrono::milliseconds kSortPause{1000};
constexpr std::chrono::milliseconds kAnswerPause{1000};
constexpr std::chrono::milliseconds kMailPause{1000};
constexpr std::chrono::milliseconds kLookPause{1000};
constexpr std::size_t kExternalIdBytesMax = 512;
constexpr std::size_t kAccountBytesMax = 256;

/// What stays wrong is said once, and again when it is something else.
void complain_once(std::string_view event, const Error* error, std::string& said) {
  const std::string code(error == nullptr ? std::string_view() : error->code);
  if (error != nullptr && code != said) {
    log::log_event(log::Level::kError, event, {{"code", code}, {"why", error->message}});
  }
  said = code;
}

template <class Value>
const Error* error_of(const Result<Value>& result) {
  return result ? nullptr : &result.error();
}

}  // namespace

store::Actor system_actor() {
  return {.principal_id = "system", .role = "system"};
}

bool is_for_people_alone(intake::Kind kind) {
  return kind == intake::Kind::kDetection || kind == intake::Kind::kLawRequest;
}

Result<std::unique_ptr<Intake>> Intake::open(Settings settings,
                                             pipeline::Pipeline& pipeline,
                                             const Clock& clock) {
  const std::filesystem::path file = settings()->store.folder / "intake.key";
  TUTELA_TRY_ASSIGN(crypto::Key of_notices, crypto::load_or_create_key(file));
  TUTELA_TRY_ASSIGN(crypto::Key of_work, crypto::load_or_create_key(file));
  return std::unique_ptr<Intake>(
      new Desk(std::move(settings), pipeline, clock, std::move(of_notices), std::move(of_work)));
}

Desk::Desk(Settings settings,
           pipeline::Pipeline& pipeline,
           const Clock& clock,
           crypto::Key notices_key,
           crypto::Key work_key)
    : settings_(std::move(settings)),
      pipeline_(pipeline),
      clock_(clock),
      work_key_(std::move(work_key)),
      notices_(pipeline.database(),
               clock,
               std::move(notices_key),
               [this] { return rules_of(settings_()->intake); }),
      partners_(pipeline.database(), clock),
      duty_mail_(pipeline.database(), clock, settings_) {}

Desk::~Desk() {
  request_stop();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

Result<pipeline::Intake> Desk::receive_file(const store::Actor& actor,
                                            const intake::NewNotice& notice) {
  pipeline::Origin origin{actor, std::string(ledger::kIntakeDoor), "notice", {}, {}, {}};
  origin.idempotency_key = notice.idempotency_key;
  if (is_for_people_alone(notice.kind)) {
    return pipeline_.receive(
        origin);  // an order about an account is nothing that the account posted
  }
  // What is longer than an upload may carry joins nothing by it.
  if (!notice.body.links.empty() && notice.body.links.front().size() <= kExternalIdBytesMax) {
    origin.external_id = notice.body.links.front();
  }
  if (!notice.body.accounts.empty() && notice.body.accounts.front().size() <= kAccountBytesMax) {
    origin.account = notice.body.accounts.front();
  }
  return pipeline_.receive(origin);
}

void Desk::wake() {
  const MutexLock lock(mutex_);
  wanted_ = true;
  changed_.notify_all();
}

void Desk::request_stop() {
  if (mail_) {
    mail_->request_stop();
  }
  ending_ = true;
  const MutexLock lock(mutex_);
  stop_ = true;
  changed_.notify_all();
}

bool Desk::stopping() const {
  const MutexLock lock(mutex_);
  return stop_;
}

void Desk::note_mail(bool failing) {
  mail_failing_.store(failing);
}

void Desk::start() {
  mail_ = make_mail_reader(*this, settings_, pipeline_.database(), clock_);
  if (mail_) {
    mail_->start();
  }
  threads_.emplace_back([this] { run_sorter(); });
  threads_.emplace_back([this] {
    std::string answers;
    std::string clocks;
    run(kAnswerPause, [&] {
      complain_once("notices are not answered", error_of(answer()), answers);
      complain_once("promises are not looked after", error_of(escalate()), clocks);
    });
  });
  threads_.emplace_back([this] {
    std::string mails;
    run(kMailPause,
        [&] { complain_once("nobody on duty is written to", error_of(write_to_duty()), mails); });
  });
  threads_.emplace_back([this] {
    std::string failed;
    run(kLookPause,
        [&] { complain_once("nobody sees how intake stands", error_of(look()), failed); });
  });
}

/// Calls `work` at once and then every `pause` until stopped.
void Desk::run(Millis pause, const std::function<void()>& work) {
  while (true) {
    work();
    const MutexLock lock(mutex_);
    const auto until = std::chrono::steady_clock::now() + pause;
    while (!stop_ && changed_.wait_until(mutex_, until) != std::cv_status::timeout) {
    }
    if (stop_) {
      return;
    }
  }
}

void Desk::run_sorter() {
  std::string failed;
  while (true) {
    complain_once("notices wait for their place", error_of(sort()), failed);
    const MutexLock lock(mutex_);
    const auto until = std::chrono::steady_clock::now() + kSortPause;
    while (!stop_ && !wanted_ && changed_.wait_until(mutex_, until) != std::cv_status::timeout) {
    }
    wanted_ = false;
    if (stop_) {
      return;
    }
  }
}

alarms::IntakeState Desk::state() const {
  const MutexLock lock(mutex_);
  return state_;
}

Figures Desk::figures() const {
  const MutexLock lock(mutex_);
  return figures_;
}

}  // namespace tutela::intake_service
