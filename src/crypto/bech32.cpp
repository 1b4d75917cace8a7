#include "crypto/bech32.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace tutela::crypto {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksum = 6;
constexpr std::size_t kLengthMax = 1024;

using Groups = std::vector<std::uint8_t>;  // of five bits

std::uint32_t next_checksum(std::uint32_t checksum, std::uint8_t value) noexcept {
  constexpr std::array<std::uint32_t, 5> kGenerator = {
      0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  const std::uint32_t top = checksum >> 25;
  checksum = (checksum & 0x1ffffff) << 5 ^ value;
  for (std::size_t i = 0; i < kGenerator.size(); ++i) {
    checksum ^= (top >> i & 1) != 0 ? kGenerator[i] : 0;
  }
  return checksum;
}

std::uint32_t checksum_of(std::string_view prefix, const Groups& groups) {
  std::uint32_t checksum = 1;
  for (const char c : prefix) {
    checksum = next_checksum(checksum, static_cast<std::uint8_t>(c >> 5));
  }
  checksum = next_checksum(checksum, 0);
  for (const char c : prefix) {
    checksum = next_checksum(checksum, static_cast<std::uint8_t>(c & 31));
  }
  for (const std::uint8_t group : groups) {
    checksum = next_checksum(checksum, group);
  }
  return checksum;
}

Error bad(std::string_view what) {
  return Error{ErrorKind::kInvalidInput, "bech32.bad", std::string(what)};
}

Result<Bytes> join(const Groups& groups) {
  Bytes bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::uint8_t group : groups) {
    bits = (bits << 5 | group) & 0xfff;
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<std::byte>(bits >> count & 0xff));
    }
  }
  if (count >= 5 || (bits & ((1U << count) - 1)) != 0) {
    return bad("the text has left-over bits: copy it again");
  }
  return bytes;
}

}  // namespace

Result<Bytes> parse_bech32(std::string_view text, std::string_view prefix) {
  if (prefix.empty() || text.size() < prefix.size() + 1 + kChecksum || text.size() > kLengthMax ||
      !text.starts_with(prefix) || text[prefix.size()] != '1') {
    return bad("the text is too short or too long, or begins with something else");
  }
  Groups groups;
  for (const char c : text.substr(prefix.size() + 1)) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) {
      return bad("the text holds a character that does not belong there: copy it again");
    }
    groups.push_back(static_cast<std::uint8_t>(value));
  }
  if (checksum_of(prefix, groups) != 1) {
    return bad("the text's checksum is wrong, so it was mistyped: copy it again");
  }
  groups.resize(groups.size() - kChecksum);
  return join(groups);
}

std::string to_bech32(std::string_view prefix, ByteView bytes) {
  Groups groups;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::byte b : bytes) {
    bits = (bits << 8 | std::to_integer<std::uint32_t>(b)) & 0xfff;
    count += 8;
    while (count >= 5) {
      count -= 5;
      groups.push_back(static_cast<std::uint8_t>(bits >> count & 31));
    }
  }
  if (count > 0) {
    groups.push_back(static_cast<std::uint8_t>(bits << (5 - count) & 31));
  }
  groups.resize(groups.size() + kChecksum);
  const std::uint32_t checksum = checksum_of(prefix, groups) ^ 1;
  for (std::size_t i = 0; i < kChecksum; ++i) {
    groups[groups.size() - kChecksum + i] =
        static_cast<std::uint8_t>(checksum >> (5 * (kChecksum - 1 - i)) & 31);
  }
  std::string text = std::string(prefix) + "1";
  for (const std::uint8_t group : groups) {
    text.push_back(kAlphabet[group]);
  }
  return text;
}

}  // namespace tutela::crypto
