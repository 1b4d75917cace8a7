#include "custody/evidence_format/epoch_file.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "crypto/digest.hpp"
#include "crypto/wrap.hpp"

namespace tutela::evidence_format {
namespace {

constexpr std::string_view kFirstLine = "tutela-epoch 1\n";
constexpr std::size_t kWrapsMax = 4;
constexpr std::size_t kKeyIdMax = 64;
constexpr std::size_t kWrappedMax = 512;
constexpr std::size_t kChecksum = 8;

Error bad() {
  return Error{ErrorKind::kCorrupted, "vault.bad_epoch_file", "the file of an epoch is damaged"};
}

std::string checksum_of(std::string_view text) {
  return to_hex(ByteView(crypto::sha256_of(as_bytes(text))).first(kChecksum));
}

// Cuts "<name> <value>\n" off the front and gives the value.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || end <= name.size() || !text.starts_with(name) ||
      text[name.size()] != ' ') {
    return std::nullopt;
  }
  const std::string_view value = text.substr(name.size() + 1, end - name.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

// Without sign or leading zero, so that a file has one form.
std::optional<std::int64_t> parse_number(std::optional<std::string_view> text) {
  std::int64_t value = 0;
  if (!text || text->empty() || (text->front() == '0' && text->size() > 1)) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 0) {
    return std::nullopt;
  }
  return value;
}

std::optional<EpochWrap> parse_wrap(std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos || blank == 0 || blank > kKeyIdMax) {
    return std::nullopt;
  }
  EpochWrap wrap;
  wrap.key_id = text.substr(0, blank);
  const std::string_view hex = text.substr(blank + 1);
  const bool good_id = std::ranges::all_of(wrap.key_id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!good_id || hex.empty() || hex.size() > 2 * kWrappedMax || hex.size() % 2 != 0) {
    return std::nullopt;
  }
  wrap.wrapped.resize(hex.size() / 2);
  if (!parse_hex(hex, wrap.wrapped)) {
    return std::nullopt;
  }
  return wrap;
}

std::string context_of(std::string_view purpose) {
  return "tutela key-encryption key 1 " + std::string(purpose);
}

}  // namespace

std::string encode(const EpochFile& file) {
  std::string text(kFirstLine);
  text += "epoch " + std::to_string(file.epoch) + "\n";
  text += "created " + std::to_string(file.created_ms) + "\n";
  for (const EpochWrap& wrap : file.wraps) {
    text += "key " + wrap.key_id + " " + to_hex(wrap.wrapped) + "\n";
  }
  return text + "check " + checksum_of(text) + "\n";
}

Result<EpochFile> parse_epoch_file(std::string_view text) {
  const std::string_view whole = text;
  if (text.size() > kEpochFileSizeMax || !text.starts_with(kFirstLine)) {
    return bad();
  }
  text.remove_prefix(kFirstLine.size());
  const auto epoch = parse_number(take_line(text, "epoch"));
  const auto created = parse_number(take_line(text, "created"));
  if (!epoch || *epoch < 1 || !created) {
    return bad();
  }
  EpochFile file{*epoch, *created, {}};
  while (const auto line = take_line(text, "key")) {
    std::optional<EpochWrap> wrap = parse_wrap(*line);
    if (!wrap || file.wraps.size() == kWrapsMax) {
      return bad();
    }
    file.wraps.push_back(*std::move(wrap));
  }
  const std::string expected = checksum_of(whole.substr(0, whole.size() - text.size()));
  const auto check = take_line(text, "check");
  if (file.wraps.empty() || !check || *check != expected || !text.empty()) {
    return bad();
  }
  return file;
}

std::string epoch_purpose(std::int64_t epoch) {
  return "epoch:" + std::to_string(epoch);
}

Bytes wrap_for(const crypto::Key& key_encryption_key,
               const crypto::Key& key,
               std::string_view purpose) {
  const crypto::WrappedKey wrapped =
      crypto::wrap_key(key_encryption_key, key, as_bytes(context_of(purpose)));
  return {wrapped.begin(), wrapped.end()};
}

Result<crypto::Key> unwrap_for(const crypto::Key& key_encryption_key,
                               ByteView wrapped,
                               std::string_view purpose) {
  return crypto::unwrap_key(key_encryption_key, wrapped, as_bytes(context_of(purpose)));
}

}  // namespace tutela::evidence_format
