#include "casework/cases/judging.hpp"

#include <algorithm>

#include "base/fault.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {
namespace {

constexpr std::size_t kNoteMax = 4000;
constexpr std::size_t kItemsMax = 200;

Error bad_verdict(std::string message) {
  return {ErrorKind::kInvalidInput, "case.bad_verdict", std::move(message)};
}

Error own(std::string message) {
  return {ErrorKind::kForbidden, "case.own", std::move(message)};
}

bool has_double(std::vector<Annotation> annotations) {
  std::ranges::sort(annotations);
  return std::ranges::adjacent_find(annotations) != annotations.end();
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool agree(const Verdict& left, const Verdict& right) {
  return left.outcome == right.outcome && left.classification == right.classification;
}

State next_state(
    const Rules& rules, const Case& of, const Scene& scene, const Verdict& verdict, Basis basis) {
  if (of.queue == Queue::kLegal) {
    return State::kDecided;
  }
  if (of.state == State::kOpen && basis != Basis::kAutomatic) {
    return needs_second(rules, of, scene, verdict.outcome) ? State::kSecondLook : State::kDecided;
  }
  if (of.state == State::kSecondLook && !scene.decisions.empty()) {
    return agree(scene.decisions.back().verdict, verdict) ? State::kDecided : State::kDisagreement;
  }
  return State::kDecided;
}

std::int64_t next_round(const Case& of, const Scene& scene) {
  std::int64_t round = 1;
  for (const Decision& decision : scene.decisions) {
    round = std::max(round, decision.round);
  }
  const bool another = of.state == State::kDisagreement || of.queue == Queue::kLegal;
  return another ? round + 1 : round;
}

// In the queue of legal officers a verdict is about the person, and what was decided of the content
// stays what it is.
void settle(const Rules& rules, UtcMs now_ms, Case& of, const Scene& scene) {
  const Verdict& last = scene.decisions.back().verdict;
  const bool person = of.queue == Queue::kLegal && scene.decisions.size() > 1;
  of.decided_ms = now_ms;
  of.undo_until_ms = now_ms + rules.undo_ms;
  of.outcome = person ? Outcome::kConfirmed : last.outcome;
  const std::size_t content = scene.decisions.size() - (person ? 2 : 1);
  of.classification = classification_of(scene.decisions[content].verdict, scene.parts);
  const bool legal_first =
      of.queue != Queue::kLegal && is_legal_matter(scene.decisions, scene.parts);
  if (last.outcome == Outcome::kConfirmed && !scene.sample && !legal_first) {
    of.report_due_ms = now_ms + rules.report_ms;
  }
}

}  // namespace

bool is_about_person(const Case& of, const std::vector<Decision>& live) noexcept {
  return of.queue == Queue::kLegal && !live.empty();
}

Result<Scene> read_scene(store::Transaction& transaction, const Case& of) {
  Scene scene;
  TUTELA_TRY_ASSIGN(scene.sample, sample_of(transaction, of.id));
  scene.subject = subject_of(of.id, scene.sample);
  TUTELA_TRY_ASSIGN(scene.parts, parts_of(transaction, scene.subject));
  TUTELA_TRY_ASSIGN(const std::vector<Decision> decisions, decisions_of(transaction, of.id));
  scene.decisions = live(decisions);
  return scene;
}

Status check_verdict(const Verdict& verdict) {
  if (characters(verdict.note) > kNoteMax || verdict.note.find('\0') != std::string::npos) {
    return bad_verdict("a note has at most 4000 characters, and no NUL");
  }
  if (verdict.items.size() > kItemsMax) {
    return bad_verdict("a verdict names at most 200 contents by themselves");
  }
  bool classified = verdict.classification != Classification::kNone;
  bool doubled = has_double(verdict.annotations);
  std::vector<Uuid> ids;
  for (const ItemVerdict& item : verdict.items) {
    ids.push_back(item.content_id);
    classified = classified || item.classification != Classification::kNone;
    doubled = doubled || has_double(item.annotations);
  }
  std::ranges::sort(ids);
  if (doubled || std::ranges::adjacent_find(ids) != ids.end()) {
    return bad_verdict("an annotation or a content is named twice");
  }
  std::vector<std::string> accounts = verdict.accounts;
  std::ranges::sort(accounts);
  if (accounts.size() > kItemsMax || std::ranges::adjacent_find(accounts) != accounts.end()) {
    return bad_verdict("a verdict names at most 200 accounts, each once");
  }
  if (verdict.outcome == Outcome::kCleared && !accounts.empty()) {
    return bad_verdict("what is cleared is about no account");
  }
  if (verdict.outcome == Outcome::kCleared && classified) {
    return bad_verdict("what is cleared has no classification");
  }
  return ok();
}

Status check_verdict_of(const Case& of, const Scene& scene, const Verdict& verdict) {
  for (const ItemVerdict& item : verdict.items) {
    if (!std::ranges::any_of(
            scene.parts, [&](const Part& part) { return part.content_id == item.content_id; })) {
      return bad_verdict("the verdict names a content that is not of this case");
    }
  }
  const std::vector<std::string> claimed = claimed_accounts(of, scene.parts);
  for (const std::string& account : verdict.accounts) {
    if (std::ranges::find(claimed, account) == claimed.end()) {
      return bad_verdict("the verdict names an account that no notice of this case claims");
    }
  }
  // What was written has no class of pictures.
  if (verdict.outcome == Outcome::kConfirmed && of.needs_view && of.topic == Topic::kContent &&
      !is_about_person(of, scene.decisions) && verdict.classification == Classification::kNone) {
    return bad_verdict("a verdict that confirms what needs a view names its classification");
  }
  return ok();
}

std::string words_of(const Verdict& verdict) {
  std::string words = std::string(to_string(verdict.outcome)) + "|" +
                      std::string(to_string(verdict.classification)) + "|" +
                      joined(verdict.annotations) + "|" +
                      std::string(to_string(verdict.confidence));
  for (const ItemVerdict& item : verdict.items) {
    words += "|" + to_string(item.content_id) + " " + std::string(to_string(item.classification)) +
             " " + joined(item.annotations);
  }
  for (const std::string& account : verdict.accounts) {
    words += "|" + std::to_string(account.size()) + " " + account;
  }
  return words + "|" + verdict.note;
}

bool needs_second(const Rules& rules,
                  const Case& of,
                  const Scene& scene,
                  Outcome outcome) noexcept {
  if (rules.solo || scene.sample || of.queue == Queue::kLegal) {
    return false;
  }
  switch (rules.double_review) {
    case DoubleReview::kNone:
      return false;
    case DoubleReview::kNear:
      return of.needs_view && outcome == Outcome::kConfirmed;
    case DoubleReview::kAll:
      return true;
  }
  return true;
}

Status check_person(store::Transaction& transaction,
                    const Rules& rules,
                    const Person& person,
                    const Case& of,
                    const Scene& scene) {
  if (of.state == State::kDecided || of.state == State::kClosed || of.state == State::kAppealed) {
    return Error{ErrorKind::kConflict,
                 "case.decided",
                 of.state == State::kAppealed
                     ? "the decision of this case was appealed: decide the appeal"
                     : "this case is decided; undo it while that is possible, or wait for an "
                       "appeal"};
  }
  if (of.queue == Queue::kLegal && !person.is_legal) {
    return Error{ErrorKind::kForbidden,
                 "case.role",
                 "what the person of this case faces is for a legal officer to decide"};
  }
  if (of.state == State::kDisagreement && !person.is_lead) {
    return Error{
        ErrorKind::kForbidden, "case.role", "two people decided differently: a lead resolves it"};
  }
  if (rules.solo) {
    return ok();
  }
  const std::string& id = person.actor.principal_id;
  if (of.queue != Queue::kLegal && std::ranges::any_of(scene.decisions, [&](const Decision& given) {
        return given.principal_id == id;
      })) {
    return own("you decided this case already: another person decides now");
  }
  TUTELA_TRY_ASSIGN(const bool known, knows_sample(transaction, id, of.id));
  if (known) {
    return own("another person decides this case");
  }
  return ok();
}

Status give(store::Transaction& transaction,
            const store::Actor& actor,
            const Rules& rules,
            UtcMs now_ms,
            Case& of,
            Scene& scene,
            const Verdict& verdict,
            Basis basis,
            std::int64_t views) {
  Decision decision;
  decision.id = new_uuid(now_ms);
  decision.case_id = of.id;
  decision.round = next_round(of, scene);
  decision.principal_id = actor.principal_id;
  decision.role = actor.role;
  decision.basis = basis;
  decision.verdict = verdict;
  decision.views = views;
  decision.at_ms = now_ms;
  TUTELA_TRY(insert_decision(transaction, actor, decision));
  TUTELA_FAULT_POINT("cases.after_decision");
  of.state = next_state(rules, of, scene, verdict, basis);
  scene.decisions.push_back(decision);
  if (of.state == State::kDecided) {
    settle(rules, now_ms, of, scene);
  }
  of.first_look_ms = of.first_look_ms.value_or(now_ms);
  of.lock_by.reset();
  of.lock_until_ms.reset();
  TUTELA_TRY(transaction.execute(
      "DELETE FROM case_draft WHERE case_id = :case_id AND principal_id = :principal_id",
      {to_string(of.id), actor.principal_id}));
  TUTELA_TRY(update_case(transaction, of, of.version));
  TUTELA_FAULT_POINT("cases.after_move");
  // Not what was decided: whoever takes the second look reads this too.
  return record_event(transaction,
                      actor,
                      of.id,
                      "decided",
                      "case.decide",
                      detail_of({{"decision", to_string(decision.id)},
                                 {"basis", to_string(basis)},
                                 {"state", to_string(of.state)}}),
                      now_ms);
}

}  // namespace tutela::cases
