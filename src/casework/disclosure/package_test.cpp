#include "casework/disclosure/package.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "casework/disclosure/test_packages.hpp"

namespace tutela::disclosure {
namespace {

using tutela::testing::TemporaryFolder;

class TestProofs final : public Proofs {
 public:
  Result<std::string> checkpoint(std::int64_t size) override {
    return "example/log\n" + std::to_string(size) + "\n";
  }

  Result<Proof> prove(std::int64_t index) override {
    return Proof{"entry " + std::to_string(index), "proof " + std::to_string(index) + "\n"};
  }
};

class PackageTest : public ::testing::Test {
 protected:
  Uuid add(std::size_t size) {
    Object object;
    object.id = new_uuid(kTestNow);
    object.size_bytes = size;
    bytes_.push_back(random_content(size));
    object.digests = crypto::digests_of(bytes_.back());
    object.sealed_ms = kTestNow - 1000;
    object.media_type = size % 2 == 0 ? "image/jpeg" : "";
    object.verdict = "match";
    contents_.objects.push_back(object);
    return object.id;
  }

  // Of the object as it lies in the vault.
  std::size_t number_of(const Object& object) const {
    for (std::size_t i = 0; i < contents_.objects.size(); ++i) {
      if (contents_.objects[i].id == object.id) {
        return i;
      }
    }
    return 0;
  }

  Contents contents() {
    Contents contents = contents_;
    contents.about = {*parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057"),
                      "State Police \"North\"",
                      "K-2027/15",
                      "order of a court",
                      "case-1",
                      "person:asks",
                      "person:approves",
                      kTestNow,
                      RecipientKind::kAge,
                      "age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef"};
    contents.open = [this](const Object& object) -> Result<Read> {
      return read_of(bytes_[number_of(object)]);
    };
    contents.history = [](const Object& object) -> Result<std::vector<Entry>> {
      const std::string evidence = "evidence:" + to_string(object.id);
      return std::vector<Entry>{
          {3, kTestNow, "system", "system", "evidence.seal", evidence, "", "ok"},
          {7,
           kTestNow,
           "person:asks",
           "legal",
           "evidence.export",
           evidence,
           "legal_request",
           "ok"}};
    };
    return contents;
  }

  Status make(Contents contents) {
    Package package(std::move(contents));
    Bytes all;
    bool more = true;
    while (more) {
      Bytes part;
      TUTELA_TRY_ASSIGN(more, package.more(part));
      EXPECT_LE(part.size(), 512U << 10);
      all.insert(all.end(), part.begin(), part.end());
    }
    return write_file_atomic(tar(), all);
  }

  std::string code_of(Contents contents) {
    const Status made = make(std::move(contents));
    return made ? "" : std::string(made.error().code);
  }

  std::filesystem::path tar() const { return folder_.path() / "package.tar"; }

