// Certificate: the signed statement that an object was destroyed, why, on whose word, and from when
// on no backup brings it back.
//
// A signed note (C2SP signed-note, Ed25519) that anybody with the public key can check, with Go's
// sumdb/note for one. It holds ids, times and references, never content or digests. Format and
// vectors: spec/destruction-certificate.md. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/signature.hpp"
#include "custody/audit/note.hpp"

namespace tutela::preservation {

/// Why an object may be destroyed.
enum class Ground : std::uint8_t {
  kExpired,                // every legal basis has ended
  kLawEnforcementRequest,  // 18 USC 2258B(c)(2)
};
[[nodiscard]] std::string_view to_string(Ground ground) noexcept;  // "expired", ...
Result<Ground> parse_ground(std::string_view text);

/// Stands for a person where destruction is automatic by policy.
inline constexpr std::string_view kPolicy = "policy";
/// Stands for the second person on a one-person server, where a waiting time took their place.
inline constexpr std::string_view kWaitingTime = "waiting-time";

struct Certificate {
  Uuid object;
  std::string tenant_id;
  std::string case_ref;
  Ground ground = Ground::kExpired;
  std::string reference;  // of the request of law enforcement, else of the last basis that ended
  std::string asked_by;   // principal ids, kPolicy or kWaitingTime
  std::string approved_by;
  std::int64_t entry = 0;  // index of the entry "evidence.destroying" in the audit log
  UtcMs destroyed_ms = 0;
  UtcMs final_ms = 0;  // from here on for every backup too

  friend bool operator==(const Certificate&, const Certificate&) = default;
};

inline constexpr std::size_t kCertificateBytesMax = 4096;

/// True for 1 to 128 printable ASCII characters that neither begin nor end with a blank: what a
/// certificate can say.
[[nodiscard]] bool is_line(std::string_view text) noexcept;

/// The text that is signed. Error: kInvalidInput "certificate.bad" where a part is no line.
Result<std::string> certificate_text(const Certificate& certificate);
/// Takes exactly what certificate_text() makes, nothing else. Error: kInvalidInput
/// "certificate.bad".
Result<Certificate> parse_certificate_text(std::string_view text);

/// The signed note. Error: kInvalidInput "certificate.bad".
Result<std::string> sign_certificate(const Certificate& certificate,
                                     std::string_view key_name,
                                     const crypto::SigningKey& key);
/// Others may have signed it too. Errors: kInvalidInput "certificate.bad"; kCorrupted
/// "certificate.not_signed" (not by this key, or changed since).
Result<Certificate> verify_certificate(std::string_view note, const audit::VerifierKey& key);

}  // namespace tutela::preservation
