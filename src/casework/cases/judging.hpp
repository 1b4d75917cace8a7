// Judging: how a verdict moves a case on, inside one unit of work. Internal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "casework/cases/cases.hpp"
#include "casework/cases/decision_rows.hpp"
#include "casework/cases/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

inline constexpr std::size_t kManyMax = 500;

/// What a case is judged by.
struct Scene {
  std::optional<Sample> sample;
  Uuid subject;  // whose contents: of a sample those of the original
  std::vector<Part> parts;
  std::vector<Decision> decisions;  // live ones, the oldest first
};

/// Whether what is decided next is what the person of the case faces: its content is decided, and a
/// legal officer is asked (safeguards.md 5).
[[nodiscard]] bool is_about_person(const Case& of, const std::vector<Decision>& live) noexcept;

Result<Scene> read_scene(store::Transaction& transaction, const Case& of);

/// What of a verdict is wrong by itself. Error: kInvalidInput "case.bad_verdict".
Status check_verdict(const Verdict& verdict);
/// And of this case: items of its own, a classification where one is needed.
Status check_verdict_of(const Case& of, const Scene& scene, const Verdict& verdict);
/// All of a verdict, to tell one command from another.
[[nodiscard]] std::string words_of(const Verdict& verdict);

/// Whether policy asks for another person after this verdict about an open case.
[[nodiscard]] bool needs_second(const Rules& rules,
                                const Case& of,
                                const Scene& scene,
                                Outcome outcome) noexcept;
/// Errors: kConflict "case.decided"; kForbidden "case.own", "case.role".
Status check_person(store::Transaction& transaction,
                    const Rules& rules,
                    const Person& person,
                    const Case& of,
                    const Scene& scene);

/// Writes the decision and what follows at once: the next state, clocks, no lock, no draft.
Status give(store::Transaction& transaction,
            const store::Actor& actor,
            const Rules& rules,
            UtcMs now_ms,
            Case& of,
            Scene& scene,
            const Verdict& verdict,
            Basis basis,
            std::int64_t views);

}  // namespace tutela::cases
