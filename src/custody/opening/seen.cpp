// What somebody has seen: step by step while they look, and as a report says it afterwards.
#include <algorithm>
#include <array>

#include "base/fault.hpp"
#include "custody/opening/checks.hpp"

namespace tutela::opening {

namespace {

constexpr std::array<std::string_view, 3> kViewed = {"no", "partly", "yes"};
constexpr int kFullStep = static_cast<int>(Grade::kFull);

/// How many frames there are to be seen; 0 where nobody knows.
Result<std::int64_t> frames_of(store::Transaction& transaction,
                               const std::string& tenant_id,
                               const std::string& evidence_id) {
  std::optional<std::int64_t> frames;
  TUTELA_TRY(transaction.query(
      "SELECT e.media_type, c.frames_total, c.damaged FROM evidence e LEFT JOIN content c ON c.id "
      "= "
      "e.content_id WHERE e.id = :id AND e.tenant_id = :tenant_id",
      {evidence_id, tenant_id},
      [&](const store::Row& row) {
        const std::string media_type = row.text(0);
        const bool still = media_type == "image/jpeg" || media_type == "image/bmp";
        frames = row.is_null(1) ? (still ? 1 : 0) : row.integer(1);
        if (row.integer(2) != 0) {  // not all of it can be decoded
          frames = 0;
        }
        return ok();
      }));
  if (!frames) {
    return Error{ErrorKind::kNotFound, "evidence.not_found", "there is no such object"};
  }
  return *frames;
}

Result<std::int64_t> most_frames_of_one(store::Transaction& transaction,
                                        const std::string& evidence_id,
                                        std::int64_t frames) {
  return count(transaction,
               "SELECT COALESCE(MAX(seen.frames), 0) FROM (SELECT COUNT(DISTINCT frame) AS frames "
               "FROM evidence_view WHERE evidence_id = :id AND grade = 'full' AND shown = 1 AND "
               "frame >= 0 AND frame < :frames GROUP BY principal_id) seen",
               {evidence_id, frames});
}

}  // namespace

std::string_view to_string(Viewed viewed) noexcept {
  return kViewed[static_cast<std::size_t>(viewed)];
}

Result<Grade> next_step(store::Transaction& transaction,
                        const store::Actor& actor,
                        const Uuid& evidence_id) {
  int next = 0;
  TUTELA_TRY(transaction.query(
      "SELECT DISTINCT grade FROM evidence_view WHERE evidence_id = :id AND principal_id = :who",
      {to_string(evidence_id), actor.principal_id},
      [&](const store::Row& row) -> Status {
        const std::string word = row.text(0);
        if (word == kOriginal) {
          next = kFullStep;
          return ok();
        }
        TUTELA_TRY_ASSIGN(const Grade seen, parse_grade(word));
        next = std::max(next, std::min(static_cast<int>(seen) + 1, kFullStep));
        return ok();
      }));
  return static_cast<Grade>(next);
}

Status check_step(store::Transaction& transaction,
                  const store::Actor& actor,
                  const Uuid& evidence_id,
                  Grade grade) {
  TUTELA_TRY_ASSIGN(const Grade next, next_step(transaction, actor, evidence_id));
  if (grade > next) {
    return Error{ErrorKind::kForbidden,
                 "opening.grade_skipped",
                 "one grade after the other: the next one here is " + std::string(to_string(next))};
  }
  return ok();
}

Status Opening::check_view(const Requester& requester,
                           const Uuid& evidence_id,
                           std::string_view case_ref,
                           Grade grade) {
  return database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(check_role(requester, requester.may_view));
    TUTELA_TRY(check_case(transaction, requester, evidence_id, case_ref));
    TUTELA_TRY(check_viewers(transaction, requester.actor, evidence_id, rules_.viewers_max));
    return check_step(transaction, requester.actor, evidence_id, grade);
  });
}

Result<std::string> Opening::known_case(const Requester& requester, const Uuid& evidence_id) {
  std::string known;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(known, opening::known_case(transaction, requester, evidence_id));
    return ok();
  }));
  return known;
}

Result<Grade> Opening::next_grade(const store::Actor& actor, const Uuid& evidence_id) {
  Grade next = Grade::kOutline;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(next, next_step(transaction, actor, evidence_id));
    return ok();
  }));
  return next;
}

Status Opening::shown(const store::Actor& actor, std::int64_t number) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "UPDATE evidence_view SET shown = 1 WHERE id = :number AND tenant_id = :tenant_id AND "
        "principal_id = :who",
        {number, actor.tenant_id, actor.principal_id}));
    TUTELA_FAULT_POINT("opening.in_shown");
    return ok();
  });
}

Result<Viewed> Opening::viewed(const std::string& tenant_id, const Uuid& evidence_id) {
  const std::string id = to_string(evidence_id);
  Viewed viewed = Viewed::kNo;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::int64_t frames, frames_of(transaction, tenant_id, id));
    TUTELA_TRY_ASSIGN(
        const std::int64_t asked,
        count(transaction, "SELECT COUNT(*) FROM evidence_view WHERE evidence_id = :id", {id}));
    TUTELA_TRY_ASSIGN(const std::int64_t most, most_frames_of_one(transaction, id, frames));
    const bool all = frames > 0 && most >= frames;
    viewed = all ? Viewed::kYes : asked > 0 ? Viewed::kPartly : Viewed::kNo;
    return ok();
  }));
  return viewed;
}

}  // namespace tutela::opening
