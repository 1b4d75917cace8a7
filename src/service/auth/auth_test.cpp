#include "service/auth/auth.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "crypto/digest.hpp"

namespace tutela::auth {
namespace {

constexpr UtcMs kStart = 1'795'319'553'120;

Scopes scopes_of(std::string_view text) {
  return *parse_scopes(text);
}

TEST(Scopes, AreReadAndWritten) {
  EXPECT_EQ(to_string(scopes_of("read,scan")), "scan read");
  EXPECT_EQ(to_string(scopes_of(" admin  export\tlists, search,read ,scan,scan")),
            "scan lists read search export admin");
  for (const char* const text : {"", " , ", "write", "scan;read", "SCAN", "scan readd"}) {
    EXPECT_EQ(parse_scopes(text).error().code, "scope.unknown") << text;
  }
  for (const char* const text : {"scan", "lists", "read", "search", "export", "admin"}) {
    EXPECT_EQ(to_string(*parse_scope(text)), text);
  }
}

TEST(Scopes, StandEachForItself) {
  const Scopes admin = scopes_of("admin");
  EXPECT_TRUE(admin.has(Scope::kAdmin));
  EXPECT_FALSE(admin.has(Scope::kScan));
  EXPECT_FALSE(admin.has(Scope::kExport));
  EXPECT_TRUE(Scopes().empty());
}

class AuthTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / to_string(new_uuid(SystemClock().now_ms()));
    std::filesystem::create_directory(folder_);
    database_ = *store::Database::open({.path = folder_ / "tutela.db"});
    auth_ = std::make_unique<Auth>(*database_, clock_);
  }

  void TearDown() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  NewToken make(std::string_view name, std::optional<UtcMs> expires_ms = std::nullopt) {
    Result<NewToken> token = auth_->create(actor_, name, scopes_of("scan read"), expires_ms);
    EXPECT_TRUE(token) << token.error().message;
    return *std::move(token);
  }

  static std::string code(const Result<Principal>& result) {
    return result ? "good" : std::string(result.error().code);
  }

  std::vector<std::string> texts(std::string_view sql) {
    std::vector<std::string> found;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(sql, {}, [&](const store::Row& row) {
        found.push_back(row.text(0));
        return ok();
      });
    }));
    return found;
  }

  const store::Actor actor_{"default", "cli:tester"};
  ManualClock clock_{kStart};
  std::filesystem::path folder_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Auth> auth_;
};

TEST_F(AuthTest, MakesATokenThatAuthenticates) {
  const NewToken token = make("uploader");
  ASSERT_EQ(token.secret.size(), 50U);
  EXPECT_EQ(token.secret.substr(0, 7), "tutela_");
  const Result<Principal> principal = auth_->authenticate(token.secret);
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->actor.tenant_id, "default");
  EXPECT_EQ(principal->actor.principal_id, "token:" + to_string(token.info.id));
  EXPECT_EQ(principal->permissions,
            Permissions({Permission::kScan,
                         Permission::kContentRead,
                         Permission::kReceiptRead,
                         Permission::kAppealAsk,
                         Permission::kAccountFacts}));
  EXPECT_EQ(principal->actor.role, "service");
  EXPECT_NE(make("other").secret, token.secret);
}

TEST_F(AuthTest, StoresAHashAndNeverTheToken) {
  const NewToken token = make("uploader");
  ASSERT_TRUE(auth_->authenticate(token.secret));
  EXPECT_EQ(texts("SELECT hash FROM token"),
            std::vector<std::string>{to_hex(crypto::sha256_of(as_bytes(token.secret)))});
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const Bytes bytes = *read_file(entry.path(), 64U << 20);
    EXPECT_EQ(as_text(bytes).find(token.secret), std::string_view::npos);
    EXPECT_EQ(as_text(bytes).find(token.secret.substr(7)), std::string_view::npos);
  }
}

