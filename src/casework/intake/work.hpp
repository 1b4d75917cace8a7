// Proof of work in place of a third party's captcha: whoever has script finds a number such that
// SHA-256(challenge ":" number) begins with so many zero bits. A challenge is signed with the key,
// good for ten minutes, and for one notice. Who has no script sends without: that is taken, and
// grouped earlier (Limits). Thread-safe.
//
// Source: A. Back, "Hashcash", 2002.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace tutela::intake {

inline constexpr std::int64_t kWorkMs = 600'000;

struct Challenge {
  std::string challenge;  // ASCII, at most 128 bytes
  std::uint32_t bits = 0;
};

[[nodiscard]] Challenge make_challenge(const crypto::Key& key, std::uint32_t bits, UtcMs now_ms);

/// Whether `answer` solves a challenge of ours that is not over. Single use is the caller's: the
/// idempotency key of the notice is the challenge. Errors: kInvalidInput "work.expired",
/// "work.wrong".
Status check_work(const crypto::Key& key,
                  std::string_view challenge,
                  std::string_view answer,
                  std::uint32_t bits,
                  UtcMs now_ms);

}  // namespace tutela::intake
