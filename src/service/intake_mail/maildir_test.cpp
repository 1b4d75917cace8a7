#include "service/intake_mail/maildir.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/folder.hpp"

namespace tutela::intake_mail {
namespace {

class MaildirTest : public ::testing::Test {
 protected:
  MaildirTest() {
    for (const char* const each : {"new", "cur", "tmp"}) {
      std::filesystem::create_directory(folder_.path() / each);
    }
  }

  void put(const std::string& where, const std::string& text = "x") {
    std::ofstream(folder_.path() / where) << text;
  }

  std::string names_of(const Result<std::vector<Letter>>& letters) {
    std::string names;
    EXPECT_TRUE(letters);
    for (const Letter& letter : *letters) {
      names += (letter.in_cur ? "cur/" : "new/") + letter.name + " ";
    }
    return names;
  }

  Maildir open() {
    Result<Maildir> maildir = Maildir::open(folder_.path());
    EXPECT_TRUE(maildir);
    return *std::move(maildir);
  }

  const testing::TemporaryFolder folder_;
};

TEST_F(MaildirTest, KnowsNamesAndFlags) {
  EXPECT_EQ(unique_of("1.a.host:2,FS"), "1.a.host");
  EXPECT_EQ(unique_of("1.a.host"), "1.a.host");
  EXPECT_EQ(flags_of("1.a.host:2,FS"), "FS");
  EXPECT_EQ(flags_of("1.a.host:1,x"), "");
  EXPECT_EQ(flags_of(""), "");
}

TEST_F(MaildirTest, ListsTheOldestWithWhichSomethingIsToBeDone) {
  put("new/3.c.h");
  put("new/1.a.h");
  put("cur/2.b.h:2,");
  put("cur/4.d.h:2,S");
  put("cur/5.e.h:2,FS");
  put("cur/6.f.h:2,RS");
  put("cur/8.h.h:2,RST");
  put("new/.hidden");
  put("tmp/7.g.h");
  std::filesystem::create_directory(folder_.path() / "new" / "folder");
  std::filesystem::create_symlink("/etc/passwd", folder_.path() / "new" / "link");
  ASSERT_EQ(::mkfifo((folder_.path() / "new" / "pipe").c_str(), 0600), 0);
  const Maildir maildir = open();
  const auto any = [](const Letter&) {
    return true;
  };
  EXPECT_EQ(names_of(maildir.waiting(10, any)),
            "new/1.a.h cur/2.b.h:2, new/3.c.h cur/5.e.h:2,FS cur/8.h.h:2,RST ");
  EXPECT_EQ(names_of(maildir.waiting(2, any)), "new/1.a.h cur/2.b.h:2, ");
  EXPECT_EQ(names_of(maildir.waiting(0, any)), "");
  EXPECT_EQ(names_of(maildir.waiting(2, [](const Letter& letter) { return letter.in_cur; })),
            "cur/2.b.h:2, cur/5.e.h:2,FS ");
}

TEST_F(MaildirTest, HasTheOldestOfManyInTheirOrder) {
  for (int i = 500; i > 100; --i) {
    put("new/" + std::to_string(i));
  }
  const auto letters = open().waiting(50, [](const Letter&) { return true; });
  ASSERT_TRUE(letters);
  ASSERT_EQ(letters->size(), 50U);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ((*letters)[i].name, std::to_string(101 + i));
  }
}

TEST_F(MaildirTest, RemovesOneOnce) {
  put("new/1.a.h");
  put("cur/2.b.h:2,RST");
  const Maildir maildir = open();
  EXPECT_TRUE(maildir.remove({"1.a.h", false}));
  EXPECT_TRUE(maildir.remove({"2.b.h:2,RST", true}));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "new" / "1.a.h"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "cur" / "2.b.h:2,RST"));
  const Status again = maildir.remove({"1.a.h", false});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "mail.unremovable");
}

TEST_F(MaildirTest, IsHeldByOneReader) {
  Claim one;
  EXPECT_TRUE(*one.hold(folder_.path()));
  EXPECT_TRUE(*one.hold(folder_.path())) << "again";
  {
    Claim two;
    EXPECT_FALSE(*two.hold(folder_.path()));
    EXPECT_TRUE(*two.hold(folder_.path() / "tmp")) << "another folder";
    EXPECT_FALSE(*one.hold(folder_.path() / "tmp"));
    EXPECT_TRUE(*two.hold(folder_.path())) << "the first let go of it";
  }
  EXPECT_TRUE(*one.hold(folder_.path()));
  EXPECT_FALSE(one.hold(folder_.path() / "none"));
}

TEST_F(MaildirTest, MovesAndNeverReplaces) {
  put("new/1.a.h", "first");
  const Maildir maildir = open();
  const Result<Letter> moved = maildir.mark({"1.a.h", false}, "FS");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->name, "1.a.h:2,FS");
  const Result<Letter> again = maildir.mark(*moved, "RS");
  ASSERT_TRUE(again);
  EXPECT_TRUE(maildir.mark(*again, "RS")) << "it has them already";
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "cur" / "1.a.h:2,RS"));
  put("new/1.a.h", "another");
  const Result<Letter> refused = maildir.mark({"1.a.h", false}, "RS");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "mail.unmovable");
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "new" / "1.a.h"));
}

TEST_F(MaildirTest, ReadsFilesAndNothingElse) {
  put("new/1.a.h");
  std::filesystem::create_symlink("/etc/passwd", folder_.path() / "new" / "link");
  ASSERT_EQ(::mkfifo((folder_.path() / "new" / "pipe").c_str(), 0600), 0);
  const Maildir maildir = open();
  EXPECT_TRUE(maildir.read({"1.a.h", false}));
  EXPECT_FALSE(maildir.read({"link", false}));
  EXPECT_FALSE(maildir.read({"pipe", false}));
  const Result<Fd> gone = maildir.read({"2.b.h", false});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::kNotFound);
}

TEST_F(MaildirTest, SaysWhereThereIsNone) {
  const Result<Maildir> none = Maildir::open(folder_.path() / "none");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "mail.no_maildir");
  std::filesystem::remove(folder_.path() / "cur");
  EXPECT_FALSE(Maildir::open(folder_.path()));
}

}  // namespace
}  // namespace tutela::intake_mail
