#include "service/intake_page/form.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tutela::intake_page {
namespace {

Fields fields_of(std::string_view body) {
  auto fields = parse_urlencoded(body);
  EXPECT_TRUE(fields);
  return fields ? *std::move(fields) : Fields();
}

Filled report_of(std::string_view body, bool has_files = false) {
  auto filled = notice_of(FormKind::kReport, fields_of(body), has_files);
  EXPECT_TRUE(filled);
  return filled ? *std::move(filled) : Filled();
}

TEST(Form, DecodesAsBrowsersEncode) {
  const Fields fields = fields_of("text=a+b%26c%0D%0Ad&lang=de&text=second");
  EXPECT_EQ(fields.get("text"), "a b&c\nd");
  EXPECT_EQ(fields.get("lang"), "de");
  EXPECT_EQ(fields.get("none"), "");
}

TEST(Form, RefusesWhatIsMalformedOrTooLarge) {
  EXPECT_EQ(parse_urlencoded("a=%").error().code, "request.malformed");
  EXPECT_EQ(parse_urlencoded("a=%zz").error().code, "request.malformed");
  EXPECT_EQ(parse_urlencoded("a=" + std::string(kFormBytesMax, 'x')).error().code,
            "request.too_large");
  std::string many;
  for (std::size_t i = 0; i < kFieldsMax + 1; ++i) {
    many += "f" + std::to_string(i) + "=1&";
  }
  EXPECT_EQ(parse_urlencoded(many).error().code, "request.too_large");
}

TEST(Form, AReportSaysWhatWasChosen) {
  const Filled filled = report_of(
      "imminent=yes&kind=solicitation&about=victim&country=DE&lang=de&text=help&"
      "links=https%3A%2F%2Fexample.org%2F1%0D%0A%0D%0A+second+&accounts=x&chat=x%3A+hello&"
      "name=A&email=a%40example.org");
  const intake::NewNotice& notice = filled.notice;
  EXPECT_EQ(notice.channel, intake::Channel::kPage);
  EXPECT_EQ(notice.kind, intake::Kind::kSolicitation);
  EXPECT_EQ(notice.sender, intake::Sender::kVictim);
  EXPECT_TRUE(notice.imminent);
  EXPECT_EQ(notice.country, "DE");
  EXPECT_EQ(notice.language, "de");
  EXPECT_EQ(notice.body.links, (std::vector<std::string>{"https://example.org/1", "second"}));
  ASSERT_EQ(notice.body.messages.size(), 1U);
  EXPECT_EQ(notice.body.messages[0].who, "x");
  EXPECT_EQ(filled.contact.email, "a@example.org");
  EXPECT_FALSE(notice.proved);
}

TEST(Form, NothingNeedsToBeChosen) {
  EXPECT_EQ(report_of("links=a").notice.kind, intake::Kind::kContent);
  EXPECT_EQ(report_of("", true).notice.kind, intake::Kind::kContent);
  EXPECT_EQ(report_of("chat=a%3A+b").notice.kind, intake::Kind::kSolicitation);
  EXPECT_EQ(report_of("accounts=a").notice.kind, intake::Kind::kAccount);
  EXPECT_EQ(report_of("text=a").notice.kind, intake::Kind::kOther);
  EXPECT_EQ(report_of("text=a").notice.sender, intake::Sender::kAnyone);
  EXPECT_FALSE(report_of("text=a").notice.imminent);
}

TEST(Form, APersonCannotSayThatTheyAreAnAuthorityOrAPartner) {
  const Filled filled = report_of("text=a&kind=law_request&about=authority&country=X1");
  EXPECT_EQ(filled.notice.kind, intake::Kind::kOther);
  EXPECT_EQ(filled.notice.sender, intake::Sender::kAnyone);
  EXPECT_EQ(filled.notice.country, "");
}

TEST(Form, AnAuthoritysFieldsStandBeforeItsWords) {
  const Fields fields =
      fields_of("asks=preservation&agency=Police&role=Officer&basis=law&text=words&reference=7/26");
  const auto filled = notice_of(FormKind::kLaw, fields, false);
  ASSERT_TRUE(filled);
  EXPECT_EQ(filled->notice.kind, intake::Kind::kLawRequest);
  EXPECT_EQ(filled->notice.sender, intake::Sender::kAuthority);
  EXPECT_EQ(filled->notice.reference, "7/26");
  EXPECT_EQ(filled->notice.body.text,
            "Asks for: preservation\nAgency: Police\nRole: Officer\nBasis: law\n\nwords");
  const auto empty = notice_of(FormKind::kLaw, fields_of("agency=Police&role=Officer"), false);
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->notice.body.text.empty());
}

TEST(Form, AResearchersFormIsAboutDetectionAndNeverUrgent) {
  const auto filled =
      notice_of(FormKind::kResearch, fields_of("who=council&imminent=yes&text=a"), false);
  ASSERT_TRUE(filled);
  EXPECT_EQ(filled->notice.kind, intake::Kind::kDetection);
  EXPECT_EQ(filled->notice.sender, intake::Sender::kCouncil);
  EXPECT_FALSE(filled->notice.imminent);
}

std::string umlauts(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += "%C3%A4";
  }
  return text;
}

TEST(Form, AReferenceHasAsManyCharactersInEveryScript) {
  EXPECT_TRUE(notice_of(
      FormKind::kLaw, fields_of("text=a&reference=" + umlauts(intake::kReferenceMax)), false));
  const Fields fields = fields_of("text=a&reference=" + umlauts(intake::kReferenceMax + 1));
  EXPECT_EQ(notice_of(FormKind::kLaw, fields, false).error().code, "notice.long_reference");
}

TEST(Form, WhatFillsEachFieldOfAnAuthoritysFormIsTaken) {
  // As long as law.html lets each be.
  const auto filled =
      notice_of(FormKind::kLaw,
                fields_of("asks=preservation&agency=" + umlauts(200) + "&role=" + umlauts(200) +
                          "&basis=" + umlauts(300) + "&text=" + umlauts(7000)),
                false);
  ASSERT_TRUE(filled);
  EXPECT_TRUE(intake::check(filled->notice.body, false));
}

TEST(Form, RefusesAReferenceThatIsTooLong) {
  const Fields fields = fields_of("text=a&reference=" + std::string(129, 'x'));
  EXPECT_EQ(notice_of(FormKind::kLaw, fields, false).error().code, "notice.long_reference");
}

}  // namespace
}  // namespace tutela::intake_page
