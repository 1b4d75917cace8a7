// Requests: rows of dual_request and what of a request can be judged alone. Internal to the module.
#pragma once

#include <functional>

#include "custody/dual_control/dual_control.hpp"
#include "custody/dual_control/moment.hpp"

namespace tutela::dual_control {

/// A row with its bounds in time that passed.
struct Stored {
  Request request;
  std::int64_t usable_from_passed_ms = 0;
  std::int64_t expires_passed_ms = 0;
};

/// Objects are known by their form alone: whether there is one, its own module says at the use.
[[nodiscard]] bool is_object(Kind kind, std::string_view object);
Status check_ask(const Ask& ask);

[[nodiscard]] bool is_open(State state) noexcept;
[[nodiscard]] bool is_over(const Stored& stored, const Moment& moment) noexcept;
[[nodiscard]] bool is_too_early(const Stored& stored, const Moment& moment) noexcept;

/// When a request may be used, counted from now.
struct Window {
  std::int64_t opens_after_ms = 0;
  std::int64_t lasts_ms = 0;
};

void set_bounds(Stored& stored, const Moment& moment, const Window& window);

Error not_found();

Status insert(store::Transaction& transaction, const Stored& stored);
Result<Stored> read(store::Transaction& transaction, const std::string& tenant_id, const Uuid& id);
/// `where` follows WHERE; its values in order.
Status read_all(store::Transaction& transaction,
                std::string_view where,
                const std::vector<store::Value>& values,
                const std::function<Status(Stored)>& on_request);
/// Writes state, bounds, decision and use, where the state is still `from`; false where it is not.
Result<bool> update(store::Transaction& transaction, const Stored& stored, State from);

/// If the time of an open request is over: state and entry. Returns whether.
Result<bool> expire(store::Transaction& transaction, const Stored& stored, const Moment& moment);

/// "request.approve" and the like, about the request.
audit::Entry entry_about(const Request& request, std::string action);

}  // namespace tutela::dual_control
