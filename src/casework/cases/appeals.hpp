// Appeals: a decision that somebody disputes goes to another person, and an overturn undoes what it
// did everywhere (safeguards.md 4).
//
// A confirming decision that closes makes a token for whoever it concerns; it travels with the
// action to the service, which hands it on with the statement of reasons. Telling may be delayed
// where it would endanger somebody. Tokens are stored as hashes. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/cases/cases.hpp"
#include "casework/cases/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

enum class AppealState : std::uint8_t { kOffered, kAsked, kUpheld, kOverturned, kExpired };
std::string_view to_string(AppealState state) noexcept;

struct Appeal {
  Uuid id;
  Uuid case_id;
  AppealState state = AppealState::kOffered;
  std::string statement;  // of whoever appeals, at most 4000 characters
  std::optional<UtcMs> asked_ms;
  std::optional<UtcMs> due_ms;
  std::optional<std::string> decided_by;
  std::optional<UtcMs> decided_ms;
  std::string reason;  // of whoever decided
};

class Appeals {
 public:
  Appeals(store::Database& database, const Clock& clock, Rules rules);

  /// By token ("tutelaa_..."): the public's way. The answer is the same whether a token exists or
  /// not, and nothing says what was found. Errors: kNotFound "appeal.not_found"; kConflict
  /// "appeal.closed"; kInvalidInput "appeal.bad_statement".
  Result<Appeal> ask_with_token(std::string_view token, std::string_view statement);
  /// By the service itself, for a content that it sent.
  Result<Appeal> ask_for_content(const store::Actor& actor,
                                 const Uuid& content_id,
                                 std::string_view statement);
  /// What whoever holds the token may know: state and dates.
  Result<Appeal> look(std::string_view token);

  Result<std::vector<Appeal>> list(const Person& person, bool waiting_only, std::int64_t limit);
  Result<Appeal> find(const Person& person, const Uuid& id);
  /// By somebody who gave no decision of this case. Overturned: the case is cleared, what was done
  /// is undone by actions of its own (restore, dispute, correct), and they are debts until done.
  /// Reason: 10 to 4000 characters. Errors: kForbidden "appeal.own"; kConflict "appeal.closed";
  /// kInvalidInput "appeal.bad_reason".
  Result<Appeal> decide(const Person& person,
                        const Uuid& id,
                        bool overturned,
                        std::string_view reason);

 private:
  store::Database& database_;
  const Clock& clock_;
  Rules rules_;
};

/// What a decision did.
struct Measures {
  std::vector<std::string> kinds = {"content.remove"};
  bool automatic = false;  // decided without a person
};

/// The plain words that go to whoever a decision concerns: what was done, on what ground, how it
/// was found and decided, how to appeal and until when; never which list or signal.
[[nodiscard]] std::string statement_of_reasons(const Case& of,
                                               UtcMs appeal_until_ms,
                                               const Measures& measures = {});

/// How long nobody is told of a case that is marked with imminent harm or a possible new victim,
/// where telling could endanger somebody; the offer to appeal begins when they are.
inline constexpr std::int64_t kTellDelayMs = 30LL * 24 * 3'600'000;

}  // namespace tutela::cases
