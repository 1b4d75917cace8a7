#include "custody/vault/vault.hpp"

#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "custody/evidence_format/object.hpp"
#include "custody/vault/vault_fixture.hpp"

namespace tutela::vault {
namespace {

TEST_F(VaultTest, GivesBackWhatWasSealedWithItsFacts) {
  const Bytes content = random_bytes_of(200'000, 1);
  const Result<Evidence> sealed = world_.seal(content);
  ASSERT_TRUE(sealed) << sealed.error().message;
  EXPECT_EQ(sealed->size_bytes, content.size());
  EXPECT_EQ(sealed->digests, crypto::digests_of(content));
  EXPECT_EQ(sealed->epoch, 1);
  EXPECT_EQ(sealed->state, State::kKept);
  EXPECT_EQ(world_.entries("evidence.seal"), 1);
  EXPECT_EQ(world_.count("vault_sealing"), 0);
  const Result<Evidence> found = world_.vault->find("default", sealed->id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->media_type, "image/jpeg");
  EXPECT_EQ(found->case_ref, "case-1");
  EXPECT_EQ(*world_.read(sealed->id), content);
  restart();
  EXPECT_EQ(*world_.read(sealed->id), content);
}

TEST_F(VaultTest, GivesBackSizesAroundTheBordersOfPartsAndAtRandom) {
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  std::vector<std::size_t> sizes = {0, 1, 4092, 4093, 65'535, 65'536, 65'537, 1'048'576, 3'000'000};
  for (int i = 0; i < 12; ++i) {
    sizes.push_back(random() % 1'500'000);
  }
  for (const std::size_t size : sizes) {
    const Bytes content = random_bytes_of(size, static_cast<unsigned>(random()));
    const Result<Evidence> sealed = world_.seal(content);
    ASSERT_TRUE(sealed);
    const Result<Bytes> opened = world_.read(sealed->id);
    ASSERT_TRUE(opened && *opened == content) << "seed " << seed << ", size " << size;
  }
}

TEST_F(VaultTest, ListsByCaseInOrderAndOnlyTheTenantsOwn) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(world_.seal(random_bytes_of(10, 1), {{}, i == 2 ? "b" : "a", "", {}})->id);
  }
  EXPECT_EQ(world_.vault->list("default", "", {}, 10)->size(), 5U);
  const auto page = world_.vault->list("default", "a", {}, 2);
  ASSERT_EQ(page->size(), 2U);
  EXPECT_EQ((*page)[1].id, ids[1]);
  const auto rest = world_.vault->list("default", "a", (*page)[1].id, 10);
  ASSERT_EQ(rest->size(), 2U);
  EXPECT_EQ((*rest)[0].id, ids[3]);
  EXPECT_TRUE(world_.vault->list("other", "", {}, 10)->empty());
  EXPECT_EQ(world_.vault->find("other", ids[0]).error().code, "evidence.not_found");
}

TEST_F(VaultTest, RefusesBadCasesAndMediaTypes) {
  for (const std::string& bad : {std::string(), std::string("a b"), std::string(65, 'a')}) {
    EXPECT_EQ(world_.seal({}, {{}, bad, "", {}}).error().code, "vault.bad_case");
  }
  EXPECT_EQ(world_.seal({}, {{}, "a", "image/\n", {}}).error().code, "vault.bad_media_type");
  EXPECT_EQ(world_.seal({}, {{}, "a", std::string(128, 'a'), {}}).error().code,
            "vault.bad_media_type");
}

TEST_F(VaultTest, NothingOpensWithoutAnEntryAboutThisObject) {
  const Uuid id = world_.seal(random_bytes_of(10, 1))->id;
  const Uuid other = world_.seal(random_bytes_of(10, 2))->id;
  const auto entry =
      audit::record(*world_.database,
                    world_.actor,
                    1,
                    {"evidence.open", "evidence:" + tutela::to_string(other), "review", "ok"});
  ASSERT_TRUE(entry);
  EXPECT_EQ(world_.vault->read(id, *entry).error().code, "vault.no_entry");
  EXPECT_TRUE(world_.vault->read(other, *entry));
}

TEST_F(VaultTest, TakesKnownDigestsOnlyForTheVeryBytes) {
  const Bytes content = random_bytes_of(700'000, 3);
  const crypto::Digests known = crypto::digests_of(content);
  const Result<Evidence> sealed = world_.seal(content, {{}, "a", "", known});
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->digests, known);
  EXPECT_EQ(*world_.read(sealed->id), content);
  const std::size_t files = files_under(world_.folder / "blobs").size();
  EXPECT_EQ(world_.seal(random_bytes_of(700'000, 4), {{}, "a", "", known}).error().code,
            "vault.other_content");
  EXPECT_EQ(files_under(world_.folder / "blobs").size(), files);
}

TEST_F(VaultTest, OneContentHasOneObject) {
  const Uuid content_id = new_uuid(1);
  ASSERT_TRUE(world_.database->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, md5, sha1, "
        "sha256, received_ms, instance_id, attempts, verdict, spooled) VALUES (:id, 'default', "
        "'token:1', 'public', 'api', 1, '', '', '', 1, '', 0, 'match', 1)",
        {tutela::to_string(content_id)}));
    return ok();
  }));
  const Bytes content = random_bytes_of(1000, 5);
  const Result<Evidence> first = world_.seal(content, {content_id, "a", "", {}});
  ASSERT_TRUE(first) << first.error().message;
  const std::size_t files = files_under(world_.folder / "blobs").size();
  const Result<Evidence> second = world_.seal(content, {content_id, "b", "", {}});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->id, first->id);
  EXPECT_EQ(second->case_ref, "a");
  EXPECT_EQ(files_under(world_.folder / "blobs").size(), files);
  EXPECT_EQ(world_.count("evidence"), 1);
  EXPECT_EQ(world_.count("vault_sealing"), 0);
  EXPECT_EQ(world_.seal(content, {new_uuid(1), "a", "", {}}).error().code, "content.not_found");
  EXPECT_EQ(files_under(world_.folder / "blobs").size(), files);
}

