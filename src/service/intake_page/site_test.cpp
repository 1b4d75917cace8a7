#include "service/intake_page/site.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "service/intake_page/language.hpp"
#include "support/folder.hpp"

namespace tutela::intake_page {
namespace {

constexpr std::string_view kAttack = R"(</textarea></title>"><script>alert(1)</script>'{{PIN}})";

Visit visit_in(std::string_view language) {
  Visit visit;
  visit.language = language;
  visit.path = "/?";
  visit.country = "DE";
  visit.now_ms = 1'795'392'000'000;
  auto config = std::make_shared<config::Config>();
  config->intake.service_name = "A <Service> & \"Sons\"";
  visit.config = std::move(config);
  return visit;
}

std::unique_ptr<Site> site() {
  auto opened = Site::open({});
  EXPECT_TRUE(opened) << opened.error().message;
  return opened ? *std::move(opened) : nullptr;
}

/// The page without what is told apart only by its escaping.
void expect_escaped(const Result<std::string>& page) {
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->find("<script>alert"), std::string::npos);
  EXPECT_EQ(page->find("A <Service>"), std::string::npos);
  EXPECT_NE(page->find("A &lt;Service&gt; &amp; &quot;Sons&quot;"), std::string::npos);
  EXPECT_NE(page->find("&lt;script&gt;alert(1)"), std::string::npos);
  EXPECT_EQ(page->find("[["), std::string::npos) << "a text that was not put in";
}

TEST(Site, NothingThatWasTypedIsHtml) {
  const auto all = site();
  for (const std::string_view language : kLanguages) {
    const Visit visit = visit_in(language);
    Fields fields;
    for (const std::string_view name : {"text",
                                        "links",
                                        "accounts",
                                        "chat",
                                        "name",
                                        "email",
                                        "phone",
                                        "kind",
                                        "about",
                                        "country",
                                        "reference",
                                        "basis",
                                        "agency",
                                        "role",
                                        "imminent"}) {
      ASSERT_TRUE(fields.add(name, kAttack));
    }
    for (const FormKind kind : {FormKind::kReport, FormKind::kLaw, FormKind::kResearch}) {
      expect_escaped(all->form(visit, kind, fields, "notice.empty"));
    }
    expect_escaped(all->follow(visit, kAttack, "notice.unknown"));
    intake::Followed followed;
    followed.number = kAttack;
    followed.outcome = intake::Outcome::kActed;
    followed.answer = kAttack;
    followed.messages = {{true, "", std::string(kAttack), 0}, {false, "", std::string(kAttack), 0}};
    expect_escaped(
        all->state(visit, followed, {.pin = std::string(kAttack), .text = std::string(kAttack)}));
    expect_escaped(all->sent(visit, {.number = std::string(kAttack), .pin = std::string(kAttack)}));
  }
}

TEST(Site, LinesOfWordsStayLines) {
  const auto all = site();
  Fields fields;
  ASSERT_TRUE(fields.add("text", "one\ntwo"));
  const auto page = all->form(visit_in("en"), FormKind::kReport, fields, "notice.too_long");
  ASSERT_TRUE(page);
  EXPECT_NE(page->find("one\ntwo"), std::string::npos);
}

TEST(Site, FieldsTakeAsMuchAsNoticesDo) {
  const auto all = site();
  const std::string text = "name=\"text\" rows=\"5\" maxlength=\"8000\"";
  const auto report = all->form(visit_in("en"), FormKind::kReport, {});
  ASSERT_TRUE(report);
  EXPECT_NE(report->find(text), std::string::npos);
  EXPECT_EQ(intake::kTextMax, 8000U);
  const auto law = all->form(visit_in("en"), FormKind::kLaw, {}, "notice.long_reference");
  ASSERT_TRUE(law);
  EXPECT_NE(law->find("name=\"reference\" type=\"text\" maxlength=\"128\""), std::string::npos);
  EXPECT_NE(law->find("at most 128 characters"), std::string::npos);
  EXPECT_EQ(intake::kReferenceMax, 128U);
  const auto state = all->state(visit_in("en"), {}, {});
  ASSERT_TRUE(state);
  EXPECT_NE(state->find("maxlength=\"4000\""), std::string::npos);
  EXPECT_EQ(intake::kMessageMax, 4000U);
}

TEST(Site, WhichFilesWereTooLargeIsSaidByPlaceWithTheLimitAndWhatToDo) {
  const auto all = site();
  using Why = LostFile::Why;
  const std::vector<LostFile> lost = {{1, Why::kTooLarge}, {3, Why::kTooLarge}, {7, Why::kTooMany}};
  Fields fields;
  ASSERT_TRUE(fields.add("name", "somebody"));
  const auto english = all->form(visit_in("en"), FormKind::kReport, fields, "notice.empty", lost);
  ASSERT_TRUE(english);
  EXPECT_NE(english->find("number 1, 3: too large. A file may have at most 64 MB. Please send us a "
                          "link"),
            std::string::npos);
  EXPECT_NE(english->find("number 7: too many at once. You can send at most 5"), std::string::npos);
  EXPECT_NE(english->find("value=\"somebody\""), std::string::npos);
  const auto german = all->form(visit_in("de"), FormKind::kReport, fields, "notice.empty", lost);
  ASSERT_TRUE(german);
  EXPECT_NE(german->find("Nummer 1, 3: zu gro\xC3\x9F. Eine Datei darf h\xC3\xB6"
                         "chstens 64 MB haben. Bitte senden Sie uns statt der Datei einen Link"),
            std::string::npos);
  for (const std::string_view language : kLanguages) {
    const std::string empty = all->catalogue().text(language, "error.empty");
    const auto page = all->form(visit_in(language), FormKind::kReport, fields, "notice.empty");
    ASSERT_TRUE(page);
    EXPECT_NE(page->find(empty), std::string::npos);
    const auto with = all->form(visit_in(language), FormKind::kReport, {}, "notice.empty", lost);
    ASSERT_TRUE(with);
    EXPECT_EQ(with->find(empty), std::string::npos) << "nobody who chose a file sent nothing";
    const auto added = all->state(visit_in(language), {}, {.error = "notice.empty", .lost = lost});
    ASSERT_TRUE(added);
    EXPECT_EQ(added->find(empty), std::string::npos);
    EXPECT_NE(added->find("64 MB"), std::string::npos);
  }
}

TEST(Site, DangerShowsTheNumbersOfTheCountryBeforeAnythingElse) {
  const auto all = site();
  const auto page =
      all->sent(visit_in("de"), {.number = "T-1", .pin = "12345678", .imminent = true});
  ASSERT_TRUE(page);
  EXPECT_NE(page->find("tel:110"), std::string::npos);
  EXPECT_LT(page->find("tel:110"), page->find("12345678"));
  const auto calm = all->sent(visit_in("de"), {.number = "T-1", .pin = "12345678"});
  ASSERT_TRUE(calm);
  EXPECT_EQ(calm->find("tel:110"), std::string::npos);
}

TEST(Site, EveryOutcomeAndQueueHasWordsInEveryLanguage) {
  const auto all = site();
  for (const std::string_view language : kLanguages) {
    for (int i = 0; i <= static_cast<int>(intake::Outcome::kDone); ++i) {
      const std::string word(intake::to_string(static_cast<intake::Outcome>(i)));
      EXPECT_FALSE(all->catalogue().text(language, "outcome." + word).empty()) << word;
    }
    for (const intake::Queue queue : intake::kQueues) {
      const std::string word(intake::to_string(queue));
      EXPECT_FALSE(all->catalogue().text(language, "queue." + word).empty()) << word;
    }
  }
}

TEST(Site, DurationsAreSaidInTheLargestUnitThatIsWhole) {
  const auto all = site();
  const Catalogue& texts = all->catalogue();
  EXPECT_EQ(texts.duration("en", 15 * 60'000), "15 minutes");
  EXPECT_EQ(texts.duration("en", 3'600'000), "1 hour");
  EXPECT_EQ(texts.duration("de", 24 * 3'600'000), "24 Stunden");
  EXPECT_EQ(texts.duration("en", 72 * 3'600'000), "3 days");
  EXPECT_EQ(texts.moment("en", 1'795'392'000'000), "23 November 2026, 00:00 UTC");
  EXPECT_EQ(texts.month("de", "2026-03"), "M\xC3\xA4rz 2026");
}

TEST(Site, GuidanceOfTheOperatorTakesThePlaceOfOursWithoutRawHtml) {
  const tutela::testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "en");
  std::ofstream(folder.path() / "en/young.md")
      << "# Own\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) "
         "[b](https://example.org)\n";
  config::IntakeConfig config;
  config.guidance_folder = folder.path();
  const auto opened = Site::open(config);
  ASSERT_TRUE(opened) << opened.error().message;
  const auto own = (*opened)->guide(visit_in("en"), "young");
  ASSERT_TRUE(own);
  EXPECT_NE(own->find("<h1>Own</h1>"), std::string::npos);
  EXPECT_EQ(own->find("<script>alert"), std::string::npos);
  EXPECT_EQ(own->find("javascript:"), std::string::npos);
  EXPECT_NE(own->find("https://example.org"), std::string::npos);
  EXPECT_NE((*opened)->guide(visit_in("en"), "parents")->find("For parents"), std::string::npos);
  EXPECT_EQ((*opened)->guide(visit_in("en"), "none").error().code, "request.no_such_path");
  std::ofstream(folder.path() / "en/young.md") << "no heading";
  EXPECT_EQ((*opened)->reload(config).error().code, "guidance.bad_file");
  EXPECT_NE((*opened)->guide(visit_in("en"), "young")->find("Own"), std::string::npos);
  config.help_file = folder.path() / "none.json";
  config.guidance_folder.clear();
  EXPECT_EQ(Site::open(config).error().code, "help.bad_file");
}

TEST(Site, FailuresSayNothingOfTheirCode) {
  const auto all = site();
  for (const int status : {400, 404, 413, 415, 500, 503}) {
    const auto page = all->failure(visit_in("en"), status, "store.secret");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->find("secret"), std::string::npos) << status;
    EXPECT_NE(page->find("<h1>"), std::string::npos);
  }
}

}  // namespace
}  // namespace tutela::intake_page
