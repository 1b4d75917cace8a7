#include <string>

#include "exchange/cybertip/document_fixture.hpp"

namespace tutela::cybertip {
namespace {

constexpr std::string_view kSummary = "report/incidentSummary";
constexpr std::string_view kTime = "report/incidentSummary/incidentDateTime";
constexpr std::string_view kSuspect = "report/personOrUserReported/0";

std::string under(std::string_view path, std::string_view rest) {
  return std::string(path) + "/" + std::string(rest);
}

Document document() {
  return {};
}

TEST(CybertipCheck, AcceptsTheSmallestReport) {
  expect_fine(document());
}

TEST(CybertipCheck, AsksForTheTimeOfTheIncidentInASentence) {
  const Document without = document().remove(kSummary, "incidentDateTime");
  expect_problem(without, kTime, "missing");
  EXPECT_EQ(check(without.text(), kNow).problems.front().message,
            "Say when the incident happened: the authority requires a date and time in the past.");
}

TEST(CybertipCheck, AsksForEverythingThatIsMissingAtOnce) {
  const Verdict verdict = check(R"({"report": {}})", kNow);
  EXPECT_FALSE(verdict.checked.has_value());
  ASSERT_EQ(verdict.problems.size(), 2U) << listed(verdict.problems);
  EXPECT_EQ(verdict.problems[0].path, "report/incidentSummary");
  EXPECT_EQ(verdict.problems[0].message, "Say what happened: the authority requires it.");
  EXPECT_EQ(verdict.problems[1].path, "report/reporter");
}

TEST(CybertipCheck, AsksForTheReportersEmail) {
  expect_problem(document().remove("report/reporter/reportingPerson", "email"),
                 "report/reporter/reportingPerson/email",
                 "missing");
}

TEST(CybertipCheck, TakesTimesOfThePastOnlyWhateverTheirZone) {
  expect_fine(document().set(kTime, R"("2026-11-22T12:00:00Z")"));
  expect_fine(document().set(kTime, R"("2026-11-22T14:00:00+02:00")"));
  expect_problem(document().set(kTime, R"("2026-11-22T12:00:00.001Z")"), kTime, "in_the_future");
  expect_problem(document().set(kTime, R"("2026-11-22T11:00:00-02:00")"), kTime, "in_the_future");
}

TEST(CybertipCheck, TakesDaysThatAreOverOnly) {
  const std::string birth = under(kSuspect, "personOrUserReportedPerson/dateOfBirth");
  expect_fine(document().set(birth, R"("2026-11-21")"));
  expect_problem(document().set(birth, R"("2026-11-22")"), birth, "in_the_future");
}

TEST(CybertipCheck, LooksAtTimesInAttributesAndInsideOfLists) {
  const std::string told = under(kSuspect, "accountPermanentlyDisabled");
  expect_problem(
      document().set(told, R"({"#text": true, "@disabledDate": "2027-01-01T00:00:00Z"})"),
      told + "/@disabledDate",
      "in_the_future");
  const std::string capture = under(kSuspect, "ipCaptureEvent/1");
  expect_problem(
      document()
          .set(under(kSuspect, "ipCaptureEvent/0"), R"({"ipAddress": "192.0.2.1"})")
          .set(capture, R"({"ipAddress": "192.0.2.1", "dateTime": "2027-01-01T00:00:00Z"})"),
      capture + "/dateTime",
      "in_the_future");
}

TEST(CybertipCheck, TakesADateOfVerificationOnlyForWhatWasVerified) {
  const std::string email = under(kSuspect, "personOrUserReportedPerson/email/0");
  constexpr std::string_view kDated =
      R"({"#text": "a@example.org", "@verificationDate": "2026-01-01T00:00:00Z"})";
  expect_problem(document().set(email, kDated), email + "/@verified", "not_verified");
  expect_problem(document().set(email, kDated).set(email + "/@verified", "false"),
                 email + "/@verified",
                 "not_verified");
  expect_fine(document().set(email, kDated).set(email + "/@verified", "true"));
  const std::string phone = under(kSuspect, "personOrUserReportedPerson/phone/0");
  expect_problem(
      document().set(phone, R"({"#text": "555", "@verificationDate": "2026-01-01T00:00:00Z"})"),
      phone + "/@verified",
      "not_verified");
}

TEST(CybertipCheck, TakesACallingCodeOnceOnly) {
  const std::string phone = under(kSuspect, "personOrUserReportedPerson/phone/0");
  const auto numbered = [&](std::string_view number) {
    return document().set(phone + "/#text", number).set(phone + "/@countryCallingCode", R"("+44")");
  };
  expect_fine(document().set(phone + "/#text", R"("+44 20 7946 0000")"));
  expect_fine(numbered(R"("20 7946 0000")"));
  expect_fine(numbered(R"("44 7946 0000")"));
  for (const char* twice : {R"("+44 20 7946 0000")", R"("(+44) 20 7946")", R"("0044 20 7946")"}) {
    expect_problem(numbered(twice), phone + "/#text", "calling_code_twice");
  }
}

TEST(CybertipCheck, TakesAnAgeOrADateOfBirth) {
  const std::string person = under(kSuspect, "personOrUserReportedPerson");
  expect_fine(document().set(person, R"({"age": 30})"));
  expect_problem(document().set(person, R"({"age": 30, "dateOfBirth": "1996-01-01"})"),
                 person + "/age",
                 "not_both");
  const std::string account = under(kSuspect, "associatedAccount/0");
  expect_problem(
      document().set(account,
                     R"({"@type": "Linked", "approximateAge": 30, "dateOfBirth": "1996-01-01"})"),
      account + "/approximateAge",
      "not_both");
}

TEST(CybertipCheck, WantsTheDatesOfADisabledAccountInOrder) {
  const std::string disabled = under(kSuspect, "accountTemporarilyDisabled");
  const auto dated = [&](std::string_view told, std::string_view again) {
    return document()
        .set(disabled, R"({"#text": true, "@disabledDate": "2026-03-01T00:00:00Z"})")
        .set(disabled + "/@userNotifiedDate", told)
        .set(disabled + "/@reenabledDate", again);
  };
  constexpr std::string_view kSame = R"("2026-03-01T00:00:00Z")";
  constexpr std::string_view kBefore = R"("2026-02-28T23:59:59Z")";
  constexpr std::string_view kLater = R"("2026-03-02T00:00:00Z")";
  expect_fine(dated(kSame, kLater));
  expect_problem(dated(kBefore, kLater), disabled + "/@userNotifiedDate", "out_of_order");
  expect_problem(dated(kLater, kSame), disabled + "/@reenabledDate", "out_of_order");
  const std::string gone = under(kSuspect, "accountPermanentlyDisabled");
  expect_problem(document()
                     .set(gone, R"({"#text": true, "@disabledDate": "2026-03-01T00:00:00Z"})")
                     .set(gone + "/@userNotifiedDate", kBefore),
                 gone + "/@userNotifiedDate",
                 "out_of_order");
}

TEST(CybertipCheck, WantsACountryOfAnEstimatedLocationAndAStateInTheUs) {
  const std::string place = under(kSuspect, "estimatedLocation");
  expect_problem(document().set(place, R"({"city": "Lyon"})"), place + "/countryCode", "missing");
  expect_fine(document().set(place, R"({"city": "Lyon", "countryCode": "FR"})"));
  expect_fine(document().set(place, R"({"countryCode": "US"})"));
  expect_fine(document().set(place, R"({"city": "Reno", "region": "NV", "countryCode": "US"})"));
  expect_problem(document().set(place, R"({"city": "Reno", "countryCode": "US"})"),
                 place + "/region",
                 "missing");
  expect_problem(document().set(place, R"({"region": "Nevada", "countryCode": "US"})"),
                 place + "/region",
                 "not_a_state");
}

TEST(CybertipCheck, WantsToKnowWhoseTheAddressesOfAnIncidentAre) {
  const std::string details = "report/internetDetails/0/";
  for (const std::string kind : {"emailIncident", "newsgroupIncident"}) {
    const std::string address = details + kind + "/emailAddress/0";
    const auto written = [&] {
      return document().set(address, R"({"#text": "a@example.org"})");
    };
    expect_problem(written(), address, "nobody_has_it");
    constexpr std::string_view kEmail = R"({"email": [{"#text": "a@example.org"}]})";
    expect_fine(written().set(under(kSuspect, "personOrUserReportedPerson"), kEmail));
    expect_fine(written().set("report/intendedRecipient/0/intendedRecipientPerson", kEmail));
    expect_fine(written().set("report/victim/0/victimPerson", kEmail));
  }
}

TEST(CybertipCheck, WantsOneKindOfIncidentInEachPlace) {
  const std::string details = "report/internetDetails/0";
  expect_fine(document().set(details, R"({"webPageIncident": {}})"));
  expect_problem(document().set(details, "{}"), details, "not_one");
  expect_problem(document().set(details, R"({"webPageIncident": {}, "chatImIncident": {}})"),
                 details,
                 "not_one");
  expect_problem(document().set(details, R"({"faxIncident": {}})"), details, "not_one");
}

TEST(CybertipCheck, ReportsOnePersonUnlessBatched) {
  expect_problem(document()
                     .set("report/personOrUserReported/0", R"({"espIdentifier": "a"})")
                     .set("report/personOrUserReported/1", R"({"espIdentifier": "b"})"),
                 "report/personOrUserReported/1",
                 "too_many");
}

TEST(CybertipCheck, TakesExifAsViewedOnlyWithTheWholeFile) {
  const std::string viewed = "files/0/fileViewedByEsp";
  const auto exif = [] {
    return document().set("files/0/exifViewedByEsp", "true");
  };
  expect_problem(exif(), viewed, "not_viewed");
  expect_problem(exif().set(viewed, "false"), viewed, "not_viewed");
  expect_fine(exif().set(viewed, "true"));
  expect_fine(document().set("files/0/exifViewedByEsp", "false"));
}

TEST(CybertipCheck, KeepsMemesAndClassesForWhatIsReported) {
  const auto supplemental = [] {
    return document().set("files/0/fileRelevance", R"("Supplemental Reported")");
  };
  expect_fine(supplemental());
  expect_fine(supplemental().set("files/0/fileAnnotations/viral", "true"));
  expect_problem(
      supplemental().set("files/0/potentialMeme", "true"), "files/0/potentialMeme", "supplemental");
  expect_problem(supplemental().set("files/0/fileAnnotations/potentialMeme", "true"),
                 "files/0/fileAnnotations/potentialMeme",
                 "supplemental");
  expect_problem(supplemental().set("files/0/industryClassification", R"("A1")"),
                 "files/0/industryClassification",
                 "supplemental");
}

TEST(CybertipCheck, TakesTheOldMemeMarkOrAnnotations) {
  expect_fine(document().set("files/0/potentialMeme", "false"));
  expect_problem(
      document().set("files/0/potentialMeme", "true").set("files/0/fileAnnotations/infant", "true"),
      "files/0/potentialMeme",
      "not_both");
}

Document batched() {
  return document()
      .set("report/batchedReport", R"({"@reason": "VIRAL_POTENTIAL_MEME"})")
      .set("report/personOrUserReported/0", R"({"espIdentifier": "a"})")
      .set("report/personOrUserReported/1", R"({"espIdentifier": "b"})")
      .set("files/0/fileAnnotations/viral", "true");
}

TEST(CybertipCheck, TakesABatchOfPeopleWithOneViralFile) {
  expect_fine(batched());
  expect_fine(batched()
                  .set("files/0/fileAnnotations/potentialMeme", "true")
                  .set("files/0/industryClassification", R"("B2")")
                  .set("files/0/fileRelevance", R"("Reported")")
                  .set("report/incidentSummary/platform", R"("Example")"));
}

TEST(CybertipCheck, RefusesInABatchEveryElementThatTheDocumentationForbids) {
  const std::pair<const char*, const char*> forbidden[] = {
      {"report/incidentSummary/escalateToHighPriority", R"("now")"},
      {"report/internetDetails", R"([{"webPageIncident": {}}])"},
      {"report/lawEnforcement", R"({"agencyName": "X"})"},
      {"report/intendedRecipient", R"([{"espIdentifier": "c"}])"},
      {"report/victim", R"([{"victimPerson": {}}])"},
      {"report/additionalInfo", R"("x")"},
      {"report/personOrUserReported/1/espService", R"("x")"},
      {"report/personOrUserReported/0/screenName", R"("x")"},
      {"files/0/originalFileName", R"("x")"},
      {"files/0/locationOfFile", R"("https://example.org/")"},
      {"files/0/originalFileHash", R"([{"@hashType": "MD5", "#text": "00"}])"},
      {"files/0/ipCaptureEvent", R"({"ipAddress": "192.0.2.1"})"},
      {"files/0/deviceId", R"([{"idType": "IMEI", "idValue": "1"}])"},
      {"files/0/details", R"([{"nameValuePair": [{"name": "a", "value": "b"}]}])"},
      {"files/0/additionalInfo", R"(["x"])"},
      {"files/0/fileAnnotations/animeDrawingVirtualHentai", "true"},
      {"files/0/fileAnnotations/possibleSelfProduction", "true"},
      {"files/0/fileAnnotations/physicalHarm", "true"},
      {"files/0/fileAnnotations/violenceGore", "true"},
      {"files/0/fileAnnotations/bestiality", "true"},
      {"files/0/fileAnnotations/liveStreaming", "true"},
      {"files/0/fileAnnotations/infant", "true"},
      {"files/0/fileAnnotations/generativeAi", "true"},
      {"files/0/fileRelevance", R"("Supplemental Reported")"},
  };
  for (const auto& [path, json] : forbidden) {
    expect_problem(batched().set(path, json), path, "not_in_a_batch");
  }
}

TEST(CybertipCheck, WantsOneFileInABatchAndWhyItIsInOne) {
  expect_problem(batched().set("files/1/publiclyAvailable", "true"), "files/1", "too_many");
  expect_problem(
      batched().remove("files/0", "fileAnnotations"), "files/0/fileAnnotations", "missing");
}

TEST(CybertipCheck, TellsEachProblemOnceAndAtMostTwoHundred) {
  Document many;
  for (int i = 0; i < 300; ++i) {
    many = std::move(many).set("files/" + std::to_string(i) + "/exifViewedByEsp", "true");
  }
  const Verdict verdict = check(many.text(), kNow);
  EXPECT_EQ(verdict.problems.size(), 200U);
  EXPECT_FALSE(verdict.checked.has_value());
}

TEST(CybertipCheck, NeverRepeatsAValueInAMessage) {
  const Verdict verdict = check(document()
                                    .set("report/incidentSummary/incidentType", R"("Secretword")")
                                    .set("report/reporter/legalURL", R"("secretword")")
                                    .set("report/reporter/Secretword", R"("secretword")")
                                    .text(),
                                kNow);
  ASSERT_EQ(verdict.problems.size(), 3U) << listed(verdict.problems);
  for (const Problem& each : verdict.problems) {
    EXPECT_EQ(each.message.find("ecretword"), std::string::npos);
  }
}

}  // namespace
}  // namespace tutela::cybertip
