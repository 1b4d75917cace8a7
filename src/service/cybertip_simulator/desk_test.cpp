#include "service/cybertip_simulator/desk.hpp"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "service/cybertip_simulator/fixture.hpp"

namespace tutela::cybertip_simulator {
namespace {

constexpr UtcMs kNow = 1'760'000'000'000;
constexpr std::int64_t kHour = 3'600'000;
const Received kFile{"fafa5efeaf3cbe3b23b2748d13e629a1", 3};

std::int64_t submitted(Desk& desk, std::string_view xml = kReportXml, UtcMs now_ms = kNow) {
  const Reply reply = desk.submit(xml, now_ms);
  EXPECT_EQ(reply.code, 0) << reply.description;
  return reply.report_id.value_or(0);
}

TEST(Desk, TakesTheTransactionOfTheDocumentation) {
  Desk desk(4564654);
  EXPECT_EQ(submitted(desk), 4564654);
  const Reply upload = desk.upload(4564654, kFile, kNow);
  EXPECT_EQ(upload.code, 0);
  EXPECT_EQ(upload.report_id, 4564654);
  EXPECT_EQ(upload.hash, kFile.md5);
  EXPECT_EQ(upload.file_id.size(), 32U);
  EXPECT_EQ(desk.file_info(details_xml("4564654", upload.file_id), kNow).code, 0);
  const Reply finish = desk.finish(4564654, kNow);
  EXPECT_EQ(finish.code, 0);
  EXPECT_TRUE(finish.done);
  EXPECT_EQ(finish.file_ids, std::vector<std::string>{upload.file_id});
  EXPECT_EQ(desk.reports().at(4564654).stage, Stage::kFinished);
}

TEST(Desk, RefusesWhatIsNoXmlNoReportOrAgainstTheSchema) {
  Desk desk(1);
  EXPECT_EQ(desk.submit("", kNow).code, 4110);
  EXPECT_EQ(desk.submit("<report>", kNow).code, 4110);
  EXPECT_EQ(desk.submit("<!DOCTYPE report [<!ENTITY a 'b'>]>" +
                            std::string(kReportXml.substr(kReportXml.find("<report"))),
                        kNow)
                .code,
            4110);
  EXPECT_EQ(desk.submit("<report/>", kNow).code, 4100);
  EXPECT_EQ(desk.submit("<reportResponse><responseCode>0</responseCode><responseDescription>a"
                        "</responseDescription></reportResponse>",
                        kNow)
                .code,
            4100);
  EXPECT_EQ(desk.submit(details_xml("1", "a"), kNow).code, 4100);
  EXPECT_EQ(desk.file_info(kReportXml, kNow).code, 4100);
  EXPECT_TRUE(desk.reports().empty());
}

TEST(Desk, KnowsFileDetailsOnceAndOnlyOfItsOwnFiles) {
  Desk desk(1);
  const std::int64_t first = submitted(desk);
  const std::int64_t second = submitted(desk);
  const std::string file = desk.upload(first, kFile, kNow).file_id;
  EXPECT_EQ(desk.file_info(details_xml(std::to_string(second), file), kNow).code, 5002);
  EXPECT_EQ(desk.file_info(details_xml(std::to_string(first), "unknown"), kNow).code, 5002);
  EXPECT_EQ(desk.file_info(details_xml("77", file), kNow).code, 5001);
  EXPECT_EQ(desk.file_info(details_xml(std::to_string(first), file), kNow).code, 0);
  EXPECT_EQ(desk.file_info(details_xml(std::to_string(first), file), kNow).code, 4100);
}

TEST(Desk, FinishesABatchedReportOnlyWithOneFile) {
  Desk desk(1);
  const std::int64_t id = submitted(desk, kBatchedXml);
  desk.upload(id, kFile, kNow);
  desk.upload(id, kFile, kNow);
  const Reply refused = desk.finish(id, kNow);
  EXPECT_EQ(refused.code, 4100);
  EXPECT_EQ(refused.http_status, 400U);
  EXPECT_EQ(desk.retract(id, kNow).code, 0);
}

TEST(Desk, DeletesAnOpenReportADayAfterItsOpeningOrAnHourAfterItsLastChangeWhicheverIsLater) {
  struct Case {
    std::int64_t upload_at_ms;  // after the opening; -1: none
    std::int64_t finish_at_ms;
    std::int64_t code;
  };

  // An hour without a change does not end what is younger than a day; a day does not end what was
  // changed within the last hour.
  for (const Case& one : {Case{-1, 24 * kHour, 0},
                          Case{-1, 24 * kHour + 1, 5001},
                          Case{kHour, 3 * kHour, 0},
                          Case{kHour, 24 * kHour, 0},
                          Case{kHour, 24 * kHour + 1, 5001},
                          Case{24 * kHour, 25 * kHour, 0},
                          Case{24 * kHour, 25 * kHour + 1, 5001},
                          Case{23 * kHour + 1, 24 * kHour + 1, 0},
                          Case{23 * kHour, 24 * kHour + 1, 5001}}) {
    Desk desk(1);
    const std::int64_t id = submitted(desk);
    if (one.upload_at_ms >= 0) {
      EXPECT_EQ(desk.upload(id, kFile, kNow + one.upload_at_ms).code, 0);
    }
    EXPECT_EQ(desk.finish(id, kNow + one.finish_at_ms).code, one.code)
        << one.upload_at_ms << " " << one.finish_at_ms;
  }
}

TEST(Desk, CountsFileDetailsAsAChangeAndARefusedCallAsNone) {
  Desk desk(1);
  const std::int64_t id = submitted(desk);
  const std::string file = desk.upload(id, kFile, kNow).file_id;
  EXPECT_EQ(desk.file_info(details_xml(std::to_string(id), file), kNow + 24 * kHour).code, 0);
  EXPECT_EQ(desk.file_info(details_xml(std::to_string(id), "none"), kNow + 25 * kHour).code, 5002);
  EXPECT_EQ(desk.upload(id, kFile, kNow + 25 * kHour + 1).code, 5001);
  EXPECT_EQ(desk.retract(id, kNow + 25 * kHour + 1).code, 5001);
  EXPECT_EQ(desk.reports().at(id).stage, Stage::kExpired);
}

// --- every order of calls, against a model of a few lines

enum class Call : std::uint8_t { kUpload, kInfo, kFinish, kRetract, kExpire };
constexpr std::array kCalls = {
    Call::kUpload, Call::kInfo, Call::kFinish, Call::kRetract, Call::kExpire};

struct Model {
  char stage = 'o';
  int uploads = 0;
  int described = 0;

