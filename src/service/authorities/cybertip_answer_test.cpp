#include "service/authorities/cybertip_answer.hpp"

#include <gtest/gtest.h>

namespace tutela::authorities {
namespace {

using reports::Phase;
using reports::Step;

constexpr std::string_view kMd5 = "5d41402abc4b2a76b9719d911017c592";

Got got_of(std::int64_t status, std::string_view body) {
  Got got;
  got.issued = true;
  got.status = status;
  got.request_id = "req-1";
  got.body.assign(as_bytes(body).begin(), as_bytes(body).end());
  return got;
}

std::string response(int code, std::string_view more = {}, std::string_view words = "Words") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><reportResponse><responseCode>" +
         std::to_string(code) + "</responseCode><responseDescription>" + std::string(words) +
         "</responseDescription>" + std::string(more) + "</reportResponse>";
}

std::string uploaded(std::string_view md5, std::string_view report = "42") {
  return "<reportId>" + std::string(report) + "</reportId><fileId>f1</fileId><hash>" +
         std::string(md5) + "</hash>";
}

std::string done(std::string_view report = "42") {
  return "<reportDoneResponse><responseCode>0</responseCode><reportId>" + std::string(report) +
         "</reportId><files><fileId>f1</fileId><fileId>f2</fileId></files></reportDoneResponse>";
}

Expected expect(Step step) {
  return {step,
          step == Step::kSubmit ? "" : "42",
          step == Step::kUpload ? std::string(kMd5) : std::string()};
}

Took judged(Step step, std::int64_t status, std::string_view body) {
  return judge(expect(step), got_of(status, body));
}

TEST(CybertipAnswerTest, TakesTheIdsOfASuccess) {
  const Took submitted =
      judged(Step::kSubmit, 200, response(0, "<reportId>4564654</reportId>", "Success"));
  EXPECT_EQ(submitted.phase, Phase::kDone);
  EXPECT_EQ(submitted.authority_id, "4564654");
  EXPECT_EQ(submitted.code, 0);
  EXPECT_EQ(submitted.http_status, 200);
  EXPECT_EQ(submitted.request_ref, "req-1");
  EXPECT_FALSE(submitted.simulated);
  EXPECT_EQ(submitted.raw, "");
  const Took file = judged(Step::kUpload, 200, response(0, uploaded(kMd5)));
  EXPECT_EQ(file.phase, Phase::kDone);
  EXPECT_EQ(file.file_id, "f1");
  EXPECT_EQ(judged(Step::kFileInfo, 200, response(0)).phase, Phase::kDone);
  EXPECT_EQ(judged(Step::kRetract, 200, response(0)).phase, Phase::kDone);
  const Took finished = judged(Step::kFinish, 200, done());
  EXPECT_EQ(finished.phase, Phase::kDone);
  EXPECT_EQ(finished.file_ids, (std::vector<std::string>{"f1", "f2"}));
  EXPECT_EQ(finished.raw, done());
}

TEST(CybertipAnswerTest, ComparesWhatWasReceivedWithWhatWasSent) {
  const Took other =
      judged(Step::kUpload, 200, response(0, uploaded("00000000000000000000000000000000")));
  EXPECT_EQ(other.phase, Phase::kOtherBytes);
  EXPECT_EQ(other.file_id, "f1");
  EXPECT_EQ(other.description.find("0000"), std::string::npos);
}

TEST(CybertipAnswerTest, ASuccessThatLacksSomethingIsUnclear) {
  EXPECT_EQ(judged(Step::kSubmit, 200, response(0)).phase, Phase::kUnclear);
  EXPECT_EQ(judged(Step::kUpload, 200, response(0, "<reportId>42</reportId>")).phase,
            Phase::kUnclear);
  EXPECT_EQ(
      judged(Step::kUpload, 200, response(0, "<reportId>42</reportId><fileId>f</fileId>")).phase,
      Phase::kUnclear);
  EXPECT_EQ(judged(Step::kUpload, 200, response(0, uploaded(kMd5, "43"))).phase, Phase::kUnclear);
  EXPECT_EQ(judged(Step::kFinish, 200, response(0, "<reportId>42</reportId>")).phase,
            Phase::kUnclear);
  EXPECT_EQ(judged(Step::kFinish, 200, done("43")).phase, Phase::kUnclear);
  EXPECT_EQ(judged(Step::kFinish, 200, done("43")).raw, "");
  EXPECT_EQ(judged(Step::kFileInfo, 200, response(0, "<reportId>43</reportId>")).phase,
            Phase::kUnclear);
  EXPECT_EQ(judged(Step::kRetract, 200, response(0, "<reportId>43</reportId>")).phase,
            Phase::kUnclear);
  EXPECT_EQ(judged(Step::kFinish, 500, done()).phase, Phase::kUnclear);
}

TEST(CybertipAnswerTest, KnowsEveryCodeOfTheDocumentation) {
  const std::vector<std::pair<int, Phase>> phases = {{1000, Phase::kUnclear},
                                                     {1100, Phase::kUnclear},
                                                     {1110, Phase::kUnclear},
                                                     {1111, Phase::kUnclear},
                                                     {1210, Phase::kUnclear},
                                                     {1300, Phase::kUnclear},
                                                     {2000, Phase::kCredentials},
                                                     {3000, Phase::kCredentials},
                                                     {3100, Phase::kCredentials},
                                                     {3300, Phase::kCredentials},
                                                     {4000, Phase::kRejected},
                                                     {4100, Phase::kRejected},
                                                     {4110, Phase::kRejected},
                                                     {4200, Phase::kRejected},
                                                     {5001, Phase::kGone},
                                                     {5002, Phase::kGone},
                                                     {5101, Phase::kRetracted},
                                                     {5102, Phase::kFinished}};
  for (const Step step :
       {Step::kSubmit, Step::kUpload, Step::kFileInfo, Step::kFinish, Step::kRetract}) {
    for (const int status : {200, 400, 500}) {
      for (const auto& [code, phase] : phases) {
        const Took took = judged(step, status, response(code));
        EXPECT_EQ(took.phase, phase) << code << " under HTTP " << status;
        EXPECT_EQ(took.code, code);
      }
    }
  }
}

TEST(CybertipAnswerTest, ACodeThatNobodyKnowsIsForAPersonButNeverGuessedOfAFinish) {
  EXPECT_EQ(judged(Step::kSubmit, 200, response(7777)).phase, Phase::kRejected);
  EXPECT_EQ(judged(Step::kUpload, 200, response(9999)).phase, Phase::kRejected);
  EXPECT_EQ(judged(Step::kFinish, 200, response(9999)).phase, Phase::kUnclear);
}

TEST(CybertipAnswerTest, RefusedCredentialsAreSaidByTheStatusToo) {
  for (const int status : {401, 403}) {
    for (const std::string& body :
         {std::string(), std::string("<html>no</html>"), response(1000), response(4000)}) {
      EXPECT_EQ(judged(Step::kSubmit, status, body).phase, Phase::kCredentials) << body;
    }
    EXPECT_EQ(judged(Step::kRetract, status, response(5102)).phase, Phase::kFinished);
    Got cut = got_of(status, "<repo");
    cut.failure = "the connection broke";
    EXPECT_EQ(judge(expect(Step::kUpload), cut).phase, Phase::kCredentials);
  }
}

TEST(CybertipAnswerTest, WhatCannotBeReadIsUnclearUnlessItIsARefusal) {
  const std::string page = "<html><body>Down for maintenance</body></html>";
  const std::string bomb = "<!DOCTYPE a [<!ENTITY b \"c\">]><reportResponse/>";
  for (const std::string& body : {std::string(), page, bomb, std::string("{\"code\":0}")}) {
    for (const int status : {200, 204, 301, 302, 307, 408, 500, 502, 503, 504, 100, 700}) {
      EXPECT_EQ(judged(Step::kFinish, status, body).phase, Phase::kUnclear) << status;
    }
    for (const int status : {400, 404, 405, 413, 415, 422, 451}) {
      const Took took = judged(Step::kSubmit, status, body);
      EXPECT_EQ(took.phase, Phase::kRejected) << status;
      EXPECT_NE(took.description.find(std::to_string(status)), std::string::npos);
      EXPECT_EQ(took.description.find("maintenance"), std::string::npos);
      EXPECT_EQ(judged(Step::kFinish, status, body).phase, Phase::kUnclear) << "it may be finished";
      EXPECT_EQ(judged(Step::kRetract, status, body).phase, Phase::kUnclear) << "nothing is known";
    }
    EXPECT_EQ(judged(Step::kSubmit, 429, body).phase, Phase::kTrouble);
  }
}

TEST(CybertipAnswerTest, WithoutAnAnswerItMattersWhetherAnythingLeft) {
  Got got;
  got.failure = "no connection";
  EXPECT_EQ(judge(expect(Step::kFinish), got).phase, Phase::kTrouble);
  EXPECT_EQ(judge(expect(Step::kFinish), got).http_status, std::nullopt);
  got.issued = true;
  EXPECT_EQ(judge(expect(Step::kFinish), got).phase, Phase::kUnclear);
  // Half an answer is none, whatever its half says.
  Got half = got_of(200, done());
  half.failure = "the connection broke before an answer";
  EXPECT_EQ(judge(expect(Step::kFinish), half).phase, Phase::kUnclear);
  EXPECT_EQ(judge(expect(Step::kFinish), half).raw, "");
}

TEST(CybertipAnswerTest, KeepsTheAnswerThatProvesAFinishedReport) {
  const std::string finished = response(5102);
  EXPECT_EQ(judged(Step::kRetract, 400, finished).raw, finished);
  EXPECT_EQ(judged(Step::kFinish, 400, finished).raw, finished);
  EXPECT_EQ(judged(Step::kRetract, 200, response(0)).raw, "");
  EXPECT_EQ(judged(Step::kRetract, 400, response(5101)).raw, "");
}

TEST(CybertipAnswerTest, AMarkedAnswerIsSimulated) {
  Got got = got_of(200, done());
  EXPECT_FALSE(judge(expect(Step::kFinish), got).simulated);
  got.marked = true;
  EXPECT_TRUE(judge(expect(Step::kFinish), got).simulated);
  EXPECT_TRUE(judge(expect(Step::kFinish), got).description.starts_with(kSimulated));
  EXPECT_TRUE(judged(Step::kRetract, 400, response(5102, "", "SIMULATED: finished")).simulated);
  EXPECT_FALSE(judged(Step::kRetract, 400, response(5102, "", "not SIMULATED")).simulated);
}

TEST(CybertipAnswerTest, KeepsTheWordsThatHelpAndNoValues) {
  EXPECT_EQ(presentable("Validation failed"), "Validation failed");
  EXPECT_EQ(presentable("cvc-complex-type.2.4.a: Invalid content was found starting with element "
                        "'incidentType'."),
            "cvc-complex-type.2.4.a: Invalid content was found starting with element "
            "'incidentType'.");
  EXPECT_EQ(presentable("The report's file isn't there"), "The report's file isn't there");
  EXPECT_EQ(presentable("Report 4564654 does not exist"), "Report 4564654 does not exist");
  for (const std::string personal : {"someone@example.org",
                                     "'Zebulon Q'",
                                     "\"Zebulon\"",
                                     "'holiday picture.jpg'",
                                     "holiday.jpg",
                                     "192.0.2.7",
                                     "https://example.org/user/7",
                                     "5d41402abc4b2a76b9719d911017c592",
                                     "+15555550100",
                                     "'Zebulon never ends"}) {
    EXPECT_EQ(presentable("Value " + personal), "Value [...]") << personal;
  }
  EXPECT_EQ(presentable(std::string("a\nb\x01\xff")), "a?b??");
  EXPECT_LE(presentable(std::string(100'000, '\'')).size(), 2000U);
  EXPECT_EQ(presentable(std::string(100'000, 'g')).size(), 2000U);
}

}  // namespace
}  // namespace tutela::authorities
