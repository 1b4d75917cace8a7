// Rows of decisions, samples and actions, and what they read of the contents of a case. Internal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "casework/cases/decisions.hpp"
#include "casework/cases/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

/// One content of a case, as far as deciding needs it.
struct Part {
  Uuid content_id;
  std::optional<std::string> external_id;
  std::optional<std::string> account;
  bool told = false;        // it came with a notice: its account is whom its sender named
  bool automation = false;  // exact, on an active vetted list that decides without a person
  std::string list_classification;
  std::string list_purpose;
};

/// What a case that is a sample knows of itself.
struct Sample {
  Uuid of_case;
  std::string kind;   // "known": its answer is; "second": another person's is asked for
  std::string maker;  // principal_id
  Outcome outcome = Outcome::kConfirmed;
  Classification classification = Classification::kNone;
};

Result<std::optional<Sample>> sample_of(store::Transaction& transaction, const Uuid& case_id);
/// Whose contents are looked at: the case itself, or the one that it is a sample of.
[[nodiscard]] Uuid subject_of(const Uuid& case_id, const std::optional<Sample>& sample);
Result<std::vector<Part>> parts_of(store::Transaction& transaction, const Uuid& subject);

[[nodiscard]] std::vector<Decision> live(const std::vector<Decision>& decisions);
Status insert_decision(store::Transaction& transaction,
                       const store::Actor& actor,
                       const Decision& decision);
/// Views that a person had had of the subject's objects, whatever the grade.
Result<std::int64_t> views_of(store::Transaction& transaction,
                              const std::string& principal_id,
                              const Uuid& subject);
/// Whether a person gave a decision of a case that was not undone.
Result<bool> has_decided(store::Transaction& transaction,
                         const std::string& principal_id,
                         const Uuid& case_id);
/// Whether this is a sample of a case that the person knows: decided it once, or made the sample.
Result<bool> knows_sample(store::Transaction& transaction,
                          const std::string& principal_id,
                          const Uuid& case_id);
/// Whether a person gave any decision of a case, undone or not.
Result<bool> has_ever_decided(store::Transaction& transaction,
                              const std::string& principal_id,
                              const Uuid& case_id);

[[nodiscard]] bool is_self_reported(const std::vector<Part>& parts) noexcept;
/// The worst of the verdict's classification and its items', or where it has none that of the
/// lists.
[[nodiscard]] Classification classification_of(const Verdict& verdict,
                                               const std::vector<Part>& parts);
/// Accounts that nobody but people outside named: nothing of ours came from them.
[[nodiscard]] std::vector<std::string> claimed_accounts(const Case& of,
                                                        const std::vector<Part>& parts);
/// Those of them that every decision of the last round is about.
[[nodiscard]] std::vector<std::string> named_accounts(const std::vector<Decision>& live);
/// A legal officer decides about the person (safeguards.md 3, 5).
[[nodiscard]] bool is_legal_matter(const std::vector<Decision>& decisions,
                                   const std::vector<Part>& parts);
[[nodiscard]] bool marks_minor(const Verdict& verdict) noexcept;

/// "a,b" of words of a closed set.
[[nodiscard]] std::string joined(const std::vector<Annotation>& annotations);

}  // namespace tutela::cases
