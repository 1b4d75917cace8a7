#include "casework/cases/acting.hpp"

#include <algorithm>
#include <set>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/fault.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {
namespace {

namespace json = boost::json;

constexpr std::int64_t kSignalsMax = 1000;
constexpr std::int64_t kLinksMax = 200;

std::string key_of(const Case& of) {
  return "case:" + to_string(of.id);
}

std::string topic_of(const std::string& kind) {
  return kind == "signal.dispute" || kind == "report.correct" ? kind : "case.action";
}

json::string text(std::string_view from) {
  return json::string(from.begin(), from.end());
}

/// Nothing is done to an account that only somebody outside named, unless whoever decided did too.
std::set<std::string> accounts_of(const Case& of,
                                  const std::vector<Part>& parts,
                                  const std::vector<std::string>& named) {
  std::set<std::string> accounts;
  if (of.account) {
    accounts.insert(*of.account);
  }
  for (const Part& part : parts) {
    if (part.account) {
      accounts.insert(*part.account);
    }
  }
  for (const std::string& claimed : claimed_accounts(of, parts)) {
    if (std::ranges::find(named, claimed) == named.end()) {
      accounts.erase(claimed);
    }
  }
  return accounts;
}

Order content_order(const std::string& kind, const Part& part) {
  Order order;
  order.kind = kind;
  order.target = "content:" + to_string(part.content_id);
  order.content_id = part.content_id;
  order.external_id = part.external_id;
  return order;
}

Order account_order(const std::string& kind, const std::string& account) {
  Order order;
  order.kind = kind;
  order.target = "account:" + account;
  order.account = account;
  return order;
}

// What is known of a case that holds nothing: the service's own names of what people told us about.
Status add_links(store::Transaction& transaction,
                 const std::string& kind,
                 const Case& of,
                 std::vector<Order>& orders) {
  return transaction.query(
      "SELECT value FROM case_key WHERE case_id = :case_id AND kind = 'external_id' ORDER BY value "
      "LIMIT :limit",
      {to_string(of.id), kLinksMax},
      [&](const store::Row& row) {
        Order order;
        order.kind = kind;
        order.target = "external_id:" + row.text(0);
        order.external_id = row.text(0);
        orders.push_back(std::move(order));
        return ok();
      });
}

Status add_disputes(store::Transaction& transaction, const Case& of, std::vector<Order>& orders) {
  return transaction.query(
      "SELECT DISTINCT m.list_id, m.signal_id FROM case_item i JOIN content_match m ON "
      "m.content_id = i.content_id WHERE i.case_id = :case_id ORDER BY m.list_id, m.signal_id "
      "LIMIT :limit",
      {to_string(of.id), kSignalsMax},
      [&](const store::Row& row) -> Status {
        Order order;
        order.kind = "signal.dispute";
        TUTELA_TRY_ASSIGN(order.list_id, parse_uuid(row.text(0)));
        order.signal_id = row.integer(1);
        order.target = "signal:" + std::to_string(order.signal_id);
        orders.push_back(std::move(order));
        return ok();
      });
}

std::string payload_of(const Case& of,
                       const Uuid& action_id,
                       const Order& order,
                       const std::optional<Offer>& offer) {
  json::object payload;
  payload["action_id"] = text(to_string(action_id));
  payload["case_id"] = text(to_string(of.id));
  payload["kind"] = text(order.kind);
  payload["target"] = text(order.target);
  if (order.content_id) {
    payload["content_id"] = text(to_string(*order.content_id));
  }
  if (order.external_id) {
    payload["external_id"] = text(*order.external_id);
  }
  if (order.account) {
    payload["account"] = text(*order.account);
  }
  if (order.list_id) {
    payload["list_id"] = text(to_string(*order.list_id));
    payload["signal_id"] = order.signal_id;
  }
  if (offer) {
    payload["appeal_token"] = text(offer->token);
    payload["statement_of_reasons"] = text(offer->statement);
    payload["appeal_until"] = text(to_rfc3339(offer->until_ms));
  }
  return json::serialize(payload);
}

// What changed nothing, or gave something back.
bool is_restore(std::string_view kind) {
  return kind.ends_with(".restore") || kind.ends_with(".release") || kind.ends_with(".statement");
}

}  // namespace

