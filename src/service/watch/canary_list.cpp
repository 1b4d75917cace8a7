#include "service/watch/canary_list.hpp"

#include <limits>
#include <set>
#include <string>

#include "service/watch/actor.hpp"

namespace tutela::watch {
namespace {

constexpr std::int64_t kSignalsMax = 1000;

Result<lists::List> get_or_create(lists::Lists& lists) {
  Result<lists::List> found = lists.get(system_actor(), canaries::kListName);
  if (found || found.error().kind != ErrorKind::kNotFound) {
    return found;
  }
  lists::NewList made;
  made.name = canaries::kListName;
  made.source = "own";
  made.provenance = "pictures that this installation draws, to see that detection is on";
  made.classification = "canary";
  made.purpose = lists::Purpose::kCanary;
  made.action = policy::Action::kHold;
  found = lists.create(system_actor(), made);
  // Another process of the same store may have been faster.
  return !found && found.error().code == "list.exists"
             ? lists.get(system_actor(), canaries::kListName)
             : found;
}

/// Signals of the list, when it is active.
Result<std::set<std::string>> active_signals(lists::Lists& lists, const lists::List& list) {
  std::set<std::string> values;
  TUTELA_TRY(lists.for_each_signal(list.id,
                                   0,
                                   std::numeric_limits<std::int64_t>::max(),
                                   kSignalsMax,
                                   [&](const lists::PackedSignal& signal) {
                                     values.insert(to_hex(signal.value));
                                     return ok();
                                   }));
  return values;
}

Status activate(lists::Lists& lists, const Uuid& id) {
  TUTELA_TRY_ASSIGN(const lists::List list, lists.get(system_actor(), to_string(id)));
  lists::DryRun run;
  run.list_version = list.version;
  TUTELA_TRY(lists.record_dry_run(system_actor(), id, run));
  TUTELA_TRY(lists.activate(system_actor(), id));
  return ok();
}

}  // namespace

Result<bool> ensure_canary_list(lists::Lists& lists, const canaries::Seeds& seeds) {
  TUTELA_TRY_ASSIGN(const lists::List list, get_or_create(lists));
  if (list.spec.purpose != lists::Purpose::kCanary) {
    return Error{
        ErrorKind::kConflict,
        "canary.list_taken",
        "the list \"canary\" has another purpose: remove it, so that canaries have theirs"};
  }
  TUTELA_TRY_ASSIGN(const std::set<std::string> there, active_signals(lists, list));
  std::string lacking;
  for (std::size_t i = 0; i < canaries::kPositives; ++i) {
    const std::string value = fingerprint::to_hex(seeds.signal(i));
    lacking += there.contains(value) ? "" : "pdq," + value + "\n";
  }
  if (!lacking.empty()) {
    lists::ImportReport report;
    TUTELA_TRY(lists.import_signals(system_actor(), list.id, lacking, {}, report));
  }
  if (list.state != lists::State::kActive) {
    TUTELA_TRY(activate(lists, list.id));
    return true;
  }
  return !lacking.empty();
}

}  // namespace tutela::watch
