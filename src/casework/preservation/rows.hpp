// Rows of preservation, inside one unit of work. Internal to the module.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/preservation/preservation.hpp"
#include "custody/store/columns.hpp"
#include "custody/store/store.hpp"
#include "custody/vault/vault.hpp"

namespace tutela::preservation {

inline constexpr std::int64_t kDayMs = 24LL * 3'600'000;

/// What decides about an object, as it stands in this unit of work.
struct Object {
  Uuid id;
  std::string tenant_id;
  std::string case_ref;
  vault::State state = vault::State::kKept;
  UtcMs sealed_ms = 0;
  std::optional<UtcMs> due_ms;
  bool under_hold = false;  // of the object or of its case
  bool shredding = false;   // its key may be gone already
};

[[nodiscard]] std::string object_name(const Uuid& id);  // "evidence:<id>", in the audit log
[[nodiscard]] store::Actor system_actor(const std::string& tenant_id);
/// Error: kForbidden "preservation.not_a_person".
Status check_person(const store::Actor& actor);
/// Error: kInvalidInput "preservation.bad_reference".
Status check_reference(std::string_view reference);

/// Error: kNotFound "evidence.not_found".
Result<Object> find_object(store::Transaction& transaction,
                           const std::string& tenant_id,
                           const Uuid& id);
/// Of any tenant; nothing where there is none.
Result<std::optional<Object>> find_object(store::Transaction& transaction, const Uuid& id);
/// Those of a case that still exist.
Result<std::vector<Object>> objects_of_case(store::Transaction& transaction,
                                            const std::string& tenant_id,
                                            std::string_view case_ref);
/// In this state, whose end is not later than `until_ms`; the earliest first.
Result<std::vector<Object>> objects_ended(store::Transaction& transaction,
                                          vault::State state,
                                          UtcMs until_ms,
                                          std::int64_t limit);
Result<std::vector<Object>> objects_without_clock(store::Transaction& transaction,
                                                  std::int64_t limit);

Status add_event(store::Transaction& transaction,
                 const store::Actor& actor,
                 const Object& object,
                 std::string_view what,
                 std::string_view reference,
                 UtcMs at_ms);

/// Moves the state, with event and entry "evidence.<state>"; returns the entry's index. `why` is a
/// word of the audit log.
Result<std::int64_t> move_state(store::Transaction& transaction,
                                const store::Actor& actor,
                                Object& object,
                                vault::State to,
                                std::string_view why,
                                UtcMs at_ms);

/// After a hold or a basis changed: where the object belongs now. A destruction whose key is still
/// there is stopped by a hold, and by `lengthened`: an end later than now.
Status settle(store::Transaction& transaction,
              const store::Actor& actor,
              Object& object,
              bool lengthened,
              std::string_view why,
              UtcMs at_ms);

struct ClockRow {
  UtcMs seen_ms = 0;
  std::optional<UtcMs> jump_ms;
};

/// Nothing before the first tick.
Result<std::optional<ClockRow>> read_clock(store::Transaction& transaction);
/// Whether the time leaps, or has leapt and nobody confirmed it.
[[nodiscard]] bool has_jumped(const ClockRow& row, UtcMs now_ms, const Rules& rules) noexcept;
[[nodiscard]] Error clock_jumped();

/// Adds the basis, with event and entry, and settles. The object must not be being destroyed
/// beyond the point of no return. An object without a clock gets its pending basis first.
Result<std::int64_t> add_basis(store::Transaction& transaction,
                               const store::Actor& actor,
                               Object& object,
                               const Basis& basis,
                               const Rules& rules,
                               UtcMs now_ms);
/// Gives an object that no tick has seen its pending basis.
Status adopt_object(store::Transaction& transaction,
                    Object& object,
                    const Rules& rules,
                    UtcMs now_ms);
/// Raises the object's end to that of a basis; never lowers it.
Status raise_due(store::Transaction& transaction, Object& object, UtcMs end_ms);
/// Error: kConflict "evidence.destroyed", "evidence.destroying".
Status check_exists(const Object& object);

/// From a row of "id, evidence_id, case_ref, reference, principal_id, review_ms, set_ms,
/// released_ms, released_by, release_reference".
Result<Hold> read_hold(const store::Row& row);
inline constexpr std::string_view kHoldColumns =
    "id, evidence_id, case_ref, reference, principal_id, review_ms, set_ms, released_ms, "
    "released_by, release_reference";

/// Which object is given to destruction, and on whose word.
struct Decision {
  Ground ground = Ground::kExpired;
  std::string reference;
  Approval approval;
};

/// Checks everything, and moves the object to destroying.
Status begin_destruction(store::Transaction& transaction,
                         const store::Actor& actor,
                         Object& object,
                         const Decision& decision,
                         const Rules& rules,
                         UtcMs now_ms);

}  // namespace tutela::preservation
