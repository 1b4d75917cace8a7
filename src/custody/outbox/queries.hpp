// Queries: those that run over all messages, so that a test can show which index each uses.
// Internal to outbox.
#pragma once

#include <string_view>

namespace tutela::outbox {

inline constexpr std::string_view kDue =
    "SELECT id, key, next_at_ms FROM outbox WHERE topic = :topic AND state = 'waiting' AND "
    "next_at_ms <= :now_ms ORDER BY next_at_ms, id LIMIT 1";
inline constexpr std::string_view kOlder =
    "SELECT id FROM outbox WHERE topic = :topic AND key = :key AND id < :id LIMIT 1";
/// The one behind a message that is gone is due.
inline constexpr std::string_view kNext =
    "UPDATE outbox SET next_at_ms = :now_ms WHERE id = (SELECT MIN(id) FROM outbox WHERE topic = "
    ":topic AND key = :key) AND state = 'waiting' AND next_at_ms IS NULL";
inline constexpr std::string_view kBehind =
    "WHERE topic = :topic AND key = :key AND id > :id AND state = 'waiting' ORDER BY id LIMIT "
    ":limit";
inline constexpr std::string_view kTold =
    "DELETE FROM outbox WHERE topic = :topic AND key = :key AND id > :id AND id <= :through AND "
    "state = 'waiting'";
inline constexpr std::string_view kDead =
    "WHERE tenant_id = :tenant_id AND state = 'dead' ORDER BY id LIMIT :limit";
inline constexpr std::string_view kCount =
    "SELECT COUNT(*), MIN(id) FROM outbox WHERE topic = :topic AND state = :state AND tenant_id = "
    ":tenant_id";

}  // namespace tutela::outbox
