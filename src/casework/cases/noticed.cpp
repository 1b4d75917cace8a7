// How what somebody outside told us opens cases, and joins them.
#include <algorithm>
#include <optional>
#include <span>

#include "base/fault.hpp"
#include "casework/cases/cases.hpp"
#include "casework/cases/joining.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {

using store::Row;
using store::Transaction;

namespace {

struct Scene {
  Transaction& transaction;
  const store::Actor& actor;
  const Rules& rules;
  UtcMs now_ms;
  const NoticeFinding& notice;
};

// What the ledger knows of the bytes that came with it.
Result<std::vector<std::string>> digests_of(const Scene& scene) {
  std::vector<std::string> digests;
  for (const Uuid& content : scene.notice.contents) {
    TUTELA_TRY(
        scene.transaction.query("SELECT sha256 FROM content WHERE id = :id AND tenant_id = :tenant",
                                {to_string(content), scene.actor.tenant_id},
                                [&](const Row& row) {
                                  digests.push_back(row.text(0));
                                  return ok();
                                }));
  }
  return digests;
}

// Whether a case that is there may be joined: as find_joinable() has it.
bool is_joinable(const Case& of, const NoticeFinding& notice) {
  return of.state == State::kOpen && of.queue != Queue::kLegal &&
         of.queue != Queue::kSelfReported && of.topic == notice.topic &&
         (!of.account || notice.accounts.empty() || of.account == notice.accounts.front());
}

// Files may have been judged before the notice had its place, and then have a case.
Result<std::vector<Case>> cases_of_contents(const Scene& scene) {
  std::vector<Case> found;
  for (const Uuid& content : scene.notice.contents) {
    TUTELA_TRY_ASSIGN(const std::optional<Uuid> id,
                      case_of(scene.transaction, scene.actor.tenant_id, content));
    if (id && std::ranges::find(found, *id, &Case::id) == found.end()) {
      TUTELA_TRY_ASSIGN(Case of, read_case(scene.transaction, scene.actor.tenant_id, *id));
      found.push_back(std::move(of));
    }
  }
  return found;
}

// Whose case it is, and how urgent: a person takes marks away again.
void take_over(const Scene& scene, Case& of) {
  const NoticeFinding& notice = scene.notice;
  if (!of.account && of.origin == Origin::kUserReport && !notice.accounts.empty()) {
    of.account = notice.accounts.front();
  }
  if (!of.external_id && !notice.links.empty()) {
    of.external_id = notice.links.front();
  }
  of.reports += notice.counts ? 1 : 0;
  const bool marked = std::ranges::find(of.marks, Mark::kImminentHarm) != of.marks.end();
  if (notice.imminent && !marked) {
    of.marks.insert(of.marks.begin(), Mark::kImminentHarm);  // in the order of the enumeration
    of.queue = Queue::kUrgent;
    of.first_look_due_ms =
        std::min(of.first_look_due_ms, scene.now_ms + scene.rules.first_look_urgent_ms);
  }
  refresh_rank(of);
}

Status put_keys(const Scene& scene, const Case& of, const std::vector<std::string>& digests) {
  const auto put = [&](std::string_view kind, const std::string& value) {
    return insert_key(scene.transaction, scene.actor, of.id, kind, value);
  };
  TUTELA_TRY(put("account", of.account.value_or("")));
  for (const std::string& link : scene.notice.links) {
    TUTELA_TRY(put("external_id", link));
  }
  for (const std::string& digest : digests) {
    TUTELA_TRY(put("sha256", digest));
  }
  TUTELA_FAULT_POINT("cases.after_keys");
  return ok();
}

Status open_case(const Scene& scene, Case& of) {
  of.id = new_uuid(scene.now_ms);
  of.tenant_id = scene.actor.tenant_id;
  of.version = 1;
  of.origin = Origin::kUserReport;
  of.topic = scene.notice.topic;
  of.opened_ms = scene.now_ms;
  of.first_look_due_ms = scene.now_ms + scene.rules.first_look_ms;
  of.decision_due_ms = scene.now_ms + scene.rules.decision_ms;
  take_over(scene, of);
  return insert_case(scene.transaction, scene.actor, of);
}

Status link_all(const Scene& scene, const Case& of, const std::vector<Case>& with_contents) {
  for (const Case& other : with_contents) {
    if (other.id != of.id) {
      TUTELA_TRY(insert_link(
          scene.transaction, scene.actor, of.id, other.id, LinkKind::kRelated, scene.now_ms));
    }
  }
  if (scene.notice.accounts.empty()) {
    return ok();
  }
  // The first too: an earlier case of the same account may be of the other topic.
  return link_accounts(scene.transaction, scene.actor, of, scene.notice.accounts, scene.now_ms);
}

}  // namespace

Result<Uuid> add_notice(Transaction& transaction,
                        const store::Actor& actor,
                        const Rules& rules,
                        UtcMs now_ms,
                        const NoticeFinding& notice) {
  const Scene scene{transaction, actor, rules, now_ms, notice};
  TUTELA_TRY_ASSIGN(const std::vector<std::string> digests, digests_of(scene));
  TUTELA_TRY_ASSIGN(const std::vector<Case> with_contents, cases_of_contents(scene));
  TUTELA_TRY_ASSIGN(std::optional<Uuid> joinable,
                    find_joinable(transaction, actor, notice, digests));
  if (!joinable) {
    const auto with_content = std::ranges::find_if(
        with_contents, [&](const Case& other) { return is_joinable(other, notice); });
    if (with_content != with_contents.end()) {
      joinable = with_content->id;
    }
  }
  Case of;
  if (joinable) {
    TUTELA_TRY_ASSIGN(of, read_case(transaction, actor.tenant_id, *joinable));
    take_over(scene, of);
    TUTELA_TRY(update_case(transaction, of, of.version));
  } else {
    TUTELA_TRY(open_case(scene, of));
  }
  TUTELA_FAULT_POINT("cases.after_case");
  TUTELA_TRY(put_keys(scene, of, digests));
  TUTELA_TRY(record_event(transaction,
                          actor,
                          of.id,
                          joinable ? "joined" : "opened",
                          joinable ? "case.join" : "case.open",
                          detail_of({{"notice", to_string(notice.notice_id)},
                                     {"origin", to_string(Origin::kUserReport)}}),
                          now_ms));
  TUTELA_TRY(link_all(scene, of, with_contents));
  return of.id;
}

}  // namespace tutela::cases
