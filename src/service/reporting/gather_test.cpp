#include <algorithm>

#include "service/reporting/sentences.hpp"
#include "service/reporting/test_gatherings.hpp"

namespace tutela::reporting {
namespace {

constexpr UtcMs kReceived = 1'794'900'000'000;
const Upload kExact{.exact = true, .automation = true, .account = "user-1"};

class GatherTest : public GatheringsTest {
 protected:
  static std::string origin(const Gathered& gathered, const std::string& path) {
    const auto origins = read_origins(gathered.provenance);
    EXPECT_TRUE(origins);
    const cybertip::Origin* const found = origin_of(*origins, path);
    return found == nullptr ? "none" : found->source;
  }

  void attest(const Uuid& content, const std::string& what) {
    reports::Attestation said;
    said.content_id = content;
    said.what = what;
    said.reference = "ticket 7";
    said.viewed_ms = kReceived;
    const reports::Person lead{world_.lead_.actor, true, false};
    ASSERT_TRUE(all_.reports.attest(lead, said));
  }

  void set_facts(const std::string& body) {
    const Status kept = all_.reports.set_account_facts(all_.system, "user-1", body);
    ASSERT_TRUE(kept) << kept.error().message;
  }
};

TEST_F(GatherTest, AMatchedFileThatNobodyViewedSaysSo) {
  const Uuid id = all_.closed_unseen(kExact);
  all_.received(world_.content_, kReceived);
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "files/0/fileViewedByEsp"), "false");
  EXPECT_NE(text(document, "files/0/additionalInfo/0").find("nobody at the provider viewed it"),
            std::string::npos);
  EXPECT_EQ(text(document, "files/0/exifViewedByEsp"), "absent");
  EXPECT_EQ(text(document, "files/0/publiclyAvailable"), "absent");
}

TEST_F(GatherTest, ANearMatchThatNobodyViewedIsNeverSaidToBeUnviewed) {
  const Uuid id = all_.closed_unseen(kExact);
  all_.received(world_.content_, kReceived);
  world_.sql("UPDATE case_item SET exact = 0");
  world_.sql("UPDATE content_match SET kind = 'pdq', strength = 'near', distance = 4");
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "files/0/fileViewedByEsp"), "absent");
  EXPECT_NE(text(document, "files/0/additionalInfo/0").find("similar"), std::string::npos);
}

TEST_F(GatherTest, WhatWasViewedInPartIsNeitherViewedNorUnviewed) {
  const Uuid id = world_.closed(kExact);  // after a mosaic
  all_.received(world_.content_, kReceived);
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "files/0/fileViewedByEsp"), "absent");
  EXPECT_NE(text(document, "files/0/additionalInfo/0").find("viewed part of this file"),
            std::string::npos);
}

TEST_F(GatherTest, OnlyAWholeViewIsAView) {
  const Uuid id = all_.closed_unseen(kExact);
  all_.received(world_.content_, kReceived);
  all_.see_all(world_.content_);
  const auto gathered = all_.gather(id);
  ASSERT_TRUE(gathered);
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "files/0/fileViewedByEsp"), "true");
  EXPECT_EQ(text(document, "files/0/additionalInfo"), "absent");
  EXPECT_EQ(origin(*gathered, "files/0/fileViewedByEsp"), "exposure");
}

TEST_F(GatherTest, AViewElsewhereIsSaidByWhoKnowsOfIt) {
  const Uuid id = all_.closed_unseen(kExact);
  all_.received(world_.content_, kReceived);
  attest(world_.content_, "exif");
  EXPECT_EQ(text(all_.document(id), "files/0/exifViewedByEsp"), "absent")
      << "the service takes it of a viewed file alone";
  attest(world_.content_, "file");
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "files/0/fileViewedByEsp"), "true");
  EXPECT_EQ(text(document, "files/0/exifViewedByEsp"), "true");
  EXPECT_EQ(origin(*all_.gather(id), "files/0/fileViewedByEsp"), "attestation");
}

