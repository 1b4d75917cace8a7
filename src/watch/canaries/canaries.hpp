// Canaries: harmless pictures that must match, and others that must not, sent through every door
// all the time by this server itself. Their items are known only by the digest of their bytes,
// registered beforehand, which counts once; whoever sends the same bytes again, or something that
// looks the same, sends an ordinary item. They reach no people, statistics or partners; one that
// matches any other list is an ordinary item from then on.
//
// The signals of the list "canary" (purpose canary, active, kept whole by service/watch) are the
// PDQs of eight pictures, drawn from seeds that nobody outside knows: canary.key. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/digest.hpp"
#include "crypto/secret.hpp"
#include "custody/store/store.hpp"
#include "engine/fingerprint/pdq.hpp"
#include "watch/canaries/pattern.hpp"

namespace tutela::canaries {

inline constexpr std::string_view kListName = "canary";
inline constexpr std::size_t kPositives = 8;

enum class Expected : std::uint8_t { kMatch, kNoMatch };
[[nodiscard]] std::string_view to_string(Expected expected) noexcept;  // "match" "no_match"

/// Which pictures are on the list, from the key of this installation. Draws them, once.
class Seeds {
 public:
  explicit Seeds(const crypto::Key& key);

  [[nodiscard]] const Seed& positive(std::size_t which) const { return seeds_.at(which); }

  /// What the list has of it.
  [[nodiscard]] const fingerprint::Pdq256& signal(std::size_t which) const {
    return hashes_.at(which).hashes[0];
  }

  /// A picture that was never drawn before and is not near one of the list.
  [[nodiscard]] Seed negative() const;

 private:
  std::array<Seed, kPositives> seeds_{};
  std::array<fingerprint::PdqResult, kPositives> hashes_{};
};

/// A canary and what has become of it.
struct Canary {
  Uuid id;
  std::string door;
  std::string format;
  Expected expected = Expected::kMatch;
  UtcMs registered_ms = 0;
  std::optional<Uuid> content_id;      // when its bytes arrived
  std::optional<std::string> verdict;  // on the list "canary" alone
  std::optional<UtcMs> decided_ms;
  std::optional<UtcMs> echoed_ms;  // when its message came out of the outbox
};

/// How canaries fared, by hour.
struct HourRow {
  UtcMs hour_ms = 0;
  std::string door;
  std::string format;
  Expected expected = Expected::kMatch;
  std::int64_t sent = 0;
  std::int64_t good = 0;
  std::int64_t took_ms = 0;
  std::int64_t took_ms_max = 0;
};

/// In the unit of work in which an item becomes owed: whether these bytes are a canary's that was
/// registered, has not expired and was not used. It is used then.
Result<bool> claim(store::Transaction& transaction,
                   const std::string& tenant_id,
                   const Uuid& content_id,
                   const crypto::Sha256& sha256,
                   UtcMs now_ms);

/// In the unit of work of the verdict of a canary's item.
Status note_verdict(store::Transaction& transaction,
                    const Uuid& content_id,
                    std::string_view verdict,
                    UtcMs now_ms);

/// When its message ("canary.decided", key: the content's id) came out of the outbox.
Status note_echo(store::Transaction& transaction, const Uuid& content_id, UtcMs now_ms);

class Canaries {
 public:
  Canaries(store::Database& database, const Clock& clock, std::string instance_id);

  /// Before its bytes are sent anywhere; expires after `valid_ms`. Error: "store.conflict" when
  /// such bytes were registered before.
  Result<Uuid> add(const store::Actor& actor,
                   std::string_view door,
                   std::string_view format,
                   Expected expected,
                   const crypto::Sha256& sha256,
                   std::int64_t valid_ms);
  Result<Canary> get(const Uuid& id);
  /// Counts it: how it ended and after how long. Called once for each.
  Status settle(const Uuid& id, bool good, std::int64_t took_ms);

  Result<std::vector<HourRow>> hours(const std::string& tenant_id, UtcMs from_ms, UtcMs until_ms);
  /// Forgets canaries older than a day; the hours stay.
  Status forget_old();

 private:
  store::Database& database_;
  const Clock& clock_;
  std::string instance_id_;
};

}  // namespace tutela::canaries
