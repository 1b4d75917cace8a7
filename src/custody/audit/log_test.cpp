#include "custody/audit/log.hpp"

#include <random>

#include "custody/audit/audit_fixture.hpp"

namespace tutela::audit {
namespace {

class LogTest : public AuditTest {};

TEST_F(LogTest, LeavesAreTheLinesOfTheSpecification) {
  const LoggedEntry logged{7,
                           1'763'805'600'123,
                           {"default", "cli:a\"b\\c\xC3\xA4\n", ""},
                           {"list.create", "list:1", "", "ok"}};
  EXPECT_EQ(to_leaf(logged),
            R"({"v":1,"index":7,"time":"2025-11-22T10:00:00.123Z","tenant":"default",)"
            R"("principal":"cli:a\"b\\c\u00c3\u00a4\u000a","role":"","action":"list.create",)"
            R"("object":"list:1","purpose":"","result":"ok"})");
}

TEST_F(LogTest, IsWholeAtEverySizeAroundTiles) {
  std::uint64_t size = 0;
  std::vector<std::string> notes;
  for (const std::uint64_t add : {0U, 1U, 1U, 253U, 1U, 1U, 254U, 1U, 300U, 700U}) {
    add_entries(add);
    size += add;
    ASSERT_EQ(sign(), size);
    Log now = log();
    EXPECT_EQ(now.checkpoint().head.size, size);
    std::vector<Hash> hashes;
    for (const std::string& leaf : leaves()) {
      hashes.push_back(leaf_hash(as_bytes(leaf)));
    }
    EXPECT_EQ(now.checkpoint().head.root, size == 0 ? empty_root() : root_above(hashes));
    const auto verified = now.verify({}, {});
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->checked, size);
    for (const std::string& note : notes) {
      EXPECT_TRUE(now.check_against(note));
      const auto old = open_checkpoint(note, now.key());
      const auto proof = now.prove_consistency(old->head.size);
      ASSERT_TRUE(proof);
      EXPECT_TRUE(is_consistent(old->head, now.checkpoint().head, *proof));
    }
    notes.push_back(now.note());
  }
}

TEST_F(LogTest, ProvesEveryEntryToWhoeverHasTheKey) {
  add_entries(700);
  sign();
  Log now = log();
  const auto all = leaves();
  for (std::uint64_t index = 0; index < 700; index += 13) {
    const auto proof = now.prove(index);
    ASSERT_TRUE(proof) << proof.error().message;
    const auto parsed = parse_proof(to_text(*proof));
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(check_proof(*parsed, now.key()));
    EXPECT_EQ(parsed->leaf, all[index]);
  }
  EXPECT_EQ(now.prove(700).error().code, "audit.no_entry");
  add_entries(1);
  EXPECT_EQ(now.prove(700).error().code, "audit.not_sequenced");
  EXPECT_EQ(now.prove_consistency(701).error().code, "audit.bad_size");
}

TEST_F(LogTest, TellsWhatIsNotSignedYet) {
  EXPECT_EQ(Log::open(options_, *database_).error().code, "audit.no_log");
  add_entries(300);
  EXPECT_EQ(Log::open(options_, *database_).error().code, "audit.no_log");
  sign();
  add_entries(40);
  const auto verified = log().verify({}, {});
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->sequenced, 300U);
  EXPECT_EQ(verified->waiting, 40U);
  change("DELETE FROM audit WHERE id = 320");
  EXPECT_EQ(verdict(), "audit.changed");
}