TEST_F(GatherTest, HashesAndTimesAreTheLedgers) {
  const Uuid id = all_.closed_unseen(kExact);
  all_.received(world_.content_, kReceived);
  world_.sql(
      "INSERT INTO content_frame (content_id, tenant_id, principal_id, frame, quality, pdq) "
      "VALUES (:id, 'default', 'system', 0, 100, :pdq)",
      {to_string(world_.content_), std::string(64, 'c') + std::string(std::size_t{7} * 64, 'd')});
  const auto gathered = all_.gather(id);
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "files/0/uploadedToEspTimestamp"), to_rfc3339(kReceived));
  EXPECT_EQ(text(document, "report/incidentSummary/incidentDateTime"), to_rfc3339(kReceived));
  EXPECT_NE(text(document, "report/incidentSummary/incidentDateTimeDescription").find("received"),
            std::string::npos);
  EXPECT_EQ(text(document, "files/0/originalFileHash/0/@hashType"), "MD5");
  EXPECT_EQ(text(document, "files/0/originalFileHash/0/#text"), std::string(32, 'a'));
  EXPECT_EQ(text(document, "files/0/originalFileHash/1/@hashType"), "SHA1");
  EXPECT_EQ(text(document, "files/0/originalFileHash/2/#text"),
            world_.texts("SELECT sha256 FROM content").at(0));
  EXPECT_EQ(text(document, "files/0/originalFileHash/3/@hashType"), "PDQ");
  EXPECT_EQ(text(document, "files/0/originalFileHash/3/#text"), std::string(64, 'c'))
      << "of the picture as it is";
  EXPECT_EQ(origin(*gathered, "files/0/originalFileHash/0/#text"), "ledger");
  EXPECT_EQ(gathered->files.at(0).md5, std::string(32, 'a'));
  EXPECT_EQ(gathered->files.at(0).evidence_id, all_.evidence_of(world_.content_));
}

TEST_F(GatherTest, WhatWasFoundLyingAroundWasNotUploadedThen) {
  const Uuid id = all_.closed_unseen(kExact);
  all_.received(world_.content_, kReceived, "cli");
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "files/0/uploadedToEspTimestamp"), "absent");
  EXPECT_NE(text(document, "report/incidentSummary/incidentDateTimeDescription").find("not known"),
            std::string::npos);
}

TEST_F(GatherTest, TheLatestUploadIsTheTimeOfTheIncident) {
  const Uuid id = world_.add(kExact);
  const Uuid first = world_.content_;
  EXPECT_EQ(world_.add(kExact), id) << "of the same account";
  all_.received(first, kReceived + 5000);
  all_.received(world_.content_, kReceived);
  all_.close_unseen(id);
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "report/incidentSummary/incidentDateTime"),
            to_rfc3339(kReceived + 5000));
  EXPECT_EQ(find(document, "files")->as_array().size(), 2U);
}

TEST_F(GatherTest, PublicIsOnlyWhatAPublicDoorHadLetThrough) {
  const Uuid id = all_.closed_unseen(kExact);
  const auto is_public = [&] {
    return text(all_.document(id), "files/0/publiclyAvailable");
  };
  const auto event = [&](const std::string& detail) {
    world_.sql(
        "INSERT INTO ledger (tenant_id, principal_id, content_id, event, detail, at_ms) "
        "VALUES ('default', 'system', :id, 'verdict', :detail, 1)",
        {to_string(world_.content_), detail});
  };
  all_.received(world_.content_, kReceived);
  event("match hold");
  EXPECT_EQ(is_public(), "absent") << "held at the door";
  event("no_match");
  EXPECT_EQ(is_public(), "absent") << "what was done is not recorded";
  event("no_match pass");
  EXPECT_EQ(is_public(), "true");
  all_.received(world_.content_, kReceived, "private");
  EXPECT_EQ(is_public(), "absent");
}

TEST_F(GatherTest, TheVerdictOfAFileComesBeforeThatOfItsCase) {
  const Uuid id = world_.add(kExact);
  const Uuid first = world_.content_;
  ASSERT_EQ(world_.add(kExact), id);
  cases::Verdict verdict = World::confirmed(cases::Classification::kB2);
  verdict.annotations = {cases::Annotation::kViral, cases::Annotation::kInfant};
  verdict.items = {{first, cases::Classification::kA1, {cases::Annotation::kGenerativeAi}}};
  ASSERT_TRUE(world_.decide(world_.ann_, id, verdict));
  world_.pass_window();
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "files/0/industryClassification"), "A1");
  EXPECT_EQ(text(document, "files/0/fileAnnotations"), "{\"generativeAi\":true}");
  EXPECT_EQ(text(document, "files/1/industryClassification"), "B2");
  EXPECT_EQ(text(document, "files/1/fileAnnotations"), "{\"viral\":true,\"infant\":true}");
}

