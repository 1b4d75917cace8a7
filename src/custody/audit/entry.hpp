// Audit: every change and every access is an entry, written in the unit of work of what it records.
//
// Entries never hold content, hashes, names of files or of persons: an action, ids and words of
// closed sets. They are numbered without a gap in the order of their commits. Functions are
// thread-safe as far as their transaction is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/store/store.hpp"

namespace tutela::audit {

/// Each at most 128 of a-z A-Z 0-9 and " _.:-"; action, object and result not empty.
struct Entry {
  std::string action;   // "list.import"
  std::string object;   // kind and id: "list:<uuid>"
  std::string purpose;  // "scan"
  std::string result;   // "ok", "refused"
};

/// Writes the entry into the caller's unit of work: it is there when the commit is, or not at all.
/// Error: kInternal "audit.bad_entry", and those of the store.
Status add(store::Transaction& transaction,
           const store::Actor& actor,
           UtcMs at_ms,
           const Entry& entry);

/// Proof that an entry about one object is durable. Nothing but record() and those whom it trusts
/// can make one, so a function that asks for it cannot be called without an entry.
class Recorded {
 public:
  [[nodiscard]] const std::string& object() const noexcept { return object_; }

  /// Of the entry in the log, counted from 0.
  [[nodiscard]] std::int64_t index() const noexcept { return index_; }

 private:
  friend Result<Recorded> record(store::Database& database,
                                 const store::Actor& actor,
                                 UtcMs at_ms,
                                 const Entry& entry,
                                 const std::function<Status(store::Transaction&)>& with);

  Recorded(std::string object, std::int64_t index) : object_(std::move(object)), index_(index) {}

  std::string object_;
  std::int64_t index_;
};

/// Commits the entry, with what `with` writes beside it in the same unit of work, and returns when
/// both are durable. An error of `with` leaves neither.
Result<Recorded> record(store::Database& database,
                        const store::Actor& actor,
                        UtcMs at_ms,
                        const Entry& entry,
                        const std::function<Status(store::Transaction&)>& with = {});

}  // namespace tutela::audit
