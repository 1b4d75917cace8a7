// Rescan: searching again what was judged before, because lists changed or somebody asked.
//
// A rescan is a row: it survives crashes and goes on where it was. One process at a time works on
// rescans (the one that holds the content index); any may ask for one, or look at them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "engine/policy/policy.hpp"
#include "watch/content_index/content_index.hpp"

namespace tutela::pipeline {

/// kListGrew: signals are new, or a list became active. kListWithdrawn: signals were removed, or a
/// list is no longer active. kAsked: somebody asked for a whole list.
enum class RescanCause : std::uint8_t { kListGrew, kListWithdrawn, kAsked };
[[nodiscard]] std::string_view to_string(RescanCause cause) noexcept;  // "list_grew", ...

enum class RescanState : std::uint8_t { kRunning, kDone };
[[nodiscard]] std::string_view to_string(RescanState state) noexcept;  // "running", "done"

struct Rescan {
  Uuid id;
  store::Actor actor;  // whose list it is, and who asked
  RescanCause cause = RescanCause::kListGrew;
  Uuid list_id;
  UtcMs since_ms = 0;  // contents received before are left alone
  RescanState state = RescanState::kRunning;
  std::int64_t signals = 0;   // that are searched for, or that were withdrawn
  std::int64_t contents = 0;  // to examine in all, each once a part of the signals
  std::int64_t examined = 0;
  std::int64_t found = 0;  // contents that got another verdict
  UtcMs created_ms = 0;
  UtcMs updated_ms = 0;
  UtcMs finished_ms = 0;  // 0 while it runs

  // What it covers, and where it is.
  std::int64_t after_change = 0;    // of the lists' history
  std::int64_t through_change = 0;  // the last one
  Uuid index_id;                    // of the content index that the marks belong to
  std::int64_t part = 0;            // of the signals: many are taken in several passes
  content_index::Mark at;
  content_index::Mark end;
};

/// A content that a rescan gave another verdict.
struct Finding {
  Uuid content_id;
  policy::Verdict before = policy::Verdict::kNoMatch;
  policy::Verdict after = policy::Verdict::kNoMatch;
  UtcMs at_ms = 0;
};

/// Rescans and their findings as rows. Stateless but for the database.
class Rescans {
 public:
  explicit Rescans(store::Database& database) : database_(database) {}

  /// All or none.
  Status add(std::span<const Rescan> rescans);
  /// Writes what changes while it runs, but for `found`, which add_finding() counts.
  Status update(const Rescan& rescan);
  /// Adds and counts a finding in the caller's unit of work, that of its verdict. Once a content.
  static Status add_finding(store::Transaction& transaction,
                            const Rescan& rescan,
                            const Finding& finding);

  /// The latest rescan of a list and cause, of any tenant.
  Result<std::optional<Rescan>> latest_of(const Uuid& list_id, RescanCause cause);
  /// The oldest first, of all tenants.
  Result<std::vector<Rescan>> running();
  /// The last change of the lists that a rescan covers.
  Result<std::int64_t> covered();
  /// The latest first.
  Result<std::vector<Rescan>> latest(const store::Actor& actor, std::int64_t limit);
  /// Error: kNotFound "rescan.not_found".
  Result<Rescan> get(const store::Actor& actor, const Uuid& id);
  /// By content id, after one.
  Result<std::vector<Finding>> findings(const store::Actor& actor,
                                        const Uuid& id,
                                        std::string_view after_content,
                                        std::int64_t limit);

 private:
  store::Database& database_;
};

}  // namespace tutela::pipeline
