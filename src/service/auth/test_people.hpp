// A store with people, for tests of auth.
#pragma once

#include <array>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <oath.h>

#include "crypto/secret.hpp"
#include "custody/store/store.hpp"
#include "service/auth/people.hpp"
#include "service/auth/sign_in.hpp"
#include "support/folder.hpp"

namespace tutela::auth {

inline constexpr const char* kGoodPassword = "seven small blue boats";

class PeopleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = *store::Database::open({.path = folder_.path() / "tutela.db"});
    people_ = std::make_unique<People>(*database_, clock_);
    restart();
  }

  /// As after a restart of the server: what is only in memory is gone.
  void restart() {
    sign_in_ = std::make_unique<SignIn>(*database_,
                                        clock_,
                                        *crypto::Key::from_bytes(as_bytes(std::string(32, 'k'))),
                                        SessionRules{});
  }

  /// The code that an authenticator shows now.
  std::string code_of(const std::string& base32) const {
    char* seed = nullptr;
    std::size_t size = 0;
    EXPECT_EQ(oath_base32_decode(base32.data(), base32.size(), &seed, &size), OATH_OK);
    std::array<char, 7> code{};
    EXPECT_EQ(oath_totp_generate(seed, size, clock_.now_ms() / 1000, 30, 0, 6, code.data()),
              OATH_OK);
    std::free(seed);
    return code.data();
  }

  Person invite(std::string_view name, Role role, std::string* code = nullptr) {
    const auto invitation = people_->invite(admin_, name, role);
    EXPECT_TRUE(invitation) << invitation.error().message;
    const auto accepted = sign_in_->accept_invitation(caller_, invitation->code, kGoodPassword);
    EXPECT_TRUE(accepted) << accepted.error().message;
    if (code != nullptr) {
      *code = invitation->code;
    }
    return invitation->person;
  }

  Principal principal_of(const OpenedSession& opened) {
    auto principal = sign_in_->authenticate(opened.secret);
    EXPECT_TRUE(principal) << principal.error().message;
    return *std::move(principal);
  }

  /// Signed in with both factors for the first time; the clock is a step further.
  Enrolled enrol(std::string_view name) {
    const auto first = sign_in_->with_password(caller_, name, kGoodPassword);
    EXPECT_TRUE(first) << first.error().message;
    const auto enrolment = sign_in_->enrol(principal_of(*first));
    EXPECT_TRUE(enrolment);
    seed_ = enrolment->secret;
    auto enrolled = sign_in_->confirm(caller_, principal_of(*first), code_of(seed_));
    EXPECT_TRUE(enrolled) << enrolled.error().message;
    clock_.advance(30'000);
    return *std::move(enrolled);
  }

  std::vector<std::string> entries(const std::string& action) {
    std::vector<std::string> found;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(
          "SELECT object, result FROM audit WHERE action = :action ORDER BY id",
          {action},
          [&](const store::Row& row) {
            found.push_back(row.text(0) + " " + row.text(1));
            return ok();
          });
    }));
    return found;
  }

  template <class T>
  static std::string code(const Result<T>& result) {
    return result ? "good" : std::string(result.error().code);
  }

  tutela::testing::TemporaryFolder folder_;
  ManualClock clock_{1'800'000'000'000};
  store::Actor admin_{"default", "cli:tester", "operator"};
  Caller caller_{"192.0.2.1"};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<People> people_;
  std::unique_ptr<SignIn> sign_in_;
  std::string seed_;  // of the last enrol()
};

}  // namespace tutela::auth
