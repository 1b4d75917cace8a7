// MailReader: the mailbox of the intake. Every message in it becomes a notice, whatever it is; what
// cannot be read becomes one with the whole message as its file. It is moved to cur/ only when the
// notice is durable, and the same message never becomes two: a process that dies in between leaves
// it to the next, which finds the keys of what was done already. Whoever wrote gets number and PIN
// by mail, at most once a message and five times a day, and never a program (RFC 3834).
//
// One thread; start() and the destructor are called by one owner, the rest is thread-safe.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "service/config/config.hpp"
#include "service/intake_mail/draft.hpp"
#include "service/intake_mail/maildir.hpp"
#include "service/mail/mail.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::intake_mail {

/// What it works with. Functions and references outlive it.
struct Parts {
  std::function<std::shared_ptr<const config::Config>()> settings;
  intake::Notices& notices;
  /// As intake_service::Intake's, with NewNotice::idempotency_key as the file's own.
  std::function<Result<pipeline::Intake>(const store::Actor&, const intake::NewNotice&)>
      receive_file;
  /// Of name and address; where it fails the notice has none.
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

  /// The last look could not read the mailbox, a message, or run the program that reads them.
  [[nodiscard]] bool failing() const noexcept { return failing_; }

  /// One look; how many messages became notices. For the thread, and for tests instead of it.
  std::size_t look();

 private:
  struct Owed {
    Letter letter;
    std::string to;
    std::string message;
  };

  void run();
  void complain(std::string_view event, const std::string& letter, const Error& error);
  Status take(const Maildir& maildir, const Letter& letter, const config::Config& config);
  Result<Draft> read(int fd, const Letter& letter, const config::Config& config);
  Result<std::vector<Uuid>> receive_files(int fd, const std::string& key, const Draft& draft);
  Result<Uuid> receive(const Draft& draft,
                       const std::string& key,
                       const std::function<Status(pipeline::Intake&)>& append);
  Result<intake::Accepted> accept(int fd, const std::string& key, Draft& draft);
  void add_sender(Draft& draft);
  [[nodiscard]] bool may_reply(const Draft& draft, const config::Config& config);
  [[nodiscard]] std::string reply_to(const Draft& draft,
                                     const intake::Accepted& accepted,
                                     const config::Config& config) const;
  void send_replies(const Maildir& maildir, const config::Config& config);
  [[nodiscard]] Status send(const Maildir& maildir, Owed& owed, const config::Config& config);

  const Parts parts_;
  std::atomic<bool> failing_{false};
  std::atomic<bool> stop_{false};
  Mutex mutex_;
  Condition changed_;
  std::thread thread_;

  // Of the thread.
  bool reader_failing_ = false;
  std::set<std::string> said_;    // of the look before
  std::set<std::string> saying_;  // of this one
  bool looked_for_owed_ = false;
  UtcMs send_again_ms_ = 0;
  std::vector<Owed> owed_;
  std::map<std::string, int> replies_;  // of this day, by the source of their senders
  std::int64_t replies_day_ = 0;
};

}  // namespace tutela::intake_mail
