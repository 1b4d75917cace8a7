// Passwords: hashed and verified a few at a time, so that a flood of sign-ins takes neither all
// memory nor all threads. Thread-safe; blocks while it hashes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.hpp"
#include "base/result.hpp"

namespace tutela::auth {

inline constexpr std::size_t kPasswordCharactersMin = 12;
inline constexpr std::size_t kPasswordBytesMax = 1024;

/// Long enough, UTF-8, and not made of the person's name. No rules about kinds of characters (NIST
/// SP 800-63B, 5.1.1.2). Error: kInvalidInput "password.too_weak".
Status check_password(std::string_view password, std::string_view name);

class Passwords {
 public:
  /// Errors: kUnavailable "auth.busy", "password.no_memory".
  Result<std::string> hash(std::string_view password);
  /// Without a hash it takes as long, and is false. Errors as of hash().
  Result<bool> verify(const std::optional<std::string>& hash, std::string_view password);

 private:
  class Turn;

  Mutex mutex_;
  Condition freed_;
  std::uint32_t running_ TUTELA_GUARDED_BY(mutex_) = 0;
  std::uint32_t waiting_ TUTELA_GUARDED_BY(mutex_) = 0;
  Mutex stand_in_mutex_;
  std::string stand_in_ TUTELA_GUARDED_BY(stand_in_mutex_);  // the hash of no password
};

}  // namespace tutela::auth
