#include "casework/cases/joining.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/fault.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {

using store::Row;
using store::Transaction;
using store::Value;

namespace {

constexpr std::int64_t kLookedAtMax = 50;
constexpr std::int64_t kLinksMax = 20;
constexpr std::int64_t kSpreadMax = 1000;

struct Key {
  std::string kind;
  std::string value;
};

std::string signal_text(const Finding& finding) {
  return finding.signal_id == 0 ? std::string() : std::to_string(finding.signal_id);
}

std::string list_text(const Finding& finding) {
  return finding.list_id ? to_string(*finding.list_id) : std::string();
}

// Which of the cases with a key count.
struct Wanted {
  bool self_reported = false;
  std::optional<Topic> topic;                         // absent: any
  std::int64_t items_max = 0;                         // 0: however full
  std::optional<std::optional<std::string>> account;  // about nobody, or about this one
};

Wanted wanted_by(const Rules& rules, const Finding& finding) {
  Wanted wanted;
  wanted.self_reported = is_self_reported(finding);
  wanted.items_max = rules.items_max;
  if (finding.origin != Origin::kUserReport) {
    wanted.topic = Topic::kContent;
  }
  return wanted;
}

// A flood of decided or full cases with the same key must not make this slow: the newest alone.
Result<std::optional<Uuid>> find_by_key(Transaction& transaction,
                                        const store::Actor& actor,
                                        const Wanted& wanted,
                                        const Key& key) {
  std::optional<Uuid> found;
  if (key.value.empty()) {
    return found;
  }
  std::string sql =
      "SELECT r.id FROM (SELECT case_id FROM case_key WHERE tenant_id = :tenant AND kind = :kind "
      "AND value = :value AND undecided = 1 ORDER BY case_id DESC LIMIT :limit) k JOIN review_case "
      "r ON r.id = k.case_id WHERE r.state = 'open' AND r.queue <> 'legal' AND r.queue " +
      std::string(wanted.self_reported ? "=" : "<>") + " 'self_reported'";
  std::vector<Value> values = {actor.tenant_id, key.kind, key.value, kLookedAtMax};
  if (wanted.items_max > 0) {
    sql += " AND r.items < :items_max";
    values.emplace_back(wanted.items_max);
  }
  if (wanted.topic) {
    sql += " AND r.topic = :topic";
    values.emplace_back(std::string(to_string(*wanted.topic)));
  }
  if (wanted.account) {
    sql += " AND (r.account IS NULL";
    if (*wanted.account) {
      sql += " OR r.account = :account";
      values.emplace_back(**wanted.account);
    }
    sql += ")";
  }
  TUTELA_TRY(
      transaction.query(sql + " ORDER BY r.id DESC LIMIT 1", values, [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(found, parse_uuid(row.text(0)));
        return ok();
      }));
  return found;
}

struct Other {
  Uuid id;
  bool self_reported = false;
};

Result<std::vector<Other>> others_with(Transaction& transaction,
                                       const Case& of,
                                       const Key& key,
                                       std::string_view condition,
                                       std::int64_t limit) {
  std::vector<Other> others;
  if (key.value.empty()) {
    return others;
  }
  TUTELA_TRY(transaction.query(
      "SELECT r.id, r.queue FROM (SELECT case_id FROM case_key WHERE tenant_id = :tenant AND kind "
      "= :kind AND value = :value AND case_id <> :own" +
          std::string(condition) +
          " ORDER BY case_id DESC LIMIT :limit) k JOIN review_case r ON r.id = k.case_id ORDER BY "
          "r.id DESC",
      {of.tenant_id, key.kind, key.value, to_string(of.id), limit},
      [&](const Row& row) -> Status {
        Other other;
        TUTELA_TRY_ASSIGN(other.id, parse_uuid(row.text(0)));
        other.self_reported = row.text(1) == to_string(Queue::kSelfReported);
        others.push_back(other);
        return ok();
      }));
  return others;
}

Status add_link(Transaction& transaction,
                const store::Actor& actor,
                const Uuid& one,
                const Uuid& other,
                LinkKind kind,
                UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const bool added, insert_link(transaction, actor, one, other, kind, now_ms));
  if (!added) {
    return ok();
  }
  TUTELA_FAULT_POINT("cases.after_link");
  const auto say = [&](const Uuid& of, const Uuid& to) {
    return insert_event(transaction,
                        actor,
                        of,
                        "linked",
                        detail_of({{"case", to_string(to)}, {"link", to_string(kind)}}),
                        now_ms);
  };
  TUTELA_TRY(say(one, other));
  return say(other, one);
}

}  // namespace

