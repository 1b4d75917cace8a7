// Notes, keys, proofs, tiles and bundles as an attacker with the disk would leave them: hostile
// bytes are never believed, and an edited proof holds only if the edit changed nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "custody/audit/note.hpp"
#include "custody/audit/tiles.hpp"

namespace {

using namespace tutela;

struct Honest {
  crypto::SigningKey signing{*crypto::Key::from_bytes(Bytes(32, std::byte{5}))};
  audit::VerifierKey key{"example.org/audit", signing.public_key()};
  std::string proof;

  Honest() {
    std::vector<audit::Hash> leaves;
    for (int i = 0; i < 21; ++i) {
      leaves.push_back(audit::leaf_hash(as_bytes("leaf " + std::to_string(i))));
    }
    const auto path = audit::inclusion_proof(
        13, 21, [&](unsigned level, std::uint64_t index) -> Result<audit::Hash> {
          return audit::root_above(
              std::span(leaves).subspan(index << level, std::size_t{1} << level));
        });
    const std::string note =
        audit::sign_checkpoint({key.name, {21, audit::root_above(leaves)}}, signing);
    proof = audit::to_text({"leaf 13", 13, *path, note});
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Honest honest;
  const ByteView input = std::as_bytes(std::span(data, size));
  const std::string text(as_text(input));
  if (const auto key = audit::parse_verifier_key(text)) {
    TUTELA_CHECK(audit::parse_verifier_key(audit::to_text(*key)).has_value());
  }
  // Whatever reads back must be what an honest log wrote, up to signatures of others.
  if (const auto checkpoint = audit::open_checkpoint(text, honest.key)) {
    TUTELA_CHECK(checkpoint->head.size == 21);
  }
  if (const auto proof = audit::parse_proof(text)) {
    TUTELA_CHECK(audit::to_text(*proof) == text);
    TUTELA_CHECK(!audit::check_proof(*proof, honest.key) || proof->leaf == "leaf 13");
  }
  for (const std::uint64_t width : {1U, 3U, 256U}) {
    const auto tile = audit::parse_tile(input, width);
    TUTELA_CHECK(!tile || tile->size() == width);
    const auto bundle = audit::parse_bundle(input, width);
    TUTELA_CHECK(!bundle || bundle->size() == width);
  }
  // The first two bytes say where, the rest overwrites an honest proof.
  if (size > 2) {
    std::string edited = honest.proof;
    const std::size_t at = (data[0] * 256U + data[1]) % edited.size();
    edited.replace(at, std::min(size - 2, edited.size() - at), text.substr(2));
    const auto proof = audit::parse_proof(edited);
    const bool holds = proof && audit::check_proof(*proof, honest.key);
    TUTELA_CHECK(!holds || (proof->leaf == "leaf 13" && proof->index == 13));
    TUTELA_CHECK(edited != honest.proof || holds);
  }
  return 0;
}
