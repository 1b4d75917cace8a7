#include "casework/cases/decision_rows.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "custody/store/columns.hpp"

namespace tutela::cases {
namespace {

Error corrupt() {
  return Error{ErrorKind::kCorrupted, "store.corrupt", "a row of a decision is damaged"};
}

Result<std::vector<Annotation>> split(std::string_view text) {
  std::vector<Annotation> annotations;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    TUTELA_TRY_ASSIGN(const Annotation annotation, parse_annotation(text.substr(0, end)));
    annotations.push_back(annotation);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return annotations;
}

Result<Decision> to_decision(const store::Row& row, const Uuid& case_id) {
  Decision decision;
  decision.case_id = case_id;
  TUTELA_TRY_ASSIGN(decision.id, parse_uuid(row.text(0)));
  decision.round = row.integer(1);
  decision.principal_id = row.text(2);
  decision.role = row.text(3);
  TUTELA_TRY_ASSIGN(decision.basis, parse_basis(row.text(4)));
  TUTELA_TRY_ASSIGN(decision.verdict.outcome, parse_outcome(row.text(5)));
  TUTELA_TRY_ASSIGN(decision.verdict.classification, parse_classification(row.text(6)));
  TUTELA_TRY_ASSIGN(decision.verdict.annotations, split(row.text(7)));
  TUTELA_TRY_ASSIGN(decision.verdict.confidence, parse_confidence(row.text(8)));
  decision.verdict.note = row.text(9);
  decision.views = row.integer(10);
  decision.at_ms = row.integer(11);
  if (!row.is_null(12)) {
    decision.undone_ms = row.integer(12);
  }
  return decision;
}

Status read_items(store::Transaction& transaction,
                  const Uuid& case_id,
                  std::vector<Decision>& decisions) {
  std::map<Uuid, Decision*> by_id;
  for (Decision& decision : decisions) {
    by_id[decision.id] = &decision;
  }
  return transaction.query(
      "SELECT i.decision_id, i.content_id, i.classification, i.annotations FROM case_decision d "
      "JOIN case_decision_item i ON i.decision_id = d.id WHERE d.case_id = :case_id ORDER BY "
      "i.decision_id, i.content_id",
      {to_string(case_id)},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
        ItemVerdict item;
        TUTELA_TRY_ASSIGN(item.content_id, parse_uuid(row.text(1)));
        TUTELA_TRY_ASSIGN(item.classification, parse_classification(row.text(2)));
        TUTELA_TRY_ASSIGN(item.annotations, split(row.text(3)));
        const auto found = by_id.find(id);
        if (found == by_id.end()) {
          return corrupt();
        }
        found->second->verdict.items.push_back(std::move(item));
        return ok();
      });
}

bool contains_minor(const std::vector<Annotation>& annotations) {
  return std::ranges::find(annotations, Annotation::kPossibleMinorReported) != annotations.end();
}

Status read_accounts(store::Transaction& transaction,
                     const Uuid& case_id,
                     std::vector<Decision>& decisions) {
  return transaction.query(
      "SELECT a.decision_id, a.account FROM case_decision d JOIN case_decision_account a ON "
      "a.decision_id = d.id WHERE d.case_id = :case_id ORDER BY a.decision_id, a.account",
      {to_string(case_id)},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
        const auto found = std::ranges::find(decisions, id, &Decision::id);
        if (found == decisions.end()) {
          return corrupt();
        }
        found->verdict.accounts.push_back(row.text(1));
        return ok();
      });
}

}  // namespace

std::string joined(const std::vector<Annotation>& annotations) {
  std::string text;
  for (const Annotation annotation : annotations) {
    text += (text.empty() ? "" : ",") + std::string(to_string(annotation));
  }
  return text;
}

Result<std::optional<Sample>> sample_of(store::Transaction& transaction, const Uuid& case_id) {
  std::optional<Sample> found;
  TUTELA_TRY(transaction.query(
      "SELECT of_case, kind, principal_id, outcome, classification FROM case_sample WHERE case_id "
      "= :case_id",
      {to_string(case_id)},
      [&](const store::Row& row) -> Status {
        Sample sample;
        TUTELA_TRY_ASSIGN(sample.of_case, parse_uuid(row.text(0)));
        sample.kind = row.text(1);
        sample.maker = row.text(2);
        TUTELA_TRY_ASSIGN(sample.outcome, parse_outcome(row.text(3)));
        TUTELA_TRY_ASSIGN(sample.classification, parse_classification(row.text(4)));
        found = std::move(sample);
        return ok();
      }));
  return found;
}

