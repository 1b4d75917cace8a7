// Documents: the texts that lie in a package beside the media. Internal; pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "casework/disclosure/package.hpp"

namespace tutela::disclosure {

/// Who did what with an object, the oldest first.
struct Chain {
  Uuid evidence_id;
  std::vector<Entry> entries;
};

/// A line of SHA256SUMS.
[[nodiscard]] std::string sum_line(const crypto::Sha256& sha256, const std::string& path);

/// `sums` is the digest of SHA256SUMS.
[[nodiscard]] std::string manifest_json(const About& about,
                                        std::span<const Object> objects,
                                        const crypto::Sha256& sums);
[[nodiscard]] std::string custody_json(const About& about, std::span<const Chain> chains);

/// Project VIC, VICS 2.0: one row a medium, uncategorised.
[[nodiscard]] std::string vics_json(std::span<const Object> objects);

/// How to check the package with standard commands.
[[nodiscard]] std::string verify_text(const About& about, bool has_proofs);

}  // namespace tutela::disclosure
