// Which case a notice belongs to, and what came with it looked at.
#include <algorithm>
#include <map>
#include <utility>

#include "base/fault.hpp"
#include "casework/cases/cases.hpp"
#include "casework/intake/text.hpp"
#include "service/intake/desk.hpp"
#include "service/review/rules.hpp"

namespace tutela::intake_service {

namespace {

constexpr std::size_t kAtOnce = 50;
constexpr std::size_t kFilesAtOnce = 20;  // so that notices do not wait for the files of others

/// Something that a case could be about: words alone are answered by whoever reads them.
bool has_subject(const intake::Notice& notice,
                 const intake::Body& body,
                 const std::vector<Uuid>& files) {
  return notice.kind == intake::Kind::kSolicitation || !body.links.empty() ||
         !body.accounts.empty() || !files.empty();
}

}  // namespace

Result<std::optional<Uuid>> Desk::place(store::Transaction& transaction,
                                        const intake::Notice& notice,
                                        const intake::Body& body,
                                        const std::vector<Uuid>& files) const {
  if (is_for_people_alone(notice.kind) || !has_subject(notice, body, files)) {
    return std::optional<Uuid>();
  }
  cases::NoticeFinding finding;
  finding.notice_id = notice.id;
  finding.topic = notice.kind == intake::Kind::kSolicitation ? cases::Topic::kSolicitation
                                                             : cases::Topic::kContent;
  finding.accounts = body.accounts;
  for (const std::string& link : body.links) {
    // As it was given, which is how the service may name it, and as others may write it.
    for (const std::string& each : {link, intake::normal_link(link)}) {
      if (std::ranges::find(finding.links, each) == finding.links.end()) {
        finding.links.push_back(each);
      }
    }
  }
  finding.contents = files;
  finding.imminent = notice.imminent && notice.queue == intake::Queue::kImminent;
  finding.counts = notice.queue != intake::Queue::kFlood;
  store::Actor actor = system_actor();
  actor.tenant_id = notice.tenant_id;
  TUTELA_TRY_ASSIGN(
      const Uuid case_id,
      cases::add_notice(
          transaction, actor, review::cases_rules(*settings_()), clock_.now_ms(), finding));
  TUTELA_FAULT_POINT("intake.in_case");
  return std::optional(case_id);
}

Result<std::size_t> Desk::sort_some(std::vector<Uuid>& files_sorted) {
  // By notice: what is placed may be taken back, and placed again.
  std::map<Uuid, std::pair<std::string, std::string>> placed;
  TUTELA_TRY_ASSIGN(
      const std::size_t sorted,
      notices_.sort(kAtOnce,
                    [&](store::Transaction& transaction,
                        const intake::Notice& notice,
                        const intake::Body& body,
                        const std::vector<Uuid>& files) -> Result<std::optional<Uuid>> {
                      TUTELA_TRY_ASSIGN(const auto case_id,
                                        place(transaction, notice, body, files));
                      if (!notice.case_id) {  // else it was sorted, and came back with files
                        placed[notice.id] = {std::string(to_string(notice.channel)),
                                             std::string(to_string(notice.queue))};
                      }
                      files_sorted.insert(files_sorted.end(), files.begin(), files.end());
                      return case_id;
                    }));
  const MutexLock lock(mutex_);
  for (const auto& [id, which] : placed) {
    ++figures_.received[which];
  }
  return sorted;
}

Result<std::size_t> Desk::sort() {
  std::size_t sorted = 0;
  std::vector<Uuid> files;
  for (std::size_t some = kAtOnce; some >= kAtOnce && !stopping();) {
    TUTELA_TRY_ASSIGN(some, sort_some(files));
    sorted += some;
  }
  TUTELA_FAULT_POINT("intake.after_sort");
  // Afterwards, so that they join the cases of their notices. What fails, or is too much, is owed
  // like any other item, and made up with those.
  files.resize(std::min(files.size(), kFilesAtOnce));
  for (const Uuid& file : files) {
    if (stopping() || !pipeline_.finish(system_actor(), file)) {
      break;
    }
  }
  return sorted;
}

}  // namespace tutela::intake_service