bool is_self_reported(const Finding& finding) noexcept {
  return finding.list_purpose == "self_reported";
}

Result<std::optional<Uuid>> find_joinable(Transaction& transaction,
                                          const store::Actor& actor,
                                          const Rules& rules,
                                          const Finding& finding) {
  Wanted wanted = wanted_by(rules, finding);
  if (finding.account) {
    return find_by_key(transaction, actor, wanted, {"account", *finding.account});
  }
  TUTELA_TRY_ASSIGN(
      std::optional<Uuid> found,
      find_by_key(transaction, actor, wanted, {"external_id", finding.external_id.value_or("")}));
  // What nobody is named for must not count against somebody.
  wanted.account = std::optional<std::string>();
  for (const Key& key : {Key{"sha256", finding.sha256}, Key{"signal", signal_text(finding)}}) {
    if (!found) {
      TUTELA_TRY_ASSIGN(found, find_by_key(transaction, actor, wanted, key));
    }
  }
  return found;
}

Result<std::optional<Uuid>> find_joinable(Transaction& transaction,
                                          const store::Actor& actor,
                                          const NoticeFinding& notice,
                                          const std::vector<std::string>& sha256s) {
  Wanted wanted;
  wanted.topic = notice.topic;
  std::optional<std::string> account;
  std::optional<Uuid> found;
  if (!notice.accounts.empty()) {
    account = notice.accounts.front();
    TUTELA_TRY_ASSIGN(found, find_by_key(transaction, actor, wanted, {"account", *account}));
    wanted.account = account;
  }
  for (std::size_t i = 0; !found && i < notice.links.size(); ++i) {
    TUTELA_TRY_ASSIGN(found,
                      find_by_key(transaction, actor, wanted, {"external_id", notice.links[i]}));
  }
  wanted.account = account;
  for (std::size_t i = 0; !found && i < sha256s.size(); ++i) {
    TUTELA_TRY_ASSIGN(found, find_by_key(transaction, actor, wanted, {"sha256", sha256s[i]}));
  }
  return found;
}

Status link_accounts(Transaction& transaction,
                     const store::Actor& actor,
                     const Case& of,
                     std::span<const std::string> accounts,
                     UtcMs now_ms) {
  for (const std::string& account : accounts) {
    TUTELA_TRY_ASSIGN(const std::vector<Other> others,
                      others_with(transaction, of, {"account", account}, " AND undecided = 1", 1));
    for (const Other& other : others) {
      TUTELA_TRY(add_link(transaction, actor, of.id, other.id, LinkKind::kRelated, now_ms));
    }
  }
  return ok();
}

Status insert_key(Transaction& transaction,
                  const store::Actor& actor,
                  const Uuid& case_id,
                  std::string_view kind,
                  const std::string& value) {
  if (value.empty()) {
    return ok();
  }
  TUTELA_TRY(transaction.execute(
      "INSERT INTO case_key (tenant_id, kind, value, case_id, principal_id, undecided) VALUES "
      "(:tenant, :kind, :value, :case_id, :principal, 1) ON CONFLICT DO NOTHING",
      {actor.tenant_id, std::string(kind), value, to_string(case_id), actor.principal_id}));
  return ok();
}

Status insert_keys(Transaction& transaction,
                   const store::Actor& actor,
                   const Uuid& case_id,
                   const Finding& finding) {
  for (const Key& key : {Key{"account", finding.account.value_or("")},
                         Key{"external_id", finding.external_id.value_or("")},
                         Key{"sha256", finding.sha256},
                         Key{"signal", signal_text(finding)},
                         Key{"list", list_text(finding)}}) {
    TUTELA_TRY(insert_key(transaction, actor, case_id, key.kind, key.value));
  }
  TUTELA_FAULT_POINT("cases.after_keys");
  return ok();
}

