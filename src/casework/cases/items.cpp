#include "casework/cases/items.hpp"

#include <map>
#include <optional>
#include <string>

#include "custody/store/columns.hpp"

namespace tutela::cases {

using store::Row;
using store::Transaction;

namespace {

constexpr std::int64_t kItemsMax = 200;
constexpr std::int64_t kCountMax = 1000;

// What is not shown, and tells which contents are counted together.
struct Source {
  std::string tenant_id;
  std::string sha256;
  std::string group_id;
};

// The match is the strongest: exact before near, then the nearest.
constexpr std::string_view kItems =
    "SELECT i.content_id, i.origin, i.exact, i.trusted, i.automation, i.classification, l.name, "
    "l.purpose, CASE WHEN l.state = 'active' THEN 1 ELSE 0 END, l.automation, m.kind, m.distance, "
    "f.quality, c.media_type, c.width, c.height, c.frames_total, c.size_bytes, c.door, c.source, "
    "c.external_id, u.account, e.id, e.state, c.received_ms, c.tenant_id, c.sha256, g.group_id "
    "FROM case_item i JOIN content c ON c.id = i.content_id LEFT JOIN list l ON l.id = i.list_id "
    "LEFT JOIN content_match m ON m.id = (SELECT x.id FROM content_match x WHERE x.content_id = "
    "i.content_id ORDER BY CASE WHEN x.strength = 'exact' THEN 0 ELSE 1 END, x.distance, x.id "
    "LIMIT 1) LEFT JOIN content_frame f ON f.content_id = i.content_id AND f.frame = m.frame LEFT "
    "JOIN content_uploader u ON u.content_id = i.content_id LEFT JOIN evidence e ON e.content_id = "
    "i.content_id LEFT JOIN content_group g ON g.content_id = i.content_id WHERE i.case_id = :id "
    "ORDER BY i.content_id LIMIT :limit";

Result<Item> read_item(const Row& row) {
  Item item;
  TUTELA_TRY_ASSIGN(item.content_id, parse_uuid(row.text(0)));
  TUTELA_TRY_ASSIGN(item.origin, parse_origin(row.text(1)));
  item.exact = row.integer(2) != 0;
  // A list that went since then is trusted no more.
  const bool active = row.integer(8) != 0;
  item.trusted = item.exact && active && row.integer(3) != 0;
  item.automation = item.exact && active && row.integer(4) != 0 && row.integer(9) != 0;
  item.list_classification = row.text(5);
  item.list = row.text(6);
  item.list_purpose = row.text(7);
  item.match_kind = row.text(10);
  item.distance = static_cast<int>(row.integer(11));
  item.quality = row.is_null(12) ? 100 : static_cast<int>(row.integer(12));
  item.media_type = row.text(13);
  item.width = row.integer(14);
  item.height = row.integer(15);
  item.frames = row.integer(16);
  item.size_bytes = row.integer(17);
  item.door = row.text(18);
  item.source = row.text(19);
  item.external_id = optional_text(row, 20);
  item.account = optional_text(row, 21);
  if (!row.is_null(22)) {
    TUTELA_TRY_ASSIGN(item.evidence_id, parse_uuid(row.text(22)));
  }
  item.evidence_state = row.text(23);
  item.received_ms = row.integer(24);
  return item;
}

Result<std::int64_t> count(Transaction& transaction,
                           const std::string& sql,
                           const std::vector<store::Value>& values) {
  std::int64_t number = 0;
  TUTELA_TRY(transaction.query(sql, values, [&](const Row& row) -> Status {
    number = row.integer(0);
    return ok();
  }));
  return number;
}

// Contents of one case often share bytes or group: each is counted once.
class Counts {
 public:
  explicit Counts(Transaction& transaction) : transaction_(transaction) {}

  Result<std::int64_t> same_bytes(const Source& source) {
    const auto known = bytes_.find(source.sha256);
    if (known != bytes_.end()) {
      return known->second;
    }
    TUTELA_TRY_ASSIGN(const std::int64_t number,
                      count(transaction_,
                            "SELECT COUNT(*) FROM (SELECT 1 FROM content WHERE tenant_id = :tenant "
                            "AND sha256 = :sha256 LIMIT :limit) c",
                            {source.tenant_id, source.sha256, kCountMax + 1}));
    bytes_.emplace(source.sha256, number - 1);
    return number - 1;
  }

  Result<std::int64_t> group_size(const Source& source) {
    if (source.group_id.empty()) {
      return 0;
    }
    const auto known = groups_.find(source.group_id);
    if (known != groups_.end()) {
      return known->second;
    }
    TUTELA_TRY_ASSIGN(const std::int64_t number,
                      count(transaction_,
                            "SELECT COUNT(*) FROM (SELECT 1 FROM content_group WHERE group_id = "
                            ":group_id LIMIT :limit) g",
                            {source.group_id, kCountMax}));
    groups_.emplace(source.group_id, number);
    return number;
  }

 private:
  Transaction& transaction_;
  std::map<std::string, std::int64_t> bytes_;
  std::map<std::string, std::int64_t> groups_;
};

}  // namespace

Result<std::vector<Item>> read_items(Transaction& transaction, const Uuid& case_id) {
  std::vector<Item> items;
  std::vector<Source> sources;
  TUTELA_TRY(
      transaction.query(kItems, {to_string(case_id), kItemsMax}, [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(Item item, read_item(row));
        items.push_back(std::move(item));
        sources.push_back({row.text(25), row.text(26), row.text(27)});
        return ok();
      }));
  Counts counts(transaction);
  for (std::size_t i = 0; i < items.size(); ++i) {
    TUTELA_TRY_ASSIGN(items[i].same_bytes, counts.same_bytes(sources[i]));
    TUTELA_TRY_ASSIGN(items[i].group_size, counts.group_size(sources[i]));
  }
  return items;
}

}  // namespace tutela::cases