TEST_F(AuthTest, GivesTheSameAnswerToEveryBadToken) {
  const NewToken revoked = make("revoked");
  const NewToken expired = make("expired", kStart + 1000);
  ASSERT_TRUE(auth_->revoke(actor_, "revoked"));
  clock_.advance(1000);
  const Result<Principal> unknown = auth_->authenticate("tutela_" + std::string(43, 'A'));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::kForbidden);
  for (const std::string& text : {revoked.secret,
                                  expired.secret,
                                  std::string(),
                                  std::string("tutela_"),
                                  "Tutela_" + revoked.secret.substr(7),
                                  make("good").secret + "A",
                                  make("better").secret.substr(0, 49),
                                  std::string(10'000, 'x'),
                                  "tutela_" + std::string(42, 'A') + "=",
                                  "tutela_" + std::string(43, '\0')}) {
    const Result<Principal> result = auth_->authenticate(text);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "auth.bad_token");
    EXPECT_EQ(result.error().kind, unknown.error().kind);
    EXPECT_EQ(result.error().message, unknown.error().message);
  }
}

TEST_F(AuthTest, EndsATokenAtItsExpiryAlsoWhenItIsRemembered) {
  const NewToken token = make("short", kStart + 1000);
  EXPECT_EQ(code(auth_->authenticate(token.secret)), "good");
  clock_.advance(999);
  EXPECT_EQ(code(auth_->authenticate(token.secret)), "good");
  clock_.advance(1);
  EXPECT_EQ(code(auth_->authenticate(token.secret)), "auth.bad_token");
}

