#include "custody/audit/note.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "crypto/base64.hpp"

namespace tutela::audit {

namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash and blank
constexpr std::string_view kProofHead = "c2sp.org/tlog-proof@v1";
constexpr std::byte kEd25519{1};
constexpr std::size_t kSignaturesMax = 16;
constexpr std::size_t kPathMax = 64;

using KeyId = std::array<std::byte, 4>;

KeyId id_of(const VerifierKey& key) {
  Bytes text(key.name.size() + 2 + key.key.size());
  std::ranges::copy(as_bytes(key.name), text.begin());
  text[key.name.size()] = std::byte{'\n'};
  text[key.name.size() + 1] = kEd25519;
  std::ranges::copy(key.key, text.end() - static_cast<std::ptrdiff_t>(key.key.size()));
  const crypto::Sha256 digest = crypto::sha256_of(text);
  KeyId id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

Error bad_key() {
  return Error{
      ErrorKind::kInvalidInput,
      "audit.bad_key",
      "a public key of an audit log reads NAME+8 hex digits+base64; copy the whole line of "
      "its file vkey"};
}

Error bad_note(std::string_view what) {
  return Error{
      ErrorKind::kCorrupted, "audit.bad_note", "the note is damaged: " + std::string(what)};
}

Error bad_proof(std::string_view what) {
  return Error{
      ErrorKind::kCorrupted, "audit.bad_proof", "the proof does not hold: " + std::string(what)};
}

/// Takes the text up to the next line break off the front; nothing when there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

/// Decimal without leading zeros, at most kSizeMax.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > kSizeMax ||
      (text.size() > 1 && text[0] == '0')) {
    return std::nullopt;
  }
  return value;
}

std::optional<Hash> parse_hash(std::string_view text) {
  const auto bytes = crypto::parse_base64(text);
  Hash hash{};
  if (!bytes || bytes->size() != hash.size()) {
    return std::nullopt;
  }
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

std::string body_of(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.head.size) + "\n" +
         crypto::to_base64(checkpoint.head.root) + "\n";
}

Result<Checkpoint> parse_body(std::string_view body) {
  Checkpoint checkpoint;
  const auto origin = take_line(body);
  const auto size = take_line(body);
  const auto root = take_line(body);
  const auto count = size ? parse_size(*size) : std::nullopt;
  const auto hash = root ? parse_hash(*root) : std::nullopt;
  if (!origin || origin->empty() || !count || !hash) {
    return bad_note("it does not begin with origin, size and root");
  }
  return Checkpoint{std::string(*origin), {*count, *hash}};
}

/// Whether one line signs the body: nothing when it is another key's.
Result<std::optional<bool>> check_line(std::string_view line,
                                       std::string_view body,
                                       const VerifierKey& key) {
  const std::size_t blank = line.find(' ', kDash.size());
  if (!line.starts_with(kDash) || blank == std::string_view::npos || blank == kDash.size()) {
    return bad_note("a line of its signatures cannot be read");
  }
  const auto bytes = crypto::parse_base64(line.substr(blank + 1));
  const KeyId id = id_of(key);
  if (!bytes || bytes->size() < id.size()) {
    return bad_note("a line of its signatures cannot be read");
  }
  if (line.substr(kDash.size(), blank - kDash.size()) != key.name ||
      !std::ranges::equal(std::span(*bytes).first(id.size()), id)) {
    return std::optional<bool>();
  }
  crypto::Signature signature{};
  if (bytes->size() != id.size() + signature.size()) {
    return std::optional(false);
  }
  std::ranges::copy(std::span(*bytes).subspan(id.size()), signature.begin());
  return std::optional(crypto::verify(key.key, as_bytes(body), signature));
}

}  // namespace

bool is_origin(std::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && c != '+'; });
}

std::string to_text(const VerifierKey& key) {
  Bytes encoded{kEd25519};
  encoded.insert(encoded.end(), key.key.begin(), key.key.end());
  return key.name + "+" + to_hex(id_of(key)) + "+" + crypto::to_base64(encoded);
}

Result<VerifierKey> parse_verifier_key(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  const std::size_t plus = text.find('+');
  const auto bytes = plus == std::string_view::npos || text.size() < plus + 10
                         ? Result<Bytes>(bad_key())
                         : crypto::parse_base64(text.substr(plus + 10));
  VerifierKey key;
  if (!bytes || bytes->size() != key.key.size() + 1 || bytes->front() != kEd25519) {
    return bad_key();
  }
  key.name = text.substr(0, plus);
  std::ranges::copy(std::span(*bytes).subspan(1), key.key.begin());
  if (!is_origin(key.name) || to_text(key) != text) {
    return bad_key();
  }
  return key;
}

