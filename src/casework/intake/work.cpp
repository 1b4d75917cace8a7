#include "casework/intake/work.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <string>

#include "base/bytes.hpp"
#include "crypto/digest.hpp"

namespace tutela::intake {
namespace {

constexpr std::size_t kMacHex = 32;
constexpr std::size_t kChallengeMax = 128;
constexpr std::size_t kAnswerMax = 20;

std::string mac_of(const crypto::Key& key, std::string_view what) {
  return to_hex(crypto::hmac_sha256(key.bytes(), as_bytes("work\n" + std::string(what))))
      .substr(0, kMacHex);
}

Error wrong() {
  return {ErrorKind::kInvalidInput, "work.wrong", "the proof of work is none; ask for a challenge"};
}

std::uint32_t zero_bits(const crypto::Sha256& digest) noexcept {
  std::uint32_t zeros = 0;
  for (const std::byte each : digest) {
    const int here = std::countl_zero(std::to_integer<std::uint8_t>(each));
    zeros += static_cast<std::uint32_t>(here);
    if (here < 8) {
      break;
    }
  }
  return zeros;
}

}  // namespace

Challenge make_challenge(const crypto::Key& key, std::uint32_t bits, UtcMs now_ms) {
  std::array<std::byte, 16> random{};
  crypto::random_bytes(random);
  const std::string what = std::to_string(now_ms) + "." + to_hex(random);
  return {what + "." + mac_of(key, what), bits};
}

Status check_work(const crypto::Key& key,
                  std::string_view challenge,
                  std::string_view answer,
                  std::uint32_t bits,
                  UtcMs now_ms) {
  const std::size_t dot = challenge.rfind('.');
  if (challenge.size() > kChallengeMax || dot == challenge.npos) {
    return wrong();
  }
  const std::string_view what = challenge.substr(0, dot);
  if (!crypto::equal_constant_time(as_bytes(mac_of(key, what)),
                                   as_bytes(challenge.substr(dot + 1)))) {
    return wrong();
  }
  UtcMs made_ms = 0;
  std::from_chars(what.data(), what.data() + what.size(), made_ms);
  if (now_ms - made_ms >= kWorkMs || made_ms - now_ms >= kWorkMs) {
    return Error{ErrorKind::kInvalidInput,
                 "work.expired",
                 "the challenge is over; ask for another, or send without"};
  }
  const bool number = !answer.empty() && answer.size() <= kAnswerMax &&
                      std::ranges::all_of(answer, [](char c) { return c >= '0' && c <= '9'; });
  if (!number || zero_bits(crypto::sha256_of(
                     as_bytes(std::string(challenge) + ":" + std::string(answer)))) < bits) {
    return wrong();
  }
  return ok();
}

}  // namespace tutela::intake
