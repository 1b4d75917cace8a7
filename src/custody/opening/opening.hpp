// Opening: who may see a preserved object, why, and how often. The only way to Vault::read() for
// people.
//
// Nothing is given out before its entry in the audit log is durable: the functions here return an
// audit::Recorded, which Vault::read() asks for. Thread-safe. Borrows what it is given.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/audit/entry.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "custody/vault/vault.hpp"

namespace tutela::opening {

/// Why somebody opens. A closed set: free words would end up in the audit log.
enum class Purpose : std::uint8_t {
  kReview,        // deciding a case
  kQuality,       // a sample of decisions
  kAppeal,        // a person asked again
  kReport,        // making a report complete
  kLegalRequest,  // an authority asked
  kSafety,        // somebody is in danger now
};
[[nodiscard]] std::string_view to_string(Purpose purpose) noexcept;
Result<Purpose> parse_purpose(std::string_view text);

/// How much of the original is in a derived view, the least first. See engine/redact.
enum class Grade : std::uint8_t { kOutline, kMosaic, kGreyBlurred, kGreySmall, kFull };
[[nodiscard]] std::string_view to_string(Grade grade) noexcept;
Result<Grade> parse_grade(std::string_view text);

/// Who asks, with what their role allows; service/auth makes it.
struct Requester {
  store::Actor actor;
  bool may_view = false;
  bool may_open_original = false;
  bool may_break_glass = false;
  bool assigned_only = false;  // sees only cases of case_assignment
};

struct Rules {
  std::uint32_t viewers_max = 2;      // different people an object, over its life
  std::uint32_t views_per_hour = 60;  // of one person
};

struct View {
  std::string principal_id;
  Purpose purpose = Purpose::kReview;
  std::string grade;  // a Grade, or "original"
  UtcMs at_ms = 0;
};

class Opening {
 public:
  Opening(store::Database& database,
          vault::Vault& vault,
          dual_control::DualControl& dual_control,
          const Clock& clock,
          Rules rules);

  /// A derived view. Errors: kForbidden "opening.role", "opening.not_assigned",
  /// "opening.wrong_case" (the object is of another case), "opening.viewers" (the cap is reached;
  /// a lead may raise it: allow_viewer), "opening.too_often". Refusals are entries too.
  Result<audit::Recorded> view(const Requester& requester,
                               const Uuid& evidence_id,
                               std::string_view case_ref,
                               Purpose purpose,
                               Grade grade);

  /// The original, with an approved request. Counts as a view.
  Result<audit::Recorded> original(const Requester& requester,
                                   const Uuid& evidence_id,
                                   const Uuid& request_id);

  /// The original at once, without the second person: for danger to life. An alarm entry
  /// ("evidence.break_glass"), an outbox message "alarm.break_glass", and a review that stays open
  /// until another person closes it. `reason`: 10 to 1000 characters.
  Result<audit::Recorded> break_glass(const Requester& requester,
                                      const Uuid& evidence_id,
                                      std::string_view case_ref,
                                      std::string_view reason);

  /// One more person may view this object; by somebody who may open originals, with a reason.
  Status allow_viewer(const Requester& requester, const Uuid& evidence_id, std::string_view reason);

  /// Who viewed, the oldest first.
  Result<std::vector<View>> views(const std::string& tenant_id, const Uuid& evidence_id);

 private:
  store::Database& database_;
  vault::Vault& vault_;
  dual_control::DualControl& dual_control_;
  const Clock& clock_;
  Rules rules_;
};

}  // namespace tutela::opening