TEST_F(VaultTest, NothingOfTheContentLiesAnywhereInClear) {
  std::string pattern = "this-is-a-plain-marker-of-content:";
  Bytes content;
  for (int i = 0; i < 5'000; ++i) {
    const ByteView bytes = as_bytes(pattern);
    content.insert(content.end(), bytes.begin(), bytes.end());
  }
  Vault::Writer half = *world_.vault->seal(world_.actor, {{}, "a", "", {}});
  ASSERT_TRUE(half.append(content));
  const Evidence sealed = *world_.seal(content);
  std::size_t seen = 0;
  for (const auto& path : files_under(world_.folder)) {
    const Result<Bytes> bytes = read_file(path, 1U << 28);
    ASSERT_TRUE(bytes);
    seen += bytes->size();
    EXPECT_EQ(as_text(*bytes).find("plain-marker"), std::string::npos) << path;
    const bool is_row = path.filename().string().starts_with("tutela.db");
    EXPECT_TRUE(is_row || as_text(*bytes).find(to_hex(sealed.digests.sha256)) == std::string::npos);
  }
  EXPECT_GT(seen, content.size());
}

TEST_F(VaultTest, AWriterThatIsDroppedLeavesNothing) {
  {
    Vault::Writer writer = *world_.vault->seal(world_.actor, {{}, "a", "", {}});
    ASSERT_TRUE(writer.append(random_bytes_of(3'000'000, 1)));
  }
  EXPECT_TRUE(files_under(world_.folder / "blobs").empty());
  EXPECT_EQ(world_.count("evidence"), 0);
}