  [[nodiscard]] std::int64_t closed() const {
    return stage == 'f' ? 5102 : stage == 'r' ? 5101 : stage == 'e' ? 5001 : 0;
  }

  std::int64_t take(Call call) {
    if (call == Call::kExpire) {
      stage = stage == 'o' ? 'e' : stage;
      return 0;
    }
    if (closed() != 0) {
      return closed();
    }
    switch (call) {
      case Call::kUpload:
        ++uploads;
        return 0;
      case Call::kInfo:  // of the oldest file that has none, or of none
        if (uploads == 0) {
          return 5002;
        }
        if (described == uploads) {
          return 4100;
        }
        ++described;
        return 0;
      case Call::kFinish:
        stage = 'f';
        return 0;
      case Call::kRetract:
        stage = 'r';
        return 0;
      case Call::kExpire:
        break;
    }
    return 0;
  }
};

struct Real {
  Desk desk{1};
  std::int64_t id = submitted(desk);
  std::vector<std::string> files;
  std::size_t described = 0;

  std::int64_t take(Call call) {
    switch (call) {
      case Call::kUpload: {
        const Reply reply = desk.upload(id, kFile, kNow);
        if (reply.code == 0) {
          files.push_back(reply.file_id);
        }
        return reply.code;
      }
      case Call::kInfo: {
        const std::size_t wanted = std::min(described, files.empty() ? 0 : files.size() - 1);
        const std::string file = files.empty() ? "none" : files[wanted];
        const std::int64_t code = desk.file_info(details_xml("1", file), kNow).code;
        described += code == 0 ? 1U : 0U;
        return code;
      }
      case Call::kFinish: {
        const Reply reply = desk.finish(id, kNow);
        EXPECT_TRUE(reply.code != 0 || reply.file_ids == files);
        return reply.code;
      }
      case Call::kRetract:
        return desk.retract(id, kNow).code;
      case Call::kExpire:
        desk.expire_now(id);
        return 0;
    }
    return -1;
  }
};

TEST(Desk, AnswersEveryOrderOfUpToFiveCallsAsItsModel) {
  constexpr std::size_t kCallsMax = 5;
  std::size_t orders = 1;
  for (std::size_t i = 0; i < kCallsMax; ++i) {
    orders *= kCalls.size();
  }
  for (std::size_t order = 0; order < orders; ++order) {
    Real real;
    Model model;
    std::size_t rest = order;
    std::string trace;
    for (std::size_t i = 0; i < kCallsMax; ++i) {
      const Call call = kCalls[rest % kCalls.size()];
      rest /= kCalls.size();
      trace += std::to_string(static_cast<int>(call)) + " ";
      ASSERT_EQ(real.take(call), model.take(call)) << trace;
    }
    ASSERT_EQ(to_string(real.desk.reports().at(1).stage).front(), model.stage) << trace;
  }
}

}  // namespace
}  // namespace tutela::cybertip_simulator
