#include "service/intake_mail/mail_reader.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "crypto/digest.hpp"
#include "service/intake_mail/child.hpp"
#include "service/log/log.hpp"

namespace tutela::intake_mail {

namespace {

constexpr std::size_t kLettersOfALook = 100;
constexpr int kReaderTries = 5;  // five minutes
constexpr std::chrono::seconds kPause{2};
constexpr std::chrono::seconds kPauseFailing{10};

store::Actor mailbox() {
  return {"default", "intake:mail", "service"};
}

/// The message, piece by piece, from its beginning.
Status for_each_piece(int fd, const std::function<Status(ByteView)>& take) {
  Bytes piece(1U << 20);
  off_t at = 0;
  while (true) {
    const ssize_t got = ::pread(fd, piece.data(), piece.size(), at);
    if (got < 0) {
      return system_error("mail.unreadable", "read a message");
    }
    if (got == 0) {
      return ok();
    }
    TUTELA_TRY(take(ByteView(piece).first(static_cast<std::size_t>(got))));
    at += got;
  }
}

/// The same for the same delivery of the same bytes, and for nothing else.
Result<std::string> key_of(int fd, const Letter& letter) {
  crypto::Sha256Stream digest;
  TUTELA_TRY(for_each_piece(fd, [&](ByteView piece) {
    digest.update(piece);
    return ok();
  }));
  digest.update(as_bytes(unique_of(letter.name)));
  return to_hex(digest.finish());
}

DraftLimits limits_of(int fd, const config::Config& config) {
  struct stat status {};

  const bool known = ::fstat(fd, &status) == 0;
  return {.files_max = config.intake.files_max,
          .file_bytes_max = config.limits.size_bytes_max,
          .message_bytes = known ? static_cast<std::uint64_t>(status.st_size) : 0};
}

/// Of senders whose program does not say.
std::string language_of(const config::Config& config) {
  const std::string& country = config.intake.country;
  return country == "DE" || country == "AT" || country == "LI" ? "de" : "en";
}

/// Somebody else has moved or removed it.
bool is_gone(const Status& done) {
  return !done && done.error().kind == ErrorKind::kNotFound &&
         done.error().code == "mail.unreadable";
}

void warn(std::string_view event, const Error& error) {
  log::log_event(log::Level::kWarn, event, {{"code", std::string(error.code)}});
}

}  // namespace

MailReader::MailReader(Parts parts) : parts_(std::move(parts)) {}

MailReader::~MailReader() {
  request_stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void MailReader::start() {
  thread_ = std::thread([this] { run(); });
}

void MailReader::request_stop() {
  const MutexLock lock(mutex_);
  stop_ = true;
  changed_.notify_all();
}

void MailReader::run() {
  while (!stop_) {
    look();
    const MutexLock lock(mutex_);
    if (!stop_ && !more_) {
      changed_.wait_for(mutex_, failing_ ? kPauseFailing : kPause);
    }
  }
}

std::size_t MailReader::look() {
  reader_failing_ = false;
  more_ = false;
  const Result<std::size_t> taken = look_into(*parts_.settings());
  const std::string wrong(taken ? std::string_view() : taken.error().code);
  if (!taken && wrong != said_) {
    warn("intake_mail.failing", taken.error());
  }
  said_ = wrong;
  failing_ = !taken || !retries_.none() || reader_failing_;
  if (parts_.report) {
    parts_.report(failing_);
  }
  return taken ? *taken : 0;
}

Result<std::size_t> MailReader::look_into(const config::Config& config) {
  TUTELA_TRY_ASSIGN(const Maildir maildir, Maildir::open(config.intake.maildir));
  TUTELA_TRY_ASSIGN(const bool ours, claim_.hold(config.intake.maildir));
  if (!ours) {
    return std::size_t{0};  // another process reads it
  }
  TUTELA_TRY_ASSIGN(const std::vector<Letter> letters, waiting(maildir));
  std::size_t taken = 0;
  for (const Letter& letter : letters) {
    if (stop_) {
      break;
    }
    const std::string_view name = unique_of(letter.name);
    const Status done = take(maildir, letter, config);
    if (done) {
      ++taken;
      retries_.note_success(name);
    } else if (!is_gone(done) &&
               retries_.note_failure(name, done.error().code, parts_.clock.now_ms())) {
      warn("intake_mail.message_failed", done.error());
    }
  }
  more_ = taken > 0 && letters.size() == kLettersOfALook;
  replies_.send_all(maildir, config);
  return taken;
}

/// The oldest ones whose time it is.
Result<std::vector<Letter>> MailReader::waiting(const Maildir& maildir) {
  const UtcMs now_ms = parts_.clock.now_ms();
  retries_.begin_round();
  TUTELA_TRY_ASSIGN(std::vector<Letter> letters,
                    maildir.waiting(kLettersOfALook, [&](const Letter& letter) {
                      const std::string_view name = unique_of(letter.name);
                      const bool due = retries_.is_due(name, now_ms);
                      const bool answered = replies_.has(name) && letter.in_cur;
                      return due && !answered && !(is_owed(letter) && replies_.full());
                    }));
  retries_.end_round();
  return letters;
}

Status MailReader::take(const Maildir& maildir,
                        const Letter& letter,
                        const config::Config& config) {
  TUTELA_TRY_ASSIGN(const Fd fd, maildir.read(letter));
  TUTELA_TRY_ASSIGN(const std::string key, key_of(fd.get(), letter));
  TUTELA_TRY_ASSIGN(Draft draft, read(fd.get(), letter, config));
  Result<intake::Accepted> accepted = accept(fd.get(), key, draft);
  if (!accepted && accepted.error().kind == ErrorKind::kInvalidInput) {
    // Nothing is refused: as a file alone it is always a notice.
    warn("intake_mail.as_a_file", accepted.error());
    be_about_the_whole(draft, limits_of(fd.get(), config), letter.name);
    if (accepted.error().code == "notice.bad_contact") {
      draft.notice.contact.reset();
    }
    accepted = accept(fd.get(), key, draft);
  }
  if (!accepted && accepted.error().code == "idempotency.mismatch") {
    // The key is of its bytes, so it is a notice already, of a first attempt that read it otherwise
    // (with other limits, say): whether that one carries all of it is not known, so it stays.
    warn("intake_mail.read_otherwise", accepted.error());
    TUTELA_TRY_ASSIGN(std::optional<intake::Accepted> first,
                      parts_.notices.accepted_with(mailbox(), key));
    if (!first) {
      return accepted.error();
    }
    draft.stays = true;
    accepted = *std::move(first);
  }
  TUTELA_TRY(accepted);
  TUTELA_FAULT_POINT("intake_mail.after_accept");
  TUTELA_TRY(settle(maildir, letter, draft, *accepted, config));
  log::log_event(log::Level::kInfo,
                 "intake_mail.notice",
                 {{"id", to_string(accepted->id)},
                  {"queue", std::string(intake::to_string(accepted->queue))},
                  {"repeated", std::int64_t{accepted->repeated ? 1 : 0}}});
  parts_.wake();
  return ok();
}

/// It is a notice: what becomes of its message.
Status MailReader::settle(const Maildir& maildir,
                          const Letter& letter,
                          const Draft& draft,
                          intake::Accepted accepted,
                          const config::Config& config) {
  const bool remove = config.intake.maildir_keep == "remove" && !draft.stays;
  const bool replied = letter.in_cur && has_flag(letter, 'S') && has_flag(letter, 'R');
  const bool owes = !replied && replies_.is_wanted(draft, config);
  if (remove && !owes) {
    return maildir.remove(letter);
  }
  if (!owes) {
    TUTELA_TRY(maildir.mark(letter, replied ? kRepliedFlags : kDoneFlags));
    return ok();
  }
  TUTELA_TRY_ASSIGN(Letter moved, maildir.mark(letter, flags_for(kOwedFlags, remove)));
  TUTELA_FAULT_POINT("intake_mail.after_move");
  if (replies_.full()) {
    return ok();
  }
  if (accepted.pin.empty()) {
    // Of a process that ended before it sent the PIN, which nobody has.
    TUTELA_TRY_ASSIGN(accepted.pin, parts_.notices.renew_pin(mailbox(), accepted.id));
  }
  replies_.owe(std::move(moved), draft, accepted, config);
  return ok();
}

Result<Draft> MailReader::read(int fd, const Letter& letter, const config::Config& config) {
  const DraftLimits limits = limits_of(fd, config);
  std::optional<mail_message::MailMessage> message;
  bool unavailable = false;
  if (limits.message_bytes <= mail_message::kMessageBytesMax) {
    Result<mail_message::MailMessage> got = read_message(parts_.reader_program, fd);
    if (got) {
      message = *std::move(got);
    } else {
      unavailable = got.error().kind == ErrorKind::kUnavailable;
      reader_failing_ = reader_failing_ || unavailable;
      if (unavailable &&
          (is_owed(letter) || retries_.failures(unique_of(letter.name)) < kReaderTries)) {
        return got.error();  // that is mended, and then it can be read; a notice already can wait
      }
      warn("intake_mail.not_read", got.error());
    }
  }
  std::optional<intake::SealedContact> contact;
  if (message) {
    if (message->language.empty()) {
      message->language = language_of(config);
    }
    contact = seal_sender(*message);
  }
  Draft draft = message ? draft_of(*std::move(message), limits, letter.name, parts_.find_links)
                        : draft_of_unread(limits, letter.name);
  draft.stays = draft.stays || unavailable;
  draft.notice.contact = std::move(contact);
  // What nobody can be named for is of one source, so that masses of it are a flood, too.
  draft.notice.source =
      parts_.notices.source_of(draft.address.empty() ? "mail" : std::string_view(draft.address));
  return draft;
}

/// Where it cannot be sealed now, who wrote is kept with the whole message, which is.
std::optional<intake::SealedContact> MailReader::seal_sender(
    mail_message::MailMessage& message) const {
  const Sender sender = sender_of(message);
  if (!parts_.seal || (sender.name.empty() && sender.email.empty())) {
    return std::nullopt;
  }
  Result<intake::SealedContact> sealed = parts_.seal(sender.name, sender.email);
  if (!sealed) {
    warn("intake_mail.no_contact", sealed.error());
    message.incomplete = true;
    return std::nullopt;
  }
  return *std::move(sealed);
}

Result<Uuid> MailReader::receive(const Draft& draft,
                                 const std::string& key,
                                 const std::function<Status(pipeline::Intake&)>& append) {
  intake::NewNotice of = draft.notice;
  of.idempotency_key = key;
  TUTELA_TRY_ASSIGN(pipeline::Intake file, parts_.receive_file(mailbox(), of));
  TUTELA_TRY(append(file));
  TUTELA_TRY_ASSIGN(const Uuid id, file.finish());
  TUTELA_FAULT_POINT("intake_mail.after_file");
  return id;
}

Result<std::vector<Uuid>> MailReader::receive_files(int fd,
                                                    const std::string& key,
                                                    const Draft& draft) {
  std::vector<Uuid> ids;
  for (const Bytes& file : draft.files) {
    // By what they are: a second attempt may read the message otherwise, and in another order.
    const std::string text = key + to_hex(crypto::sha256_of(file));
    TUTELA_TRY_ASSIGN(const Uuid id,
                      receive(draft,
                              to_hex(crypto::sha256_of(as_bytes(text))),
                              [&](pipeline::Intake& into) { return into.append(file); }));
    ids.push_back(id);
  }
  if (draft.with_whole) {
    TUTELA_TRY_ASSIGN(
        const Uuid id,
        receive(draft, to_hex(crypto::sha256_of(as_bytes(key))), [&](pipeline::Intake& into) {
          return for_each_piece(fd, [&](ByteView piece) { return into.append(piece); });
        }));
    ids.push_back(id);
  }
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());  // the same file twice is one
  return ids;
}

Result<intake::Accepted> MailReader::accept(int fd, const std::string& key, Draft& draft) {
  TUTELA_TRY_ASSIGN(draft.notice.files, receive_files(fd, key, draft));
  draft.notice.idempotency_key = key;
  return parts_.notices.accept(mailbox(), draft.notice);
}

}  // namespace tutela::intake_mail
