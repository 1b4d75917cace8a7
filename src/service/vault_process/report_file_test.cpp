// The vault process gives a file of a report to whoever files it now, and to nobody else.
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "casework/reports/reports.hpp"
#include "service/vault_process/test_vault_process.hpp"

namespace tutela::vault_process {
namespace {

class ReportFileTest : public RunningVault {
 protected:
  void SetUp() override {
    RunningVault::SetUp();
    dual_control_.emplace(*database_, clock_, dual_control::Rules{});
    reports_.emplace(*database_, *dual_control_, clock_, reports::Rules{});
  }

  /// Released, with one file.
  reports::Report released(const Bytes& content) {
    const Uuid content_id = add_content(*database_, content);
    const auto evidence = seal(content, content_id);
    EXPECT_TRUE(evidence) << evidence.error().message;
    reports::NewDraft draft;
    draft.authority.name = "ncmec";
    draft.authority.channel = reports::Channel::kCybertip;
    draft.authority.jurisdiction = "US";
    draft.body = "{}";
    draft.provenance = "[]";
    draft.files.push_back({0,
                           content_id,
                           *evidence,
                           to_hex(crypto::digests_of(content).md5),
                           static_cast<std::int64_t>(content.size())});
    const auto drafted = reports_->draft(lead_.actor, draft);
    EXPECT_TRUE(drafted) << drafted.error().message;
    const auto released = reports_->release(lead_, drafted->id, {drafted->version, ""}, 1);
    EXPECT_TRUE(released) << released.error().message;
    return *released;
  }

  reports::Leased lease() {
    auto leased = reports_->lease({"ncmec"}, kLeaseMs);
    EXPECT_TRUE(leased && *leased);
    return **std::move(leased);
  }

  Result<Bytes> file_of(const Uuid& report,
                        std::int64_t lease,
                        std::int64_t file,
                        const std::string& tenant = "default") {
    TUTELA_TRY_ASSIGN(vault_client::Stream stream,
                      client_.report_file(tenant, report, lease, file));
    Bytes all;
    while (true) {
      TUTELA_TRY_ASSIGN(const std::optional<Bytes> bytes, stream.next());
      if (!bytes) {
        return all;
      }
      all.insert(all.end(), bytes->begin(), bytes->end());
    }
  }

  static constexpr std::int64_t kLeaseMs = 120'000;
  const Bytes picture_ = testing::picture_bmp(3, 800, 600);  // of several frames of the socket
  std::optional<dual_control::DualControl> dual_control_;
  std::optional<reports::Reports> reports_;
  reports::Person lead_{{"default", "person:" + to_string(new_uuid(1)), "lead"}, true, true};
};

TEST_F(ReportFileTest, StreamsTheFileToWhoHoldsTheLease) {
  const reports::Report report = released(picture_);
  const reports::Leased leased = lease();
  const auto bytes = file_of(report.id, leased.lease, 0);
  ASSERT_TRUE(bytes) << bytes.error().code << ": " << bytes.error().message;
  EXPECT_EQ(*bytes, picture_);
  EXPECT_EQ(entries_of("report.upload", "ok"), 1);
  // Nobody looked at anything, and no report may say so.
  EXPECT_EQ(testing::count(*database_, "evidence_view"), 0);
}

TEST_F(ReportFileTest, WithoutALivingLeaseOfThisReportNothingIsGivenOut) {
  const reports::Report report = released(picture_);
  EXPECT_EQ(testing::code_of(file_of(report.id, 0, 0)), "report.not_filing");
  EXPECT_EQ(testing::code_of(file_of(report.id, 1, 0)), "report.not_filing");
  const reports::Leased leased = lease();
  EXPECT_EQ(testing::code_of(file_of(report.id, leased.lease + 1, 0)), "report.not_filing");
  EXPECT_EQ(testing::code_of(file_of(report.id, leased.lease, 1)), "report.not_filing");
  EXPECT_EQ(testing::code_of(file_of(report.id, leased.lease, 0, "other")), "report.not_found");
  EXPECT_EQ(testing::code_of(file_of(new_uuid(1), leased.lease, 0)), "report.not_found");
  EXPECT_EQ(testing::code_of(file_of(report.id, leased.lease, -1)), "vault.bad_message");
  clock_.advance(kLeaseMs + 1);
  EXPECT_EQ(testing::code_of(file_of(report.id, leased.lease, 0)), "report.not_filing");
  const reports::Leased later = lease();
  EXPECT_EQ(testing::code_of(file_of(report.id, leased.lease, 0)), "report.not_filing");
  ASSERT_TRUE(reports_->put_off(later, "report.credentials", std::nullopt));
  EXPECT_EQ(testing::code_of(file_of(report.id, later.lease, 0)), "report.not_filing");
  EXPECT_EQ(entries_of("report.upload", "ok"), 0);
}

TEST_F(ReportFileTest, AMalformedCallIsRefused) {
  for (const std::string lease : {"", "x", "1 ", "99999999999999999999"}) {
    Message message("report_file");
    message.set("tenant_id", "default").set("report_id", to_string(new_uuid(1)));
    message.set("lease", lease).set("file", "0");
    EXPECT_EQ(testing::code_of(answer_to(message)), "vault.bad_message") << lease;
  }
  Message message("report_file");
  EXPECT_EQ(testing::code_of(answer_to(message)), "uuid.malformed");
}

TEST_F(ReportFileTest, WhatIsDamagedNeverComesToItsEnd) {
  const reports::Report report = released(picture_);
  const reports::Leased leased = lease();
  std::size_t damaged = 0;
  const auto objects = places_of(config_).objects;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(objects)) {
    if (entry.is_regular_file() && entry.file_size() > picture_.size()) {
      const int fd = ::open(entry.path().c_str(), O_RDWR | O_CLOEXEC);
      char byte = 0;
      const auto at = static_cast<off_t>(entry.file_size() / 2);
      ASSERT_EQ(::pread(fd, &byte, 1, at), 1);
      byte = static_cast<char>(byte ^ 1);
      ASSERT_EQ(::pwrite(fd, &byte, 1, at), 1);
      ::close(fd);
      ++damaged;
    }
  }
  ASSERT_EQ(damaged, 1U);
  EXPECT_EQ(file_of(report.id, leased.lease, 0).error().kind, ErrorKind::kCorrupted);
}

}  // namespace
}  // namespace tutela::vault_process
