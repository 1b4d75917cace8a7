// Opening: who may see a preserved object, why, and how often. The only way to Vault::read() for
// people.
//
// Nothing is given out before its entry in the audit log is durable: the functions here return an
// audit::Recorded, which Vault::read() asks for. Every check runs in the unit of work that writes
// the entry and the row of evidence_view, so no race passes a cap. A refusal leaves nothing but an
// entry of its own (result "refused"). Views are rows of persons; people are "person:<id>", or
// "cli:<user>" at the machine itself where service/auth gives them the right; tokens and the system
// never open anything.
//
// A view shows one grade more than its person has seen of the object, at most: everybody starts
// from the least, and what somebody has seen counts for ever. What it costs is charged to their
// budget in the same unit of work (custody/exposure).
//
// An object whose destruction has begun opens for nobody. Thread-safe, also between processes.
// Borrows what it is given.
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
#include "custody/exposure/exposure.hpp"
#include "custody/store/store.hpp"

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
  bool may_approve = false;    // what others ask for
  bool assigned_only = false;  // sees only cases of case_assignment (assignee: the principal_id)
};

struct Rules {
  std::uint32_t viewers_max = 2;      // different people an object, over its life
  std::uint32_t views_per_hour = 60;  // of one person
};

struct View {
  std::int64_t number = 0;  // of the row; later views have larger ones
  std::string principal_id;
  Purpose purpose = Purpose::kReview;
  std::string grade;  // a Grade, or "original"
  UtcMs at_ms = 0;
  std::int64_t frame = 0;  // 0 the first, or kSheet
};

/// The contact sheet of many frames, where a frame is asked for. Costs two views of its grade.
inline constexpr std::int64_t kSheet = -1;
inline constexpr std::int64_t kFramesMax = 1'000'000;

/// A view that may be given out: its entry, its row, what it cost.
struct Viewing {
  audit::Recorded entry;
  std::int64_t number = 0;
  std::int64_t points = 0;
};

/// What a report says of whether the provider looked (18 USC 2258A; CyberTipline's fileViewedByEsp
/// is "viewed the entire contents of the file"). What is not known to be all is not all.
enum class Viewed : std::uint8_t {
  kNo,      // nothing of it was asked for
  kPartly,  // something was, of whatever grade, or its original was opened
  kYes,     // one person was shown every frame in full
};
[[nodiscard]] std::string_view to_string(Viewed viewed) noexcept;  // "no" "partly" "yes"

/// An original that was opened at once and that nobody has reviewed yet.
struct BreakGlass {
  Uuid id;
  Uuid evidence_id;
  std::string principal_id;
  std::string case_ref;
  std::string reason;
  UtcMs at_ms = 0;
};

class Opening {
 public:
  Opening(store::Database& database,
          dual_control::DualControl& dual_control,
          exposure::Budgets& budgets,
          const Clock& clock,
          Rules rules);

  /// A derived view; entry "evidence.view". Errors: kForbidden "opening.role",
  /// "opening.not_assigned", "opening.wrong_case" (the object is of another case),
  /// "opening.viewers" (the cap is reached; a lead may raise it: allow_viewer),
  /// "opening.too_often", "opening.grade_skipped" (the message names the next one); kNotFound
  /// "evidence.not_found" (also another tenant's), "evidence.destroyed"; kInvalidInput
  /// "opening.bad_frame"; those of Budgets::charge(), which for the purpose safety has none.
  Result<Viewing> view(const Requester& requester,
                       const Uuid& evidence_id,
                       std::string_view case_ref,
                       Purpose purpose,
                       Grade grade,
                       std::int64_t frame = 0);

  /// Whether view() may be asked for, before anything is charged or entered: its errors but those
  /// of the rate and of the budget.
  Status check_view(const Requester& requester,
                    const Uuid& evidence_id,
                    std::string_view case_ref,
                    Grade grade);

  /// The case that an object is of for this person: the one that it was sealed under; for somebody
  /// who sees only what is assigned, one of theirs that shows it (see check_view()). Error:
  /// kNotFound "evidence.not_found" (also another tenant's, and of no case of theirs).
  Result<std::string> known_case(const Requester& requester, const Uuid& evidence_id);

  /// After the picture of a view has been given out. A view counts whether it was or not, but only
  /// what was shown counts for Viewed::kYes.
  Status shown(const store::Actor& actor, std::int64_t number);

  /// The most that this person may ask for.
  Result<Grade> next_grade(const store::Actor& actor, const Uuid& evidence_id);

  /// Error: kNotFound "evidence.not_found".
  Result<Viewed> viewed(const std::string& tenant_id, const Uuid& evidence_id);

  /// The original, with an approved request, whose case and purpose count; entry "open_original".
  /// A refusal leaves the approval unused. Counts as a view in full, and has its errors and those
  /// of DualControl::use(), but asks for no grade before it.
  Result<audit::Recorded> original(const Requester& requester,
                                   const Uuid& evidence_id,
                                   const Uuid& request_id);

  /// The original at once, without the second person: for danger to life. An alarm entry
  /// ("evidence.break_glass"), an outbox message "alarm.break_glass", and a review that stays open
  /// until another person closes it. Past the cap, the rate and the budget, but counts in all.
  /// `reason`: 10 to 1000 characters, not in the audit log. Errors: kInvalidInput
  /// "opening.bad_reason"; kForbidden "opening.role", "opening.not_assigned", "opening.wrong_case",
  /// "opening.reviews_open" (5 of this person wait for their review); kNotFound as view().
  Result<audit::Recorded> break_glass(const Requester& requester,
                                      const Uuid& evidence_id,
                                      std::string_view case_ref,
                                      std::string_view reason);

  /// The review of another person, who may open originals; entry "break_glass.close". Only
  /// "person:..." closes one: at the command line nobody is known to be another person. Errors:
  /// kForbidden "opening.role", "opening.own"; kNotFound "break_glass.not_found"; kConflict
  /// "break_glass.closed".
  Status close_break_glass(const Requester& requester, const Uuid& id);

  /// Those that wait for their review, the oldest first; at most 200.
  Result<std::vector<BreakGlass>> open_break_glasses(const std::string& tenant_id,
                                                     std::size_t limit);

  /// One more person may view this object; by somebody who may open originals, with a reason of 1
  /// to 1000 characters, and not for themself: what one allowed does not count where one views.
  /// Entry "evidence.allow_viewer". Errors: kInvalidInput "opening.bad_reason"; kForbidden
  /// "opening.role", "opening.not_assigned"; kLimitExceeded "opening.too_many_allowed" (20 an
  /// object); kNotFound as view().
  Status allow_viewer(const Requester& requester, const Uuid& evidence_id, std::string_view reason);

  /// Who viewed, the oldest first, from the one after `after_number`; at most 1000.
  Result<std::vector<View>> views(const std::string& tenant_id,
                                  const Uuid& evidence_id,
                                  std::int64_t after_number = 0,
                                  std::size_t limit = 1000);

 private:
  store::Database& database_;
  dual_control::DualControl& dual_control_;
  exposure::Budgets& budgets_;
  const Clock& clock_;
  Rules rules_;
};

}  // namespace tutela::opening
