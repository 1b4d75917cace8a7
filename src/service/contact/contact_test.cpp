#include "service/contact/contact.hpp"

#include <string>

#include <gtest/gtest.h>

#include "crypto/sealed_box.hpp"
#include "support/folder.hpp"

namespace tutela::contact {
namespace {

class ContactTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = store::Database::open({.path = folder_.path() / "tutela.db"});
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_;
};

TEST_F(ContactTest, WithoutAKeyNothingIsSealedAndTheErrorSaysWhy) {
  const auto sealed = seal(*database_, {"A Name", "", ""});
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, "contact.no_key");
  EXPECT_EQ(sealed.error().kind, ErrorKind::kUnavailable);
}

TEST_F(ContactTest, OnlyTheSecretKeyOpensWhatWasSealed) {
  const crypto::Key key = crypto::Key::random();
  const auto id = publish(*database_, crypto::box_public_key(key), 1000);
  ASSERT_TRUE(id) << id.error().message;
  const auto sealed = seal(*database_, {"\u00C4rla <b>", "a@example.org", "+49 30 1"});
  ASSERT_TRUE(sealed) << sealed.error().message;
  EXPECT_EQ(sealed->key_id, *id);
  EXPECT_EQ(sealed->sealed.find("example"), std::string::npos);
  EXPECT_FALSE(crypto::open_box(crypto::Key::random(), sealed->sealed));
  const auto plain = crypto::open_box(key, sealed->sealed);
  ASSERT_TRUE(plain) << plain.error().message;
  const auto contact = parse(*plain);
  ASSERT_TRUE(contact) << contact.error().message;
  EXPECT_EQ(contact->name, "\u00C4rla <b>");
  EXPECT_EQ(contact->email, "a@example.org");
  EXPECT_EQ(contact->phone, "+49 30 1");
}

TEST_F(ContactTest, TheKeyThatTheVaultHoldsNowIsTheNewestAlsoWhenItIsPutBack) {
  const crypto::Key first = crypto::Key::random();
  const crypto::Key second = crypto::Key::random();
  const auto sealed_with = [&] {
    const auto sealed = seal(*database_, {"", "a@example.org", ""});
    return sealed ? sealed->key_id : sealed.error().message;
  };
  const auto first_id = publish(*database_, crypto::box_public_key(first), 2000);
  ASSERT_TRUE(first_id);
  EXPECT_EQ(sealed_with(), *first_id);
  const auto second_id = publish(*database_, crypto::box_public_key(second), 1000);
  ASSERT_TRUE(second_id);
  EXPECT_EQ(sealed_with(), *second_id);
  ASSERT_TRUE(publish(*database_, crypto::box_public_key(first), 500));
  EXPECT_EQ(sealed_with(), *first_id);
}

TEST_F(ContactTest, WhatIsNoNameAddressOrNumberIsRefused) {
  EXPECT_EQ(check({std::string(201, 'a'), "", ""}).error().code, "contact.bad_name");
  EXPECT_EQ(check({"a\nb", "", ""}).error().code, "contact.bad_name");
  EXPECT_EQ(check({"\xC3\x28", "", ""}).error().code, "contact.bad_name");
  EXPECT_EQ(check({"", "nobody", ""}).error().code, "contact.bad_email");
  EXPECT_EQ(check({"", "a@b\r\nBcc: c@d", ""}).error().code, "contact.bad_email");
  EXPECT_EQ(check({"", "", std::string(65, '1')}).error().code, "contact.bad_phone");
  EXPECT_TRUE(check({std::string(200, 'a'), "a@b", std::string(64, '1')}));
  EXPECT_TRUE(check({}));
}

TEST_F(ContactTest, WhatHoldsNoContactIsCorrupt) {
  for (const std::string_view text : {"", "[]", "{}", R"({"name":1,"email":"","phone":""})"}) {
    const auto parsed = parse(as_bytes(text));
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, "contact.corrupt");
  }
}

}  // namespace
}  // namespace tutela::contact
