// Session rows: sessions in the database. Internal to auth; inside the caller's unit of work.
#pragma once

#include <string>
#include <string_view>

#include "custody/store/store.hpp"
#include "service/auth/sign_in.hpp"

namespace tutela::auth {

/// Also removes sessions that are over, and the person's oldest beyond twenty.
Status insert_session(store::Transaction& transaction,
                      const std::string& tenant_id,
                      const OpenedSession& opened,
                      UtcMs now_ms,
                      std::int64_t idle_ms);
/// Whether it was there.
Result<bool> remove_session(store::Transaction& transaction, const Uuid& id);
/// One more wrong code; true when it was the last that is allowed, and the session is gone.
Result<bool> count_failure(store::Transaction& transaction, const Uuid& id);

struct SessionRow {
  Principal principal;  // complete
  UtcMs seen_ms = 0;
  UtcMs ends_ms = 0;
};

/// By the hash of the secret; only of people whose account is active.
Result<std::optional<SessionRow>> find_session(store::Transaction& transaction,
                                               const std::string& hash);

}  // namespace tutela::auth
