// Checks: what must hold in the unit of work that records an access. Internal to the module.
#pragma once

#include "custody/dual_control/moment.hpp"
#include "custody/opening/opening.hpp"

namespace tutela::opening {

constexpr std::string_view kOriginal = "original";

std::string object_of(const Uuid& evidence_id);

Error wrong_role();
/// A person, or the machine's operator, with the right that is asked about.
Status check_role(const Requester& requester, bool has_right);

/// There, not destroyed, and within what is assigned. Returns its case.
Result<std::string> check_evidence(store::Transaction& transaction,
                                   const Requester& requester,
                                   const Uuid& evidence_id);
/// The same, and of the case that was named.
Status check_case(store::Transaction& transaction,
                  const Requester& requester,
                  const Uuid& evidence_id,
                  std::string_view case_ref);
/// What Opening::known_case() says.
Result<std::string> known_case(store::Transaction& transaction,
                               const Requester& requester,
                               const Uuid& evidence_id);
Status check_viewers(store::Transaction& transaction,
                     const store::Actor& actor,
                     const Uuid& evidence_id,
                     std::uint32_t viewers_max);
Status check_rate(store::Transaction& transaction,
                  const store::Actor& actor,
                  const dual_control::Moment& moment,
                  std::uint32_t views_per_hour);

/// One grade more than this person has seen of the object, at most.
Status check_step(store::Transaction& transaction,
                  const store::Actor& actor,
                  const Uuid& evidence_id,
                  Grade grade);
/// The most that they may ask for.
Result<Grade> next_step(store::Transaction& transaction,
                        const store::Actor& actor,
                        const Uuid& evidence_id);

/// What a view is recorded as.
struct Seen {
  Uuid evidence_id;
  std::string case_ref;
  std::string purpose;
  std::string_view grade;
  std::int64_t frame = 0;
  std::int64_t points = 0;
};

/// Returns the number of the row.
Result<std::int64_t> insert_view(store::Transaction& transaction,
                                 const store::Actor& actor,
                                 const dual_control::Moment& moment,
                                 const Seen& seen);

/// Writes the entry of a refusal, where `why` is one, and returns what the caller is told: `why`,
/// or that not even the entry could be written.
Error refused(store::Database& database,
              const store::Actor& actor,
              const Clock& clock,
              audit::Entry entry,
              Error why);

Result<std::int64_t> count(store::Transaction& transaction,
                           std::string_view sql,
                           const std::vector<store::Value>& values);

}  // namespace tutela::opening