std::string sign_note(std::string_view text,
                      std::string_view key_name,
                      const crypto::SigningKey& key) {
  const KeyId id = id_of({std::string(key_name), key.public_key()});
  Bytes signature(id.begin(), id.end());
  const crypto::Signature signed_text = key.sign(as_bytes(text));
  signature.insert(signature.end(), signed_text.begin(), signed_text.end());
  std::string note(text);
  note.append("\n").append(kDash).append(key_name).append(" ");
  return note + crypto::to_base64(signature) + "\n";
}

Result<std::string_view> open_note(std::string_view note, const VerifierKey& key) {
  const std::size_t blank = note.rfind("\n\n");
  if (note.size() > kNoteBytesMax || blank == std::string_view::npos) {
    return bad_note("it has no signatures");
  }
  const std::string_view text = note.substr(0, blank + 1);
  std::string_view lines = note.substr(blank + 2);
  if (lines.empty()) {
    return bad_note("it has no signatures");
  }
  bool trusted = false;
  for (std::size_t count = 0; !lines.empty(); ++count) {
    const auto line = take_line(lines);
    if (!line || count == kSignaturesMax) {
      return bad_note("its signatures do not end as they should");
    }
    TUTELA_TRY_ASSIGN(const std::optional<bool> good, check_line(*line, text, key));
    if (good == false) {
      return Error{ErrorKind::kCorrupted,
                   "audit.bad_signature",
                   "the signature does not fit: the note was changed after it was signed"};
    }
    trusted = trusted || good.has_value();
  }
  if (!trusted) {
    return Error{ErrorKind::kCorrupted,
                 "audit.bad_signature",
                 "the note is not signed by this key; it is another's, or a forgery"};
  }
  return text;
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
  return sign_note(body_of(checkpoint), checkpoint.origin, key);
}

Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key) {
  TUTELA_TRY_ASSIGN(const std::string_view body, open_note(note, key));
  TUTELA_TRY_ASSIGN(Checkpoint checkpoint, parse_body(body));
  if (checkpoint.origin != key.name) {
    return bad_note("it names another log than its key");
  }
  return checkpoint;
}

std::string to_text(const Proof& proof) {
  std::string text = std::string(kProofHead) + "\nextra " +
                     crypto::to_base64(as_bytes(proof.leaf)) + "\nindex " +
                     std::to_string(proof.index) + "\n";
  for (const Hash& hash : proof.path) {
    text += crypto::to_base64(hash) + "\n";
  }
  return text + "\n" + proof.checkpoint;
}

Result<Proof> parse_proof(std::string_view text) {
  constexpr std::string_view kExtra = "extra ";
  constexpr std::string_view kIndex = "index ";
  if (text.size() > kProofBytesMax || take_line(text) != kProofHead) {
    return bad_proof("it is no c2sp.org/tlog-proof@v1");
  }
  const auto extra = take_line(text);
  if (!extra || !extra->starts_with(kExtra)) {
    return bad_proof("it does not carry its entry");
  }
  const auto leaf = crypto::parse_base64(extra->substr(kExtra.size()));
  const auto line = take_line(text);
  const auto index =
      line && line->starts_with(kIndex) ? parse_size(line->substr(kIndex.size())) : std::nullopt;
  if (!leaf || !index) {
    return bad_proof("its entry or index cannot be read");
  }
  Proof proof{std::string(as_text(*leaf)), *index, {}, {}};
  while (true) {
    const auto next = take_line(text);
    if (!next || proof.path.size() > kPathMax) {
      return bad_proof("its hashes do not end");
    }
    if (next->empty()) {
      break;
    }
    const auto hash = parse_hash(*next);
    if (!hash) {
      return bad_proof("a hash cannot be read");
    }
    proof.path.push_back(*hash);
  }
  proof.checkpoint = text;
  return proof;
}

Result<Checkpoint> check_proof(const Proof& proof, const VerifierKey& key) {
  TUTELA_TRY_ASSIGN(Checkpoint checkpoint, open_checkpoint(proof.checkpoint, key));
  const auto root = root_from_proof(
      leaf_hash(as_bytes(proof.leaf)), proof.index, checkpoint.head.size, proof.path);
  if (root != checkpoint.head.root) {
    return bad_proof("its hashes do not lead from the entry to the root of the checkpoint");
  }
  return checkpoint;
}

}  // namespace tutela::audit
