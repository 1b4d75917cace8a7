// Rows of cases, inside one unit of work: what every command of the module needs. Internal.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/cases/cases.hpp"
#include "casework/cases/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

/// "state IN (...)" of undecided ones, as the partial indexes have it.
inline constexpr std::string_view kUndecided =
    "state IN ('open', 'second_look', 'disagreement', 'appealed')";

/// The clock that ends next: the first look or the decision, then the report; absent: none runs.
[[nodiscard]] std::optional<UtcMs> due_of(const Case& of) noexcept;

/// For SELECT ... FROM review_case r; read_case_row() takes them from column 0 on.
extern const std::string_view kCaseColumns;
Result<Case> read_case_row(const store::Row& row);

[[nodiscard]] std::string object_name(const Uuid& id);  // "case:<id>", in the audit log
/// A JSON object of ids and words; characters that neither has become '_'.
[[nodiscard]] std::string detail_of(
    std::initializer_list<std::pair<std::string_view, std::string_view>> words);
/// "imminent_harm,vulnerable"; the other way around ignores nothing.
[[nodiscard]] std::string words_of(const std::vector<Mark>& marks);
Result<std::vector<Mark>> marks_of(std::string_view words);

/// Error: kNotFound "case.not_found".
Result<Case> read_case(store::Transaction& transaction,
                       const std::string& tenant_id,
                       const Uuid& id);
/// The same of a case that this person may not see.
Result<Case> read_visible(store::Transaction& transaction, const Person& person, const Uuid& id);

Status insert_case(store::Transaction& transaction, const store::Actor& actor, const Case& of);
/// Writes the whole case as its next version; `of.version` is that afterwards. Error: kConflict
/// "case.changed" where the stored version is not `from_version`.
Status update_case(store::Transaction& transaction, Case& of, std::int64_t from_version);
/// Says what happened meanwhile: the last event and when.
Error changed_since(store::Transaction& transaction, const Uuid& id);

/// `kind`: "opened", "joined", "locked", ...
Status insert_event(store::Transaction& transaction,
                    const store::Actor& actor,
                    const Uuid& case_id,
                    std::string_view kind,
                    std::string_view detail_json,
                    UtcMs now_ms);
/// The event with its entry of the audit log: `action` is "case.open", "case.lock", ...
Status record_event(store::Transaction& transaction,
                    const store::Actor& actor,
                    const Uuid& case_id,
                    std::string_view kind,
                    std::string_view action,
                    std::string_view detail_json,
                    UtcMs now_ms);

/// Both ways; false where it was there before.
Result<bool> insert_link(store::Transaction& transaction,
                         const store::Actor& actor,
                         const Uuid& one,
                         const Uuid& other,
                         LinkKind kind,
                         UtcMs now_ms);
/// At most 200, the newest first.
Result<std::vector<Link>> read_links(store::Transaction& transaction, const Uuid& case_id);
/// A text of arguments for the words of a command: its SHA-256, so that nothing typed is kept.
[[nodiscard]] std::string digest_of(std::string_view text);

/// The case that the same command changed before, if it has this key; absent: it is new. Errors:
/// kConflict "idempotency.mismatch"; kInvalidInput "idempotency.bad_key".
Result<std::optional<Uuid>> earlier_answer(store::Transaction& transaction,
                                           const store::Actor& actor,
                                           const std::string& key,
                                           std::string_view words);
/// Remembers it for 7 days; an empty key does nothing.
Status keep_answer(store::Transaction& transaction,
                   const store::Actor& actor,
                   const std::string& key,
                   std::string_view words,
                   const Case& answer,
                   UtcMs now_ms);

/// What a command does to a case that its caller saw; it calls update_case() itself, at most once.
using Change = std::function<Status(store::Transaction&, Case&, UtcMs now_ms)>;

/// One unit of work: idempotency, visibility, version, change. `words` are the command and its
/// arguments without the case ("note <digest>"). The same key and words by the same person give the
/// case as it is.
Result<Case> run_command(store::Database& database,
                         const Clock& clock,
                         const Person& person,
                         const Uuid& id,
                         const Command& command,
                         std::string_view words,
                         const Change& change);

}  // namespace tutela::cases
