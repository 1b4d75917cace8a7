// Proofs of work and calendars: nothing but a challenge of ours is one, and days are days.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "casework/intake/promises.hpp"
#include "casework/intake/work.hpp"

using namespace tutela;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr UtcMs kNow = 1'790'000'000'000;
  static const crypto::Key kKey = crypto::Key::random();
  static const std::string kOurs = intake::make_challenge(kKey, 0, kNow).challenge;
  const std::string_view text = as_text(std::as_bytes(std::span(data, size)));
  const std::string_view challenge = text.substr(0, text.find('\n'));
  const std::string_view answer = text.substr(std::min(text.size(), challenge.size() + 1));
  TUTELA_CHECK(challenge == kOurs || !intake::check_work(kKey, challenge, answer, 0, kNow));
  const bool digits = !answer.empty() && answer.size() <= 20 &&
                      answer.find_first_not_of("0123456789") == answer.npos;
  TUTELA_CHECK(intake::check_work(kKey, kOurs, answer, 0, kNow).has_value() == digits);
  // One of ours with a byte changed.
  if (size >= 2) {
    std::string changed = kOurs;
    changed[data[0] % changed.size()] = static_cast<char>(data[1]);
    TUTELA_CHECK(changed == kOurs || !intake::check_work(kKey, changed, "1", 0, kNow));
  }
  if (const auto days = intake::parse_holidays(text)) {
    intake::Promises promises;
    promises.ms.fill(3'600'000);
    promises.holidays = *days;
    const intake::Due due = intake::due_of(promises, intake::Queue::kPublic, kNow);
    TUTELA_CHECK(due.escalate_ms >= kNow && due.due_ms >= due.escalate_ms);
  }
  return 0;
}
