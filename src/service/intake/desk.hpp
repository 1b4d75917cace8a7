// Desk: the implementation of Intake. Internal.
//
// Threads: one sorts (and scans what came with what was sorted), one answers what closed cases
// decided and escalates, one writes to those who are on duty, one looks how everything stands. Each
// unit of work is one of its own, so that a process which dies in between leaves something for the
// next, and never half of something.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.hpp"
#include "service/duty_mail/duty_mail.hpp"
#include "service/intake/intake.hpp"
#include "service/intake/mailbox.hpp"

namespace tutela::intake_service {

[[nodiscard]] store::Actor system_actor();

/// Requests of authorities and concerns about detection make no case.
[[nodiscard]] bool is_for_people_alone(intake::Kind kind);

/// How a case that was decided answers its notices; absent: people do it.
struct Ended {
  Uuid notice_id;
  Uuid case_id;
  bool acted = false;
};

/// Waiting notices of cases that are closed after a decision, at most `limit`, the most urgent
/// first. Without those that were answered before and came back, and those whose case somebody
/// appealed: people answer them. Without those with files whose earliest_answer() is to come, so
/// that however many of them hold up no other.
Result<std::vector<Ended>> ended_of(store::Transaction& transaction,
                                    const std::string& tenant_id,
                                    UtcMs now_ms,
                                    std::int64_t limit);

/// From when on a notice may be answered with its case. What holds files, or names nothing, is not
/// answered at once, however soon its case is decided: how long it takes must not say whether a
/// list knows them.
[[nodiscard]] UtcMs earliest_answer(const intake::Whole& whole);

class Desk final : public Intake {
 public:
  Desk(Settings settings,
       pipeline::Pipeline& pipeline,
       const Clock& clock,
       crypto::Key notices_key,
       crypto::Key work_key);
  ~Desk() override;
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  intake::Notices& notices() noexcept override { return notices_; }

  partners::Partners& partners() noexcept override { return partners_; }

  [[nodiscard]] const crypto::Key& key() const noexcept override { return work_key_; }

  Result<pipeline::Intake> receive_file(const store::Actor& actor,
                                        const intake::NewNotice& notice) override;
  void wake() override;
  void start() override;
  void request_stop() override;
  void note_mail(bool failing) override;
  [[nodiscard]] alarms::IntakeState state() const override;
  [[nodiscard]] Figures figures() const override;

  /// One round of each thread; for tests, too. How many notices it was about.
  Result<std::size_t> sort();
  Result<std::size_t> answer();
  Result<std::size_t> escalate();
  Result<std::size_t> write_to_duty();
  Status look();

 private:
  using Millis = std::chrono::milliseconds;

  [[nodiscard]] bool stopping() const;
  void run(Millis pause, const std::function<void()>& work);
  void run_sorter();
  Result<std::size_t> sort_some(std::vector<Uuid>& files);
  Result<std::optional<Uuid>> place(store::Transaction& transaction,
                                    const intake::Notice& notice,
                                    const intake::Body& body,
                                    const std::vector<Uuid>& files) const;
  Result<bool> answer_one(const Ended& ended);
  void note_failed(const std::vector<intake::Notices::Failed>& failed);

  struct Seldom {
    std::vector<intake::Kept> kept;
    bool capacity_known = false;
    bool capacity_enough = true;
  };

  Result<alarms::IntakeState> look_now();
  Result<Seldom> look_seldom();

  const Settings settings_;
  pipeline::Pipeline& pipeline_;
  const Clock& clock_;
  const crypto::Key work_key_;
  intake::Notices notices_;
  partners::Partners partners_;

  duty_mail::Sender duty_mail_;

  std::atomic<bool> mail_failing_{false};
  std::atomic<bool> ending_{false};
  std::atomic<std::int64_t> not_escalated_{0};  // of the last round
  std::map<Uuid, std::string> said_;            // what failed then; of the thread that escalates
  mutable Mutex mutex_;
  Condition changed_;
  bool stop_ TUTELA_GUARDED_BY(mutex_) = false;
  bool wanted_ TUTELA_GUARDED_BY(mutex_) = false;
  alarms::IntakeState state_ TUTELA_GUARDED_BY(mutex_);
  Figures figures_ TUTELA_GUARDED_BY(mutex_);
  bool capacity_known_ TUTELA_GUARDED_BY(mutex_) = false;
  bool capacity_enough_ TUTELA_GUARDED_BY(mutex_) = true;
  std::int64_t looks_ = 0;  // of the thread that looks
  std::vector<std::thread> threads_;
  std::unique_ptr<intake_mail::MailReader> mail_;  // ended first: it uses all of the others
};

}  // namespace tutela::intake_service
