#include "service/pipeline/uncovered.hpp"

#include <functional>
#include <limits>
#include <map>
#include <set>

namespace tutela::pipeline {
namespace {

constexpr std::int64_t kChangesAtOnce = 10'000;

/// Changes after one, through another.
Status for_each_change(lists::Lists& lists,
                       std::int64_t after,
                       std::int64_t through,
                       const std::function<Status(const lists::Change&)>& on_change) {
  while (after < through) {
    TUTELA_TRY_ASSIGN(const std::vector<lists::Change> page,
                      lists.changes_after(after, kChangesAtOnce));
    if (page.empty()) {
      break;
    }
    for (const lists::Change& change : page) {
      if (change.position <= through) {
        TUTELA_TRY(on_change(change));
      }
    }
    after = page.back().position;
  }
  return ok();
}

/// Whether lists are active, each asked for once.
class Active {
 public:
  explicit Active(lists::Lists& lists) : lists_(lists) {}

  Result<bool> is(const lists::Change& change) {
    auto known = known_.find(change.list_id);
    if (known == known_.end()) {
      TUTELA_TRY_ASSIGN(const lists::List list,
                        lists_.get({change.tenant_id, "system"}, to_string(change.list_id)));
      known = known_.emplace(change.list_id, list.state == lists::State::kActive).first;
    }
    return known->second;
  }

 private:
  lists::Lists& lists_;
  std::map<Uuid, bool> known_;
};

}  // namespace

std::optional<RescanCause> cause_for(lists::ChangeKind kind, bool is_active) noexcept {
  using lists::ChangeKind;
  switch (kind) {
    case ChangeKind::kAdded:
    case ChangeKind::kActivated:
      return is_active ? std::optional(RescanCause::kListGrew) : std::nullopt;
    case ChangeKind::kRemoved:
      return RescanCause::kListWithdrawn;
    case ChangeKind::kDeactivated:
      return is_active ? std::nullopt : std::optional(RescanCause::kListWithdrawn);
    case ChangeKind::kSettings:
      break;
  }
  return std::nullopt;
}

Result<std::vector<Uncovered>> uncovered_changes(lists::Lists& lists, Rescans rescans) {
  std::set<Uncovered> found;
  // What is planned first, what runs last: what is planned meanwhile is in both, never in neither.
  TUTELA_TRY_ASSIGN(const std::int64_t planned, rescans.covered());
  Active active(lists);
  TUTELA_TRY(for_each_change(lists,
                             planned,
                             std::numeric_limits<std::int64_t>::max(),
                             [&](const lists::Change& change) -> Status {
                               TUTELA_TRY_ASSIGN(const bool is_active, active.is(change));
                               if (cause_for(change.kind, is_active)) {
                                 found.insert({change.position, change.list_id});
                               }
                               return ok();
                             }));
  TUTELA_TRY_ASSIGN(const std::vector<Rescan> running, rescans.running());
  for (const Rescan& rescan : running) {
    if (rescan.cause == RescanCause::kAsked) {
      continue;
    }
    const bool grew = rescan.cause == RescanCause::kListGrew;
    TUTELA_TRY(for_each_change(
        lists, rescan.after_change, rescan.through_change, [&](const lists::Change& change) {
          if (change.list_id == rescan.list_id && cause_for(change.kind, grew) == rescan.cause) {
            found.insert({change.position, change.list_id});
          }
          return ok();
        }));
  }
  return std::vector<Uncovered>(found.begin(), found.end());
}

}  // namespace tutela::pipeline
