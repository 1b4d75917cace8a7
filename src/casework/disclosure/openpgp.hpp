// OpenPGP (RFC 4880) through librnp: the one place that knows that library. Internal.
//
// Thread-safe: every call has a key ring of its own.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/disclosure/recipient.hpp"

namespace tutela::disclosure {

/// Of the primary key, after it was checked that one can encrypt to this key at `now_ms`.
Result<std::string> openpgp_fingerprint(std::string_view armored_key, UtcMs now_ms);

/// A binary message with integrity protection, AES-256, not compressed.
Status openpgp_encrypt(std::string_view armored_key,
                       UtcMs now_ms,
                       const Source& source,
                       const Sink& sink);

}  // namespace tutela::disclosure
