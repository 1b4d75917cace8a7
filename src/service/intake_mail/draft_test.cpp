#include "service/intake_mail/draft.hpp"

#include <gtest/gtest.h>

#include "base/utf8.hpp"

namespace tutela::intake_mail {
namespace {

using mail_message::MailMessage;

const DraftLimits kLimits = {.files_max = 3, .file_bytes_max = 1000, .message_bytes = 900};

MailMessage message_with(std::size_t files, std::size_t size = 10) {
  MailMessage message;
  message.address = "Some.One@Example.org";
  message.name = "Some One";
  message.subject = "About a post";
  message.text = "The words\n\n";
  message.message_id = "1@example.org";
  message.files.assign(files, Bytes(size, std::byte{1}));
  return message;
}

Draft drafted(MailMessage message, const DraftLimits& limits = kLimits) {
  return draft_of(std::move(message), limits, "1.a.host", {});
}

TEST(Draft, HasTheSubjectAboveTheText) {
  const Draft draft = drafted(message_with(3));
  EXPECT_EQ(draft.notice.body.text, "About a post\n\nThe words");
  EXPECT_EQ(draft.notice.channel, intake::Channel::kMail);
  EXPECT_EQ(draft.notice.kind, intake::Kind::kOther);
  EXPECT_EQ(draft.notice.sender, intake::Sender::kAnyone);
  EXPECT_FALSE(draft.notice.imminent);
  EXPECT_EQ(draft.files.size(), 3U);
  EXPECT_FALSE(draft.with_whole);
  EXPECT_FALSE(draft.stays);
  EXPECT_EQ(draft.address, "some.one@example.org");
  EXPECT_TRUE(draft.may_reply);
  EXPECT_TRUE(intake::check(draft.notice.body, true));
}

TEST(Draft, KeepsTheWholeWhereSomethingHasNoPlace) {
  const Draft many = drafted(message_with(4));
  EXPECT_EQ(many.files.size(), 2U);
  EXPECT_TRUE(many.with_whole);
  EXPECT_NE(many.notice.body.text.find("it came as a file"), std::string::npos);

  const Draft large = drafted(message_with(1, 1001));
  EXPECT_TRUE(large.files.empty());
  EXPECT_TRUE(large.with_whole);

  MailMessage cut = message_with(0);
  cut.incomplete = true;
  EXPECT_TRUE(drafted(cut).with_whole);

  MailMessage lengthy = message_with(3);
  lengthy.text = std::string(9000, 'x');
  const Draft draft = drafted(lengthy);
  EXPECT_TRUE(draft.with_whole);
  EXPECT_EQ(draft.files.size(), 2U);
  EXPECT_EQ(draft.notice.body.text.size(), 8000U);
  EXPECT_TRUE(intake::check(draft.notice.body, true));
}

TEST(Draft, ATextHasAsManyCharactersInEveryScript) {
  const auto many = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += "\xD8\xB4";
    }
    return text;
  };
  MailMessage message;
  message.text = many(intake::kTextMax);
  const Draft whole = drafted(message);
  EXPECT_FALSE(whole.with_whole);
  EXPECT_EQ(whole.notice.body.text, message.text);
  message.text = many(intake::kTextMax + 1);
  const Draft cut = drafted(message);
  EXPECT_TRUE(cut.with_whole);
  EXPECT_EQ(utf8_length(cut.notice.body.text), intake::kTextMax);
  EXPECT_TRUE(intake::check(cut.notice.body, true));
  message.name = many(300);
  EXPECT_EQ(utf8_length(sender_of(message).name), 200U);
}

TEST(Draft, NamesTheMailboxWhereTheWholeHasNoPlaceEither) {
  const Draft none =
      drafted(message_with(1), {.files_max = 0, .file_bytes_max = 1000, .message_bytes = 900});
  EXPECT_FALSE(none.with_whole);
  EXPECT_TRUE(none.files.empty());
  EXPECT_NE(none.notice.body.text.find("1.a.host"), std::string::npos);
  const Draft large =
      drafted(message_with(4), {.files_max = 3, .file_bytes_max = 1000, .message_bytes = 2000});
  EXPECT_FALSE(large.with_whole);
  EXPECT_EQ(large.files.size(), 3U);
  EXPECT_TRUE(large.stays);
  EXPECT_NE(large.notice.body.text.find("1.a.host"), std::string::npos);
  EXPECT_TRUE(intake::check(large.notice.body, true));
}

