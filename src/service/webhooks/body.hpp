// Body: a message as the receiver sees it. The same at every attempt. Stateless. Internal to
// webhooks.
#pragma once

#include <optional>
#include <string>

#include "custody/outbox/outbox.hpp"

namespace tutela::webhooks {

/// "msg_<id>_<when it was written>": unlike the number alone, no other even after a restore of an
/// older database.
[[nodiscard]] std::string id_of(const outbox::Message& message);

/// {"type": topic, "timestamp": when it was written, "data": payload}. Absent where the payload is
/// no JSON object.
[[nodiscard]] std::optional<std::string> body_of(const outbox::Message& message);

}  // namespace tutela::webhooks
