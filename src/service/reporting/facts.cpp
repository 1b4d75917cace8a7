#include "service/reporting/facts.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "casework/cases/decisions.hpp"
#include "service/reporting/told.hpp"

namespace tutela::reporting {

namespace {

/// Of the picture as it is; the ledger keeps those of the seven turned ones behind it.
constexpr std::size_t kPdqDigits = 64;

Error not_closed(std::string message) {
  return {ErrorKind::kConflict, "case.not_closed", std::move(message)};
}

Error no_evidence() {
  return {ErrorKind::kConflict,
          "report.no_evidence",
          "a file of the case is not in the vault, or leaves it; wait until it is preserved"};
}

bool marks_minor(const std::vector<cases::Annotation>& annotations) {
  return std::ranges::find(annotations, cases::Annotation::kPossibleMinorReported) !=
         annotations.end();
}

bool marks_minor(const cases::Verdict& verdict) {
  return marks_minor(verdict.annotations) ||
         std::ranges::any_of(verdict.items, [](const cases::ItemVerdict& item) {
           return marks_minor(item.annotations);
         });
}

/// safeguards.md 3 and 5: whom a legal officer decides about, and what they said. The last decision
/// of a case that one of them closed is about the person, the ones before about the content.
Status read_decisions(const cases::Whole& whole, CaseFacts& facts) {
  std::vector<cases::Decision> live;
  std::ranges::copy_if(whole.decisions,
                       std::back_inserter(live),
                       [](const cases::Decision& decision) { return !decision.undone_ms; });
  const bool legal = whole.of.queue == cases::Queue::kLegal && live.size() > 1;
  if (live.empty()) {
    return not_closed("the case has no decision that stands");
  }
  const bool self_reported = std::ranges::any_of(
      whole.items, [](const cases::Item& item) { return item.list_purpose == "self_reported"; });
  facts.minor =
      legal || self_reported || std::ranges::any_of(live, [](const cases::Decision& decision) {
        return marks_minor(decision.verdict);
      });
  facts.about_person =
      !facts.minor || (legal && live.back().verdict.outcome == cases::Outcome::kConfirmed);
  if (legal) {
    live.pop_back();
  }
  facts.decision = std::move(live.back());
  return ok();
}

Status read_file(store::Transaction& transaction, FileFacts& file) {
  const std::string id = to_string(file.item.content_id);
  TUTELA_TRY(transaction.query(
      "SELECT c.md5, c.sha1, c.sha256, i.list_id FROM content c LEFT JOIN case_item i ON "
      "i.content_id = c.id WHERE c.id = :id",
      {id},
      [&](const store::Row& row) -> Status {
        file.md5 = row.text(0);
        file.sha1 = row.text(1);
        file.sha256 = row.text(2);
        if (!row.is_null(3)) {
          TUTELA_TRY_ASSIGN(file.list_id, parse_uuid(row.text(3)));
        }
        return ok();
      }));
  std::int64_t frames = 0;
  TUTELA_TRY(transaction.query("SELECT pdq FROM content_frame WHERE content_id = :id LIMIT 2",
                               {id},
                               [&](const store::Row& row) {
                                 file.pdq = row.text(0).substr(0, kPdqDigits);
                                 ++frames;
                                 return ok();
                               }));
  if (frames != 1 || file.item.frames > 1) {
    file.pdq.clear();
  }
  // The ledger's verdicts say "<verdict> <action>"; those of before it did say no action.
  return transaction.query(
      "SELECT 1 FROM ledger WHERE content_id = :id AND detail LIKE '% pass' LIMIT 1",
      {id},
      [&](const store::Row&) {
        file.let_through = true;
        return ok();
      });
}

Status read_attestations(reports::Reports& reports,
                         const std::string& tenant_id,
                         std::vector<FileFacts>& files) {
  std::vector<Uuid> ids;
  std::map<Uuid, FileFacts*> by_id;
  for (FileFacts& file : files) {
    ids.push_back(file.item.content_id);
    by_id[file.item.content_id] = &file;
  }
  TUTELA_TRY_ASSIGN(const std::vector<reports::Attestation> said,
                    reports.attestations(tenant_id, ids));
  for (const reports::Attestation& each : said) {
    const auto found = by_id.find(each.content_id);
    if (found != by_id.end()) {
      (each.what == "exif" ? found->second->attested_exif : found->second->attested) = each.id;
    }
  }
  return ok();
}

}  // namespace

Result<CaseFacts> read_facts(store::Database& database,
                             opening::Opening& opening,
                             reports::Reports& reports,
                             const std::string& tenant_id,
                             const Uuid& case_id) {
  const SystemClock clock;  // nothing that is read here depends on it but locks, which are not used
  cases::Cases cases(database, clock, {});
  const cases::Person everything{{tenant_id, "system", "system"}, false, true, true};
  TUTELA_TRY_ASSIGN(cases::Whole whole, cases.whole(everything, case_id));
  const bool in_effect =
      whole.of.state == cases::State::kClosed || whole.of.state == cases::State::kAppealed;
  if (whole.of.outcome != cases::Outcome::kConfirmed || !in_effect) {
    return not_closed("a report is made of a confirmed case whose decision has taken effect");
  }
  CaseFacts facts;
  TUTELA_TRY(read_decisions(whole, facts));
  facts.of = std::move(whole.of);
  for (cases::Item& item : whole.items) {
    if (!item.evidence_id || item.evidence_state == "destroying" ||
        item.evidence_state == "destroyed") {
      return no_evidence();
    }
    facts.files.push_back({std::move(item), {}, {}, {}, {}, false, {}, {}, {}, {}});
  }
  TUTELA_TRY(database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Uuid subject, cases::contents_from(transaction, case_id));
    if (subject != case_id) {  // what is looked at again is reported once, by its own case
      return not_closed("nothing is reported of this case");
    }
    for (FileFacts& file : facts.files) {
      TUTELA_TRY(read_file(transaction, file));
    }
    TUTELA_TRY_ASSIGN(facts.told, read_told(transaction, case_id));
    return ok();
  }));
  for (FileFacts& file : facts.files) {
    TUTELA_TRY_ASSIGN(file.viewed, opening.viewed(tenant_id, *file.item.evidence_id));
  }
  TUTELA_TRY(read_attestations(reports, tenant_id, facts.files));
  return facts;
}

}  // namespace tutela::reporting