Uuid subject_of(const Uuid& case_id, const std::optional<Sample>& sample) {
  return sample ? sample->of_case : case_id;
}

Result<Uuid> contents_from(store::Transaction& transaction, const Uuid& case_id) {
  TUTELA_TRY_ASSIGN(const std::optional<Sample> sample, sample_of(transaction, case_id));
  return subject_of(case_id, sample);
}

Result<std::vector<Part>> parts_of(store::Transaction& transaction, const Uuid& subject) {
  std::vector<Part> parts;
  TUTELA_TRY(transaction.query(
      "SELECT i.content_id, c.external_id, u.account, i.automation, i.classification, "
      "COALESCE(l.purpose, ''), COALESCE(l.state, ''), COALESCE(l.automation, 0), CASE WHEN c.door "
      "= "
      "'intake' THEN 1 ELSE 0 END FROM case_item i "
      "JOIN content c ON c.id = i.content_id LEFT JOIN list l ON l.id = i.list_id LEFT JOIN "
      "content_uploader u ON u.content_id = i.content_id WHERE i.case_id = :case_id ORDER BY "
      "i.content_id",
      {to_string(subject)},
      [&](const store::Row& row) -> Status {
        Part part;
        TUTELA_TRY_ASSIGN(part.content_id, parse_uuid(row.text(0)));
        part.external_id = optional_text(row, 1);
        part.account = optional_text(row, 2);
        part.told = row.integer(8) == 1;
        part.list_classification = row.text(4);
        part.list_purpose = row.text(5);
        // The list may have been switched off, or its trust taken away, since it matched.
        const bool vetted = part.list_purpose == "known_csam" || part.list_purpose == "test";
        part.automation =
            row.integer(3) == 1 && vetted && row.text(6) == "active" && row.integer(7) == 1;
        parts.push_back(std::move(part));
        return ok();
      }));
  return parts;
}

Result<std::vector<Decision>> decisions_of(store::Transaction& transaction, const Uuid& case_id) {
  std::vector<Decision> decisions;
  TUTELA_TRY(transaction.query(
      "SELECT id, round, principal_id, role, basis, outcome, classification, annotations, "
      "confidence, note, views, at_ms, undone_ms FROM case_decision WHERE case_id = :case_id ORDER "
      "BY at_ms, id",
      {to_string(case_id)},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(Decision decision, to_decision(row, case_id));
        decisions.push_back(std::move(decision));
        return ok();
      }));
  TUTELA_TRY(read_items(transaction, case_id, decisions));
  TUTELA_TRY(read_accounts(transaction, case_id, decisions));
  return decisions;
}

std::vector<Decision> live(const std::vector<Decision>& decisions) {
  std::vector<Decision> kept;
  std::ranges::copy_if(decisions, std::back_inserter(kept), [](const Decision& decision) {
    return !decision.undone_ms;
  });
  return kept;
}

Status insert_decision(store::Transaction& transaction,
                       const store::Actor& actor,
                       const Decision& decision) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO case_decision (id, tenant_id, principal_id, case_id, round, role, basis, "
      "outcome, classification, annotations, confidence, note, views, at_ms) VALUES (:id, "
      ":tenant_id, :principal_id, :case_id, :round, :role, :basis, :outcome, :classification, "
      ":annotations, :confidence, :note, :views, :at_ms)",
      {to_string(decision.id),
       actor.tenant_id,
       actor.principal_id,
       to_string(decision.case_id),
       decision.round,
       decision.role,
       std::string(to_string(decision.basis)),
       std::string(to_string(decision.verdict.outcome)),
       std::string(to_string(decision.verdict.classification)),
       joined(decision.verdict.annotations),
       std::string(to_string(decision.verdict.confidence)),
       decision.verdict.note,
       decision.views,
       decision.at_ms}));
  for (const ItemVerdict& item : decision.verdict.items) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO case_decision_item (decision_id, content_id, tenant_id, principal_id, "
        "classification, annotations) VALUES (:decision_id, :content_id, :tenant_id, "
        ":principal_id, :classification, :annotations)",
        {to_string(decision.id),
         to_string(item.content_id),
         actor.tenant_id,
         actor.principal_id,
         std::string(to_string(item.classification)),
         joined(item.annotations)}));
  }
  for (const std::string& account : decision.verdict.accounts) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO case_decision_account (decision_id, tenant_id, principal_id, account) VALUES "
        "(:decision_id, :tenant_id, :principal_id, :account)",
        {to_string(decision.id), actor.tenant_id, actor.principal_id, account}));
  }
  return ok();
}