TEST_F(VaultTest, AFullDiskIsToldAndLeavesNothing) {
  for (bool FaultyBlobs::*const fault : {&FaultyBlobs::full_at_append,
                                         &FaultyBlobs::full_at_finish,
                                         &FaultyBlobs::full_at_replace}) {
    (*world_.blobs).*fault = true;
    const Result<Evidence> refused = world_.seal(random_bytes_of(2'000'000, 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "blob.full");
    (*world_.blobs).*fault = false;
    EXPECT_TRUE(files_under(world_.folder / "blobs").empty());
    EXPECT_EQ(world_.count("vault_sealing"), 0);
    EXPECT_EQ(world_.count("evidence"), 0);
  }
  Vault::Writer writer = *world_.vault->seal(world_.actor, {{}, "a", "", {}});
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(writer.append(Bytes(1)).error().code, "vault.ended");
  EXPECT_EQ(writer.finish().error().code, "vault.ended");
}

TEST_F(VaultTest, BitRotInAnObjectIsFoundWhereverItIs) {
  const Bytes content = random_bytes_of(300'000, 1);
  const Evidence sealed = *world_.seal(content);
  const std::filesystem::path path = world_.object_path(sealed.id);
  const Bytes whole = *read_file(path, 1U << 22);
  const std::size_t size = evidence_format::object_size_bytes(content.size());
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{10}, std::size_t{30}, std::size_t{60}, size / 2, size - 1}) {
    flip_bit(path, at);
    const Result<Bytes> opened = world_.read(sealed.id);
    ASSERT_FALSE(opened) << at;
    EXPECT_EQ(opened.error().code, "vault.corrupt");
    flip_bit(path, at);
  }
  EXPECT_EQ(*world_.read(sealed.id), content);
  std::filesystem::resize_file(path, size - 70'000);
  EXPECT_EQ(world_.read(sealed.id).error().code, "vault.corrupt");
  std::filesystem::remove(path);
  EXPECT_EQ(world_.read(sealed.id).error().code, "vault.corrupt");
}

TEST_F(VaultTest, BitRotInAKeyRecordIsFoundAndSoIsASwap) {
  const Evidence one = *world_.seal(random_bytes_of(10'000, 1));
  const Evidence two = *world_.seal(random_bytes_of(10'000, 2));
  for (std::size_t at = 0; at < evidence_format::kKeyRecordSize; at += 13) {
    flip_bit(world_.key_path(one.id), at);
    EXPECT_EQ(world_.read(one.id).error().code, "vault.corrupt") << at;
    flip_bit(world_.key_path(one.id), at);
  }
  const auto swap = [&](const std::filesystem::path& left, const std::filesystem::path& right) {
    std::filesystem::rename(left, world_.folder / "aside");
    std::filesystem::rename(right, left);
    std::filesystem::rename(world_.folder / "aside", right);
  };
  swap(world_.key_path(one.id), world_.key_path(two.id));
  EXPECT_EQ(world_.read(one.id).error().code, "vault.corrupt");
  swap(world_.object_path(one.id), world_.object_path(two.id));
  EXPECT_EQ(world_.read(one.id).error().code, "vault.corrupt") << "object and key of another id";
  swap(world_.key_path(one.id), world_.key_path(two.id));
  EXPECT_EQ(world_.read(one.id).error().code, "vault.corrupt");
  swap(world_.object_path(one.id), world_.object_path(two.id));
  EXPECT_TRUE(world_.read(one.id));
  std::filesystem::remove(world_.key_path(two.id));
  EXPECT_EQ(world_.read(two.id).error().code, "vault.corrupt");
}

TEST_F(VaultTest, ARowThatWasChangedDoesNotPassForTheObject) {
  const Evidence sealed = *world_.seal(random_bytes_of(10'000, 1));
  ASSERT_TRUE(world_.database->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("UPDATE evidence SET md5 = :md5",
                                   {std::string("00000000000000000000000000000000")}));
    return ok();
  }));
  EXPECT_EQ(world_.read(sealed.id).error().code, "vault.corrupt");
}

TEST_F(VaultTest, ManySealAndReadAtOnceWhileEpochsTurn) {
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < 6; ++i) {
        const Bytes content = random_bytes_of(150'000 + t, 10 * t + i);
        const Result<Evidence> sealed = world_.seal(content);
        ASSERT_TRUE(sealed) << sealed.error().message;
        const Result<Bytes> opened = world_.read(sealed->id);
        ASSERT_TRUE(opened) << opened.error().message;
        EXPECT_EQ(*opened, content);
      }
    });
  }
  for (int i = 0; i < 4; ++i) {
    world_.clock.advance(31 * std::int64_t{24} * 3600 * 1000);
    const Status turned = world_.turn();
    EXPECT_TRUE(turned) << turned.error().message;
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const auto rows = world_.vault->list("default", "", {}, 100);
  ASSERT_EQ(rows->size(), 24U);
  for (const Evidence& row : *rows) {
    EXPECT_TRUE(world_.read(row.id));
  }
}

TEST_F(VaultTest, TheStandaloneReaderOpensItFromPlainFiles) {
  const Bytes content = random_bytes_of(250'000, 9);
  const Evidence sealed = *world_.seal(content);
  const std::filesystem::path key = world_.folder / "kek";
  ASSERT_TRUE(write_file_atomic(key, as_bytes(to_hex(key_of(1).bytes()) + "\n")));
  std::filesystem::copy(world_.object_path(sealed.id), world_.folder / "object");
  std::filesystem::copy(world_.key_path(sealed.id), world_.folder / "record");
  const auto run = [&](const std::filesystem::path& epoch) {
    std::vector<std::string> words = {std::string(TUTELA_BINARY_DIR) + "/bin/tutela-unseal",
                                      (world_.folder / "object").string(),
                                      (world_.folder / "record").string(),
                                      epoch.string(),
                                      key.string()};
    std::vector<char*> argv;
    for (std::string& word : words) {
      argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string out = (world_.folder / "out").string();
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    pid_t pid = 0;
    EXPECT_EQ(::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    int status = -1;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  EXPECT_EQ(run(world_.epoch_path(1)), 0);
  EXPECT_EQ(*read_file(world_.folder / "out", 1U << 22), content);
  EXPECT_EQ(run(world_.folder / "none"), 2);
  const Bytes object = *world_.blobs->get(evidence_format::object_name(sealed.id), 1U << 22);
  const Bytes record = *world_.blobs->get(evidence_format::key_name(sealed.id), 1U << 12);
  ASSERT_TRUE(write_file_atomic(world_.folder / "object", object));
  ASSERT_TRUE(write_file_atomic(world_.folder / "record", record));
  EXPECT_EQ(run(world_.epoch_path(1)), 0) << "without the footers of the store";
  flip_bit(world_.folder / "object", 200'000);
  EXPECT_EQ(run(world_.epoch_path(1)), 2);
}

}  // namespace
}  // namespace tutela::vault