Result<std::vector<Order>> orders_of(store::Transaction& transaction,
                                     const std::vector<std::string>& kinds,
                                     const Case& of,
                                     const std::vector<Part>& parts,
                                     Stage stage,
                                     const std::vector<std::string>& named) {
  std::vector<Order> orders;
  for (const std::string& kind : kinds) {
    if (kind.starts_with("account.")) {
      for (const std::string& account : accounts_of(of, parts, named)) {
        if (stage != Stage::kContent) {
          orders.push_back(account_order(kind, account));
        }
      }
      continue;
    }
    if (stage == Stage::kPerson) {
      continue;
    }
    if (kind.starts_with("content.")) {
      for (const Part& part : parts) {
        orders.push_back(content_order(kind, part));
      }
      if (parts.empty()) {
        TUTELA_TRY(add_links(transaction, kind, of, orders));
      }
    } else if (kind == "signal.dispute") {
      TUTELA_TRY(add_disputes(transaction, of, orders));
    } else {
      Order order;
      order.kind = kind;
      order.target = key_of(of);
      orders.push_back(std::move(order));
    }
  }
  return orders;
}

Result<std::vector<Order>> reversed_orders(store::Transaction& transaction,
                                           const Case& of,
                                           const std::vector<Part>& parts) {
  std::set<std::string> targets;
  TUTELA_TRY(transaction.query("SELECT kind, target FROM case_action WHERE case_id = :case_id",
                               {to_string(of.id)},
                               [&](const store::Row& row) {
                                 if (!is_restore(row.text(0))) {
                                   targets.insert(row.text(1));
                                 }
                                 return ok();
                               }));
  std::vector<Order> orders;
  // Also of what was not done yet or failed: one key keeps the order, so the last word is this one.
  for (const Part& part : parts) {
    if (targets.contains("content:" + to_string(part.content_id))) {
      orders.push_back(content_order("content.restore", part));
    }
  }
  constexpr std::string_view kAccount = "account:";
  constexpr std::string_view kLink = "external_id:";
  for (const std::string& target : targets) {
    if (target.starts_with(kLink)) {
      Order order;
      order.kind = "content.restore";
      order.target = target;
      order.external_id = target.substr(kLink.size());
      orders.push_back(std::move(order));
    }
    if (target.starts_with(kAccount)) {
      orders.push_back(account_order("account.restore", target.substr(kAccount.size())));
    }
  }
  TUTELA_TRY(add_disputes(transaction, of, orders));
  if (of.reported_ms) {
    Order correct;
    correct.kind = "report.correct";
    correct.target = key_of(of);
    orders.push_back(std::move(correct));
  }
  return orders;
}

Status write_orders(store::Transaction& transaction,
                    const store::Actor& actor,
                    UtcMs now_ms,
                    const Case& of,
                    const Uuid& decision_id,
                    const std::vector<Order>& orders,
                    const std::optional<Offer>& offer) {
  for (const Order& order : orders) {
    const Uuid id = new_uuid(now_ms);
    const std::string topic = topic_of(order.kind);
    TUTELA_TRY(store::add_outbox(
        transaction,
        actor,
        now_ms,
        {topic,
         key_of(of),
         1,
         payload_of(of, id, order, topic == "case.action" ? offer : std::nullopt)}));
    TUTELA_TRY_ASSIGN(const std::int64_t outbox_id, transaction.last_insert_id());
    TUTELA_FAULT_POINT("cases.after_message");
    TUTELA_TRY(transaction.execute(
        "INSERT INTO case_action (id, tenant_id, principal_id, case_id, decision_id, kind, target, "
        "state, outbox_id, failure, at_ms) VALUES (:id, :tenant_id, :principal_id, :case_id, "
        ":decision_id, :kind, :target, 'waiting', :outbox_id, '', :at_ms)",
        {to_string(id),
         actor.tenant_id,
         actor.principal_id,
         to_string(of.id),
         to_string(decision_id),
         order.kind,
         order.target,
         outbox_id,
         now_ms}));
    TUTELA_FAULT_POINT("cases.after_action");
  }
  return ok();
}

Status tell_outcome(store::Transaction& transaction,
                    const store::Actor& actor,
                    UtcMs now_ms,
                    const Case& of,
                    const std::vector<Part>& parts) {
  json::array contents;
  for (const Part& part : parts) {
    json::object content;
    content["content_id"] = text(to_string(part.content_id));
    if (part.external_id) {
      content["external_id"] = text(*part.external_id);
    }
    contents.push_back(std::move(content));
  }
  json::object payload;
  payload["case_id"] = text(to_string(of.id));
  payload["outcome"] = text(of.outcome ? to_string(*of.outcome) : "");
  payload["contents"] = std::move(contents);
  return store::add_outbox(
      transaction, actor, now_ms, {"case.decided", key_of(of), 1, json::serialize(payload)});
}

}  // namespace tutela::cases
