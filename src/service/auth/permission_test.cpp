#include "service/auth/permission.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "service/auth/auth.hpp"

namespace tutela::auth {
namespace {

using enum Permission;

constexpr Permission kSeesContent[] = {kContentRead,
                                       kSearch,
                                       kSignalsExport,
                                       kEvidenceList,
                                       kEvidenceView,
                                       kEvidenceOriginalAsk,
                                       kEvidenceBreakGlass,
                                       kExportAsk,
                                       kCaseRead,
                                       kCaseDecide,
                                       kAppealDecide};
constexpr Permission kNeedsAPerson[] = {
    kEvidenceView, kEvidenceOriginalAsk, kEvidenceApprove, kEvidenceBreakGlass, kEvidenceAssign,
    kExportAsk,    kExportApprove,       kHoldSet,         kDisposalAsk,        kDisposalApprove,
    kPeopleManage, kTokensManage,        kCaseRead,        kCaseDecide,         kCaseLead,
    kCaseAttest,   kAppealDecide,        kActionManage,    kExposureTeam,       kExposureLimit};

TEST(Permission, TheTablesAreInTheOrderOfTheirEnumerationsAndNamesAreUnique) {
  std::set<std::string_view> names;
  unsigned at = 0;
  for (const Permission permission : all_permissions()) {
    EXPECT_EQ(static_cast<unsigned>(permission), at++);
    EXPECT_TRUE(names.insert(to_string(permission)).second);
  }
  EXPECT_EQ(at, static_cast<unsigned>(kPartnerManage) + 1);
  for (const Role role : all_roles()) {
    EXPECT_EQ(*parse_role(to_string(role)), role);
  }
  for (const Scope scope : all_scopes()) {
    EXPECT_EQ(*parse_scope(to_string(scope)), scope);
  }
  EXPECT_EQ(parse_role("root").error().code, "role.unknown");
  EXPECT_EQ(parse_role("").error().code, "role.unknown");
}

TEST(Permission, WhoRunsTheSystemManagesPeopleOrReadsTheAuditLogNeverSeesContent) {
  for (const Role role : {Role::kAdmin, Role::kAuditor, Role::kOperator}) {
    for (const Permission permission : kSeesContent) {
      EXPECT_FALSE(permissions_of(role).has(permission))
          << to_string(role) << " " << to_string(permission);
    }
  }
  EXPECT_EQ(permissions_of(Role::kAdmin), Permissions({kPeopleManage, kExposureLimit}));
  EXPECT_EQ(permissions_of(Role::kAuditor),
            Permissions({kAuditRead, kStatsRead, kReportRegister, kCoverageRead, kReceiptRead}));
}

TEST(Permission, AContractorSeesOnlyWhatIsAssignedAndExportsNothing) {
  EXPECT_EQ(permissions_of(Role::kContractor),
            Permissions({kEvidenceList, kEvidenceView, kCaseRead, kCaseDecide}));
  for (const Role role : all_roles()) {
    EXPECT_EQ(assigned_only(role), role == Role::kContractor);
  }
}

TEST(Permission, ATokenNeverAsksForNorApprovesWhatNeedsTwoPeople) {
  for (const Scope scope : all_scopes()) {
    for (const Permission permission : kNeedsAPerson) {
      EXPECT_FALSE(permissions_of(scope).has(permission))
          << to_string(scope) << " " << to_string(permission);
    }
  }
}

TEST(Permission, OnlyAdminsManagePeopleAndOnlyAuditorsReadTheLog) {
  for (const Role role : all_roles()) {
    const bool solo = role == Role::kSolo;
    EXPECT_EQ(permissions_of(role).has(kPeopleManage), solo || role == Role::kAdmin);
    EXPECT_EQ(permissions_of(role).has(kAuditRead), solo || role == Role::kAuditor);
  }
}

TEST(Permission, NamesAreListedInOrder) {
  EXPECT_EQ(names_of(permissions_of(Role::kContractor)),
            (std::vector<std::string_view>{
                "evidence_list", "evidence_view", "case_read", "case_decide"}));
  EXPECT_TRUE(names_of({}).empty());
}

}  // namespace
}  // namespace tutela::auth
