// Canaries: harmless pictures that must match, and others that must not, sent through every door
// all the time by this server itself. Their items are known only by the digest of their bytes,
// registered beforehand, which counts once; whoever sends the same bytes again, or something that
// looks the same, sends an ordinary item. They reach no people, statistics or partners; one that
// matches any other list is an ordinary item from then on.
//
// The signals of the list "canary" (purpose canary, active, kept whole by ensure_list()) are the
// PDQs of eight pictures, drawn from seeds that nobody outside knows: canary.key. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/digest.hpp"
#include "crypto/secret.hpp"
#include "custody/store/store.hpp"
#include "exchange/lists/lists.hpp"
#include "watch/canaries/pattern.hpp"

namespace tutela::canaries {

inline constexpr std::string_view kListName = "canary";
inline constexpr std::size_t kPositives = 8;

enum class Expected : std::uint8_t { kMatch, kNoMatch };
[[nodiscard]] std::string_view to_string(Expected expected) noexcept;  // "match" "no_match"

/// Which pictures are on the list, from the key of this installation.
class Seeds {
 public:
  explicit Seeds(crypto::Key key);
  [[nodiscard]] Seed positive(std::size_t which) const;
  /// A picture that was never drawn before and is not near one of the list.
  [[nodiscard]] Seed negative() const;

 private:
  crypto::Key key_;
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

  /// Makes the list, puts back what it lacks, activates it. Error: kConflict "canary.list_taken"
  /// when a list of another purpose has its name.
  Status ensure_list(lists::Lists& lists, const Seeds& seeds);

  /// Before its bytes are sent anywhere; expires after `valid_ms`.
  Result<Uuid> add(const store::Actor& actor,
                   std::string_view door,
                   std::string_view format,
                   Expected expected,
                   const crypto::Sha256& sha256,
                   std::int64_t valid_ms);
  Result<Canary> get(const Uuid& id);
  /// Counts it, once: how it ended and after how long.
  Status settle(const Canary& canary, bool good, std::int64_t took_ms);

  Result<std::vector<HourRow>> hours(const std::string& tenant_id, UtcMs from_ms, UtcMs until_ms);
  /// Forgets canaries older than a day; the hours stay.
  Status forget_old();

 private:
  store::Database& database_;
  const Clock& clock_;
  std::string instance_id_;
};

}  // namespace tutela::canaries
