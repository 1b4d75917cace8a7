// Canary token: what canaries are sent with: a token of scope scan, of this process alone.
//
// Its name is "canary-" and the id of the process; those of processes that run no more are revoked.
// Thread-safe.
#pragma once

#include <string>

#include "base/result.hpp"
#include "service/auth/auth.hpp"
#include "service/pipeline/pipeline.hpp"

namespace tutela::http {

class CanaryToken {
 public:
  /// Borrows both.
  CanaryToken(auth::Auth& auth, const pipeline::Pipeline& pipeline)
      : auth_(auth), pipeline_(pipeline) {}

  /// A new secret; the one before is revoked. Errors: those of Auth::create().
  Result<std::string> make();

 private:
  Status revoke_others();

  auth::Auth& auth_;
  const pipeline::Pipeline& pipeline_;
  Mutex mutex_;
  int made_ TUTELA_GUARDED_BY(mutex_) = 0;
};

}  // namespace tutela::http