TEST_F(GatherTest, ImminentHarmIsSaidAndFiledFirst) {
  const Uuid id = world_.add(kExact);
  ASSERT_TRUE(world_.cases_->mark(world_.ann_,
                                  id,
                                  {world_.read(id).version, ""},
                                  {cases::Mark::kImminentHarm, cases::Mark::kPossibleNewVictim}));
  all_.close_unseen(id);
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "report/incidentSummary/escalateToHighPriority"), kEscalate);
  EXPECT_EQ(text(document, "report/additionalInfo"), kNewVictim);
  EXPECT_TRUE(all_.gather(id)->urgent);
}

TEST_F(GatherTest, WhoReportsIsWhatTheConfigurationSays) {
  const Uuid id = all_.closed_unseen(kExact);
  const auto gathered = all_.gather(id);
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "report/reporter/reportingPerson/email/0/#text"), "reports@example.org");
  EXPECT_EQ(text(document, "report/reporter/contactPerson/email/0/#text"), "legal@example.org");
  EXPECT_EQ(text(document, "report/reporter/termsOfService"), "absent");
  EXPECT_EQ(origin(*gathered, "report/reporter/legalURL"), "configuration");
  EXPECT_EQ(text(document, "report/personOrUserReported/0/espIdentifier"), "user-1");
  EXPECT_EQ(gathered->account, "user-1");
  EXPECT_EQ(gathered->due_ms, world_.read(id).report_due_ms);
}

TEST_F(GatherTest, EveryFieldSaysWhereItComesFrom) {
  set_facts(R"({"screenName":"example"})");
  const Uuid id = all_.closed_unseen(kExact);
  const auto gathered = all_.gather(id);
  ASSERT_TRUE(gathered);
  const auto origins = *read_origins(gathered->provenance);
  for_each_leaf(boost::json::parse(gathered->body), "", [&](const std::string& path, const auto&) {
    EXPECT_TRUE(origins.contains(path)) << path;
  });
}

TEST_F(GatherTest, WhatTheServiceSaysIsTakenAsFarAsItFits) {
  const Uuid id = all_.closed_unseen(kExact);
  set_facts(R"({"screenName":"example","espIdentifier":"another","nonsense":1,
    "personOrUserReportedPerson":{"firstName":"Max","email":[{"#text":"max@example.org",
      "@verified":true},{"#text":"no address"}]},
    "ipCaptureEvent":[{"ipAddress":"192.0.2.7","eventName":"Upload","dateTime":
      "2026-11-01T00:00:00Z"},{"ipAddress":"not one"},{"eventName":"Login"}],
    "estimatedLocation":{"city":"Example","countryCode":"DE"}})");
  const auto gathered = all_.gather(id);
  ASSERT_TRUE(gathered);
  const auto document = all_.document(id);
  const std::string person = "report/personOrUserReported/0/";
  EXPECT_EQ(text(document, person + "espIdentifier"), "user-1") << "the case's own";
  EXPECT_EQ(text(document, person + "screenName"), "example");
  EXPECT_EQ(text(document, person + "personOrUserReportedPerson/email/0/#text"), "max@example.org");
  EXPECT_EQ(text(document, person + "personOrUserReportedPerson/email/1"), "absent");
  EXPECT_EQ(text(document, person + "ipCaptureEvent/0/ipAddress"), "192.0.2.7");
  EXPECT_EQ(text(document, person + "ipCaptureEvent/1"), "absent");
  EXPECT_EQ(origin(*gathered, person + "screenName"), "service");
  EXPECT_EQ(gathered->account_country, "DE");
  EXPECT_EQ(gathered->problems.size(), 5U) << "each is told to whoever drafts";
  for (const cybertip::Problem& problem : gathered->problems) {
    EXPECT_EQ(problem.message.find("no address"), std::string::npos);
  }
}

