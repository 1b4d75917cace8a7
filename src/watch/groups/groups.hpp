// Groups: contents that are near-duplicates of each other share a group, so that people can decide
// once for all of them.
//
// The distance of two contents is the least distance between the hash of one (its first frame that
// is fit for matching, as uploaded) and the eight forms of the other's (fingerprint::reoriented);
// it is the same from both sides. Contents within kGroupDistance are linked, a group is what links
// connect, and its id is the least id in it: the same groups come out whatever the order in which
// contents come. Links make chains, so a decision must not: it reaches those that are near the
// content decided on, not the whole group.
//
// A content without a fit frame is alone. Tenants never share a group. One process adds (the one
// that keeps the content index); any may ask. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "engine/fingerprint/pdq.hpp"
#include "engine/match/signal_set.hpp"

namespace tutela::groups {

/// Bits. PDQ's own threshold for the same picture.
inline constexpr int kGroupDistance = match::kPdqDistanceDefault;

/// Least distance between one hash and the eight forms of another.
[[nodiscard]] int content_distance(const fingerprint::Pdq256& left,
                                   const fingerprint::Pdq256& right) noexcept;

struct Newcomer {
  std::int64_t position = 0;  // of its verdict in the ledger; greater than those added before
  Uuid content_id;
  std::string tenant_id;
  std::optional<fingerprint::Pdq256> hash;  // absent: no fit frame
};

struct Member {
  Uuid content_id;
  std::optional<int> distance;  // from the content asked about; absent where one has no fit frame

  /// Within kGroupDistance of the content asked about: a decision on that one may reach this one.
  [[nodiscard]] bool is_near() const noexcept { return distance && *distance <= kGroupDistance; }
};

struct Group {
  Uuid id;
  std::int64_t size = 0;
  std::vector<Member> members;  // nearest first; the content asked about is one of them
};

class Groups {
 public:
  struct Options {
    std::filesystem::path file;  // of the index of hashes
    match::RunSteps run_steps;
    /// The last position that the file may have: one that has more is of another database, or of a
    /// later state of this one, and is made again.
    std::int64_t position_max = 0;
  };

  /// Reads what the index's file lacks from the store.
  static Result<std::unique_ptr<Groups>> open(store::Database& database, Options options);
  ~Groups();

  /// Adds contents, in one unit of work. Those that are there already change nothing.
  Status add(std::span<const Newcomer> newcomers);
  /// Writes the index to its file when enough is new. Blocks; add() goes on meanwhile.
  Status maintain();
  [[nodiscard]] match::SignalSet::Stats stats() const;

  /// The group of a content, the nearest members first, at most `limit` of them. Audited. Errors:
  /// kNotFound "group.not_found" (no such content, or not grouped yet).
  static Result<Group> of(store::Database& database,
                          const store::Actor& actor,
                          UtcMs now_ms,
                          const Uuid& content_id,
                          std::size_t limit);

  /// For the program itself, not for people (of() is audited): contents within kGroupDistance of
  /// this one, itself left out; of a large group the newest. None where it is not grouped yet.
  static Result<std::vector<Uuid>> near(store::Transaction& transaction, const Uuid& content_id);

 private:
  struct State;
  explicit Groups(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::groups