Result<std::int64_t> views_of(store::Transaction& transaction,
                              const std::string& principal_id,
                              const Uuid& subject) {
  std::int64_t views = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM case_item i JOIN evidence e ON e.content_id = i.content_id JOIN "
      "evidence_view v ON v.evidence_id = e.id WHERE i.case_id = :case_id AND v.principal_id = "
      ":principal_id",
      {to_string(subject), principal_id},
      [&](const store::Row& row) {
        views = row.integer(0);
        return ok();
      }));
  return views;
}

namespace {

Result<bool> exists(store::Transaction& transaction,
                    std::string_view sql,
                    const std::vector<store::Value>& values) {
  bool found = false;
  TUTELA_TRY(transaction.query(sql, values, [&](const store::Row&) {
    found = true;
    return ok();
  }));
  return found;
}

}  // namespace

Result<bool> has_decided(store::Transaction& transaction,
                         const std::string& principal_id,
                         const Uuid& case_id) {
  return exists(transaction,
                "SELECT 1 FROM case_decision WHERE case_id = :case_id AND principal_id = "
                ":principal_id AND undone_ms IS NULL LIMIT 1",
                {to_string(case_id), principal_id});
}

Result<bool> has_ever_decided(store::Transaction& transaction,
                              const std::string& principal_id,
                              const Uuid& case_id) {
  return exists(transaction,
                "SELECT 1 FROM case_decision WHERE case_id = :case_id AND principal_id = "
                ":principal_id LIMIT 1",
                {to_string(case_id), principal_id});
}

Result<bool> knows_sample(store::Transaction& transaction,
                          const std::string& principal_id,
                          const Uuid& case_id) {
  TUTELA_TRY_ASSIGN(const std::optional<Sample> sample, sample_of(transaction, case_id));
  if (!sample || sample->maker == principal_id) {
    return sample.has_value();
  }
  return has_ever_decided(transaction, principal_id, sample->of_case);
}

std::vector<std::string> claimed_accounts(const Case& of, const std::vector<Part>& parts) {
  std::set<std::string> ours;
  std::set<std::string> claimed;
  for (const Part& part : parts) {
    if (part.account) {
      (part.told ? claimed : ours).insert(*part.account);
    }
  }
  // What was found is about whoever posted it, also when that link is gone.
  if (of.account) {
    (of.origin == Origin::kUserReport ? claimed : ours).insert(*of.account);
  }
  std::vector<std::string> accounts;
  std::ranges::set_difference(claimed, ours, std::back_inserter(accounts));
  return accounts;
}

std::vector<std::string> named_accounts(const std::vector<Decision>& live) {
  if (live.empty()) {
    return {};
  }
  std::vector<std::string> named = live.back().verdict.accounts;
  for (const Decision& decision : live) {
    if (decision.round == live.back().round) {
      std::erase_if(named, [&](const std::string& account) {
        return std::ranges::find(decision.verdict.accounts, account) ==
               decision.verdict.accounts.end();
      });
    }
  }
  return named;
}

bool is_self_reported(const std::vector<Part>& parts) noexcept {
  return std::ranges::any_of(parts,
                             [](const Part& part) { return part.list_purpose == "self_reported"; });
}

Classification classification_of(const Verdict& verdict, const std::vector<Part>& parts) {
  if (verdict.outcome != Outcome::kConfirmed) {
    return Classification::kNone;
  }
  // kA1 is the worst and the least of its enumeration after kNone.
  const auto worse = [](Classification left, Classification right) {
    if (left == Classification::kNone || right == Classification::kNone) {
      return std::max(left, right);
    }
    return std::min(left, right);
  };
  Classification worst = verdict.classification;
  for (const ItemVerdict& item : verdict.items) {
    worst = worse(worst, item.classification);
  }
  if (worst != Classification::kNone) {
    return worst;
  }
  for (const Part& part : parts) {
    if (const auto label = parse_classification(part.list_classification)) {
      worst = worse(worst, *label);
    }
  }
  return worst;
}

bool marks_minor(const Verdict& verdict) noexcept {
  return contains_minor(verdict.annotations) ||
         std::ranges::any_of(verdict.items, [](const ItemVerdict& item) {
           return contains_minor(item.annotations);
         });
}

bool is_legal_matter(const std::vector<Decision>& decisions, const std::vector<Part>& parts) {
  return is_self_reported(parts) || std::ranges::any_of(decisions, [](const Decision& decision) {
           return !decision.undone_ms && marks_minor(decision.verdict);
         });
}

}  // namespace tutela::cases
