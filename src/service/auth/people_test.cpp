#include "service/auth/people.hpp"

#include "service/auth/test_people.hpp"

namespace tutela::auth {
namespace {

TEST_F(PeopleTest, TheFirstAdminIsMadeOnceAndFurtherOnesLoudly) {
  ASSERT_TRUE(people_->create_admin(admin_, "root", false));
  EXPECT_EQ(code(people_->create_admin(admin_, "second", false)), "person.admin_exists");
  EXPECT_EQ(entries("person.admin_first").size(), 1U);
  const auto forced = people_->create_admin(admin_, "second", true);
  ASSERT_TRUE(forced);
  EXPECT_EQ(entries("person.admin_forced"),
            (std::vector<std::string>{"person:" + to_string(forced->person.id) + " alarm"}));
}

TEST_F(PeopleTest, NamesAreCheckedAndUniqueInTheirTenant) {
  for (const std::string& bad : {std::string(),
                                 std::string("Anna"),
                                 std::string("a b"),
                                 std::string("-a"),
                                 std::string("@a"),
                                 std::string(65, 'a'),
                                 std::string("a\n"),
                                 std::string("a\0b", 3),
                                 to_string(Uuid{})}) {
    EXPECT_EQ(code(people_->invite(admin_, bad, Role::kLead)), "person.bad_name") << bad;
  }
  ASSERT_TRUE(people_->invite(admin_, "anna@example.org", Role::kLead));
  EXPECT_EQ(code(people_->invite(admin_, "anna@example.org", Role::kLead)), "person.exists");
  EXPECT_TRUE(people_->invite({"elsewhere", "cli:x"}, "anna@example.org", Role::kLead));
}

TEST_F(PeopleTest, AnotherTenantSeesAndChangesNobodyOfThisOne) {
  const Person anna = invite("anna", Role::kReviewer);
  const store::Actor other{"elsewhere", "cli:x"};
  EXPECT_TRUE(people_->all(other)->empty());
  const std::string id = to_string(anna.id);
  EXPECT_EQ(code(people_->find(other, id)), "person.not_found");
  EXPECT_EQ(code(people_->set_role(other, id, Role::kAdmin)), "person.not_found");
  EXPECT_EQ(code(people_->disable(other, "anna")), "person.not_found");
  EXPECT_EQ(code(people_->reset(other, id)), "person.not_found");
  EXPECT_EQ(code(assign(*database_, other, clock_.now_ms(), "c-1", anna.id)), "person.not_found");
  EXPECT_EQ(people_->find(admin_, id)->role, Role::kReviewer);
}

TEST_F(PeopleTest, NobodyChangesTheirOwnAccount) {
  const Person anna = invite("anna", Role::kAdmin);
  const store::Actor herself{"default", "person:" + to_string(anna.id), "admin"};
  EXPECT_EQ(code(people_->set_role(herself, "anna", Role::kLegal)), "person.own");
  EXPECT_EQ(code(people_->disable(herself, to_string(anna.id))), "person.own");
  EXPECT_EQ(code(people_->reset(herself, "anna")), "person.own");
  EXPECT_EQ(code(assign(*database_, herself, clock_.now_ms(), "c-1", anna.id)), "person.own");
}

TEST_F(PeopleTest, EveryChangeEndsThePersonsSessionsAndIsAnEntry) {
  const Person anna = invite("anna", Role::kReviewer);
  const std::string object = "person:" + to_string(anna.id);
  const Enrolled before = enrol("anna");
  ASSERT_TRUE(sign_in_->authenticate(before.opened.secret));
  ASSERT_TRUE(people_->set_role(admin_, "anna", Role::kAuditor));
  EXPECT_EQ(code(sign_in_->authenticate(before.opened.secret)), "auth.bad_session");
  EXPECT_EQ(entries("person.role"), std::vector<std::string>{object + " auditor"});

  const auto first = sign_in_->with_password(caller_, "anna", kGoodPassword);
  const auto second = sign_in_->second_factor(caller_, principal_of(*first), code_of(seed_));
  ASSERT_TRUE(second) << second.error().code;
  EXPECT_EQ(principal_of(*second).permissions, permissions_of(Role::kAuditor));
  ASSERT_TRUE(people_->disable(admin_, "anna"));
  EXPECT_EQ(code(sign_in_->authenticate(second->secret)), "auth.bad_session");
  EXPECT_EQ(code(sign_in_->with_password(caller_, "anna", kGoodPassword)), "auth.refused");
  EXPECT_EQ(entries("person.disable"), std::vector<std::string>{object + " ok"});
}

TEST_F(PeopleTest, AnAddressIsOneAddressAndIsNeverInAnEntry) {
  const auto made = people_->invite(admin_, "anna", Role::kLead, "anna@example.org");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->person.email, "anna@example.org");
  EXPECT_EQ(people_->find(admin_, "anna")->email, "anna@example.org");
  EXPECT_EQ(people_->create_admin(admin_, "root", false, "root@example.org")->person.email,
            "root@example.org");
  for (const std::string& bad : {std::string("anna"),
                                 std::string("a@b, c@d"),
                                 std::string("a@b\r\nBcc: c@d"),
                                 std::string("Anna <a@b>"),
                                 std::string("\xC3\xA9@b"),
                                 std::string("a@b\0c", 5),
                                 "a@" + std::string(253, 'b')}) {
    EXPECT_EQ(code(people_->set_email(admin_, "anna", bad)), "person.bad_email") << bad;
    EXPECT_EQ(code(people_->invite(admin_, "other", Role::kLead, bad)), "person.bad_email") << bad;
  }
  EXPECT_EQ(code(people_->set_email({"elsewhere", "cli:x"}, "anna", "x@y")), "person.not_found");
  EXPECT_EQ(people_->find(admin_, "anna")->email, "anna@example.org");

