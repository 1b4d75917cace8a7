// Helper: a second pair of hands for one stream: what is not the cipher (digests, the store of
// blobs) runs beside it. Internal to the vault.
//
// Its thread starts with the first job. Used by one caller; one job at a time.
#pragma once

#include <functional>
#include <memory>

#include "base/result.hpp"

namespace tutela::vault {

class Helper {
 public:
  Helper();
  Helper(Helper&&) noexcept;
  Helper& operator=(Helper&&) noexcept;
  ~Helper();  // waits

  /// What `job` uses must stay until wait() returns.
  void start(std::function<Status()> job);
  /// The result of the last job; ok where there was none since.
  Status wait();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tutela::vault
