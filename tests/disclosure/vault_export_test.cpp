// Evidence sealed by the real vault, disclosed, and checked as its VERIFY.txt says.
#include <fstream>
#include <memory>

#include <gtest/gtest.h>

#include "casework/disclosure/disclosure.hpp"
#include "casework/disclosure/test_packages.hpp"
#include "custody/audit/log.hpp"
#include "custody/audit/sequencer.hpp"
#include "custody/blobs/folder_blobs.hpp"
#include "custody/vault/vault.hpp"

namespace tutela::disclosure {
namespace {

// The log's proofs, of what was signed until the checkpoint was asked for.
class LogProofs final : public Proofs {
 public:
  LogProofs(audit::Sequencer& sequencer, audit::LogOptions options, store::Database& database)
      : sequencer_(sequencer), options_(std::move(options)), database_(database) {}

  Result<std::string> checkpoint(std::int64_t size) override {
    TUTELA_TRY(sequencer_.follow([] { return false; }));
    TUTELA_TRY_ASSIGN(log_, audit::Log::open(options_, database_));
    EXPECT_GE(log_->checkpoint().head.size, static_cast<std::uint64_t>(size));
    return log_->note();
  }

  Result<Proof> prove(std::int64_t index) override {
    TUTELA_TRY_ASSIGN(const audit::Proof proof, log_->prove(static_cast<std::uint64_t>(index)));
    return Proof{proof.leaf, audit::to_text(proof)};
  }

 private:
  audit::Sequencer& sequencer_;
  audit::LogOptions options_;
  store::Database& database_;
  std::optional<audit::Log> log_;
};

class VaultExport : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!installed("age")) {
      GTEST_SKIP() << "age is not installed: a disclosure was NOT checked end to end";
    }
    database_ = *store::Database::open({.path = folder_.path() / "tutela.db"});
    blobs_ = *blobs::open_folder(folder_.path() / "blobs");
    std::filesystem::create_directory(folder_.path() / "epochs");
    auto key = vault::open_key("file:" + (folder_.path() / "vault.key").string(), true);
    ASSERT_TRUE(key) << key.error().message;
    auto vault = vault::Vault::open(
        {{folder_.path() / "epochs"}, 30}, *std::move(key), *database_, *blobs_, clock_);
    ASSERT_TRUE(vault) << vault.error().message;
    vault_ = *std::move(vault);
    control_ =
        std::make_unique<dual_control::DualControl>(*database_, clock_, dual_control::Rules{});
    disclosures_ = std::make_unique<Disclosures>(*database_, *control_, clock_);
    keys_ = make_age_keys(folder_.path(), "agency.key");
  }

  vault::Evidence seal(const Bytes& bytes) {
    vault::NewEvidence what;
    what.case_ref = "case-1";
    what.media_type = "image/png";
    Result<vault::Vault::Writer> writer =
        vault_->seal({"default", "system", "system"}, std::move(what));
    EXPECT_TRUE(writer) << (writer ? "" : writer.error().message);
    EXPECT_TRUE(writer->append(bytes));
    return *writer->finish();
  }

  Uuid approved() {
    const Result<Disclosure> asked = disclosures_->ask(asker_,
                                                       {"case-1",
                                                        {},
                                                        "State Police",
                                                        "K-1",
                                                        "order of a court",
                                                        "they asked",
                                                        RecipientKind::kAge,
                                                        keys_.recipient});
    EXPECT_TRUE(asked) << (asked ? "" : asked.error().message);
    EXPECT_TRUE(control_->approve({"default", "person:lead", "lead"}, asked->request_id));
    return asked->request_id;
  }

  Access access() {
    Access access;
    access.open = [this](const Uuid& id, const audit::Recorded& entry) -> Result<Read> {
      TUTELA_TRY_ASSIGN(vault::Vault::Reader reader, vault_->read(id, entry));
      const auto shared = std::make_shared<vault::Vault::Reader>(std::move(reader));
      return Read([shared](std::span<std::byte> out) { return shared->read(out); });
    };
    return access;
  }

  std::filesystem::path out() const { return folder_.path() / "packages"; }

  tutela::testing::TemporaryFolder folder_;
  ManualClock clock_{kTestNow};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<blobs::Blobs> blobs_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<dual_control::DualControl> control_;
  std::unique_ptr<Disclosures> disclosures_;
  AgeKeys keys_;
  const store::Actor asker_{"default", "person:legal", "legal"};
};