TEST_F(AuthTest, RevokesAtOnceHereAndWithinFiveSecondsElsewhere) {
  const NewToken token = make("leaked");
  Auth elsewhere(*database_, clock_);
  EXPECT_EQ(code(auth_->authenticate(token.secret)), "good");
  EXPECT_EQ(code(elsewhere.authenticate(token.secret)), "good");
  ASSERT_TRUE(auth_->revoke(actor_, to_string(token.info.id)));
  EXPECT_EQ(code(auth_->authenticate(token.secret)), "auth.bad_token");
  clock_.advance(4'999);
  EXPECT_EQ(code(elsewhere.authenticate(token.secret)), "good");
  clock_.advance(1);
  EXPECT_EQ(code(elsewhere.authenticate(token.secret)), "auth.bad_token");
}

TEST_F(AuthTest, ForgetsWhatItRememberedWhenTheClockIsSetBack) {
  const NewToken token = make("leaked");
  Auth elsewhere(*database_, clock_);
  EXPECT_EQ(code(elsewhere.authenticate(token.secret)), "good");
  ASSERT_TRUE(auth_->revoke(actor_, "leaked"));
  clock_.advance(-1);
  EXPECT_EQ(code(elsewhere.authenticate(token.secret)), "auth.bad_token");
}

TEST_F(AuthTest, TakesEachNameOnceAndOnlyGoodNames) {
  make("a");
  make(std::string(64, 'a'));
  make("0-_z");
  for (const std::string& name : {std::string(),
                                  std::string(65, 'a'),
                                  std::string("-a"),
                                  std::string("_a"),
                                  std::string("A"),
                                  std::string("a b"),
                                  std::string("a\n"),
                                  std::string("\xC3\xA9"),
                                  std::string("a\0b", 3),
                                  to_string(new_uuid(1))}) {
    EXPECT_EQ(auth_->create(actor_, name, scopes_of("scan"), {}).error().code, "token.bad_name");
  }
  ASSERT_TRUE(auth_->revoke(actor_, "a"));
  const Result<NewToken> again = auth_->create(actor_, "a", scopes_of("scan"), {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "token.exists");
  EXPECT_EQ(again.error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(auth_->create({"elsewhere", "cli:tester"}, "a", scopes_of("scan"), {}));
}

TEST_F(AuthTest, RefusesTokensWithoutScopeAndWithAnExpiryThatHasPassed) {
  EXPECT_EQ(auth_->create(actor_, "a", Scopes(), {}).error().code, "scope.unknown");
  EXPECT_EQ(auth_->create(actor_, "a", scopes_of("scan"), kStart).error().code, "token.bad_expiry");
  EXPECT_TRUE(auth_->all(actor_)->empty());
}

TEST_F(AuthTest, ListsTheTokensOfATenantWithoutTheirSecrets) {
  const NewToken first = make("first", kStart + 5000);
  const NewToken second = make("second");
  ASSERT_TRUE(auth_->create({"elsewhere", "cli:tester"}, "third", scopes_of("admin"), {}));
  clock_.advance(7);
  ASSERT_TRUE(auth_->revoke(actor_, "second"));
  const std::vector<TokenInfo> tokens = *auth_->all(actor_);
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_EQ(tokens[0].id, first.info.id);
  EXPECT_EQ(tokens[0].name, "first");
  EXPECT_EQ(to_string(tokens[0].scopes), "scan read");
  EXPECT_EQ(tokens[0].created_ms, kStart);
  EXPECT_EQ(tokens[0].expires_ms, kStart + 5000);
  EXPECT_FALSE(tokens[0].revoked_ms);
  EXPECT_EQ(tokens[1].revoked_ms, kStart + 7);
}

TEST_F(AuthTest, RevokesOnlyWhatIsThereAndOnlyInItsTenant) {
  const NewToken token = make("mine");
  for (const std::string& name : {std::string("none"),
                                  std::string(),
                                  std::string(100, 'a'),
                                  std::string("a\0b", 3),
                                  std::string("' OR 1=1 --")}) {
    EXPECT_EQ(auth_->revoke(actor_, name).error().code, "token.not_found");
  }
  const store::Actor stranger{"elsewhere", "cli:tester"};
  EXPECT_EQ(auth_->revoke(stranger, "mine").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(code(auth_->authenticate(token.secret)), "good");
  EXPECT_TRUE(auth_->revoke(actor_, "mine"));
  clock_.advance(50);
  EXPECT_TRUE(auth_->revoke(actor_, "mine"));
  EXPECT_EQ(auth_->all(actor_)->front().revoked_ms, kStart);
}

TEST_F(AuthTest, AuditsWhatItDidAndNothingElse) {
  const NewToken token = make("audited");
  EXPECT_FALSE(auth_->create(actor_, "audited", scopes_of("scan"), {}));
  ASSERT_TRUE(auth_->revoke(actor_, "audited"));
  ASSERT_TRUE(auth_->revoke(actor_, "audited"));
  const std::string object = "|token:" + to_string(token.info.id) + "|access|ok|default|cli:tester";
  EXPECT_EQ(texts("SELECT action || '|' || object || '|' || purpose || '|' || result || '|' || "
                  "tenant_id || '|' || principal_id FROM audit ORDER BY id"),
            (std::vector<std::string>{"token.create" + object, "token.revoke" + object}));
}

TEST_F(AuthTest, NeverRemembersATokenThatIsRevokedMeanwhile) {
  for (int round = 0; round < 20; ++round) {
    const NewToken token = make("race-" + std::to_string(round));
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        while (!stop.load()) {
          static_cast<void>(auth_->authenticate(token.secret).has_value());
        }
      });
    }
    EXPECT_TRUE(auth_->revoke(actor_, token.info.name));
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(code(auth_->authenticate(token.secret)), "auth.bad_token");
    }
    stop = true;
    for (std::thread& thread : threads) {
      thread.join();
    }
    EXPECT_EQ(code(auth_->authenticate(token.secret)), "auth.bad_token");
  }
}

TEST_F(AuthTest, RemembersNoMoreThanItsBound) {
  std::vector<std::string> secrets;
  for (int i = 0; i < 1100; ++i) {
    secrets.push_back(make("many-" + std::to_string(i)).secret);
  }
  for (const std::string& secret : secrets) {
    EXPECT_EQ(code(auth_->authenticate(secret)), "good");
  }
  EXPECT_EQ(code(auth_->authenticate(secrets.front())), "good");
}

}  // namespace
}  // namespace tutela::auth
