// Person rows: what the database holds of people and their sessions. Internal to auth.
//
// Functions work inside the caller's unit of work.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "custody/store/store.hpp"
#include "service/auth/people.hpp"

namespace tutela::auth {

struct PersonRow {
  Person person;
  std::optional<std::string> password;
  std::optional<std::string> second_factor;       // sealed
  std::optional<std::string> second_factor_next;  // sealed; becomes the other when it is confirmed
  std::int64_t last_step = 0;
  std::optional<std::string> subject;
};

/// By one of the table's columns that are unique: "id", "name", "invitation", "subject".
Result<std::optional<PersonRow>> find_person(store::Transaction& transaction,
                                             const std::string& tenant_id,
                                             std::string_view column,
                                             const std::string& value);

/// Those of a tenant, the oldest first.
Status each_person(store::Transaction& transaction,
                   const std::string& tenant_id,
                   const std::function<Status(PersonRow)>& with);

Status end_sessions(store::Transaction& transaction, const Uuid& person_id);

/// The audit entry of something about a person.
Status note(store::Transaction& transaction,
            const store::Actor& actor,
            UtcMs now_ms,
            std::string_view action,
            const std::string& object,
            std::string_view result = "ok");

[[nodiscard]] std::string object_of(const Uuid& person_id);  // "person:<id>"

}  // namespace tutela::auth
