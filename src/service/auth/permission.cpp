#include "service/auth/permission.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tutela::auth {

namespace {

using enum Permission;

struct PermissionName {
  Permission permission;
  std::string_view name;
};

constexpr auto kPermissionNames = std::to_array<PermissionName>({
    {kScan, "scan"},
    {kListsRead, "lists_read"},
    {kListsChange, "lists_change"},
    {kSignalsExport, "signals_export"},
    {kContentRead, "content_read"},
    {kSearch, "search"},
    {kEvidenceList, "evidence_list"},
    {kEvidenceView, "evidence_view"},
    {kEvidenceOriginalAsk, "evidence_original_ask"},
    {kEvidenceApprove, "evidence_approve"},
    {kEvidenceBreakGlass, "evidence_break_glass"},
    {kEvidenceAssign, "evidence_assign"},
    {kExportAsk, "export_ask"},
    {kExportApprove, "export_approve"},
    {kHoldSet, "hold_set"},
    {kDisposalAsk, "disposal_ask"},
    {kDisposalApprove, "disposal_approve"},
    {kRequestsRead, "requests_read"},
    {kAuditRead, "audit_read"},
    {kPeopleManage, "people_manage"},
    {kTokensManage, "tokens_manage"},
    {kSettingsRead, "settings_read"},
    {kCaseRead, "case_read"},
    {kCaseDecide, "case_decide"},
    {kCaseLead, "case_lead"},
    {kCaseAttest, "case_attest"},
    {kAppealDecide, "appeal_decide"},
    {kAppealAsk, "appeal_ask"},
    {kActionRead, "action_read"},
    {kActionManage, "action_manage"},
    {kExposureTeam, "exposure_team"},
    {kExposureLimit, "exposure_limit"},
    {kStatsRead, "stats_read"},
    {kReportRead, "report_read"},
    {kReportWrite, "report_write"},
    {kReportRelease, "report_release"},
    {kReportRegister, "report_register"},
    {kCoverageRead, "coverage_read"},
    {kReceiptRead, "receipt_read"},
    {kAccountFacts, "account_facts"},
    {kNoticeSubmit, "notice_submit"},
    {kNoticeRead, "notice_read"},
    {kNoticeAnswer, "notice_answer"},
    {kNoticeIdentity, "notice_identity"},
    {kNoticeVerify, "notice_verify"},
    {kPartnerRead, "partner_read"},
    {kPartnerManage, "partner_manage"},
});

template <std::size_t... kAt>
constexpr auto permissions_in_order(std::index_sequence<kAt...> /*at*/) {
  return std::array{kPermissionNames[kAt].permission...};
}

constexpr auto kAllPermissions =
    permissions_in_order(std::make_index_sequence<kPermissionNames.size()>());

struct RoleRow {
  Role role;
  std::string_view name;
  bool assigned_only;
  Permissions permissions;
};

// The one table of roles. tests/http/test_rights.py walks every route with every one of them.
Permissions everything() {
  Permissions all;
  for (const Permission permission : kAllPermissions) {
    all.add(permission);
  }
  return all;
}

const std::array<RoleRow, 8>& roles() {
  static const std::array<RoleRow, 8> kRoles = {{
      {Role::kReviewer,
       "reviewer",
       false,
       {kContentRead,
        kEvidenceList,
        kEvidenceView,
        kEvidenceOriginalAsk,
        kRequestsRead,
        kCaseRead,
        kCaseDecide,
        kAppealDecide,
        kActionRead,
        kNoticeRead,
        kNoticeAnswer,
        kPartnerRead}},
      {Role::kContractor,
       "contractor",
       true,
       {kEvidenceList, kEvidenceView, kCaseRead, kCaseDecide}},
      {Role::kLead,
       "lead",
       false,
       {kListsRead,      kContentRead,         kSearch,          kEvidenceList,
        kEvidenceView,   kEvidenceOriginalAsk, kEvidenceApprove, kEvidenceBreakGlass,
        kEvidenceAssign, kExportApprove,       kDisposalApprove, kRequestsRead,
        kCaseRead,       kCaseDecide,          kCaseLead,        kCaseAttest,
        kAppealDecide,   kActionRead,          kActionManage,    kExposureTeam,
        kStatsRead,      kReportRead,          kReportWrite,     kReportRelease,
        kCoverageRead,   kReceiptRead,         kNoticeRead,      kNoticeAnswer,
        kNoticeIdentity, kNoticeVerify,        kPartnerRead,     kPartnerManage}},
      {Role::kLegal,
       "legal",
       false,
       {kContentRead, kEvidenceList, kEvidenceApprove, kExportAsk,      kExportApprove,
        kHoldSet,     kDisposalAsk,  kDisposalApprove, kRequestsRead,   kCaseRead,
        kCaseDecide,  kCaseAttest,   kAppealDecide,    kActionRead,     kStatsRead,
        kReportRead,  kReportWrite,  kReportRelease,   kReportRegister, kCoverageRead,
        kReceiptRead, kNoticeRead,   kNoticeAnswer,    kNoticeIdentity, kNoticeVerify,
        kPartnerRead, kPartnerManage}},
      {Role::kAuditor,
       "auditor",
       false,
       {kAuditRead, kStatsRead, kReportRegister, kCoverageRead, kReceiptRead}},
      {Role::kOperator,
       "operator",
       false,
       {kListsRead,
        kListsChange,
        kTokensManage,
        kSettingsRead,
        kActionRead,
        kActionManage,
        kStatsRead,
        kCoverageRead,
        kPartnerRead,
        kPartnerManage}},
      {Role::kAdmin, "admin", false, {kPeopleManage, kExposureLimit}},
      {Role::kSolo, "solo", false, everything()},
  }};
  return kRoles;
}

constexpr std::array kAllRoles = {Role::kReviewer,
                                  Role::kContractor,
                                  Role::kLead,
                                  Role::kLegal,
                                  Role::kAuditor,
                                  Role::kOperator,
                                  Role::kAdmin,
                                  Role::kSolo};

struct ScopeRow {
  Scope scope;
  std::string_view name;
  Permissions permissions;
};

const std::array<ScopeRow, 7>& scopes() {
  static const std::array<ScopeRow, 7> kScopes = {{
      {Scope::kScan, "scan", {kScan, kAppealAsk, kAccountFacts}},
      {Scope::kLists, "lists", {kListsRead, kListsChange}},
      {Scope::kRead, "read", {kContentRead, kReceiptRead}},
      {Scope::kSearch, "search", {kSearch}},
      {Scope::kExport, "export", {kSignalsExport}},
      {Scope::kAdmin, "admin", {kSettingsRead, kCoverageRead}},
      {Scope::kReport, "report", {kNoticeSubmit}},
  }};
  return kScopes;
}

constexpr std::array kAllScopes = {Scope::kScan,
                                   Scope::kLists,
                                   Scope::kRead,
                                   Scope::kSearch,
                                   Scope::kExport,
                                   Scope::kAdmin,
                                   Scope::kReport};

}  // namespace

