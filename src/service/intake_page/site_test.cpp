#include "service/intake_page/site.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <tuple>

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

TEST(Site, DangerWithoutACountryShowsTheNumbersOfAllOpenly) {
  const auto all = site();
  Visit visit = visit_in("en");
  visit.country = "";
  const auto page = all->form(visit, FormKind::kReport, {});
  ASSERT_TRUE(page);
  EXPECT_NE(page->find("<details open>"), std::string::npos);
  EXPECT_NE(page->find(all->catalogue().text("en", "emergency.nowhere")), std::string::npos);
  const auto known = all->form(visit_in("en"), FormKind::kReport, {});
  ASSERT_TRUE(known);
  EXPECT_EQ(known->find("<details open>"), std::string::npos);
  const auto sent = all->sent(visit, {.number = "T-1", .pin = "12345678", .imminent = true});
  ASSERT_TRUE(sent);
  EXPECT_NE(sent->find("tel:"), std::string::npos);
  EXPECT_EQ(sent->find("<details open>"), std::string::npos) << "the PIN stands below it";
}

TEST(Site, CountriesStandInTheOrderOfTheirNamesInEachLanguage) {
  const auto all = site();
  for (const auto& [language, first, second] : {std::tuple{"en", "Austria", "India"},
                                                std::tuple{"de", "Norwegen", "\xC3\x96sterreich"},
                                                std::tuple{"de", "Australien", "Irland"}}) {
    const auto page = all->form(visit_in(language), FormKind::kReport, {});
    ASSERT_TRUE(page);
    for (const std::string_view around : {"<dt>", "\">"}) {  // of the numbers, of the choice
      const std::size_t one = page->find(std::string(around) + first + "<");
      const std::size_t other = page->find(std::string(around) + second + "<");
      ASSERT_NE(one, std::string::npos) << first;
      EXPECT_LT(one, other) << language << first;
    }
  }
}

TEST(Site, EachFormNamesThePromiseOfItsOwnQueue) {
  const auto all = site();
  Visit visit = visit_in("en");
  auto config = std::make_shared<config::Config>(*visit.config);
  config->intake.law_hours = 31;
  config->intake.detection_hours = 37;
  config->intake.public_hours = 41;
  visit.config = std::move(config);
  for (const auto& [kind, own] : {std::pair{FormKind::kReport, "41 hours"},
                                  std::pair{FormKind::kLaw, "31 hours"},
                                  std::pair{FormKind::kResearch, "37 hours"}}) {
    const auto page = all->form(visit, kind, {});
    ASSERT_TRUE(page);
    for (const std::string_view hours : {"31 hours", "37 hours", "41 hours"}) {
      EXPECT_EQ(page->find(hours) != std::string::npos, hours == own) << own << hours;
    }
  }
}

TEST(Site, AnAnswerStaysThereWhenSomethingIsAdded) {
  const auto all = site();
  intake::Followed followed;
  followed.earlier = intake::Outcome::kGone;
  followed.earlier_ms = 1'795'392'000'000;
  const auto page = all->state(visit_in("en"), followed, {});
  ASSERT_TRUE(page);
  EXPECT_NE(page->find(all->catalogue().text("en", "outcome.gone")), std::string::npos);
  EXPECT_NE(page->find("2026-11-23T00:00:00.000Z"), std::string::npos);
}

TEST(Site, NoLinkOnThePageOfAPinLosesItByAnotherLanguage) {
  const auto all = site();
  const auto sent = all->sent(visit_in("en"), {.number = "T-1", .pin = "12345678"});
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->find("hreflang"), std::string::npos);
  EXPECT_NE(all->follow(visit_in("en"), "")->find("hreflang"), std::string::npos);
}

TEST(Site, WhatSomebodySentIsPromisedNoSoonerThanItsReceiptSays) {
  const auto all = site();
  const std::string soon = "within 15 minutes";
  EXPECT_NE(all->form(visit_in("en"), FormKind::kReport, {})->find(soon), std::string::npos);
  const auto sent = all->sent(visit_in("en"), {.number = "T-1", .pin = "1", .imminent = true});
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->find(soon), std::string::npos);  // it may be one of a flood
  EXPECT_NE(sent->find("no emergency service"), std::string::npos);
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
}

