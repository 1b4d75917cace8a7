// Drafts: what is owed to authorities becomes drafts without anybody asking: of confirmed cases, of
// decisions that were overturned after a report. And, where an operator switched that on, drafts of
// exact matches go out without a person (safeguards.md 1, 2, 3, 5).
//
// Goes on from the rows wherever a process died. A draft that a person has touched is theirs: until
// then it follows the facts. Not thread-safe; several processes may do it. Borrows what it is
// given.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/reports/reports.hpp"
#include "custody/opening/opening.hpp"
#include "custody/store/store.hpp"
#include "service/reporting/desk.hpp"
#include "service/reporting/gather.hpp"

namespace tutela::reporting {

struct DraftRules {
  std::string tenant_id = "default";
  bool automatic = false;      // reporting.automatic
  bool second_person = false;  // then nothing leaves without two people
  /// How long an automatic release waits for what the service knows of the account; an urgent one
  /// waits for nothing.
  std::int64_t facts_wait_ms = 10LL * 60'000;
};

struct Drafted {
  std::int64_t drafts = 0;
  std::int64_t refreshed = 0;    // with facts that changed
  std::int64_t released = 0;     // without a person
  std::int64_t corrections = 0;  // drafts of corrections
  std::int64_t nowhere = 0;      // cases that no route leads anywhere: a person decides
};

/// For the log: "drafted", "released", "no_route", "failed"; ids and codes alone.
using TellDraft =
    std::function<void(std::string_view what, const Uuid& id, std::string_view detail)>;

class Drafter {
 public:
  Drafter(store::Database& database,
          opening::Opening& opening,
          reports::Reports& reports,
          Desk& desk,
          const Clock& clock,
          Provider provider,
          DraftRules rules,
          TellDraft tell);

  /// A round: what is owed, and some of the drafts that nobody touched.
  Result<Drafted> work(const std::function<bool()>& stop_requested);

 private:
  Status draft_case(const Uuid& case_id, Drafted& done);
  Status draft_to(const Uuid& case_id, const std::string& name, Drafted& done);
  Status correct_case(const Uuid& case_id, Drafted& done);
  Status look_after(const reports::Report& draft, Drafted& done);
  Status release(const reports::Report& draft, const Gathered& facts, Drafted& done);
  Result<std::vector<std::string>> names_for(const Uuid& case_id);
  Result<std::vector<reports::Report>> reports_of(const Uuid& case_id);
  Status ask_service(const reports::Report& draft);

  store::Database& database_;
  opening::Opening& opening_;
  reports::Reports& reports_;
  Desk& desk_;
  const Clock& clock_;
  Provider provider_;
  DraftRules rules_;
  TellDraft tell_;
  std::string after_;  // of the drafts that were looked after
};

}  // namespace tutela::reporting
