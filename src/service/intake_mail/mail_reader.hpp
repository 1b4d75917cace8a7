// MailReader: the mailbox of the intake. Every message in it becomes a notice, whatever it is; what
// cannot be read becomes one with the whole message as its file. It leaves new/ only when the
// notice is durable and its files are in the sealed spool; then it is removed, or kept in cur/
// (intake.maildir_keep). The same message never becomes two: a process that dies in between leaves
// it to the next, which finds the keys of what was done already. Whoever wrote gets number and PIN
// by mail, at most once a message and five times a day, and never a program (RFC 3834); until then
// their message stays. One that fails is tried again later and holds up no other.
//
// One thread, and one reader of a mailbox at a time; start() and the destructor are called by one
// owner, the rest is thread-safe.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "service/config/config.hpp"
#include "service/intake_mail/draft.hpp"
#include "service/intake_mail/maildir.hpp"
#include "service/intake_mail/replies.hpp"
#include "service/intake_mail/retries.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::intake_mail {

/// What it works with. Functions and references outlive it.
struct Parts {
  std::function<std::shared_ptr<const config::Config>()> settings;
  intake::Notices& notices;
  /// As intake_service::Intake's, with NewNotice::idempotency_key as the file's own.
  std::function<Result<pipeline::Intake>(const store::Actor&, const intake::NewNotice&)>
      receive_file;
  /// Of name and address.
  std::function<Result<intake::SealedContact>(const std::string& name, const std::string& email)>
      seal;
  FindLinks find_links;
  std::function<void()> wake;                // there are new notices
  std::function<void(bool failing)> report;  // after each look
  const Clock& clock;
  std::filesystem::path reader_program;  // tutela-mail
};

class MailReader {
 public:
  explicit MailReader(Parts parts);
  ~MailReader();
  MailReader(const MailReader&) = delete;
  MailReader& operator=(const MailReader&) = delete;

  void start();
  void request_stop();

  /// The mailbox or a message in it cannot be read, or the last look could not run the program that
  /// reads them.
  [[nodiscard]] bool failing() const noexcept { return failing_; }

  /// One look; how many messages became notices. For the thread, and for tests instead of it.
  std::size_t look();

 private:
  void run();
  Result<std::size_t> look_into(const config::Config& config);
  Result<std::vector<Letter>> waiting(const Maildir& maildir);
  Status take(const Maildir& maildir, const Letter& letter, const config::Config& config);
  Result<Draft> read(int fd, const Letter& letter, const config::Config& config);
  Result<std::vector<Uuid>> receive_files(int fd, const std::string& key, const Draft& draft);
  Result<Uuid> receive(const Draft& draft,
                       const std::string& key,
                       const std::function<Status(pipeline::Intake&)>& append);
  Result<intake::Accepted> accept(int fd, const std::string& key, Draft& draft);
  [[nodiscard]] std::optional<intake::SealedContact> seal_sender(
      mail_message::MailMessage& message) const;
  Status settle(const Maildir& maildir,
                const Letter& letter,
                const Draft& draft,
                intake::Accepted accepted,
                const config::Config& config);

  const Parts parts_;
  std::atomic<bool> failing_{false};
  std::atomic<bool> stop_{false};
  Mutex mutex_;
  Condition changed_;
  std::thread thread_;

  // Of the thread.
  Claim claim_;
  Retries retries_;
  Replies replies_{parts_.clock, stop_};
  bool reader_failing_ = false;
  bool more_ = false;  // the last look left some for the next
  std::string said_;   // what was wrong with the mailbox
};

}  // namespace tutela::intake_mail