std::span<const Permission> all_permissions() noexcept {
  return kAllPermissions;
}

std::string_view to_string(Permission permission) noexcept {
  return kPermissionNames[static_cast<std::size_t>(permission)].name;
}

std::vector<std::string_view> names_of(const Permissions& permissions) {
  std::vector<std::string_view> names;
  for (const auto& [permission, name] : kPermissionNames) {
    if (permissions.has(permission)) {
      names.push_back(name);
    }
  }
  return names;
}

std::span<const Role> all_roles() noexcept {
  return kAllRoles;
}

std::string_view to_string(Role role) noexcept {
  return roles()[static_cast<std::size_t>(role)].name;
}

Result<Role> parse_role(std::string_view text) {
  const auto* found = std::ranges::find(roles(), text, &RoleRow::name);
  if (found == roles().end()) {
    return Error{ErrorKind::kInvalidInput,
                 "role.unknown",
                 "a role is one of reviewer, contractor, lead, legal, auditor, operator, admin"};
  }
  return found->role;
}

const Permissions& permissions_of(Role role) noexcept {
  return roles()[static_cast<std::size_t>(role)].permissions;
}

bool assigned_only(Role role) noexcept {
  return roles()[static_cast<std::size_t>(role)].assigned_only;
}

std::span<const Scope> all_scopes() noexcept {
  return kAllScopes;
}

std::string_view to_string(Scope scope) noexcept {
  return scopes()[static_cast<std::size_t>(scope)].name;
}

Result<Scope> parse_scope(std::string_view text) {
  const auto* found = std::ranges::find(scopes(), text, &ScopeRow::name);
  if (found == scopes().end()) {
    return Error{ErrorKind::kInvalidInput,
                 "scope.unknown",
                 "a scope is one of scan, lists, read, search, export, admin"};
  }
  return found->scope;
}

const Permissions& permissions_of(Scope scope) noexcept {
  return scopes()[static_cast<std::size_t>(scope)].permissions;
}

}  // namespace tutela::auth
