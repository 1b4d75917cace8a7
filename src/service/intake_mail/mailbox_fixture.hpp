// A mailbox with everything behind it but the mail server: a real pipeline, real notices, and the
// program that reads messages. For tests.
#pragma once

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/base64.hpp"
#include "service/intake_mail/mail_reader.hpp"
#include "support/folder.hpp"
#include "support/pipelines.hpp"

namespace tutela::intake_mail {

inline constexpr UtcMs kMailStart = 1'800'000'000'000;

inline intake::Rules mail_rules() {
  intake::Rules rules;
  rules.promises.ms.fill(3'600'000);
  return rules;
}

inline std::string mail_of(const std::string& head, const std::string& body) {
  return "From: Some One <Some.One@example.org>\r\nTo: report@example.com\r\nMessage-ID: "
         "<1@example.org>\r\nMIME-Version: 1.0\r\n" +
         head + "\r\n" + body;
}

inline std::string mail_with_files(const std::vector<std::string>& files) {
  std::string body = "--b\r\nContent-Type: text/plain\r\n\r\nPlease look.\r\n";
  for (const std::string& file : files) {
    body +=
        "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "
        "filename=\"../../../tmp/tutela-escaped\"\r\n\r\n" +
        file + "\r\n";
  }
  return mail_of("Subject: Files\r\nContent-Type: multipart/mixed; boundary=b\r\n",
                 body + "--b--\r\n");
}

class Mailbox {
 public:
  explicit Mailbox(const std::filesystem::path& folder)
      : maildir_(folder / "mail"), config_(testing::pipeline_config(folder / "store")) {
    for (const char* const each : {"new", "cur", "tmp"}) {
      std::filesystem::create_directories(maildir_ / each);
    }
    config_.intake.maildir = maildir_;
    config_.intake.service_name = "Example";
    Result<std::unique_ptr<pipeline::Pipeline>> opened = pipeline::Pipeline::open(config_, clock_);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    pipeline_ = *std::move(opened);
    Result<crypto::Key> key = crypto::load_or_create_key(folder / "store" / "intake.key");
    EXPECT_TRUE(key);
    notices_ = std::make_unique<intake::Notices>(
        pipeline_->database(), clock_, *std::move(key), [] { return mail_rules(); });
    restart();
  }

  /// Another reader on the same mailbox, as after a start.
  void restart() {
    reader_.reset();
    reader_ = another();
  }

  /// Another reader beside it.
  [[nodiscard]] std::unique_ptr<MailReader> another() {
    Parts parts{
        .settings = [this] { return std::make_shared<const config::Config>(config_); },
        .notices = *notices_,
        .receive_file = [this](const store::Actor& actor,
                               const intake::NewNotice& notice) { return receive(actor, notice); },
        .seal = [this](const std::string& name,
                       const std::string& email) { return seal(name, email); },
        .find_links = find_links_,
        .wake = [this] { ++woken_; },
        .report = {},
        .clock = clock_,
        .reader_program = program_};
    return std::make_unique<MailReader>(std::move(parts));
  }

  void deliver(const std::string& name, const std::string& message) {
    std::ofstream(maildir_ / "tmp" / name, std::ios::binary) << message;
    std::filesystem::rename(maildir_ / "tmp" / name, maildir_ / "new" / name);
  }

  [[nodiscard]] std::vector<intake::Notice> all() {
    intake::Filter filter;
    filter.limit = 200;
    Result<intake::Page> page = notices_->list("default", filter);
    EXPECT_TRUE(page);
    return page ? page->notices : std::vector<intake::Notice>();
  }

  [[nodiscard]] intake::Whole whole(const Uuid& id) {
    Result<intake::Whole> whole = notices_->whole("default", id);
    EXPECT_TRUE(whole) << (whole ? "" : whole.error().message);
    return whole ? *std::move(whole) : intake::Whole();
  }

  /// The only one there is.
  intake::Whole only() {
    const std::vector<intake::Notice> notices = all();
    EXPECT_EQ(notices.size(), 1U);
    return notices.empty() ? intake::Whole() : whole(notices.front().id);
  }

  [[nodiscard]] std::vector<std::string> names(const char* where) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(maildir_ / where)) {
      found.push_back(entry.path().filename().string());
    }
    std::ranges::sort(found);
    return found;
  }

  [[nodiscard]] std::int64_t size_of(const Uuid& content) {
    return std::stoll("0" + testing::text_of(*pipeline_,
                                             "SELECT CAST(size_bytes AS TEXT) FROM content WHERE "
                                             "id = '" +
                                                 to_string(content) + "'"));
  }

  [[nodiscard]] std::string sha256_of(const Uuid& content) {
    return testing::text_of(*pipeline_,
                            "SELECT sha256 FROM content WHERE id = '" + to_string(content) + "'")
        .substr(0, 64);
  }

  /// Items whose bytes lie in the sealed spool.
  [[nodiscard]] std::size_t spooled() {
    const Result<std::vector<Uuid>> items = pipeline_->spool().list();
    EXPECT_TRUE(items);
    return items ? items->size() : 0;
  }

  [[nodiscard]] std::int64_t contents() {
    return std::stoll(testing::text_of(*pipeline_, "SELECT CAST(COUNT(*) AS TEXT) FROM content"));
  }

  MailReader& reader() { return *reader_; }

  config::Config& config() { return config_; }

  ManualClock& clock() { return clock_; }

  intake::Notices& notices() { return *notices_; }

  [[nodiscard]] const std::filesystem::path& maildir() const { return maildir_; }

  void use_program(std::filesystem::path program) {
    program_ = std::move(program);
    restart();
  }

  void seal_with(std::string sealed) { sealed_ = std::move(sealed); }

  void fail_to_seal() { seal_fails_ = true; }

  void fail_files(bool fail) { files_fail_ = fail; }

  void find_links_with(FindLinks find_links) {
    find_links_ = std::move(find_links);
    restart();
  }

  [[nodiscard]] int woken() const { return woken_; }

 private:
  Result<pipeline::Intake> receive(const store::Actor& actor, const intake::NewNotice& notice) {
    if (files_fail_) {
      return Error{ErrorKind::kUnavailable, "spool.full", "there is no room"};
    }
    return pipeline_->receive({.actor = actor,
                               .door = "intake",
                               .source = "notice",
                               .external_id = std::nullopt,
                               .idempotency_key = notice.idempotency_key});
  }

  Result<intake::SealedContact> seal(const std::string& name, const std::string& email) {
    if (seal_fails_) {
      return Error{ErrorKind::kUnavailable, "contact.no_key", "there is no key"};
    }
    return intake::SealedContact{
        "0123456789abcdef", sealed_.empty() ? crypto::to_base64(as_bytes(name + email)) : sealed_};
  }

  std::filesystem::path maildir_;
  config::Config config_;
  ManualClock clock_{kMailStart};
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::unique_ptr<intake::Notices> notices_;
  std::filesystem::path program_ = std::filesystem::path(TUTELA_BINARY_DIR) / "bin" / "tutela-mail";
  std::string sealed_;
  bool seal_fails_ = false;
  bool files_fail_ = false;
  FindLinks find_links_;
  int woken_ = 0;
  std::unique_ptr<MailReader> reader_;
};

}  // namespace tutela::intake_mail
