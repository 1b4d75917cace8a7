#include "custody/vault/shares.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

// The header says nothing to C++ compilers.
extern "C" {
#include <libgfshare.h>
}

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "crypto/stream.hpp"
#include "crypto/wrap.hpp"

namespace tutela::vault {
namespace {

constexpr std::size_t kKey = 32;
constexpr std::size_t kLineMax = 512;
constexpr std::string_view kFirst = "tutela-share-1-";

struct Share {
  std::uint32_t number = 0;
  std::uint32_t needed = 0;
  std::uint32_t made = 0;
  std::string key_id;
  std::array<unsigned char, kKey> value{};
};

struct FreeContext {
  void operator()(gfshare_ctx* context) const noexcept { gfshare_ctx_free(context); }
};

using Context = std::unique_ptr<gfshare_ctx, FreeContext>;

void fill_from_kernel(unsigned char* bytes, unsigned int count) {
  crypto::random_bytes(std::as_writable_bytes(std::span(bytes, count)));
}

// The library has no source of its own; one is set before anything is split or joined: a context
// overwrites itself with random bytes at its end.
void set_random_source() {
  static const bool set = [] {
    gfshare_fill_rand = fill_from_kernel;
    return true;
  }();
  TUTELA_CHECK(set);
}

std::string checksum_of(std::string_view text) {
  return to_hex(ByteView(crypto::sha256_of(as_bytes(text))).first(4));
}

std::string to_line(const Share& share) {
  std::string line(kFirst);
  line += std::to_string(share.number) + "-" + std::to_string(share.needed) + "-of-" +
          std::to_string(share.made) + "-" + share.key_id + "-" +
          to_hex(std::as_bytes(std::span(share.value)));
  return line + "-" + checksum_of(line);
}

std::optional<std::uint32_t> parse_count(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > kSharesMax) {
    return std::nullopt;
  }
  return value;
}

std::string_view take_part(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find('-'));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

std::string normalised(std::string_view typed) {
  std::string line;
  for (const char c : typed.substr(0, kLineMax)) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      line.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
  }
  return line;
}

std::optional<Share> parse_line(std::string_view typed) {
  std::string line = normalised(typed);
  std::optional<Share> parsed;
  const std::size_t last = line.rfind('-');
  if (line.starts_with(kFirst) && last != std::string::npos &&
      line.substr(last + 1) == checksum_of(std::string_view(line).substr(0, last))) {
    std::string_view rest = std::string_view(line).substr(kFirst.size(), last - kFirst.size());
    const auto number = parse_count(take_part(rest));
    const auto needed = parse_count(take_part(rest));
    const bool of = take_part(rest) == "of";
    const auto made = parse_count(take_part(rest));
    if (number && needed && of && made && *number <= *made && *needed <= *made && *needed >= 2) {
      parsed = Share{*number, *needed, *made, std::string(take_part(rest)), {}};
      if (parsed->key_id.size() != 16 ||
          !parse_hex(rest, std::as_writable_bytes(std::span(parsed->value)))) {
        parsed.reset();
      }
    }
  }
  crypto::wipe(std::as_writable_bytes(std::span(line)));
  return parsed;
}

Error bad(ErrorKind kind, std::string_view code, std::string message) {
  return Error{kind, code, std::move(message)};
}

Result<std::vector<Share>> parse_lines(std::span<const std::string> lines) {
  std::vector<Share> shares;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::optional<Share> share = parse_line(lines[i]);
    if (!share) {
      return bad(ErrorKind::kInvalidInput,
                 "vault.bad_share",
                 "share " + std::to_string(i + 1) + " of those given is mistyped or cut short");
    }
    if (!shares.empty() && (share->key_id != shares[0].key_id || share->made != shares[0].made ||
                            share->needed != shares[0].needed)) {
      return bad(ErrorKind::kInvalidInput,
                 "vault.shares_differ",
                 "share " + std::to_string(i + 1) + " of those given is of another key or split");
    }
    const bool twice = std::ranges::any_of(
        shares, [&](const Share& other) { return other.number == share->number; });
    if (!twice) {
      shares.push_back(*std::move(share));
    }
  }
  if (shares.empty() || shares.size() < shares[0].needed) {
    return bad(ErrorKind::kInvalidInput,
               "vault.too_few_shares",
               "there are " + std::to_string(shares.size()) + " different shares" +
                   (shares.empty() ? std::string()
                                   : ", and " + std::to_string(shares[0].needed) + " are needed"));
  }
  return shares;
}

}  // namespace

Result<std::vector<std::string>> split_key(const crypto::Key& key,
                                           std::uint32_t made,
                                           std::uint32_t needed) {
  if (needed < 2 || needed > made || made > kSharesMax) {
    return bad(ErrorKind::kInvalidInput,
               "vault.bad_split",
               "a key is split into 2 to " + std::to_string(kSharesMax) +
                   " shares, of which 2 or more are needed");
  }
  set_random_source();
  std::vector<unsigned char> numbers(made);
  for (std::size_t i = 0; i < made; ++i) {
    numbers[i] = static_cast<unsigned char>(i + 1);
  }
  const Context context(
      gfshare_ctx_init_enc(numbers.data(), made, static_cast<unsigned char>(needed), kKey));
  TUTELA_CHECK(context != nullptr);
  std::array<unsigned char, kKey> secret{};
  std::ranges::copy(key.bytes(), std::as_writable_bytes(std::span(secret)).begin());
  gfshare_ctx_enc_setsecret(context.get(), secret.data());
  crypto::wipe(std::as_writable_bytes(std::span(secret)));
  std::vector<std::string> lines;
  Share share{0, needed, made, crypto::key_id(key), {}};
  for (std::uint32_t i = 0; i < made; ++i) {
    share.number = i + 1;
    gfshare_ctx_enc_getshare(context.get(), static_cast<unsigned char>(i), share.value.data());
    lines.push_back(to_line(share));
  }
  crypto::wipe(std::as_writable_bytes(std::span(share.value)));
  return lines;
}

Result<crypto::Key> join_key(std::span<const std::string> lines) {
  TUTELA_TRY_ASSIGN(std::vector<Share> shares, parse_lines(lines));
  set_random_source();
  std::vector<unsigned char> numbers;
  for (const Share& share : shares) {
    numbers.push_back(static_cast<unsigned char>(share.number));
  }
  const Context context(
      gfshare_ctx_init_dec(numbers.data(), static_cast<unsigned int>(shares.size()), kKey));
  TUTELA_CHECK(context != nullptr);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    gfshare_ctx_dec_giveshare(context.get(), static_cast<unsigned char>(i), shares[i].value.data());
    crypto::wipe(std::as_writable_bytes(std::span(shares[i].value)));
  }
  std::array<unsigned char, kKey> secret{};
  gfshare_ctx_dec_extract(context.get(), secret.data());
  Result<crypto::Key> key = crypto::Key::from_bytes(std::as_bytes(std::span(secret)));
  crypto::wipe(std::as_writable_bytes(std::span(secret)));
  if (key && crypto::key_id(*key) != shares[0].key_id) {
    return bad(ErrorKind::kCorrupted,
               "vault.wrong_shares",
               "these shares do not give the key that they name");
  }
  return key;
}

}  // namespace tutela::vault