Status link_others(Transaction& transaction,
                   const store::Actor& actor,
                   const Case& of,
                   const Finding& finding,
                   UtcMs now_ms) {
  const bool self_reported = of.queue == Queue::kSelfReported;
  for (const Key& key : {Key{"sha256", finding.sha256}, Key{"signal", signal_text(finding)}}) {
    TUTELA_TRY_ASSIGN(const std::vector<Other> same,
                      others_with(transaction, of, key, " AND undecided = 1", kLinksMax));
    for (const Other& other : same) {
      const LinkKind kind =
          other.self_reported == self_reported ? LinkKind::kNearDuplicate : LinkKind::kRelated;
      TUTELA_TRY(add_link(transaction, actor, of.id, other.id, kind, now_ms));
    }
  }
  TUTELA_TRY_ASSIGN(
      const std::vector<Other> decided,
      others_with(transaction, of, {"sha256", finding.sha256}, " AND undecided = 0", 1));
  for (const Other& other : decided) {
    TUTELA_TRY(add_link(transaction, actor, of.id, other.id, LinkKind::kRelated, now_ms));
  }
  TUTELA_TRY_ASSIGN(
      const std::vector<Other> earlier,
      others_with(transaction, of, {"account", finding.account.value_or("")}, "", kLookedAtMax));
  const auto last = std::ranges::find_if(
      earlier, [&](const Other& other) { return other.self_reported == self_reported; });
  if (last != earlier.end()) {
    TUTELA_TRY(add_link(transaction, actor, of.id, last->id, LinkKind::kSameAccount, now_ms));
  }
  return ok();
}

Result<std::int64_t> spread_of(Transaction& transaction,
                               const std::string& tenant_id,
                               const Uuid& content_id,
                               bool self_reported) {
  // Not counted: what sits in the other queue.
  const std::string rest =
      self_reported ? std::string()
                    : " WHERE NOT EXISTS (SELECT 1 FROM case_item i JOIN review_case r ON r.id = "
                      "i.case_id WHERE i.content_id = c.id AND r.queue = 'self_reported')";
  std::int64_t spread = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM (SELECT id FROM (SELECT s.id FROM content o JOIN content s ON "
      "s.tenant_id = o.tenant_id AND s.sha256 = o.sha256 WHERE o.id = :id AND o.tenant_id = "
      ":tenant LIMIT :bytes_max) same_bytes UNION SELECT id FROM (SELECT m.content_id AS id FROM "
      "content_group g JOIN content_group m ON m.group_id = g.group_id WHERE g.content_id = "
      ":group_of AND m.tenant_id = :group_tenant LIMIT :group_max) grouped) c" +
          rest,
      {to_string(content_id), tenant_id, kSpreadMax, to_string(content_id), tenant_id, kSpreadMax},
      [&](const Row& row) -> Status {
        spread = row.integer(0);
        return ok();
      }));
  return spread;
}

Status refresh_standing(Transaction& transaction, Case& of) {
  of.items = 0;
  of.severity = 0;
  of.needs_view = true;
  std::int64_t trusted = 0;
  TUTELA_TRY(transaction.query(
      "SELECT classification, COUNT(*), SUM(CASE WHEN exact = 1 AND trusted = 1 THEN 1 ELSE 0 END) "
      "FROM case_item WHERE case_id = :id GROUP BY classification",
      {to_string(of.id)},
      [&](const Row& row) -> Status {
        of.severity = std::max(of.severity, severity_of(row.text(0)));
        of.items += row.integer(1);
        trusted += row.integer(2);
        return ok();
      }));
  of.needs_view = of.items == 0 || trusted < of.items;
  refresh_rank(of);
  return ok();
}

void refresh_rank(Case& of) noexcept {
  of.rank_ms = rank_of({.severity = of.severity,
                        .spread = of.spread,
                        .reports = of.reports,
                        .vulnerable = !of.marks.empty(),
                        .opened_ms = of.opened_ms});
}

}  // namespace tutela::cases