TEST_F(GatherTest, FactsThatAreNonsenseLeaveTheRestWhole) {
  const Uuid id = all_.closed_unseen(kExact);
  for (const char* nonsense : {R"({"personOrUserReportedPerson":7})",
                               R"({"ipCaptureEvent":{"ipAddress":[[]]}})",
                               R"({"displayName":"","deviceId":[null,{},[]]})",
                               R"({"estimatedLocation":{"city":"Example"}})",
                               R"({"priorCTReports":[-1,"7",7]})"}) {
    SCOPED_TRACE(nonsense);
    set_facts(nonsense);
    const auto gathered = all_.gather(id);
    ASSERT_TRUE(gathered);
    EXPECT_FALSE(gathered->problems.empty());
    EXPECT_FALSE(gathered->automatic_allowed) << "a person looks";
    Gatherings::expect_whole(gathered->body);
  }
}

TEST_F(GatherTest, EarlierReportsOfTheAccountAreNamedInTheSameEnvironmentAlone) {
  const Uuid first = all_.closed_unseen(kExact);
  all_.finished(all_.draft_of(first), "4711");
  const std::string path = "report/personOrUserReported/0/priorCTReports";
  const Uuid second = all_.closed_unseen(kExact);
  ASSERT_NE(first, second);
  EXPECT_EQ(text(all_.document(second), path), "[4711]");
  EXPECT_EQ(origin(*all_.gather(second), path + "/0"), "ledger");
  all_.authority.environment = reports::Environment::kTest;
  EXPECT_EQ(text(all_.document(second), path), "absent");
}

TEST_F(GatherTest, OfAFileWithoutAnAccountNothingIsSaidOfTheAccount) {
  const Uuid id = all_.closed_unseen(kExact);
  world_.sql("DELETE FROM content_uploader");
  const auto document = all_.document(id);
  EXPECT_NE(text(document, "files/0/additionalInfo/1").find("not known"), std::string::npos);
}

TEST_F(GatherTest, OfAPossibleMinorNothingIsSaidUnlessALegalOfficerConfirmed) {
  for (const bool confirmed : {false, true}) {
    cases::Verdict verdict = World::confirmed();
    verdict.annotations = {cases::Annotation::kPossibleMinorReported};
    const Uuid id = world_.add({.account = "user-1"});
    ASSERT_TRUE(world_.decide(world_.ann_, id, verdict));
    ASSERT_TRUE(world_.decide(world_.ben_, id, World::confirmed(cases::Classification::kA1)));
    world_.pass_window();
    EXPECT_EQ(error_of(all_.gather(id)), "case.not_closed") << "a legal officer decides first";
    ASSERT_TRUE(world_.decide(
        world_.legal_,
        id,
        confirmed ? World::confirmed(cases::Classification::kNone) : World::cleared()));
    world_.pass_window();
    const auto gathered = all_.gather(id);
    ASSERT_TRUE(gathered) << gathered.error().message;
    EXPECT_TRUE(gathered->minor);
    EXPECT_FALSE(gathered->automatic_allowed);
    EXPECT_EQ(gathered->account.has_value(), confirmed);
    const auto document = all_.document(id);
    EXPECT_EQ(text(document, "report/personOrUserReported/0/espIdentifier"),
              confirmed ? "user-1" : "absent");
    EXPECT_EQ(text(document, "files/0/industryClassification"), "A1") << "the content's verdict";
  }
}

TEST_F(GatherTest, WhatIsNotConfirmedOrNotInTheVaultIsNotReported) {
  const Uuid open = world_.add({.account = "user-2"});
  EXPECT_EQ(error_of(all_.gather(open)), "case.not_closed");
  EXPECT_EQ(error_of(all_.gather(new_uuid(1))), "case.not_found");
  const Uuid id = all_.closed_unseen(kExact);
  world_.sql("UPDATE evidence SET state = 'destroying'");
  EXPECT_EQ(error_of(all_.gather(id)), "report.no_evidence");
  world_.sql("UPDATE evidence SET content_id = NULL");
  EXPECT_EQ(error_of(all_.gather(id)), "report.no_evidence");
}