  TemporaryFolder folder_;
  Contents contents_;
  std::vector<Bytes> bytes_;
};

TEST_F(PackageTest, HoldsTheOriginalsAndWhatTheDocumentsSayOfThem) {
  for (const std::size_t size : std::initializer_list<std::size_t>{0, 1, 511, 512, 513, 700'000}) {
    add(size);
  }
  TestProofs proofs;
  Contents all = contents();
  all.proofs = &proofs;
  all.receipts = {{"report-1.txt", "received\n"}, {"report-2.json", "{}"}};
  ASSERT_EQ(code_of(std::move(all)), "");
  const std::filesystem::path to = folder_.path() / "unpacked";
  expect_good_archive(tar(), to);
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    EXPECT_EQ(text_at(to / "media" / to_string(contents_.objects[i].id)), as_text(bytes_[i]));
  }
  EXPECT_EQ(text_at(to / "receipts" / "report-1.txt"), "received\n");
  EXPECT_EQ(text_at(to / "proofs" / "checkpoint"), "example/log\n8\n");
  EXPECT_EQ(text_at(to / "proofs" / "7.proof"), "proof 7\n");
  EXPECT_EQ(text_at(to / "proofs" / "3.entry"), "entry 3");
}

TEST_F(PackageTest, EndsWithTheManifestAndListsEveryOtherFileInTheSums) {
  add(5);
  ASSERT_EQ(code_of(contents()), "");
  std::string listed = run_program({"tar", "-tf", tar().string()}).output;
  EXPECT_TRUE(listed.starts_with("VERIFY.txt\nmedia/")) << listed;
  EXPECT_TRUE(listed.ends_with("SHA256SUMS\nmanifest.json\n")) << listed;
  const std::filesystem::path to = folder_.path() / "unpacked";
  expect_good_archive(tar(), to);
  const std::string sums = text_at(to / "SHA256SUMS");
  EXPECT_EQ(std::ranges::count(sums, '\n'), std::ranges::count(listed, '\n') - 2);
}

TEST_F(PackageTest, TellsNoToolThatAnythingWasCategorised) {
  add(4);
  ASSERT_EQ(code_of(contents()), "");
  const std::filesystem::path to = folder_.path() / "unpacked";
  expect_good_archive(tar(), to);
  const std::string vics = text_at(to / "vics.json");
  // Readers take the first member for the data model.
  EXPECT_TRUE(vics.starts_with("{\n  \"@odata.context\": \"http://github.com/VICSDATAMODEL/"))
      << vics;
  EXPECT_NE(vics.find("\"Category\": 0,"), std::string::npos);
  EXPECT_NE(vics.find("\"IsPrecategorized\": \"false\""), std::string::npos);
}

TEST_F(PackageTest, IsNotMadeWhereAnObjectIsNotWhatWasSealed) {
  add(10);
  add(400'000);
  for (const int change : {0, 1, 2}) {
    Contents all = contents();
    all.open = [&](const Object& object) -> Result<Read> {
      Bytes bytes = bytes_[number_of(object)];
      if (change == 0) {
        bytes.back() ^= std::byte{1};
      } else {
        bytes.resize(change == 1 ? bytes.size() - 1 : bytes.size() + 1);
      }
      return read_of(std::move(bytes));
    };
    EXPECT_EQ(code_of(std::move(all)), "disclosure.changed") << change;
  }
}

TEST_F(PackageTest, PassesErrorsOnAndGivesNothingAfterThem) {
  add(10);
  const Error error{ErrorKind::kCorrupted, "vault.corrupt", "no"};
  Contents all = contents();
  all.open = [&](const Object&) -> Result<Read> {
    return Read([&](std::span<std::byte>) -> Result<std::size_t> { return error; });
  };
  Package package(std::move(all));
  Bytes part;
  ASSERT_TRUE(package.more(part));
  const Result<bool> failed = package.more(part);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "vault.corrupt");
  part.clear();
  EXPECT_FALSE(*package.more(part));
  EXPECT_TRUE(part.empty());
  Contents unopened = contents();
  unopened.open = [&](const Object&) -> Result<Read> {
    return error;
  };
  EXPECT_EQ(code_of(std::move(unopened)), "vault.corrupt");
  Contents unknown = contents();
  unknown.history = [&](const Object&) -> Result<std::vector<Entry>> {
    return error;
  };
  EXPECT_EQ(code_of(std::move(unknown)), "vault.corrupt");
}

TEST_F(PackageTest, RefusesReceiptsWhoseNamesLeaveTheirFolderOrMeet) {
  add(10);
  for (const std::string name : {"", ".", "..", "../x", "/x", "a b", "a\n", "caf\xc3\xa9"}) {
    Contents all = contents();
    all.receipts = {{name, "x"}};
    EXPECT_EQ(code_of(std::move(all)), "disclosure.bad_receipt") << name;
  }
  Contents all = contents();
  all.receipts = {{"a", "x"}, {"a", "y"}};
  EXPECT_EQ(code_of(std::move(all)), "disclosure.bad_receipt");
}

// pax, beyond the 8 GiB of ustar; nothing of it lies in memory.
TEST(Tar, AnnouncesObjectsOfAnySize) {
  const TemporaryFolder folder;
  Tar tar(kTestNow);
  const std::uint64_t size = 20ULL << 30;
  ASSERT_TRUE(tar.begin("media/large", size));
  const Bytes block(1U << 20);
  Bytes first;
  ASSERT_TRUE(tar.append(block));
  tar.take(first);
  ASSERT_TRUE(write_file_atomic(folder.path() / "part.tar", first));
  const Ran listed = run_program({"tar", "-tvf", (folder.path() / "part.tar").string()});
  EXPECT_NE(listed.output.find(std::to_string(size)), std::string::npos) << listed.output;
  EXPECT_NE(listed.status, 0) << "a part of an archive was taken for whole";
  const Bytes over(10);
  EXPECT_FALSE(tar.begin("next", 1)) << "the file before is not whole";
  EXPECT_FALSE(tar.finish());
  Tar small(kTestNow);
  ASSERT_TRUE(small.begin("a", 3));
  EXPECT_FALSE(small.append(over));
}

TEST(TarTest, ThatIsGivenUpIsFreedAndNotFilledUp) {
  Tar tar(1'800'000'000'000);
  ASSERT_TRUE(tar.begin("large", std::uint64_t{1} << 40U));  // filling it up would take hours
  ASSERT_TRUE(tar.append(Bytes(100'000)));
}

}  // namespace
}  // namespace tutela::disclosure
