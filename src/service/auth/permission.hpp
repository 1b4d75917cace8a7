// Permissions: what somebody may do, as one table of roles for people and one of scopes for tokens.
//
// Values; thread-safe. Nobody who runs the system or manages people sees content; nothing that
// needs a second person is ever given to a token.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tutela::auth {

enum class Permission : std::uint8_t {
  kScan,                 // give items to be scanned
  kListsRead,            // lists, their counts and rescans, without signals
  kListsChange,          // import, dry run, consent, activation
  kSignalsExport,        // the signals of lists
  kContentRead,          // verdicts and hashes of items, groups, matches; no bytes
  kSearch,               // look up hashes
  kEvidenceList,         // what is preserved, without bytes
  kEvidenceView,         // derived views of preserved objects
  kEvidenceOriginalAsk,  // ask for an original, and open it once another person agreed
  kEvidenceApprove,      // agree that another person opens an original; allow one more viewer
  kEvidenceBreakGlass,   // an original at once, for danger to life
  kEvidenceAssign,       // who works on which case
  kExportAsk,
  kExportApprove,
  kHoldSet,  // legal holds and what an object is kept for
  kDisposalAsk,
  kDisposalApprove,
  kRequestsRead,  // what waits for a second person
  kAuditRead,     // entries, proofs and exports of the audit log
  kPeopleManage,  // invite, roles, disable, reset
  kTokensManage,
  kSettingsRead,
  kCaseRead,        // cases: queues, pages, histories
  kCaseDecide,      // lock, note, mark, link and decide
  kCaseLead,        // resolve disagreements, take locks away, samples and their results
  kCaseAttest,      // say that a report was filed by hand
  kAppealDecide,    // look again at what somebody disputes
  kAppealAsk,       // appeal for whoever uploaded
  kActionRead,      // what others owe because of decisions
  kActionManage,    // messages that could not be delivered, and delivering them again
  kExposureTeam,    // how much people carry, by name, without ranking
  kExposureLimit,   // lower what a role or a person may see in a shift
  kStatsRead,       // figures of review, in pairs
  kReportRead,      // reports to authorities, with their documents
  kReportWrite,     // draft and edit them
  kReportRelease,   // have them filed, or say that they were
  kReportRegister,  // what was reported, when and to whom, without documents
  kCoverageRead,    // whether detection is on: canaries, alarms, counts
  kReceiptRead,     // signed statements that items were scanned
  kAccountFacts,    // say what the service knows of an account that is reported
  kNoticeSubmit,    // hand in notices: the service's own button, trusted flaggers, hotlines
  kNoticeRead,      // what people outside tell us, without who they are
  kNoticeAnswer,    // take, ask, answer
  kNoticeIdentity,  // open who sent one, with a purpose
  kNoticeVerify,    // say that an authority's request is one
  kPartnerRead,     // partners, duty, shifts, staffing
  kPartnerManage,   // change them
};

/// Every permission, in the order of the enumeration.
[[nodiscard]] std::span<const Permission> all_permissions() noexcept;
[[nodiscard]] std::string_view to_string(Permission permission) noexcept;  // "evidence_view"

class Permissions {
 public:
  Permissions() = default;

  Permissions(std::initializer_list<Permission> permissions) noexcept {
    for (const Permission permission : permissions) {
      add(permission);
    }
  }

  void add(Permission permission) noexcept { bits_ |= bit(permission); }

  void add(const Permissions& others) noexcept { bits_ |= others.bits_; }

  [[nodiscard]] bool has(Permission permission) const noexcept {
    return (bits_ & bit(permission)) != 0;
  }

  [[nodiscard]] bool empty() const noexcept { return bits_ == 0; }

  friend bool operator==(const Permissions&, const Permissions&) = default;

 private:
  static std::uint64_t bit(Permission permission) noexcept {
    return 1ULL << static_cast<unsigned>(permission);
  }

  std::uint64_t bits_ = 0;
};

/// The names, in the order of the enumeration.
[[nodiscard]] std::vector<std::string_view> names_of(const Permissions& permissions);

enum class Role : std::uint8_t {
  kReviewer,
  kContractor,  // sees only cases that are assigned
  kLead,
  kLegal,
  kAuditor,
  kOperator,
  kAdmin,
  kSolo,  // the one person of a one-person server: everything, with waiting in place of a second
};

[[nodiscard]] std::span<const Role> all_roles() noexcept;
[[nodiscard]] std::string_view to_string(Role role) noexcept;
/// Error: kInvalidInput "role.unknown".
Result<Role> parse_role(std::string_view text);

/// What people of this role may do.
[[nodiscard]] const Permissions& permissions_of(Role role) noexcept;
/// Whether they see only the cases of case_assignment.
[[nodiscard]] bool assigned_only(Role role) noexcept;

enum class Scope : std::uint8_t { kScan, kLists, kRead, kSearch, kExport, kAdmin, kReport };
[[nodiscard]] std::span<const Scope> all_scopes() noexcept;
[[nodiscard]] std::string_view to_string(Scope scope) noexcept;
Result<Scope> parse_scope(std::string_view text);

/// What a token of this scope may do.
[[nodiscard]] const Permissions& permissions_of(Scope scope) noexcept;

}  // namespace tutela::auth