TEST(Draft, NamesItTheSameWhateverItsFlagsAre) {
  const DraftLimits none = {.files_max = 0, .file_bytes_max = 1000, .message_bytes = 900};
  const Draft before = draft_of(message_with(1), none, "1.a.host", {});
  const Draft owed = draft_of(message_with(1), none, "1.a.host:2,FS", {});
  EXPECT_EQ(owed.notice.body.text, before.notice.body.text);
  EXPECT_EQ(draft_of_unread(none, "1.a.host:2,FS").notice.body.text,
            draft_of_unread(none, "1.a.host").notice.body.text);
}

TEST(Draft, IsSomethingWhereThereIsNothing) {
  const Draft draft = drafted({});
  EXPECT_FALSE(draft.notice.body.text.empty());
  EXPECT_FALSE(draft.may_reply);
  EXPECT_TRUE(draft.address.empty());
  EXPECT_TRUE(intake::check(draft.notice.body, false));
  const Draft unread = draft_of_unread(kLimits, "1.a.host");
  EXPECT_TRUE(unread.with_whole);
  EXPECT_TRUE(intake::check(unread.notice.body, true));
  const Draft lost =
      draft_of_unread({.files_max = 5, .file_bytes_max = 10, .message_bytes = 11}, "1.a.host");
  EXPECT_FALSE(lost.with_whole);
  EXPECT_TRUE(lost.stays);
  EXPECT_NE(lost.notice.body.text.find("1.a.host"), std::string::npos);
  EXPECT_TRUE(intake::check(lost.notice.body, false));
}

TEST(Draft, NeverAnswersProgramsNorWhatIsNoAddress) {
  MailMessage message = message_with(0);
  message.automatic = true;
  EXPECT_FALSE(drafted(message).may_reply);
  for (const char* const address : {"", "no address", "a@b@c", "a@b\r\nBcc: c@d", "<a@b>"}) {
    message = message_with(0);
    message.address = address;
    EXPECT_FALSE(drafted(message).may_reply) << address;
  }
}

TEST(Draft, KnowsWhoWrote) {
  EXPECT_EQ(sender_of(message_with(0)).name, "Some One");
  EXPECT_EQ(sender_of(message_with(0)).email, "some.one@example.org");
  MailMessage message = message_with(0);
  message.address = "no address";
  EXPECT_EQ(sender_of(message).name, "Some One <no address>");
  EXPECT_EQ(sender_of(message).email, "");
  message.name.clear();
  message.address = std::string(300, 'x') + "@example.org";
  EXPECT_EQ(sender_of(message).name.size(), 200U);
  EXPECT_EQ(sender_of({}).name, "");
}

TEST(Draft, IsAboutTheWholeWhereItsWordsAreRefused) {
  Draft draft = drafted(message_with(3));
  be_about_the_whole(draft, kLimits, "1.a.host");
  EXPECT_TRUE(draft.with_whole);
  EXPECT_TRUE(draft.files.empty());
  EXPECT_TRUE(draft.may_reply);
  EXPECT_EQ(draft.address, "some.one@example.org");
  EXPECT_TRUE(intake::check(draft.notice.body, true));
}

TEST(Draft, FindsLinksInSubjectAndText) {
  const FindLinks find = [](std::string_view text) {
    EXPECT_EQ(text, "About a post\n\nThe words");
    std::vector<std::string> links(60, "https://example.com/a");
    links[0].resize(2001, 'x');
    return links;
  };
  const Draft draft = draft_of(message_with(0), kLimits, "1.a.host", find);
  EXPECT_EQ(draft.notice.body.links.size(), 50U);
  EXPECT_EQ(draft.notice.body.links[0], "https://example.com/a");
  EXPECT_TRUE(intake::check(draft.notice.body, false));
}

TEST(Draft, SpeaksGermanOnlyToThoseWhoDo) {
  MailMessage message = message_with(0);
  message.language = "de";
  EXPECT_EQ(drafted(message).notice.language, "de");
  message.language = "xx";
  EXPECT_EQ(drafted(message).notice.language, "en");
}

}  // namespace
}  // namespace tutela::intake_mail
