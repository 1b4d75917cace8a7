// Notes: keys, signed checkpoints and proofs as texts in the formats of c2sp.org (signed-note,
// tlog-checkpoint, tlog-proof). Values; functions are pure. Texts may come from anyone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/signature.hpp"
#include "custody/audit/merkle.hpp"

namespace tutela::audit {

/// Greatest size of a log; sizes in notes beyond it are refused.
inline constexpr std::uint64_t kSizeMax = 1ULL << 48;
inline constexpr std::size_t kNoteBytesMax = std::size_t{64} * 1024;
inline constexpr std::size_t kProofBytesMax = std::size_t{256} * 1024;

/// Whether a text can name a log: 1 to 128 printable ASCII characters without blank and "+".
[[nodiscard]] bool is_origin(std::string_view text);

/// The public key of a log, whose name is the log's origin.
struct VerifierKey {
  std::string name;
  crypto::PublicKey key{};

  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
};

/// "<name>+<key id>+<base64>", what Go's note.NewVerifier takes.
[[nodiscard]] std::string to_text(const VerifierKey& key);
/// Error: kInvalidInput "audit.bad_key".
Result<VerifierKey> parse_verifier_key(std::string_view text);

/// A text that ends in a line break, with the signature of a key under it (c2sp.org/signed-note).
/// The name is an is_origin().
[[nodiscard]] std::string sign_note(std::string_view text,
                                    std::string_view key_name,
                                    const crypto::SigningKey& key);
/// The text of a note that this key has signed; others may have signed it too. Points into the
/// note. Errors: kCorrupted "audit.bad_note", "audit.bad_signature" (also where ours is missing).
Result<std::string_view> open_note(std::string_view note, const VerifierKey& key);

struct Checkpoint {
  std::string origin;
  TreeHead head;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

[[nodiscard]] std::string sign_checkpoint(const Checkpoint& checkpoint,
                                          const crypto::SigningKey& key);
/// Errors: those of open_note().
Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key);

/// That an entry is in the log of a checkpoint; checked without anything else than the key.
struct Proof {
  std::string leaf;  // the entry as it was hashed
  std::uint64_t index = 0;
  std::vector<Hash> path;
  std::string checkpoint;  // signed note
};

/// "c2sp.org/tlog-proof@v1", the leaf as its extra data.
[[nodiscard]] std::string to_text(const Proof& proof);
/// Error: kCorrupted "audit.bad_proof".
Result<Proof> parse_proof(std::string_view text);
/// Errors: kCorrupted "audit.bad_proof", and those of open_checkpoint().
Result<Checkpoint> check_proof(const Proof& proof, const VerifierKey& key);

}  // namespace tutela::audit
