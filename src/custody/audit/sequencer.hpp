// Sequencer: signs what was committed: tiles first, durable, then a checkpoint of them.
//
// The vault process alone has one, because it alone holds the signing key. It borrows the database
// and is not thread-safe. A crash at any step leaves a whole log that the next one goes on with:
// what no checkpoint speaks of is written again, with the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/file.hpp"
#include "base/result.hpp"
#include "crypto/signature.hpp"
#include "custody/audit/growth.hpp"
#include "custody/audit/log.hpp"
#include "custody/store/store.hpp"

namespace tutela::audit {

class Sequencer {
 public:
  /// Makes key and log where there are none, compares the log with the database and with the copy
  /// of the checkpoint (Log::check), and makes the tiles again where their folder was moved away.
  /// Errors: kConflict "audit.followed_elsewhere" (another process has the log), "audit.origin"
  /// (it has another name than the configured one); kCorrupted "audit.other_key" and those of
  /// Log::open() and Log::check(); "key.*", "file.*".
  static Result<std::unique_ptr<Sequencer>> open(const LogOptions& options,
                                                 store::Database& database);

  /// Call every 200 ms or so. Signs all that was committed, in steps, between which `stop` is
  /// asked. Returns how many entries are signed. After an error the log is as it was; call again.
  /// Errors: kCorrupted "audit.rolled_back", "audit.changed" (open again after looking into it);
  /// kUnavailable "audit.copy_failed" (signed, but the copy of the checkpoint is behind); "file.*".
  Result<std::uint64_t> follow(const std::function<bool()>& stop);

 private:
  Sequencer(const LogOptions& options, store::Database& database, Fd lock, crypto::SigningKey key)
      : options_(options), database_(&database), lock_(std::move(lock)), key_(std::move(key)) {}

  Status make_log();
  Status write_key(const std::string& origin);
  Status make_tiles_again(const Checkpoint& checkpoint);
  Status read_on(Growth& growth, std::uint64_t end) const;
  Result<bool> sign_some();
  Status copy_checkpoint();

  LogOptions options_;
  store::Database* database_;
  Fd lock_;
  crypto::SigningKey key_;
  std::string origin_;
  Growth growth_;
  std::string note_;
  std::string copied_;
};

}  // namespace tutela::audit
