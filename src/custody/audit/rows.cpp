#include "custody/audit/rows.hpp"

#include <string_view>

#include "custody/audit/words.hpp"

namespace tutela::audit {

namespace {

void append_text(std::string& json, std::string_view name, std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  json += ",\"";
  json += name;
  json += "\":\"";
  for (const char c : text) {
    if (c >= ' ' && c < 0x7F) {
      if (c == '"' || c == '\\') {
        json += '\\';
      }
      json += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      json += "\\u00";
      json += kDigits[byte >> 4U];
      json += kDigits[byte & 15U];
    }
  }
  json += '"';
}

}  // namespace

std::string to_leaf(const LoggedEntry& logged) {
  std::string json;
  json.reserve(320);
  json += R"({"v":1,"index":)";
  json += std::to_string(logged.index);
  append_text(json, "time", to_rfc3339(logged.at_ms));
  append_text(json, "tenant", logged.actor.tenant_id);
  append_text(json, "principal", logged.actor.principal_id);
  append_text(json, "role", logged.actor.role);
  append_text(json, "action", logged.entry.action);
  append_text(json, "object", logged.entry.object);
  append_text(json, "purpose", logged.entry.purpose);
  append_text(json, "result", logged.entry.result);
  json += '}';
  return json;
}

LoggedEntry entry_of(const store::Row& row) {
  return {static_cast<std::uint64_t>(row.integer(0)) - 1,
          row.integer(1),
          {row.text(2), row.text(3), row.text(4)},
          {row.text(5), row.text(6), row.text(7), row.text(8)}};
}

Status read_entries(store::Transaction& transaction,
                    std::uint64_t first,
                    std::uint64_t count,
                    const std::function<Status(LoggedEntry)>& on_entry) {
  std::uint64_t next = first;
  return transaction.query(
      std::string("SELECT ") + kColumns + " FROM audit WHERE id > :first ORDER BY id LIMIT :count",
      {static_cast<std::int64_t>(first), static_cast<std::int64_t>(count)},
      [&](const store::Row& row) -> Status {
        LoggedEntry logged = entry_of(row);
        if (logged.index != next) {
          return Error{ErrorKind::kCorrupted,
                       "audit.changed",
                       "entry " + std::to_string(next) +
                           " is missing from the database; somebody removed it. " +
                           std::string(kWhatToDo)};
        }
        ++next;
        return on_entry(std::move(logged));
      });
}

Result<std::optional<std::uint64_t>> newest_entry(store::Transaction& transaction,
                                                  std::string_view object,
                                                  std::string_view action) {
  std::optional<std::uint64_t> found;
  // The action is no plain column here, so that no database walks the index of actions instead.
  TUTELA_TRY(
      transaction.query("SELECT id FROM audit WHERE object = :object AND action || '' = :action "
                        "ORDER BY id DESC LIMIT 1",
                        {std::string(object), std::string(action)},
                        [&](const store::Row& row) {
                          found = static_cast<std::uint64_t>(row.integer(0)) - 1;
                          return ok();
                        }));
  return found;
}

Result<std::uint64_t> count_entries(store::Transaction& transaction) {
  std::uint64_t count = 0;
  TUTELA_TRY(
      transaction.query("SELECT COALESCE(MAX(id), 0) FROM audit", {}, [&](const store::Row& row) {
        count = static_cast<std::uint64_t>(row.integer(0));
        return ok();
      }));
  return count;
}

}  // namespace tutela::audit