TEST_F(GatherTest, WhatIsLookedAtAgainIsReportedByItsOwnCaseAlone) {
  const Uuid id = all_.closed_unseen(kExact);
  const auto sample = world_.decisions_->make_sample(world_.lead_, id);
  ASSERT_TRUE(sample);
  world_.view(world_.ben_, sample->id);
  ASSERT_TRUE(world_.decide(world_.ben_, sample->id, World::confirmed()));
  world_.pass_window();
  EXPECT_EQ(error_of(all_.gather(sample->id)), "case.not_closed");
}

TEST_F(GatherTest, EachSafeguardAloneBlocksWhatGoesOutByItself) {
  const Uuid id = all_.closed_unseen(kExact);
  const auto allowed = [&] {
    const auto gathered = all_.gather(id);
    EXPECT_TRUE(gathered) << error_of(gathered);
    return gathered && gathered->automatic_allowed;
  };
  ASSERT_TRUE(allowed());

  struct Change {
    const char* set;
    const char* back;
  };

  for (const Change& change : std::initializer_list<Change>{
           {"UPDATE case_item SET exact = 0", "UPDATE case_item SET exact = 1"},
           {"UPDATE case_item SET trusted = 0", "UPDATE case_item SET trusted = 1"},
           {"UPDATE case_item SET automation = 0", "UPDATE case_item SET automation = 1"},
           {"UPDATE list SET automation = 0", "UPDATE list SET automation = 1"},
           {"UPDATE list SET state = 'inactive'", "UPDATE list SET state = 'active'"},
           {"UPDATE list SET purpose = 'test'", "UPDATE list SET purpose = 'known_csam'"},
           {"UPDATE list SET purpose = 'self_reported'", "UPDATE list SET purpose = 'known_csam'"},
           {"UPDATE review_case SET state = 'appealed'", "UPDATE review_case SET state = 'closed'"},
           {"UPDATE case_decision SET annotations = 'possible_minor_reported'",
            "UPDATE case_decision SET annotations = ''"}}) {
    world_.sql(change.set);
    EXPECT_FALSE(allowed()) << change.set;
    world_.sql(change.back);
    EXPECT_TRUE(allowed()) << change.back;
  }
  ASSERT_TRUE(all_.reports.set_account_facts(all_.system, "user-1", R"({"nonsense":1})"));
  EXPECT_FALSE(allowed()) << "a person looks at what was left out";
}

TEST_F(GatherTest, OneFileThatIsNotExactBlocksAll) {
  const Uuid id = world_.add(kExact);
  const Uuid first = world_.content_;
  ASSERT_EQ(world_.add(kExact), id);
  all_.close_unseen(id);
  ASSERT_TRUE(all_.gather(id)->automatic_allowed);
  world_.sql("UPDATE case_item SET exact = 0 WHERE content_id = :id", {to_string(first)});
  EXPECT_FALSE(all_.gather(id)->automatic_allowed);
}

TEST_F(GatherTest, ATestListMayRehearseAutomationButNeverReport) {
  const Uuid id = all_.closed_unseen(kExact);
  world_.sql("UPDATE list SET purpose = 'test'");
  EXPECT_FALSE(all_.gather(id)->automatic_allowed);
  all_.authority.environment = reports::Environment::kSimulated;
  EXPECT_TRUE(all_.gather(id)->automatic_allowed);
}

TEST_F(GatherTest, ATextOnlyReportHasWhatAPersonSaysAndWhoReports) {
  const auto blank = reporting::blank(*world_.database_,
                                      all_.reports,
                                      all_.provider,
                                      all_.authority,
                                      "default",
                                      "user-1",
                                      "Online Enticement of Children for Sexual Acts",
                                      kReceived);
  ASSERT_TRUE(blank);
  Gatherings::expect_whole(blank->body);
  const auto document = boost::json::parse(blank->body);
  EXPECT_EQ(text(document, "report/incidentSummary/incidentDateTime"), to_rfc3339(kReceived));
  EXPECT_EQ(text(document, "report/personOrUserReported/0/espIdentifier"), "user-1");
  EXPECT_TRUE(find(document, "files")->as_array().empty());
  EXPECT_FALSE(blank->automatic_allowed);
  EXPECT_EQ(origin(*blank, "report/incidentSummary/incidentType"), "person");
}

}  // namespace
}  // namespace tutela::reporting
