#include "service/intake_mail/mail_reader.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "crypto/digest.hpp"
#include "service/intake_mail/child.hpp"
#include "service/intake_mail/reply.hpp"
#include "service/log/log.hpp"

namespace tutela::intake_mail {

namespace {

constexpr std::size_t kLettersOfALook = 100;
constexpr std::size_t kOwedMax = 1000;
constexpr int kRepliesADay = 5;
constexpr std::size_t kSendersADay = 100'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kSendAgainMs = 60'000;
constexpr std::int64_t kSendTimeoutMs = 20'000;
constexpr std::chrono::seconds kPause{2};
constexpr std::chrono::seconds kPauseFailing{10};

// Flags of a message that is a notice: see maildir.hpp.
constexpr std::string_view kDone = "S";
constexpr std::string_view kOwed = "FS";
constexpr std::string_view kReplied = "RS";

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

mail::Options options_for(const std::string& to, const config::SmtpConfig& smtp) {
  mail::Options options;
  options.server = smtp.server;
  options.username = smtp.username;
  options.password = smtp.password;
  options.from = smtp.from;
  options.to = to;
  options.ca_file = smtp.ca_file;
  options.allow_plain = smtp.allow_plain;
  options.timeout_ms = kSendTimeoutMs;
  options.null_sender = true;
  return options;
}

/// Addresses of mail, in any case.
bool is_same(const std::string& one, const std::string& other) {
  return ::strcasecmp(one.c_str(), other.c_str()) == 0;
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
    const bool more = look() >= kLettersOfALook;
    const MutexLock lock(mutex_);
    if (!stop_ && !more) {
      changed_.wait_for(mutex_, failing_ ? kPauseFailing : kPause);
    }
  }
}

std::size_t MailReader::look() {
  const std::shared_ptr<const config::Config> config = parts_.settings();
  std::size_t taken = 0;
  std::size_t failed = 0;
  reader_failing_ = false;
  const Result<Maildir> maildir = Maildir::open(config->intake.maildir);
  Result<std::vector<Letter>> letters =
      maildir ? maildir->waiting(kLettersOfALook) : Result<std::vector<Letter>>(maildir.error());
  if (letters && !looked_for_owed_) {
    // Whoever was owed an answer when the last process ended.
    Result<std::vector<Letter>> owed = maildir->owed(kOwedMax);
    looked_for_owed_ = owed.has_value();
    if (owed) {
      letters->insert(letters->end(), owed->begin(), owed->end());
    }
  }
  if (!letters) {
    complain("intake_mail.failing", "", letters.error());
    failed = 1;
  } else {
    for (const Letter& letter : *letters) {
      const Status done = stop_ ? ok() : take(*maildir, letter, *config);
      if (!done && !is_gone(done)) {
        complain("intake_mail.message_failed", letter.name, done.error());
        ++failed;
      }
      taken += done && !stop_ ? 1U : 0U;
    }
    send_replies(*maildir, *config);
  }
  failing_ = failed > 0 || reader_failing_;
  said_ = std::exchange(saying_, {});
  if (parts_.report) {
    parts_.report(failing_);
  }
  return taken;
}

/// What stays wrong is said once.
void MailReader::complain(std::string_view event, const std::string& letter, const Error& error) {
  const std::string what = letter + ' ' + std::string(error.code);
  if (!said_.contains(what)) {
    warn(event, error);
  }
  saying_.insert(what);
}

Status MailReader::take(const Maildir& maildir,
                        const Letter& letter,
                        const config::Config& config) {
  TUTELA_TRY_ASSIGN(const Fd fd, maildir.read(letter));
  TUTELA_TRY_ASSIGN(const std::string key, key_of(fd.get(), letter));
  TUTELA_TRY_ASSIGN(Draft draft, read(fd.get(), letter, config));
  add_sender(draft);
  Result<intake::Accepted> accepted = accept(fd.get(), key, draft);
  if (!accepted && accepted.error().code == "idempotency.mismatch") {
    // It is a notice already, of a first attempt that read it otherwise (with other limits, say).
    return maildir.mark(letter, kDone) ? ok() : Status(accepted.error());
  }
  if (!accepted && accepted.error().kind == ErrorKind::kInvalidInput) {
    // Nothing is refused: as a file alone it is always a notice.
    warn("intake_mail.as_a_file", accepted.error());
    Draft bare = draft_of_unread(limits_of(fd.get(), config), letter.name);
    bare.notice.source = draft.notice.source;
    draft = std::move(bare);
    accepted = accept(fd.get(), key, draft);
  }
  TUTELA_TRY(accepted);
  TUTELA_FAULT_POINT("intake_mail.after_accept");
  const bool reply = may_reply(draft, config);
  TUTELA_TRY_ASSIGN(Letter moved, maildir.mark(letter, reply ? kOwed : kDone));
  TUTELA_FAULT_POINT("intake_mail.after_move");
  if (reply) {
    owed_.push_back({std::move(moved), draft.address, reply_to(draft, *accepted, config)});
  }
  log::log_event(log::Level::kInfo,
                 "intake_mail.notice",
                 {{"id", to_string(accepted->id)},
                  {"queue", std::string(intake::to_string(accepted->queue))},
                  {"repeated", std::int64_t{accepted->repeated ? 1 : 0}}});
  parts_.wake();
  return ok();
}

Result<Draft> MailReader::read(int fd, const Letter& letter, const config::Config& config) {
  const DraftLimits limits = limits_of(fd, config);
  if (limits.message_bytes > mail_message::kMessageBytesMax) {
    return draft_of_unread(limits, letter.name);
  }
  Result<mail_message::MailMessage> message = read_message(parts_.reader_program, fd);
  if (!message) {
    warn("intake_mail.not_read", message.error());
    reader_failing_ = reader_failing_ || message.error().kind == ErrorKind::kUnavailable;
    return draft_of_unread(limits, letter.name);
  }
  if (message->language.empty()) {
    message->language = language_of(config);
  }
  return draft_of(*std::move(message), limits, letter.name, parts_.find_links);
}

void MailReader::add_sender(Draft& draft) {
  // What nobody can be named for is of one source, so that masses of it are a flood, too.
  draft.notice.source =
      parts_.notices.source_of(draft.address.empty() ? "mail" : std::string_view(draft.address));
  if (draft.address.empty() || !parts_.seal) {
    return;
  }
  Result<intake::SealedContact> sealed = parts_.seal(draft.name, draft.address);
  if (sealed) {
    draft.notice.contact = *std::move(sealed);
  } else {
    warn("intake_mail.no_contact", sealed.error());
  }
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

bool MailReader::may_reply(const Draft& draft, const config::Config& config) {
  if (!draft.may_reply || !config.intake.mail_reply || config.smtp.server.empty() ||
      owed_.size() >= kOwedMax || is_same(draft.address, config.smtp.from) ||
      !mail::check(options_for(draft.address, config.smtp))) {
    return false;
  }
  const std::int64_t day = parts_.clock.now_ms() / kDayMs;
  if (day != replies_day_) {
    replies_.clear();
    replies_day_ = day;
  }
  return (replies_.size() < kSendersADay || replies_.contains(draft.notice.source)) &&
         ++replies_[draft.notice.source] <= kRepliesADay;
}

std::string MailReader::reply_to(const Draft& draft,
                                 const intake::Accepted& accepted,
                                 const config::Config& config) const {
  mail::Head head;
  head.from = config.smtp.from;
  head.to = draft.address;
  head.at_ms = parts_.clock.now_ms();
  head.message_id = to_string(new_uuid(head.at_ms)) + head.from.substr(head.from.find('@'));
  head.in_reply_to = draft.message_id;
  return reply_message(head,
                       {.number = accepted.number,
                        .pin = accepted.pin,
                        .due_ms = accepted.due_ms,
                        .language = draft.notice.language,
                        .service = config.intake.service_name,
                        .public_url = config.intake.public_url});
}

void MailReader::send_replies(const Maildir& maildir, const config::Config& config) {
  if (owed_.empty() || parts_.clock.now_ms() < send_again_ms_) {
    return;
  }
  std::vector<Owed> later;
  for (Owed& owed : owed_) {
    const bool try_it = later.empty() && !stop_;
    const Status sent = try_it ? send(maildir, owed, config) : ok();
    if (!sent) {
      warn("intake_mail.reply_waits", sent.error());
      send_again_ms_ = parts_.clock.now_ms() + kSendAgainMs;
    }
    if (!try_it || !sent) {
      later.push_back(std::move(owed));
    }
  }
  owed_ = std::move(later);
}

/// It counts as answered before it is sent, so that nobody is answered twice.
Status MailReader::send(const Maildir& maildir, Owed& owed, const config::Config& config) {
  TUTELA_TRY_ASSIGN(owed.letter, maildir.mark(owed.letter, kReplied));
  TUTELA_FAULT_POINT("intake_mail.before_send");
  const mail::Answer answer = mail::send(options_for(owed.to, config.smtp), owed.message, &stop_);
  TUTELA_FAULT_POINT("intake_mail.after_send");
  if (answer.outcome != mail::Outcome::kTrouble && answer.outcome != mail::Outcome::kCredentials) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(owed.letter, maildir.mark(owed.letter, kOwed));
  return Error{ErrorKind::kUnavailable, "mail.not_sent", "the mail server takes nothing now"};
}

}  // namespace tutela::intake_mail