TEST(Site, AGuidanceFolderOfWhichNothingWouldBeReadIsRefused) {
  const tutela::testing::TemporaryFolder folder;
  config::IntakeConfig config;
  config.guidance_folder = folder.path() / "none";
  EXPECT_EQ(Site::open(config).error().code, "guidance.bad_file");
  config.guidance_folder = folder.path();
  const auto why = [&] {
    const auto opened = Site::open(config);
    return opened ? std::string() : opened.error().message;
  };
  EXPECT_NE(why().find("0 texts have names that are not read, 0 are read"), std::string::npos);
  std::ofstream(folder.path() / "young.md") << "# In the wrong place\n";
  EXPECT_NE(why().find("1 texts have names that are not read, 0 are read; the names are en/young"),
            std::string::npos);
  std::filesystem::create_directory(folder.path() / "de");
  std::filesystem::rename(folder.path() / "young.md", folder.path() / "de/young.md");
  std::ofstream(folder.path() / "README.md") << "of the operator's own people\n";
  std::filesystem::create_directory(folder.path() / "..2026");
  std::ofstream(folder.path() / "..2026/young.md") << "of a mounted volume\n";
  EXPECT_EQ(why(), "");
  std::ofstream(folder.path() / "de/yuong.md") << "# A slip\n";
  EXPECT_NE(why().find("1 texts have names that are not read, 1 are read"), std::string::npos);
  EXPECT_EQ(why().find("yuong"), std::string::npos) << "names are not logged";
  std::filesystem::remove(folder.path() / "de/yuong.md");
  std::ofstream(folder.path() / "de/young.md") << "# " << std::string(64U << 10, 'x');
  EXPECT_NE(why().find("de/young.md is larger than 64 KiB"), std::string::npos);
}

TEST(Site, AHelpFileThatCannotBeTakenIsRefusedWithWhatToDoAndTheOldOneStays) {
  const tutela::testing::TemporaryFolder folder;
  config::IntakeConfig config;
  config.help_file = folder.path() / "help.json";
  EXPECT_EQ(Site::open(config).error().code, "help.unreadable");
  const auto put = [&](const std::string& text) {
    std::ofstream(config.help_file) << text;
  };
  put(R"({"format":"tutela-help-1","as_of":"2026-11","countries":[{"country":"DE","name":"Own",)"
      R"("emergency":[],"helplines":[],"hotlines":[]}]})");
  const auto opened = Site::open(config);
  ASSERT_TRUE(opened) << opened.error().message;
  for (const auto& [text, code] : {std::pair<std::string, std::string>{"{", "help.no_json"},
                                   {"{}", "help.bad_file"},
                                   {std::string(kHelpBytesMax + 1, ' '), "help.too_large"}}) {
    put(text);
    EXPECT_EQ((*opened)->reload(config).error().code, code);
    EXPECT_EQ((*opened)->help()->countries.size(), 1U);
  }
}

TEST(Site, TheHelpPageSaysOfEachEntryWhenAndHowItWasCheckedAndWhichIsOld) {
  const tutela::testing::TemporaryFolder folder;
  config::IntakeConfig config;
  config.help_file = folder.path() / "help.json";
  std::string lines;
  const std::string head =
      R"({"name":"N","phone":"116 111","source":"https://a.example/x","as_of":"2026-11")";
  for (const std::string more : {R"(})",
                                 R"(,"confirmed":"2026-11-03"})",
                                 R"(,"confirmed":"2026-11-03","confirmed_by":"source"})",
                                 R"(,"confirmed":"2026-11-03","confirmed_by":"copy",)"
                                 R"("source_name":"A <page>","also":["https://b.example/y"]})"}) {
    lines += (lines.empty() ? "" : ",") + head + more;
  }
  std::ofstream(config.help_file)
      << R"({"format":"tutela-help-1","as_of":"2026-11","countries":[{"country":"DE","name":"D",)"
      << R"("emergency":[],"helplines":[)" << lines << R"(],"hotlines":[]}]})";
  const auto opened = Site::open(config);
  ASSERT_TRUE(opened) << opened.error().message;
  Visit visit = visit_in("en");
  const auto has = [&](const std::string& text) {
    const auto page = (*opened)->help_page(visit, "DE");
    EXPECT_TRUE(page);
    return page && page->find(text) != std::string::npos;
  };
  EXPECT_TRUE(has("Please check: not confirmed by this service."));
  EXPECT_TRUE(has("Confirmed on 3 November 2026: this service asked them."));
  EXPECT_TRUE(has("Confirmed on 3 November 2026 by comparing it with the first source."));
  EXPECT_TRUE(has("Compared on 3 November 2026 with stored copies of the sources"));
  EXPECT_TRUE(has("A &lt;page&gt;</a>, <a href=\"https://b.example/y\""));
  EXPECT_FALSE(has("Not checked for more than"));
  EXPECT_FALSE(has("class=\"warning\""));
  visit.now_ms += std::int64_t{400} * 24 * 3'600'000;
  EXPECT_TRUE(has("Not checked for more than 12 months"));
  EXPECT_TRUE(has("class=\"warning\""));
  auto patient = *visit.config;
  patient.intake.help_stale_months = 24;
  visit.config = std::make_shared<const config::Config>(patient);
  EXPECT_FALSE(has("Not checked for more than"));
  visit.language = "de";
  EXPECT_TRUE(has("Verglichen am 3. November 2026 mit gespeicherten Kopien der Quellen"));
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