TEST_F(VaultExport, TheAgencyGetsWhatWasSealedAndCanCheckEveryEntry) {
  const Bytes small = random_content(1);
  const Bytes large = random_content(5'000'000);
  const vault::Evidence first = seal(small);
  const vault::Evidence second = seal(large);
  const audit::LogOptions options = audit::LogOptions::in(folder_.path());
  std::filesystem::create_directories(options.folder);
  std::filesystem::create_directories(options.key_file.parent_path());
  auto sequencer = audit::Sequencer::open(options, *database_);
  ASSERT_TRUE(sequencer) << sequencer.error().message;
  LogProofs proofs(**sequencer, options, *database_);
  Access all = access();
  all.proofs = &proofs;
  const Result<Disclosure> ran = disclosures_->run_to_folder(asker_, approved(), all, out());
  ASSERT_TRUE(ran) << ran.error().message;
  const std::filesystem::path package = out() / (to_string(ran->id) + ".tar.age");
  const std::filesystem::path tar = folder_.path() / "package.tar";
  const Ran opened = run_program(
      {"age", "-d", "-i", keys_.identity.string(), "-o", tar.string(), package.string()});
  ASSERT_EQ(opened.status, 0) << opened.output;
  const std::filesystem::path to = folder_.path() / "unpacked";
  expect_good_archive(tar, to);
  EXPECT_EQ(text_at(to / "media" / to_string(first.id)), as_text(small));
  EXPECT_EQ(text_at(to / "media" / to_string(second.id)), as_text(large));
  if (!installed("xxd")) {
    GTEST_SKIP() << "xxd is not installed: the proofs were NOT checked";
  }
  const Ran checked = run_program({"bash", TUTELA_CHECK_PROOFS, to.string()});
  EXPECT_EQ(checked.status, 0) << checked.output;
  EXPECT_NE(checked.output, "0 entries\n");
  // Another entry than the log's.
  const std::filesystem::path entry =
      to / "proofs" /
      (run_program({"ls", (to / "proofs").string()}).output.substr(0, 1) + ".entry");
  ASSERT_TRUE(std::filesystem::exists(entry));
  std::filesystem::permissions(entry, std::filesystem::perms::owner_all);
  std::ofstream(entry, std::ios::app) << " ";
  EXPECT_NE(run_program({"bash", TUTELA_CHECK_PROOFS, to.string()}).status, 0);
}

TEST_F(VaultExport, EvidenceThatRottedIsNotDisclosed) {
  seal(random_content(300'000));
  std::filesystem::path largest;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder_.path() / "blobs")) {
    if (entry.is_regular_file() &&
        (largest.empty() || entry.file_size() > std::filesystem::file_size(largest))) {
      largest = entry.path();
    }
  }
  Bytes bytes = *read_file(largest, 64U << 20);
  bytes[bytes.size() / 2] ^= std::byte{1};
  std::ofstream(largest, std::ios::binary | std::ios::trunc) << as_text(bytes);
  const Uuid request = approved();
  const Result<Disclosure> ran = disclosures_->run_to_folder(asker_, request, access(), out());
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().kind, ErrorKind::kCorrupted) << ran.error().code;
  EXPECT_EQ(disclosures_->find_by_request("default", request)->state, State::kFailed);
  EXPECT_TRUE(std::filesystem::is_empty(out()));
}

TEST_F(VaultExport, TheVaultOpensNothingAgainstAnEntryOfAnotherObject) {
  const vault::Evidence first = seal(random_content(10));
  seal(random_content(10));
  Access crossed = access();
  const auto open = crossed.open;
  crossed.open = [&](const Uuid& id, const audit::Recorded& entry) -> Result<Read> {
    return id == first.id ? open(id, entry) : open(first.id, entry);
  };
  const Result<Disclosure> ran = disclosures_->run_to_folder(asker_, approved(), crossed, out());
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, "vault.no_entry");
  EXPECT_TRUE(std::filesystem::is_empty(out()));
}

}  // namespace
}  // namespace tutela::disclosure