TEST_F(LogTest, VerifiesARangeWithProgressAndStops) {
  add_entries(40'000);
  sign();
  Log now = log();
  std::vector<std::uint64_t> seen;
  const auto some = now.verify({1000, 39'000}, [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_EQ(total, 38'000U);
    seen.push_back(done);
    return true;
  });
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_EQ(some->checked, 38'000U);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen.back(), 38'000U);
  EXPECT_EQ(now.verify({}, [](auto, auto) { return false; }).error().code, "audit.stopped");
  EXPECT_EQ(now.verify({40'001, 50'000}, {}).error().code, "audit.bad_range");
  change("UPDATE audit SET result = 'refused' WHERE id = 501");
  EXPECT_TRUE(now.verify({501, 40'000}, {})) << "what is outside of the range is not looked at";
  EXPECT_FALSE(now.verify({500, 501}, {}));
}

TEST_F(LogTest, NamesTheFirstEntryThatWasChanged) {
  add_entries(1000);
  sign();
  ASSERT_EQ(verdict(), "") << message_;
  for (const std::string column :
       {"tenant_id", "principal_id", "role", "action", "object", "purpose", "result"}) {
    change("UPDATE audit SET " + column + " = " + column + " || 'x' WHERE id = 301 OR id = 700");
    EXPECT_EQ(verdict(), "audit.changed");
    EXPECT_TRUE(message_.starts_with("entry 300 ")) << message_;
    change("UPDATE audit SET " + column + " = substr(" + column + ", 1, length(" + column +
           ") - 1) WHERE id = 301 OR id = 700");
    ASSERT_EQ(verdict(), "") << message_;
  }
  change("UPDATE audit SET at_ms = at_ms + 1 WHERE id = 301");
  EXPECT_EQ(verdict(), "audit.changed");
  change("UPDATE audit SET at_ms = 'soon' WHERE id = 301");
  EXPECT_EQ(verdict(), "audit.changed");
  EXPECT_EQ(log().prove(300).error().code, "audit.changed");
}

TEST_F(LogTest, FindsEntriesThatWereRemovedOrAdded) {
  add_entries(1000);
  sign();
  change("DELETE FROM audit WHERE id = 400");
  EXPECT_EQ(verdict(), "audit.changed");
  EXPECT_TRUE(message_.starts_with("entry 399 is missing")) << message_;
  change("UPDATE audit SET id = 400 WHERE id = 1000");
  EXPECT_EQ(verdict(), "audit.changed");
  EXPECT_TRUE(message_.starts_with("entry 399 is not")) << message_;
}

TEST_F(LogTest, FindsRowsWithNumbersThatNoneCanHave) {
  add_entries(10);
  sign();
  change(
      "INSERT INTO audit (id, tenant_id, principal_id, action, object, purpose, result, at_ms) "
      "SELECT -5, tenant_id, principal_id, action, object, purpose, result, at_ms FROM audit "
      "WHERE id = 1");
  EXPECT_EQ(verdict(), "audit.changed");
}

TEST_F(LogTest, FindsATruncatedDatabase) {
  add_entries(1000);
  sign();
  change("DELETE FROM audit WHERE id > 990");
  EXPECT_EQ(verdict(), "audit.rolled_back");
  EXPECT_NE(message_.find("audit recover --reason"), std::string::npos) << message_;
}

TEST_F(LogTest, FindsBitRotInEveryFile) {
  add_entries(1000);
  sign();
  for (const std::string file : {"tile/0/000",
                                 "tile/0/002",
                                 "tile/0/003.p/232",
                                 "tile/1/000.p/3",
                                 "tile/entries/001",
                                 "tile/entries/003.p/232"}) {
    flip(file);
    EXPECT_EQ(verdict(), "audit.damaged") << file;
    EXPECT_NE(message_.find("tile"), std::string::npos) << message_;
    flip(file);
    ASSERT_EQ(verdict(), "") << file << message_;
  }
  flip("checkpoint");
  EXPECT_NE(verdict(), "");
  flip("checkpoint");
  flip("checkpoint", 130);
  EXPECT_EQ(verdict(), "audit.bad_signature");
  flip("checkpoint", 130);
  std::filesystem::remove(options_.folder / "tile/entries/001");
  EXPECT_EQ(verdict(), "audit.damaged");
  std::filesystem::remove(options_.folder / "checkpoint");
  EXPECT_EQ(verdict(), "audit.damaged");
}

TEST_F(LogTest, BelievesTheKeyThatItIsGivenAndNotTheOneBeside) {
  add_entries(10);
  sign();
  const std::string real = to_text(log().key());
  options_.verifier_key = real;
  EXPECT_EQ(verdict(), "");
  const auto other = crypto::SigningKey(crypto::Key::random());
  const std::string forged = to_text(VerifierKey{options_.origin, other.public_key()});
  const std::string note = sign_checkpoint(log().checkpoint(), other);
  ASSERT_TRUE(write_file_atomic(options_.folder / "vkey", as_bytes(forged + "\n")));
  ASSERT_TRUE(write_file_atomic(options_.folder / "checkpoint", as_bytes(note)));
  EXPECT_EQ(verdict(), "audit.bad_signature");
  options_.verifier_key.clear();
  EXPECT_EQ(verdict(), "") << "who trusts the folder's own key is deceived";
}

// The vectors of spec/audit-log.md: anyone can make the same files from the same entries.
TEST_F(LogTest, GivesTheVectorsOfTheSpecification) {
  const std::filesystem::path vectors =
      std::filesystem::path(TUTELA_SOURCE_DIR) / "spec/vectors/audit-log";
  add_entries(300);
  options_.origin = "example.org/audit";
  std::filesystem::create_directories(options_.key_file.parent_path());
  ASSERT_TRUE(write_file_atomic(options_.key_file, as_bytes(std::string(64, '7') + "\n")));
  sign();
  std::string lines;
  for (const std::string& leaf : leaves()) {
    lines += leaf + "\n";
  }
  const auto expect_file = [&](const std::string& name, std::string_view content) {
    if (std::getenv("TUTELA_WRITE_VECTORS") != nullptr) {
      EXPECT_TRUE(write_file_atomic(vectors / name, as_bytes(content)));
    }
    const auto expected = read_file(vectors / name, 1U << 20);
    ASSERT_TRUE(expected) << name;
    EXPECT_EQ(as_text(*expected), content) << name;
  };
  Log now = log();
  expect_file("key.hex", std::string(64, '7') + "\n");
  expect_file("entries.ndjson", lines);
  expect_file("vkey", to_text(now.key()) + "\n");
  expect_file("checkpoint", now.note());
  expect_file("proof-0.tlog-proof", to_text(*now.prove(0)));
  expect_file("proof-299.tlog-proof", to_text(*now.prove(299)));
}

}  // namespace
}  // namespace tutela::audit
