// Shares: a key split among people, some of whom together give it back (Shamir, "How to share a
// secret", 1979; libgfshare, over GF(2^8)).
//
// A share is a line that can be printed and typed again:
//   tutela-share-1-<number>-<needed>-of-<made>-<key id>-<64 hex digits>-<8 hex digits>
// The last digits find a typing error; the key id finds shares that do not belong together. Fewer
// than the needed number tell nothing of the key. Functions without state; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace tutela::vault {

inline constexpr std::uint32_t kSharesMax = 64;

/// `needed` of `made` lines give the key back. Error: kInvalidInput "vault.bad_split" unless
/// 2 <= needed <= made <= kSharesMax.
Result<std::vector<std::string>> split_key(const crypto::Key& key,
                                           std::uint32_t made,
                                           std::uint32_t needed);

/// Takes lines in any order, upper or lower case, with blanks. Never a wrong key.
/// Errors: kInvalidInput "vault.bad_share" (a line is mistyped; the message says which),
/// "vault.too_few_shares", "vault.shares_differ" (they are of different keys or splits);
/// kCorrupted "vault.wrong_shares" (they give no key with this id).
Result<crypto::Key> join_key(std::span<const std::string> shares);

}  // namespace tutela::vault