  const std::string longest = "a@" + std::string(252, 'b');
  EXPECT_EQ(people_->set_email(admin_, "anna", longest)->email, longest);
  EXPECT_EQ(people_->set_email(admin_, "anna", "")->email, "");
  EXPECT_EQ(people_->find(admin_, "anna")->email, "");
  const std::string object = "person:" + to_string(made->person.id);
  const auto address = [&](const std::string& principal) {
    std::string found = "error";
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(found, address_of(transaction, "default", principal));
      return ok();
    }));
    return found;
  };
  EXPECT_EQ(address(object), "");
  ASSERT_TRUE(people_->set_email(admin_, "root", "root@example.org"));
  const std::string root = "person:" + to_string(people_->find(admin_, "root")->id);
  EXPECT_EQ(address(root), "root@example.org");
  ASSERT_TRUE(people_->disable(admin_, "root"));
  EXPECT_EQ(address(root), "") << "whoever has left is written to no more";
  EXPECT_EQ(address("person:nobody"), "");
  EXPECT_EQ(entries("person.email"),
            (std::vector<std::string>{object + " set", object + " removed", root + " set"}));
}

TEST_F(PeopleTest, PeopleSetTheirOwnAddressAndStaySignedIn) {
  const Person anna = invite("anna", Role::kReviewer);
  const Enrolled session = enrol("anna");
  const store::Actor herself{"default", "person:" + to_string(anna.id), "reviewer"};
  ASSERT_TRUE(people_->set_email(herself, to_string(anna.id), "anna@example.org"));
  EXPECT_TRUE(sign_in_->authenticate(session.opened.secret));
  ASSERT_TRUE(people_->reset(admin_, "anna"));
  EXPECT_EQ(people_->find(admin_, "anna")->email, "anna@example.org")
      << "it is no secret of theirs";
}

TEST_F(PeopleTest, AProvidersVerifiedAddressIsTakenWhereThereIsNone) {
  ASSERT_TRUE(people_->invite(admin_, "anna", Role::kLead));
  ASSERT_TRUE(sign_in_->with_provider("issuer 1", "anna", std::nullopt));
  EXPECT_EQ(people_->find(admin_, "anna")->email, "");
  ASSERT_TRUE(sign_in_->with_provider("issuer 1", "anna", std::nullopt, "anna@example.org"));
  EXPECT_EQ(people_->find(admin_, "anna")->email, "anna@example.org");
  ASSERT_TRUE(sign_in_->with_provider("issuer 1", "anna", std::nullopt, "other@example.org"));
  EXPECT_EQ(people_->find(admin_, "anna")->email, "anna@example.org");
  EXPECT_EQ(entries("person.email").size(), 1U);
  ASSERT_TRUE(sign_in_->with_provider("issuer 2", "ben", Role::kReviewer, "ben@example.org"));
  EXPECT_EQ(people_->find(admin_, "ben")->email, "ben@example.org");
  ASSERT_TRUE(people_->disable(admin_, "anna"));
  ASSERT_TRUE(people_->set_email(admin_, "anna", ""));
  EXPECT_FALSE(sign_in_->with_provider("issuer 1", "anna", std::nullopt, "anna@example.org"));
  EXPECT_EQ(people_->find(admin_, "anna")->email, "");
}

TEST_F(PeopleTest, AResetForgetsPasswordSecondFactorAndRecoveryCodes) {
  invite("anna", Role::kReviewer);
  const Enrolled before = enrol("anna");
  const auto reset = people_->reset(admin_, "anna");
  ASSERT_TRUE(reset);
  EXPECT_EQ(code(sign_in_->authenticate(before.opened.secret)), "auth.bad_session");
  EXPECT_EQ(code(sign_in_->with_password(caller_, "anna", kGoodPassword)), "auth.refused");
  ASSERT_TRUE(sign_in_->accept_invitation(caller_, reset->code, "another good password"));
  const auto first = sign_in_->with_password(caller_, "anna", "another good password");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->session.stage, Stage::kEnrol);
  EXPECT_EQ(code(sign_in_->second_factor(caller_, principal_of(*first), before.recovery_codes[0])),
            "auth.bad_code");
}

TEST_F(PeopleTest, AssignmentsAreOfATenantAndEachChangeIsAnEntry) {
  const Person anna = invite("anna", Role::kContractor);
  const UtcMs now = clock_.now_ms();
  ASSERT_TRUE(assign(*database_, admin_, now, "case-7", anna.id));
  ASSERT_TRUE(assign(*database_, admin_, now, "case-7", anna.id));
  ASSERT_TRUE(assign(*database_, admin_, now, "case-3", anna.id));
  EXPECT_EQ(*assigned(*database_, admin_, anna.id), (std::vector<std::string>{"case-3", "case-7"}));
  EXPECT_TRUE(assigned(*database_, {"elsewhere", "x"}, anna.id)->empty());
  ASSERT_TRUE(unassign(*database_, admin_, now, "case-7", anna.id));
  ASSERT_TRUE(unassign(*database_, admin_, now, "case-7", anna.id));
  EXPECT_EQ(*assigned(*database_, admin_, anna.id), std::vector<std::string>{"case-3"});
  EXPECT_EQ(entries("case.assign").size(), 4U) << "the case and the person of two assignments";
  EXPECT_EQ(entries("case.unassign"),
            (std::vector<std::string>{"case:case-7 ok", "person:" + to_string(anna.id) + " ok"}));
  for (const std::string& bad : {std::string(), std::string("a b"), std::string(65, 'a')}) {
    EXPECT_EQ(code(assign(*database_, admin_, now, bad, anna.id)), "case.bad_ref");
  }
}

}  // namespace
}  // namespace tutela::auth
