// The mailbox as the desk runs it: mail in, a case out.
#include <chrono>
#include <fstream>
#include <functional>
#include <thread>

#include "crypto/sealed_box.hpp"
#include "service/contact/contact.hpp"
#include "service/intake/desk_fixture.hpp"

namespace tutela::intake_service {
namespace {

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 600; ++i) {
    if (holds()) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

class MailboxTest : public ::testing::Test {
 protected:
  MailboxTest() {
    for (const char* const each : {"new", "cur", "tmp"}) {
      std::filesystem::create_directories(maildir_ / each);
    }
    place_.config_->intake.maildir = maildir_;
  }

  void deliver(const std::string& name, const std::string& body) {
    std::ofstream(maildir_ / "tmp" / name)
        << "From: Some One <some.one@example.org>\r\nSubject: Forwarded notice\r\n"
           "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
           "Content-Type: text/plain\r\n\r\n"
        << body << "\r\n--b\r\nContent-Type: image/bmp\r\n\r\nBM no picture\r\n--b--\r\n";
    std::filesystem::rename(maildir_ / "tmp" / name, maildir_ / "new" / name);
  }

  const testing::TemporaryFolder folder_;
  const std::filesystem::path maildir_ = folder_.path() / "mail";
  Place place_{folder_.path() / "store"};
};

TEST_F(MailboxTest, AForwardedNoticeJoinsTheCaseOfItsLinkAndItsSenderIsSealed) {
  const Result<crypto::Key> key = crypto::load_or_create_key(folder_.path() / "vault.key");
  ASSERT_TRUE(key);
  const auto published =
      contact::publish(place_.pipeline_->database(), crypto::box_public_key(*key), 1000);
  ASSERT_TRUE(published) << published.error().message;
  const intake::Accepted told = place_.accept(Place::about("", "https://example.org/post/7"));
  deliver("1.a.host", "They say: hxxps://example[.]org/post/7 is still there.");
  place_.desk_->start();
  intake::Filter by_case;
  EXPECT_TRUE(eventually([&] {
    const intake::Notice first = place_.get(told.id);
    by_case.case_id = first.case_id;
    const auto page = place_.desk_->notices().list("default", by_case);
    return first.case_id && page && page->notices.size() == 2;
  }));
  const auto page = place_.desk_->notices().list("default", by_case);
  ASSERT_TRUE(page);
  for (const intake::Notice& notice : page->notices) {
    if (notice.channel != intake::Channel::kMail) {
      continue;
    }
    const auto whole = place_.desk_->notices().whole("default", notice.id);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->body.links, std::vector<std::string>({"https://example.org/post/7"}));
    EXPECT_EQ(whole->files.size(), 1U);
    EXPECT_TRUE(notice.has_contact);
    const std::string sealed = place_.text("SELECT sealed FROM notice_contact");
    EXPECT_EQ(sealed.find("some.one"), std::string::npos);
    const auto plain = crypto::open_box(*key, sealed.substr(0, sealed.size() - 1));
    ASSERT_TRUE(plain);
    EXPECT_EQ(contact::parse(*plain)->email, "some.one@example.org");
  }
  place_.desk_->request_stop();
}

TEST_F(MailboxTest, TheWatchHearsOfAMailboxThatCannotBeRead) {
  std::filesystem::rename(maildir_, folder_.path() / "away");
  place_.desk_->start();
  EXPECT_TRUE(eventually([&] { return place_.desk_->state().mail_failing; }));
}

}  // namespace
}  // namespace tutela::intake_service
